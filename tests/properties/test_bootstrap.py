"""The stationary bootstrap of paired series: coverage, blocks, and what must hold of any pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from models_ml.arrays import Floats
from models_ml.metrics.bootstrap import (
    BootstrapRule,
    max_drawdown,
    mean_block_length,
    mean_of,
    paired_interval,
    sharpe_ratio,
    standard_deviation,
    stationary_positions,
)

FAST = BootstrapRule(replications=299)


def autoregression(seed: int, count: int, coefficient: float) -> Floats:
    """Series with mean zero, after a run-in."""
    noise = np.random.default_rng(seed).standard_normal(count + 200)
    return np.asarray(signal.lfilter([1.0], [1.0, -coefficient], noise))[200:]


@pytest.mark.parametrize("coefficient", [0.0, 0.4])
def test_a_known_mean_lies_inside_about_as_often_as_the_level_says(coefficient: float) -> None:
    trials, true_mean, inside, inside_unblocked = 300, 0.3, 0, 0
    for seed in range(trials):
        common = autoregression(10_000 + seed, 300, 0.9)
        series = autoregression(seed, 300, coefficient) + true_mean
        interval = paired_interval(common + series, common, rule=FAST)
        inside += interval.lower <= true_mean <= interval.upper
        places = stationary_positions(300, 1.0, 299, 777)
        low, high = np.quantile(series[places].mean(axis=1), [0.025, 0.975])
        inside_unblocked += low <= true_mean <= high
    # Binomial band around 95 %, lower by the known shortfall of percentile intervals.
    assert 0.90 <= inside / trials <= 0.985
    if coefficient > 0.0:
        assert inside_unblocked / trials < 0.87


@pytest.mark.parametrize("statistic", [mean_of, standard_deviation, sharpe_ratio, max_drawdown])
def test_a_series_against_itself_has_no_effect(statistic) -> None:
    series = autoregression(3, 120, 0.3) / 50.0
    interval = paired_interval(series, series.copy(), statistic, FAST)
    assert (interval.effect, interval.lower, interval.upper) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("ratio", "seen"), [(1.0, (0.0, 0.07)), (1.3, (0.99, 1.0))])
def test_a_larger_deviation_is_seen_and_an_equal_one_is_not(
    ratio: float, seen: tuple[float, float]
) -> None:
    trials, inside, above = 150, 0, 0
    # Of an autoregression and noise of its own, both independent.
    true_effect = (ratio - 1.0) * np.sqrt(1.0 / (1.0 - 0.3**2) + 0.3**2)
    for seed in range(trials):
        common = autoregression(10_000 + seed, 300, 0.3)
        first, second = (
            common + 0.3 * autoregression(start + seed, 300, 0.0) for start in (20_000, 30_000)
        )
        interval = paired_interval(ratio * first, second, standard_deviation, FAST)
        inside += interval.lower <= true_effect <= interval.upper
        above += interval.lower > 0.0
    assert 0.88 <= inside / trials <= 0.99
    assert seen[0] <= above / trials <= seen[1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(10, 200))
def test_exchanging_the_series_turns_the_interval_round(seed: int, count: int) -> None:
    generator = np.random.default_rng(seed)
    first, second = generator.standard_normal((2, count)) / 30.0
    there = paired_interval(first, second, sharpe_ratio, FAST)
    back = paired_interval(second, first, sharpe_ratio, FAST)
    assert there.effect == pytest.approx(-back.effect)
    assert there.lower == pytest.approx(-back.upper)
    assert there.lower <= there.upper


def test_the_same_seed_gives_the_same_interval_and_another_a_different_one() -> None:
    first, second = autoregression(1, 90, 0.2), autoregression(2, 90, 0.2)
    again = [paired_interval(first, second, rule=FAST) for _ in range(2)]
    other = paired_interval(first, second, rule=BootstrapRule(replications=299, seed=1))
    assert again[0] == again[1]
    assert other.lower != again[0].lower


def test_too_few_observations_have_no_interval() -> None:
    interval = paired_interval(np.arange(9.0), np.zeros(9))
    assert interval.effect == 4.0
    assert np.isnan([interval.lower, interval.upper, interval.mean_block_length]).all()


@pytest.mark.parametrize("mean_length", [1.0, 4.0, 12.0])
def test_blocks_have_the_expected_length_and_every_place_is_as_likely(mean_length: float) -> None:
    places = stationary_positions(60, mean_length, 4000, 5)
    follows = np.mean((np.diff(places, axis=1) % 60) == 1)
    # A new block follows on by chance once in sixty.
    expected = 1.0 - 1.0 / mean_length + 1.0 / mean_length / 60
    assert follows == pytest.approx(expected, abs=0.01)
    share = np.bincount(places.ravel(), minlength=60) / places.size
    assert np.abs(share * 60 - 1.0).max() < 0.15


def test_longer_memory_asks_for_longer_blocks() -> None:
    lengths = [
        np.median([mean_block_length(autoregression(seed, 600, rho)) for seed in range(30)])
        for rho in (0.0, 0.4, 0.8)
    ]
    assert lengths[0] < 2.0 < lengths[1] < lengths[2]
    assert mean_block_length(np.full(50, 0.1)) == 1.0


def test_statistics_by_hand() -> None:
    returns = np.array([0.5, -0.5, 0.25])
    # Around a mean of 1/12: 25/144, 49/144 and 4/144, over two.
    assert standard_deviation(returns) == pytest.approx(np.sqrt(78.0 / 288.0))
    assert max_drawdown(returns) == -0.5
    assert max_drawdown(np.array([-0.25, 0.1])) == -0.25
    expected = returns.mean() / returns.std(ddof=1) * np.sqrt(48.8)
    assert sharpe_ratio(returns) == pytest.approx(expected)
    assert sharpe_ratio(np.full(5, 0.01)) == 0.0


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (np.zeros(12), np.zeros(11), "one length"),
        (np.zeros(0), np.zeros(0), "one length"),
        (np.full(12, np.nan), np.zeros(12), "finite"),
    ],
)
def test_unusable_series_are_refused(first: Floats, second: Floats, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        paired_interval(first, second)
