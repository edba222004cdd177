"""Measures of the simulated market on cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulator_parts.figure import Figure, around, render
from benchmarks.simulator_parts.risk_model import adjusted_r_squared
from benchmarks.simulator_parts.series import (
    autocorrelation,
    correlation,
    standardised_moment,
    window_mean,
)
from benchmarks.simulator_parts.signals import half_life
from benchmarks.simulator_parts.suspensions import completed_spells


def test_half_life_of_an_exact_exponential() -> None:
    decay = -0.05 * 0.5 ** (np.arange(8) / 2.5)
    assert half_life(decay) == pytest.approx(2.5, rel=0.02)


def test_completed_spells_leave_out_open_ends_and_delisted_names() -> None:
    flag = np.array(
        [
            [1, 0, 0],
            [1, 1, 0],
            [0, 1, 1],
            [1, 0, 1],
            [1, 1, 0],
            [0, 1, 0],
        ],
        dtype=bool,
    )
    listed = np.ones_like(flag)
    listed[4:, 2] = False
    spells = completed_spells(flag, listed)
    found = sorted(
        zip(spells.name.tolist(), spells.start.tolist(), spells.length.tolist(), strict=True)
    )
    assert found == [(0, 3, 2), (1, 1, 2)]


def test_correlations_leave_out_missing_pairs() -> None:
    x = np.array([[1.0], [2.0], [3.0], [np.nan], [5.0]])
    y = np.array([[2.0], [4.0], [6.0], [100.0], [10.0]])
    assert correlation(x, y, axis=0)[0] == pytest.approx(1.0)
    alternating = np.array([[1.0], [-1.0], [1.0], [-1.0], [1.0], [-1.0]])
    assert autocorrelation(alternating, 1)[0] == pytest.approx(-1.0)
    assert autocorrelation(alternating, 2)[0] == pytest.approx(1.0)


def test_moments_and_window_means() -> None:
    assert standardised_moment(np.array([-1.0, 1.0, np.nan]), 4) == pytest.approx(1.0)
    assert standardised_moment(np.array([0.0, 0.0, 0.0, 4.0]), 3) == pytest.approx(24 / 3**1.5 / 4)
    means = window_mean(np.array([[1.0], [3.0], [np.nan], [np.nan], [5.0]]), 2)
    assert means[1:3, 0].tolist() == [2.0, 3.0]
    assert np.isnan(means[3, 0])


def test_adjusted_r_squared_of_noise_is_about_zero() -> None:
    generator = np.random.default_rng(1)
    y, noise = generator.standard_normal(500), generator.standard_normal((500, 40))
    x = np.hstack([np.ones((500, 1)), noise])
    assert abs(adjusted_r_squared(y, x)) < 0.05
    assert adjusted_r_squared(x @ np.arange(41.0), x) == pytest.approx(1.0)


def test_a_missing_value_lies_outside_and_the_table_counts() -> None:
    assert not Figure("5", "nothing", 0.0, 1.0, float("nan")).inside
    assert around("18", "spread", 0.9, 0.1, 0.99).inside
    rows = {1: [Figure("2", "a", 0, 1, 0.5), Figure("1", "b", 0, 1, 0.5)]}
    rows[2] = [Figure("2", "a", 0, 1, 2.0), Figure("1", "b", 0, 1, 0.5)]
    table = render(rows).splitlines()
    assert [line.split()[0] for line in table[2:4]] == ["1", "2"]
    assert [line.split()[-1] for line in table[2:4]] == ["yes", "no"]
    assert table[-1].startswith("1 of 2 ")
