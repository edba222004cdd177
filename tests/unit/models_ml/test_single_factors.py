"""Ranks, Rank IC, autocorrelation and likeness of factors against scipy, one pair at a time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy import stats

from models_ml.factor_panel import (
    CrossSection,
    FactorJudge,
    autocorrelation_table,
    correlation_table,
    rank_ic_table,
)
from models_ml.metrics.significance import normal_p_value, student_p_value
from models_ml.single_factors import (
    average_ranks,
    factor_correlations,
    factor_rank_ic,
    rank_autocorrelation,
)

NAMES = ["a", "b", "c", "d"]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_ranks_are_averages_over_ties_and_skip_missing_values(rng: np.random.Generator) -> None:
    values = rng.normal(size=(6, 50)).round(1).astype(np.float32)
    values[1, ::3] = np.nan
    values[2] = 1.0
    values[3] = np.nan
    expected = stats.rankdata(values, axis=1, nan_policy="omit")
    np.testing.assert_array_equal(average_ranks(values), expected)


def test_rank_ic_is_spearman_over_the_stocks_that_have_both(rng: np.random.Generator) -> None:
    factors = rng.normal(size=(5, 80)).round(1)
    factors[1, :30] = np.nan
    factors[2, :55] = np.nan
    factors[3] = 0.5
    returns = rng.normal(size=(4, 80)).round(2)
    returns[1, 70:] = np.nan
    returns[2] = np.nan
    rank_ic, counts = factor_rank_ic(average_ranks(factors), returns)
    for h, k in np.ndindex(rank_ic.shape):
        both = np.isfinite(factors[k]) & np.isfinite(returns[h])
        assert counts[h, k] == both.sum()
        if both.sum() < 30 or k == 3:
            assert np.isnan(rank_ic[h, k])
        else:
            expected = stats.spearmanr(factors[k][both], returns[h][both]).statistic
            assert rank_ic[h, k] == pytest.approx(expected, abs=1e-12)
    assert counts[0, 2] == 25


def test_autocorrelation_of_ranks(rng: np.random.Generator) -> None:
    ranks, earlier = rng.normal(size=(2, 3, 40))
    earlier[1, :5] = np.nan
    ranks[2] = 3.0
    found = rank_autocorrelation(ranks, earlier)
    assert found[0] == pytest.approx(np.corrcoef(ranks[0], earlier[0])[0, 1])
    assert found[1] == pytest.approx(np.corrcoef(ranks[1, 5:], earlier[1, 5:])[0, 1])
    assert np.isnan(found[2])


def test_likeness_is_pearson_and_undefined_for_constants(rng: np.random.Generator) -> None:
    exposures = rng.normal(size=(4, 60)).astype(np.float32)
    exposures[3] = np.float32(0.1)
    found = factor_correlations(exposures)
    np.testing.assert_allclose(found[:3, :3], np.corrcoef(exposures[:3]), atol=1e-6)
    assert np.isnan(found[3]).all()
    assert np.isnan(found[:, 3]).all()


def test_p_values() -> None:
    t = np.array([2.0, -2.0, np.nan, 1.0])
    found = student_p_value(t, np.array([10.0, 10.0, 10.0, 1.0]))
    expected = 2 * stats.t.cdf(-2.0, 9)
    np.testing.assert_allclose(found, [expected, expected, np.nan, np.nan])
    assert normal_p_value(np.array([1.959963984540054]))[0] == pytest.approx(0.05)


def _week(number: int, day: dt.date, symbols: list[str], rng: np.random.Generator) -> CrossSection:
    shape = (len(NAMES), len(symbols))
    factors = {"processed": rng.normal(size=shape), "raw": rng.normal(size=shape)}
    return CrossSection(
        day, number, np.array(symbols, dtype=object), factors, rng.normal(size=(3, len(symbols)))
    )


def test_weeks_are_joined_by_share_and_only_to_the_week_before(rng: np.random.Generator) -> None:
    names = [f"{n:03d}" for n in range(45)]
    weeks = [
        _week(1, dt.date(2020, 12, 18), names[:40], rng),
        _week(2, dt.date(2020, 12, 25), names[5:], rng),
        _week(4, dt.date(2021, 1, 8), names, rng),
    ]
    judge = FactorJudge(correlated_stage="processed")
    for week in weeks:
        judge.judge(week)
    rows = autocorrelation_table(judge.weeks, NAMES).to_pandas()
    by_week = rows[rows["stage"] == "raw"].groupby("week_date")["rank_autocorrelation"]
    assert by_week.count().tolist() == [0, 4, 0]
    first, second = (stats.rankdata(week.factors["raw"][0]) for week in weeks[:2])
    expected = np.corrcoef(second[:35], first[5:])[0, 1]
    found = rows.query("stage == 'raw' and factor == 'a'")["rank_autocorrelation"].tolist()
    assert found[1] == pytest.approx(expected)


def test_tables_hold_one_row_per_key(rng: np.random.Generator) -> None:
    names = [f"{n:03d}" for n in range(40)]
    weeks = [_week(n, dt.date(2020, 1, 3) + dt.timedelta(weeks=n), names, rng) for n in range(3)]
    weeks[2].returns[1:] = np.nan
    judge = FactorJudge(correlated_stage="processed")
    for week in weeks:
        judge.judge(week)
    ic = rank_ic_table(judge.weeks, NAMES).to_pandas()
    # Weeks ahead that no share has a return for have no row.
    assert len(ic) == len(NAMES) * 2 * (3 * 3 - 2)
    assert not ic.duplicated(["factor", "stage", "horizon_weeks", "week_date"]).any()
    for stage in ("processed", "raw"):
        row = ic.query("factor == 'c' and stage == @stage and horizon_weeks == 2").iloc[0]
        expected = stats.spearmanr(weeks[0].factors[stage][2], weeks[0].returns[1]).statistic
        assert row["rank_ic"] == pytest.approx(expected)
    pairs = correlation_table(judge.yearly_correlations(), NAMES).to_pandas()
    assert len(pairs) == 6
    assert (pairs["week_count"] == 3).all()
    expected = np.mean([np.corrcoef(week.factors["processed"][:2])[0, 1] for week in weeks])
    assert pairs["mean_correlation"][0] == pytest.approx(expected)
