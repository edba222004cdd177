from dataclasses import replace

import numpy as np
import pytest

from models_ml.canaries import (
    RandomisationTest,
    exceeds_attainable,
    out_of_sample_rank_ic,
    randomisation_test,
    randomise_labels,
)
from models_ml.metrics import weekly_rank_ic
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.windows import TestWindow, half_year_windows

RULES = TrainingRules.practitioner()
RIDGE = ModelSpec("ridge")
WINDOWS = half_year_windows("2016H1", "2016H1")


def by_week(panel, values):
    return values.reshape(len(panel.weeks), -1)


def test_shuffle_keeps_each_weeks_labels(panel):
    shuffled = randomise_labels(panel, "shuffle", 1)
    np.testing.assert_array_equal(
        np.sort(by_week(panel, shuffled.target)), np.sort(by_week(panel, panel.target))
    )
    moved = by_week(panel, shuffled.target != panel.target)
    assert moved.any(axis=1).all()


def test_shuffle_moves_target_and_label_together(panel):
    shuffled = randomise_labels(panel, "shuffle", 1)
    weekly = weekly_rank_ic(panel.week_dates, shuffled.target, shuffled.raw_label)
    np.testing.assert_allclose(weekly.rank_ic, 1.0)


def test_shuffle_leaves_missing_labels_where_they_are(panel):
    target = panel.target.copy()
    target[::5] = np.nan
    shuffled = randomise_labels(panel.with_labels(target, panel.raw_label), "shuffle", 1)
    np.testing.assert_array_equal(np.isnan(shuffled.target), np.isnan(target))
    np.testing.assert_array_equal(shuffled.raw_label[::5], panel.raw_label[::5])


def test_sign_flip_turns_whole_weeks_about_their_mean(panel):
    flipped = randomise_labels(panel, "sign_flip", 1)
    before, after = by_week(panel, panel.raw_label), by_week(panel, flipped.raw_label)
    np.testing.assert_allclose(after.mean(axis=1), before.mean(axis=1), atol=1e-12)
    correlation = [np.corrcoef(*pair)[0, 1] for pair in zip(before, after, strict=True)]
    np.testing.assert_allclose(np.abs(correlation), 1.0)
    assert 0.3 < np.mean(np.sign(correlation) > 0) < 0.7


def test_sign_flip_keeps_what_moves_stocks_together(panel_of):
    """A factor that pays nothing but moves stocks widens the distribution; shuffling hides it."""
    panel = panel_of(signal=0.0)
    factor_return = np.random.default_rng(21).standard_normal(len(panel.weeks))
    moved = panel.target + np.repeat(factor_return, 60) * panel.features[:, 0]
    market = panel.with_labels(moved, moved)
    spread = {
        method: randomisation_test(
            market, RIDGE, WINDOWS, RULES, seeds=range(19), method=method
        ).null_values.std()
        for method in ("shuffle", "sign_flip")
    }
    assert spread["sign_flip"] > 1.2 * spread["shuffle"]


@pytest.mark.parametrize("method", ["shuffle", "sign_flip"])
def test_seed_decides(panel, method):
    first, same, other = (randomise_labels(panel, method, seed).target for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_planted_signal_stands_out(panel):
    found = randomisation_test(panel, RIDGE, WINDOWS, RULES, seeds=range(19))
    assert found.observed > 0.2
    assert found.p_value == pytest.approx(0.05)
    assert found.t_p_value < 0.05


def test_shuffled_labels_are_not_significant(panel):
    """A model of shuffled labels lies inside the distribution of its kind."""
    canary = randomise_labels(panel, "shuffle", 1234)
    found = randomisation_test(canary, RIDGE, WINDOWS, RULES, seeds=range(39))
    assert found.p_value > 0.05
    assert found.t_p_value > 0.05


def test_out_of_sample_series_covers_every_week(panel_of):
    panel = panel_of(week_count=156)
    series = out_of_sample_rank_ic(panel, RIDGE, half_year_windows("2016H1", "2016H2"), RULES)
    assert len(series) == 52
    assert np.isfinite(series).all()


def test_judging_by_hand():
    found = RandomisationTest.judge(0.03, np.array([0.01, -0.04, 0.02, -0.03]))
    assert found.p_value == pytest.approx(3 / 5)
    null_spread = np.sqrt((1 + 16 + 4 + 9) / 4) / 100
    assert 0.03 / null_spread == pytest.approx(1.0954, abs=1e-4)
    assert found.t_p_value == pytest.approx(0.335, abs=1e-3)


def test_judging_needs_a_distribution():
    with pytest.raises(ValueError, match="at least one randomisation"):
        RandomisationTest.judge(0.03, np.array([]))
    with pytest.raises(ValueError, match="finite"):
        RandomisationTest.judge(np.nan, np.array([0.1]))


def test_leak_under_an_innocent_name_exceeds_the_attainable(panel_of):
    """Next week's return among the factors: no name gives it away, but no truth explains it."""
    panel = panel_of(signal=0.1, stock_count=100)
    truth = panel.features.astype(np.float64) @ np.arange(1.0, 7.0)
    rows = np.flatnonzero(TestWindow("2016H1").contains(panel.week_dates))
    attainable = weekly_rank_ic(panel.week_dates[rows], truth[rows], panel.raw_label[rows]).rank_ic
    honest = out_of_sample_rank_ic(panel, RIDGE, WINDOWS, RULES)
    assert not exceeds_attainable(honest, attainable).exceeds
    noise = np.random.default_rng(2).standard_normal(panel.row_count)
    leak = (panel.target + 3.0 * noise).astype(np.float32)[:, None]
    leaking = replace(
        panel,
        features=np.hstack([panel.features, leak]),
        feature_names=(*panel.feature_names, "turnover_20d"),
    )
    found = exceeds_attainable(out_of_sample_rank_ic(leaking, RIDGE, WINDOWS, RULES), attainable)
    assert found.exceeds
    assert found.mean_model > found.mean_attainable > 0.0


def test_the_attainable_itself_does_not_exceed():
    rng = np.random.default_rng(6)
    attainable = 0.08 + 0.1 * rng.standard_normal(100)
    assert not exceeds_attainable(attainable - 0.02, attainable).exceeds
    noisy = attainable + 0.05 * rng.standard_normal(100)
    assert not exceeds_attainable(noisy, attainable).exceeds


def test_attainable_needs_common_weeks():
    with pytest.raises(ValueError, match="same weeks"):
        exceeds_attainable(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="at least two weeks"):
        exceeds_attainable(np.array([0.1, np.nan]), np.array([0.1, 0.2]))
