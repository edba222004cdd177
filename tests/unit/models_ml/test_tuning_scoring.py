"""Fold noise tells points apart as often as it says; hopeless trials are those beyond the rest."""

import numpy as np
import pytest
from scipy import stats

from models_ml.tuning.scoring import (
    FoldJudge,
    best_position,
    fold_noise,
    good_points,
    is_hopeless,
)


def test_what_all_points_share_in_a_fold_is_no_noise():
    scores = np.array([[1.0, 5.0, 9.0], [1.1, 5.1, 9.1]])
    assert fold_noise(scores) == pytest.approx(0.0, abs=1e-12)
    assert good_points(scores, "mse") == [0]
    assert good_points(scores, "rank_ic") == [1]


def test_the_range_of_pure_noise_exceeds_it_in_one_case_of_twenty():
    rng = np.random.default_rng(5)
    beyond = 0
    for _ in range(1000):
        scores = rng.standard_normal((5, 6)) + 10.0 * rng.standard_normal(6)
        means = scores.mean(axis=1)
        beyond += np.ptp(means) > fold_noise(scores)
    assert stats.binomtest(beyond, 1000, 0.05).pvalue > 0.001


def test_one_point_or_one_fold_cannot_be_told_apart():
    assert fold_noise(np.array([[1.0, 2.0]])) == np.inf
    assert good_points(np.array([[1.0], [2.0]]), "mse") == [0, 1]


def test_of_equal_scores_the_first_is_best():
    assert best_position([2.0, 1.0, 1.0], "mse") == 1
    assert best_position([2.0, 1.0, 2.0], "rank_ic") == 0


def test_hopeless_is_worse_than_the_percentile_on_the_same_folds():
    complete = [[1.0, 9.0], [2.0, 9.0], [3.0, 9.0]]
    assert is_hopeless([2.5], complete, "mse", percentile=50.0)
    assert not is_hopeless([2.0], complete, "mse", percentile=50.0)
    assert is_hopeless([1.8], complete, "mse", percentile=25.0)
    assert is_hopeless([1.5], complete, "rank_ic", percentile=50.0)
    assert not is_hopeless([2.0], complete, "rank_ic", percentile=50.0)
    assert is_hopeless([2.0], complete, "rank_ic", percentile=25.0)


def test_judges_measure_what_the_tables_measure(panel):
    rows = np.flatnonzero(panel.week_dates >= np.datetime64("2016-01-01"))
    forecast = panel.features[rows, -1].astype(np.float64)
    error = np.mean((forecast - panel.target[rows]) ** 2)
    assert FoldJudge(panel, rows, "mse").score(forecast) == pytest.approx(error, rel=1e-12)
    weeks = panel.week_dates[rows]
    expected = [
        stats.spearmanr(forecast[weeks == week], panel.raw_label[rows][weeks == week])[0]
        for week in np.unique(weeks)
    ]
    judged = FoldJudge(panel, rows, "rank_ic").score(forecast)
    assert judged == pytest.approx(np.mean(expected), rel=1e-12)


@pytest.mark.parametrize("objective", ["mse", "rank_ic"])
def test_rows_without_a_forecast_do_not_count(panel, objective):
    rows = np.arange(600)
    forecast = np.random.default_rng(1).standard_normal(600)
    is_known = np.arange(600) % 3 > 0
    gaps = np.where(is_known, forecast, np.nan)
    expected = FoldJudge(panel, rows[is_known], objective).score(forecast[is_known])
    assert FoldJudge(panel, rows, objective).score(gaps) == expected
    assert FoldJudge(panel, rows, objective).score(forecast) != expected
