"""Weekly Rank IC against scipy, and what must hold of any of its series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models_ml.metrics import (
    RankICScorer,
    newey_west_t,
    rank_ic_summary,
    spearman_p_value,
    weekly_rank_ic,
)


@st.composite
def forecasts(draw):
    """Weeks of 0 to 60 names with ties and missing values, rows in any order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = rng.integers(0, 61, size=draw(st.integers(1, 8)))
    sizes[0] = 40
    week_dates = np.datetime64("2016-01-08") + 7 * np.repeat(np.arange(len(sizes)), sizes)
    decimals = draw(st.sampled_from([0, 1, 6]))
    values = np.round(rng.standard_normal((2, len(week_dates))), decimals)
    values[rng.random(values.shape) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
    order = rng.permutation(len(week_dates))
    return week_dates[order], values[0][order], values[1][order]


@settings(max_examples=100, deadline=None)
@given(forecasts())
def test_each_week_is_scipys_spearman(forecast):
    week_dates, prediction, label = forecast
    weekly = weekly_rank_ic(week_dates, prediction, label)
    p_values = spearman_p_value(weekly.rank_ic, weekly.stock_count)
    assert weekly.week_dates.tolist() == np.unique(week_dates).tolist()
    for position, week in enumerate(weekly.week_dates):
        both = (week_dates == week) & np.isfinite(prediction) & np.isfinite(label)
        assert weekly.stock_count[position] == both.sum()
        if both.sum() < 30:
            assert np.isnan(weekly.rank_ic[position])
            continue
        expected = stats.spearmanr(prediction[both], label[both])
        assert weekly.rank_ic[position] == pytest.approx(expected.statistic, abs=1e-12)
        assert p_values[position] == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


@settings(max_examples=50, deadline=None)
@given(forecasts(), st.floats(0.1, 3.0), st.floats(-5.0, 5.0))
def test_only_the_order_of_forecasts_counts(forecast, scale, shift):
    week_dates, prediction, label = forecast
    expected = weekly_rank_ic(week_dates, prediction, label).rank_ic
    rounded = np.round(prediction, 3)  # keeps neighbours apart after scaling
    changed = weekly_rank_ic(week_dates, np.exp(scale * rounded) + shift, label).rank_ic
    np.testing.assert_array_equal(changed, weekly_rank_ic(week_dates, rounded, label).rank_ic)
    flipped = weekly_rank_ic(week_dates, -prediction, label).rank_ic
    np.testing.assert_allclose(flipped, -expected, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(forecasts())
def test_scorer_agrees_with_the_weekly_series(forecast):
    week_dates, prediction, label = forecast
    rows = np.flatnonzero(np.isfinite(prediction) & np.isfinite(label))
    rows = rows[np.argsort(week_dates[rows], kind="stable")]
    scorer = RankICScorer(week_dates[rows], label[rows])
    weekly = weekly_rank_ic(week_dates[rows], prediction[rows], label[rows])
    enough = weekly.stock_count >= 30
    expected = np.nan_to_num(weekly.rank_ic[enough]).mean() if enough.any() else 0.0
    assert scorer.mean(prediction[rows]) == pytest.approx(expected, abs=1e-14)


SERIES = st.lists(st.floats(-1.0, 1.0, width=32), min_size=5, max_size=80).filter(
    lambda values: np.std(values) > 1e-3
)


@settings(max_examples=100, deadline=None)
@given(SERIES, st.integers(1, 4))
def test_identities_of_tables_5_and_6(values, horizon_weeks):
    rank_ic = np.array(values)
    p_value = np.linspace(0.0, 0.1, len(rank_ic))
    found = rank_ic_summary(rank_ic, p_value, horizon_weeks=horizon_weeks)
    assert found["ir"] == pytest.approx(found["mean"] / found["std"], rel=1e-9)
    assert found["t_stat"] == pytest.approx(found["ir"] * np.sqrt(len(rank_ic)), rel=1e-9)
    assert found["positive"] + found["negative"] <= found["week_count"] == len(rank_ic)
    assert 0.0 <= found["p_value"] <= 1.0
    assert found["sig_positive"] + found["sig_negative"] <= found["significance"] + 1e-12
    expected = stats.ttest_1samp(rank_ic, 0.0)
    assert found["t_stat"] == pytest.approx(expected.statistic, rel=1e-6, abs=1e-9)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-6)


@settings(max_examples=100, deadline=None)
@given(SERIES, st.integers(0, 5))
def test_newey_west_changes_sign_with_the_series(values, lag):
    series = np.array(values)
    t_stat = newey_west_t(series, lag=lag)
    if np.isfinite(t_stat):
        assert newey_west_t(-series, lag=lag) == pytest.approx(-t_stat)
        assert newey_west_t(3.0 * series, lag=lag) == pytest.approx(t_stat, rel=1e-9, abs=1e-12)
