"""The slope of cost on size."""

from __future__ import annotations

import pytest

from benchmarks.warehouse_parts.scaling import cost_exponent


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_a_power_law_gives_its_exponent(exponent: float) -> None:
    sizes = [1.0, 2.0, 8.0]
    costs = [3 * size**exponent for size in sizes]
    assert cost_exponent(sizes, costs) == pytest.approx(exponent)
