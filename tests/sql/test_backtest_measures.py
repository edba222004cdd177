"""Measures of back-tests as dbt builds them, by hand and against numpy."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.sql.results_case import OLD_RUN, RUN, ResultsCase


def test_measures_of_a_hand_computed_path(case: ResultsCase) -> None:
    row = case.frame("select * from results.mart_backtest_summary where scenario_id = 'hand'")
    returns = np.array([0.2, -0.25, 1.0, -1 / 6])
    benchmark = np.array([0.1, 0.0, 1 / 11, 0.05 / 1.2])
    expected = {
        "session_count": 4,
        "total_return": 0.5,
        "benchmark_return": 0.25,
        "annualised_return": 1.5**61 - 1,
        "annualised_benchmark_return": 1.25**61 - 1,
        "annualised_alpha_return": 1.2**61 - 1,
        "annualised_volatility": returns.std(ddof=1) * 244**0.5,
        "tracking_error": (returns - benchmark).std(ddof=1) * 244**0.5,
        "sharpe_ratio": returns.mean() / returns.std(ddof=1) * 244**0.5,
        "information_ratio": (returns - benchmark).mean()
        / (returns - benchmark).std(ddof=1)
        * 244**0.5,
        "max_drawdown": 0.9 / 1.2 - 1,
        # Relative nav: 1.0909, 0.8182, 1.5, 1.2.
        "excess_max_drawdown": (0.9 / 1.1) / (1.2 / 1.1) - 1,
        "annualised_turnover": 1.5 * 61,
        "total_cost": 0.003,
        "annualised_cost": (0.001 / 1.0 + 0.002 / 0.9) * 61,
        "hit_rate": 0.5,
        "mean_cash_weight": 0.1,
        "mean_holding_count": 10,
    }
    for measure, value in expected.items():
        assert row[measure].item() == pytest.approx(value, rel=1e-11), measure


def test_years_start_from_the_value_the_year_before_ended_with(case: ResultsCase) -> None:
    years = case.frame(
        "select * from results.mart_backtest_year where scenario_id = 'hand' order by trade_year"
    )
    assert years.trade_year.tolist() == [2019, 2020]
    assert years.session_count.tolist() == [2, 2]
    np.testing.assert_allclose(years.total_return, [-0.1, 1.5 / 0.9 - 1], atol=1e-12)
    np.testing.assert_allclose(years.max_drawdown, [0.9 / 1.2 - 1, 1.5 / 1.8 - 1], atol=1e-12)
    np.testing.assert_allclose(years.total_cost, [0.001, 0.002], atol=1e-15)


YEARS = {
    2019: {"returns": [0.2, -0.25], "benchmark": [0.1, 0.0], "first_session": "2019-12-30",
           "last_session": "2019-12-31", "growth": 0.9, "benchmark_growth": 1.1,
           "max_drawdown": -0.25, "excess_max_drawdown": -0.25, "turnover": 1.0,
           "total_cost": 0.001, "cost_share": 0.001, "holding": 10.0},
    2020: {"returns": [1.0, -1 / 6], "benchmark": [1 / 11, 0.05 / 1.2],
           "first_session": "2020-01-01", "last_session": "2020-01-02", "growth": 1.5 / 0.9,
           "benchmark_growth": 1.25 / 1.1, "max_drawdown": -1 / 6, "excess_max_drawdown": -0.2,
           "turnover": 0.5, "total_cost": 0.002, "cost_share": 0.002 / 0.9, "holding": 10.0},
}  # fmt: skip


@pytest.mark.parametrize("year", YEARS)
def test_measures_of_a_year_of_the_hand_computed_path(case: ResultsCase, year: int) -> None:
    row = case.frame(
        f"select * from results.mart_backtest_year where scenario_id = 'hand'"
        f" and trade_year = {year}"
    )
    given = YEARS[year]
    returns, benchmark = (np.array(given[name]) for name in ("returns", "benchmark"))
    excess = returns - benchmark
    # Two sessions are 1 / 122 of a year.
    expected = {
        "session_count": 2,
        "total_return": given["growth"] - 1,
        "benchmark_return": given["benchmark_growth"] - 1,
        "annualised_return": given["growth"] ** 122 - 1,
        "annualised_benchmark_return": given["benchmark_growth"] ** 122 - 1,
        "annualised_alpha_return": (given["growth"] / given["benchmark_growth"]) ** 122 - 1,
        "annualised_volatility": returns.std(ddof=1) * 244**0.5,
        "tracking_error": excess.std(ddof=1) * 244**0.5,
        "sharpe_ratio": returns.mean() / returns.std(ddof=1) * 244**0.5,
        "information_ratio": excess.mean() / excess.std(ddof=1) * 244**0.5,
        "max_drawdown": given["max_drawdown"],
        "excess_max_drawdown": given["excess_max_drawdown"],
        "annualised_turnover": given["turnover"] * 122,
        "total_cost": given["total_cost"],
        "annualised_cost": given["cost_share"] * 122,
        "hit_rate": 0.5,
        "mean_cash_weight": 0.1,
        "mean_holding_count": given["holding"],
    }
    for measure, value in expected.items():
        assert row[measure].item() == pytest.approx(value, rel=1e-10), measure
    for end in ("first_session", "last_session"):
        assert row[end].item() == pd.Timestamp(given[end])
    settings = set(case.frame("select * from results.dim_scenario limit 0").columns)
    others = set(row.columns) - set(expected) - settings
    assert others == {"trade_year", "first_session", "last_session"}


def test_a_risk_free_rate_is_taken_off_the_sharpe_ratio_alone(
    case: ResultsCase, tmp_path: Path
) -> None:
    """Four percent a year, which is 1.04^(1 / 244) - 1 a session."""
    copied = replace(case, root=shutil.copytree(case.root, tmp_path / "rate"))
    built = copied.dbt(
        *("run", "--select", "int_backtest__measured", "mart_backtest_summary"),
        variables={"risk_free_rate": 0.04},
    )
    assert built.returncode == 0, built.stdout[-3000:]
    query = "select * from results.mart_backtest_summary where scenario_id = 'hand'"
    before, after = case.frame(query), copied.frame(query)
    returns = np.array([0.2, -0.25, 1.0, -1 / 6])
    excess = returns.mean() - (1.04 ** (1 / 244) - 1)
    assert after["sharpe_ratio"].item() == pytest.approx(
        excess / returns.std(ddof=1) * 244**0.5, rel=1e-11
    )
    assert after["sharpe_ratio"].item() < before["sharpe_ratio"].item() - 1e-3
    others = [column for column in before if column != "sharpe_ratio"]
    pd.testing.assert_frame_equal(before[others], after[others])


def test_measures_of_a_random_path_agree_with_numpy(case: ResultsCase) -> None:
    row = case.frame("select * from results.mart_backtest_summary where scenario_id = 'random'")
    path = case.nav[case.nav.scenario_id == "random"]
    nav, index = path.nav.to_numpy(), path.benchmark_nav.to_numpy()
    returns, excess = np.diff(nav) / nav[:-1], np.diff(nav) / nav[:-1] - np.diff(index) / index[:-1]
    n = len(path) - 1
    relative = nav / index
    expected = {
        "annualised_return": nav[-1] ** (244 / n) - 1,
        "annualised_alpha_return": (nav[-1] / index[-1]) ** (244 / n) - 1,
        "annualised_volatility": returns.std(ddof=1) * np.sqrt(244),
        "tracking_error": excess.std(ddof=1) * np.sqrt(244),
        "sharpe_ratio": returns.mean() / returns.std(ddof=1) * np.sqrt(244),
        "information_ratio": excess.mean() / excess.std(ddof=1) * np.sqrt(244),
        "max_drawdown": (nav / np.maximum.accumulate(nav) - 1).min(),
        "excess_max_drawdown": (relative / np.maximum.accumulate(relative) - 1).min(),
        "annualised_turnover": path.turnover.sum() * 244 / n,
        "hit_rate": (excess > 0).mean(),
    }
    for measure, value in expected.items():
        assert row[measure].item() == pytest.approx(value, rel=1e-10), measure


def test_latest_backtests_leave_out_older_runs(case: ResultsCase) -> None:
    everything = case.frame("select scenario_id, run_id from results.mart_backtest_summary")
    latest = case.frame("select scenario_id, run_id from results.mart_latest_backtest")
    assert dict(everything.to_numpy()) == {"hand": RUN, "grid": RUN, "random": OLD_RUN}
    assert dict(latest.to_numpy()) == {"hand": RUN, "grid": RUN}


def test_decisions_are_known_the_session_before(case: ResultsCase) -> None:
    known = case.frame(
        "select known_at, rebalance_date from results.fct_target_weight union"
        " select known_at, rebalance_date from results.fct_order union"
        " select known_at, rebalance_date from results.fct_solution union"
        " select known_at, rebalance_date from results.fct_shadow_price"
    )
    assert known.to_numpy().tolist() == [[pd.Timestamp("2019-12-27"), pd.Timestamp("2019-12-30")]]
