"""The permutation test of calendar months: level, power, what it cannot see."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from models_ml.metrics.seasonality import MonthEffect, month_effect

YEARS = np.repeat(np.arange(2012, 2018), 12)
MONTHS = np.tile(np.arange(1, 13), 6)


def effect_of(values: np.ndarray, seed: int = 777, permutations: int = 499) -> MonthEffect:
    return month_effect(YEARS, MONTHS, values, permutations=permutations, seed=seed)


def test_white_noise_is_rejected_as_often_as_the_level_says() -> None:
    trials = 600
    p_values = [
        effect_of(np.random.default_rng(seed).standard_normal(72), permutations=199).p_value
        for seed in range(trials)
    ]
    rejected = sum(p <= 0.05 for p in p_values)
    low, high = stats.binom.interval(0.999, trials, 0.05)
    assert low <= rejected <= high
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_a_planted_season_is_found_and_the_level_of_a_year_is_not_a_season() -> None:
    generator = np.random.default_rng(4)
    noise = 0.05 * generator.standard_normal(72)
    season = 0.06 * np.sin(2.0 * np.pi * MONTHS / 12.0)
    found, levels = effect_of(noise + season), effect_of(noise + 10.0 * (YEARS - 2014))
    assert found.p_value <= 0.01
    assert found.explained_share > 0.4
    plain = effect_of(noise)
    assert levels.p_value == pytest.approx(plain.p_value)
    assert levels.explained_share == pytest.approx(plain.explained_share)


def test_the_same_seed_gives_the_same_p_value() -> None:
    values = np.random.default_rng(2).standard_normal(72)
    assert effect_of(values) == effect_of(values)
    assert effect_of(values).p_value != effect_of(values, seed=1).p_value


def test_the_share_is_that_of_an_analysis_of_variance() -> None:
    values = np.random.default_rng(9).standard_normal(72)
    table = values.reshape(6, 12) - values.reshape(6, 12).mean(axis=1, keepdims=True)
    expected = 6.0 * (table.mean(axis=0) ** 2).sum() / (table**2).sum()
    assert effect_of(values).explained_share == pytest.approx(expected)


def test_part_of_a_year_is_permuted_among_its_own_months() -> None:
    keep = (YEARS != 2012) | (MONTHS > 6)
    values = np.random.default_rng(3).standard_normal(72)
    found = month_effect(YEARS[keep], MONTHS[keep], values[keep])
    assert 0.0 < found.p_value <= 1.0
    # A year of one month says nothing: leaving it out changes nothing.
    one = (YEARS != 2012) | (MONTHS == 1)
    alone = YEARS != 2012
    with_one = month_effect(YEARS[one], MONTHS[one], values[one])
    without = month_effect(YEARS[alone], MONTHS[alone], values[alone])
    assert with_one.p_value == pytest.approx(without.p_value, abs=0.06)


def test_values_that_do_not_vary_have_no_test() -> None:
    found = effect_of(np.repeat([0.1, 0.2, 0.3, 0.1, 0.5, 0.6], 12))
    assert np.isnan([found.explained_share, found.p_value]).all()


def test_unusable_months_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        month_effect(np.array([2012, 2012]), np.array([1, 1]), np.zeros(2))
    with pytest.raises(ValueError, match="missing"):
        effect_of(np.full(72, np.nan))
