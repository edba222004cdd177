import numpy as np
import pytest

from models_ml.metrics import RankICScorer, mean_squared_error, spearman_p_value, weekly_rank_ic

WEEK = np.datetime64("2016-01-08")


def test_order_decides():
    weeks = np.repeat(WEEK + 7 * np.arange(2), 40)
    label = np.tile(np.arange(40.0), 2)
    prediction = np.concatenate([np.exp(np.arange(40.0)), -np.arange(40.0)])
    weekly = weekly_rank_ic(weeks, prediction, label)
    np.testing.assert_allclose(weekly.rank_ic, [1.0, -1.0])
    assert weekly.mean == pytest.approx(0.0)


def test_fewer_than_thirty_names_have_no_value():
    weeks = np.repeat(WEEK + 7 * np.arange(2), [29, 30])
    values = np.arange(59.0)
    weekly = weekly_rank_ic(weeks, values, values)
    assert weekly.stock_count.tolist() == [29, 30]
    assert np.isnan(weekly.rank_ic[0])
    assert weekly.rank_ic[1] == 1.0
    assert weekly.mean == 1.0


def test_constant_forecasts_are_degenerate_and_constant_labels_are_not():
    weeks = np.repeat(WEEK + 7 * np.arange(3), 30)
    varying = np.tile(np.arange(30.0), 3)
    prediction, label = varying.copy(), varying.copy()
    prediction[:30] = 0.5
    label[30:60] = 0.5
    weekly = weekly_rank_ic(weeks, prediction, label)
    assert np.isnan(weekly.rank_ic).tolist() == [True, True, False]
    assert weekly.is_degenerate.tolist() == [True, False, False]
    assert weekly.degenerate_week_count == 1


def test_a_constant_week_of_few_names_is_not_degenerate():
    weekly = weekly_rank_ic(np.repeat(WEEK, 10), np.ones(10), np.arange(10.0))
    assert weekly.degenerate_week_count == 0


def test_a_week_without_any_pair_stays_in_the_series():
    weeks = np.repeat(WEEK + 7 * np.arange(2), 30)
    label = np.concatenate([np.full(30, np.nan), np.arange(30.0)])
    weekly = weekly_rank_ic(weeks, np.tile(np.arange(30.0), 2), label)
    assert len(weekly.week_dates) == 2
    assert weekly.stock_count.tolist() == [0, 30]


def test_no_rows_no_mean():
    empty = weekly_rank_ic(np.array([], dtype="M8[D]"), np.array([]), np.array([]))
    assert len(empty.rank_ic) == 0
    assert np.isnan(empty.mean)


def test_ties_share_their_average_rank():
    label = np.arange(32.0)
    prediction = np.repeat(np.arange(16.0), 2)
    weekly = weekly_rank_ic(np.repeat(WEEK, 32), prediction, label)
    # Sum of squares of 16 pairs of tied ranks is n (n^2 - 1) / 12 less 16 * 6 / 12.
    full = 32 * (32**2 - 1) / 12
    assert weekly.rank_ic[0] == pytest.approx(np.sqrt((full - 8) / full))


def test_scorer_counts_a_constant_week_as_zero():
    weeks = np.repeat(WEEK + 7 * np.arange(2), 30)
    label = np.tile(np.arange(30.0), 2)
    prediction = label.copy()
    prediction[:30] = 0.0
    assert RankICScorer(weeks, label).mean(prediction) == 0.5


def test_scorer_refuses_missing_labels():
    with pytest.raises(ValueError, match="finite labels"):
        RankICScorer(np.repeat(WEEK, 2), np.array([1.0, np.nan]))


def test_p_value_at_the_ends_and_where_undefined():
    rank_ic = np.array([1.0, -1.0, 0.0, np.nan, 0.5])
    counts = np.array([30, 30, 30, 30, 2])
    found = spearman_p_value(rank_ic, counts)
    np.testing.assert_array_equal(found, [0.0, 0.0, 1.0, np.nan, np.nan])


def test_p_value_by_hand():
    """r = 0.5, n = 27: t = 0.5 * sqrt(25 / 0.75) = 2.8868, two-sided p = 0.00793."""
    assert spearman_p_value(np.array([0.5]), np.array([27]))[0] == pytest.approx(0.0079, abs=5e-5)


def test_mean_squared_error_leaves_out_missing_values():
    found = mean_squared_error(np.array([1.0, 2.0, 3.0]), np.array([0.0, np.nan, 1.0]))
    assert found == 2.5
    assert np.isnan(mean_squared_error(np.array([np.nan]), np.array([1.0])))
