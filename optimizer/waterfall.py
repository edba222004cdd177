"""How a biased back-test becomes an honest one, one correction at a time.

Corrections of execution act on each other (a forced sale matters less where suspension is
foreseen), so the effect of one depends on which others are made before. Its Shapley value is its
mean effect over all orders; the values sum to the whole difference exactly (Shapley 1953).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Any

from optimizer.execution.switches import SwitchOverrides

CORRECTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "foresees_suspension": {"foresees_suspension": False, "retries": True},
        "stale_forced_sale": {"stale_forced_sale": False},
        "fees": {"fees": "practitioner"},
        "limit_rule": {"limit_rule": "at_fill"},
        "lots": {"lots": True, "dividends": "cash"},
        "benchmark_series": {"benchmark_series": "total_return"},
        "t_plus_1": {"t_plus_1": True},
        "volume_cap": {"volume_cap": True},
        "impact": {"impact": True},
        "terminal_value": {"terminal_value": True},
    }
)
"""Corrections of the execution of the paper, each as the switches it turns."""

# All subsets are back-tested: 2 ** 6 is 64.
MOST_CORRECTIONS = 6


def corrected(names: Sequence[str]) -> SwitchOverrides:
    """Switches after some corrections."""
    values: dict[str, Any] = {}
    for name in names:
        values.update(CORRECTIONS[name])
    return SwitchOverrides(**values)


def subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every subset of the corrections, the empty one first, the whole one last."""
    for size in range(len(names) + 1):
        yield from combinations(names, size)
