"""Results and ops as dbt builds them, against hand-made numbers and independent routines."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.sql.results_case import (
    CONSTANT_WEEK,
    MODELS,
    OLD_RUN,
    RULE_SETS,
    RUN,
    SYMBOLS,
    THIN_WEEK,
    WEEKS,
    ResultsCase,
    weekly_rank_ic,
)

SERIES = ["run_id", "rule_set", "model", "horizon_weeks", "label_kind"]


def test_a_training_window_is_known_when_its_last_labels_are(case: ResultsCase) -> None:
    windows = case.frame(
        "select distinct rule_set, window_start::varchar as window_start,"
        " known_at::varchar as known_at from results.fct_training_window"
    )
    found = {(row.rule_set, row.window_start): row.known_at for row in windows.itertuples()}
    # The week of 27 December ends a week later, or on the first session after that; the calendar
    # of the case ends in February, so the other window is dated a fortnight after its end.
    expected = {
        ("paper", "2019-07-01"): "2020-01-03",
        ("practitioner", "2019-07-01"): "2020-01-06",
        ("paper", "2020-01-01"): "2020-07-14",
        ("practitioner", "2020-01-01"): "2020-07-14",
    }
    assert found == {key: expected[key] for key in found}
    assert found


def test_weekly_rank_ic_is_spearman_with_average_ranks(case: ResultsCase) -> None:
    ours = case.frame("select * from results.fct_rank_ic_week")
    twin = weekly_rank_ic(case)
    both = ours.merge(twin, on=[*SERIES, "week_date"], suffixes=("", "_twin"), how="outer")
    # Horizon h has labels up to h weeks before the last week; three pairs of run and model.
    assert len(both) == len(ours) == 3 * 2 * 2 * sum(len(WEEKS) - h for h in range(1, 5))
    assert (both.stock_count == both.stock_count_twin).all()
    np.testing.assert_allclose(both.rank_ic, both.rank_ic_twin, atol=1e-12, equal_nan=True)


def test_rank_ic_is_null_in_thin_and_constant_weeks_only(case: ResultsCase) -> None:
    weeks = case.frame("select * from results.fct_rank_ic_week")
    thin = weeks.week_date == THIN_WEEK
    constant = (weeks.week_date == CONSTANT_WEEK) & (weeks.model == "trees")
    assert thin.any()
    assert constant.any()
    assert (weeks[thin].stock_count <= 25).all()
    assert (weeks.rank_ic.isna() == (thin | constant)).all()
    assert (weeks.is_degenerate == constant).all()
    assert (weeks.p_value.isna() == weeks.rank_ic.isna()).all()


def test_single_and_cumulative_labels_agree_at_one_week_only(case: ResultsCase) -> None:
    weeks = case.frame("select * from results.fct_rank_ic_week where rank_ic is not null")
    wide = weeks.pivot_table(
        index=["run_id", "rule_set", "model", "horizon_weeks", "week_date"],
        columns="label_kind",
        values="rank_ic",
    ).reset_index()
    same = np.isclose(wide.cumulative, wide.single)
    assert same[wide.horizon_weeks == 1].all()
    assert not same[wide.horizon_weeks > 1].any()


def test_labels_are_known_after_the_prediction(case: ResultsCase) -> None:
    weeks = case.frame("select week_date, horizon_weeks, known_at from results.fct_rank_ic_week")
    position = {week: at for at, week in enumerate(WEEKS)}
    ahead = weeks.known_at.map(position) - weeks.week_date.map(position)
    assert (ahead == weeks.horizon_weeks).all()


def test_groups_and_their_returns(case: ResultsCase) -> None:
    ours = case.frame("select * from results.mart_group_return_week")
    labels = case.labels[case.labels.horizon_weeks == 1]
    for (run, rule_set, model), mine in ours.groupby(["run_id", "rule_set", "model"]):
        mask = (
            (case.predictions.run_id == run)
            & (case.predictions.rule_set == rule_set)
            & (case.predictions.model == model)
        )
        joined = case.predictions[mask].merge(
            labels[labels.label_convention == RULE_SETS[rule_set]], on=["symbol", "week_date"]
        )
        joined = joined[joined.fwd_return_cum.notna()]
        for week, rows in joined.groupby("week_date"):
            ordered = rows.sort_values(["prediction", "symbol"]).fwd_return_cum.to_numpy()
            groups = np.array_split(ordered, 10)
            found = mine[mine.week_date == week].sort_values("group_number")
            assert found.group_number.tolist() == list(range(1, 11))
            assert found.stock_count.tolist() == [len(group) for group in groups]
            np.testing.assert_allclose(found.group_return, [g.mean() for g in groups], atol=1e-14)


def test_cumulative_group_returns_compound(case: ResultsCase) -> None:
    groups = case.frame("select * from results.mart_group_return_week order by week_date")
    for _, series in groups.groupby(["run_id", "rule_set", "model", "group_number"]):
        expected = np.cumprod(1 + series.group_return) - 1
        np.testing.assert_allclose(series.cumulative_return, expected, atol=1e-12)


def test_long_short_is_the_highest_against_the_lowest_group(case: ResultsCase) -> None:
    spread = case.frame("select * from results.mart_long_short_return_week order by week_date")
    groups = case.frame("select * from results.mart_group_return_week")
    keys = ["run_id", "rule_set", "model", "week_date"]
    for number, column in ((10, "top_return"), (1, "bottom_return")):
        joined = spread.merge(groups[groups.group_number == number], on=keys)
        assert len(joined) == len(spread) > 0
        assert (joined[column] == joined.group_return).all()
    assert (spread.long_short_return == spread.top_return - spread.bottom_return).all()
    for _, series in spread.groupby(["run_id", "rule_set", "model"]):
        expected = np.cumprod(1 + series.long_short_return) - 1
        np.testing.assert_allclose(series.cumulative_return, expected, atol=1e-12)


def test_predictions_are_marked_where_they_look_ahead(case: ResultsCase) -> None:
    marks = case.frame("select distinct rule_set, uses_future from results.fct_prediction")
    assert dict(marks.to_numpy()) == {"paper": True, "practitioner": False}


def test_a_model_is_described_by_one_run(case: ResultsCase) -> None:
    models = case.frame("select * from results.dim_model order by rule_set, model")
    assert models[["rule_set", "model"]].to_numpy().tolist() == [
        [rule_set, model] for rule_set in RULE_SETS for model in MODELS
    ]
    assert [json.loads(text)["run"] for text in models.parameters] == models.run_id.tolist()
    assert set(models[models.model == "trees"].run_id) == {RUN}


def test_latest_forecasts_are_those_of_the_latest_run(case: ResultsCase) -> None:
    latest = case.frame("select * from results.mart_latest_forecast")
    assert set(latest.run_id) == {RUN}
    assert len(latest) == 2 * len(MODELS) * 4 * 2
    weeks = case.frame(f"select * from results.fct_rank_ic_week where run_id = '{RUN}'")
    stats = weeks.groupby(SERIES).rank_ic.agg(["mean", "std", "count"]).reset_index()
    joined = latest.merge(stats, on=SERIES)
    np.testing.assert_allclose(joined.mean_rank_ic, joined["mean"], atol=1e-12)
    np.testing.assert_allclose(joined.std_rank_ic, joined["std"], atol=1e-12)
    assert (joined.week_count == joined["count"]).all()
    assert (joined.degenerate_week_count == (joined.model == "trees")).all()
    assert (joined.window_count == 2).all()


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


def test_trials_of_a_tuning_arrive_as_they_were_handed_over(case: ResultsCase) -> None:
    trials = case.frame("select * from results.fct_tuning_trial")
    windows = case.frame("select * from results.fct_training_window where model = 'trees'")
    assert len(trials) == 4 * len(windows) > 0
    best = trials[(trials.stage == "optuna") & trials.is_best]
    assert len(best) == len(windows)
    assert (best.edge_parameters == '["eta"]').all()
    assert trials[trials.stage == "optuna"].scanned_parameter.isna().all()
    assert (trials.known_at < trials.window_start).all()


def test_importances_are_dated_like_their_window(case: ResultsCase) -> None:
    rows = case.frame("select * from results.fct_feature_importance")
    windows = case.frame("select * from results.fct_training_window")
    assert len(rows) == 2 * len(windows) > 0
    keys = ["run_id", "rule_set", "model", "window_start"]
    joined = rows.merge(windows, on=keys, suffixes=("", "_window"), validate="many_to_one")
    assert len(joined) == len(rows)
    assert (joined.known_at == joined.known_at_window).all()
    assert (joined.uses_future == joined.uses_future_window).all()
    first = rows[rows.importance_rank == 1]
    assert (first.feature == "size").all()
    assert (first.importance == 0.75).all()


def test_sequence_shapes_are_dated_like_their_window(case: ResultsCase) -> None:
    rows = case.frame("select * from results.fct_sequence_shape")
    windows = case.frame("select * from results.fct_training_window")
    assert len(rows) == 4 * (windows.model == "trees").sum() > 0
    keys = ["run_id", "rule_set", "model", "window_start"]
    joined = rows.merge(windows, on=keys, suffixes=("", "_window"), validate="many_to_one")
    assert (joined.known_at == joined.known_at_window).all()
    assert (joined.uses_future == joined.uses_future_window).all()
    assert (rows[rows.part == "in_sample"].sample_count == 130).all()


def test_canaries_of_panel_and_models_stand_side_by_side(case: ResultsCase) -> None:
    rows = case.frame("select * from ops.fct_canary order by canary")
    assert rows.canary.tolist() == ["attainable", "shuffled_labels"]
    assert rows.subject.tolist() == ["trees", "panel"]
    assert rows.expectation.tolist() == ["below", "silent"]
    model, panel = rows.to_dict("records")
    assert model["share_of_reference"] == pytest.approx(0.03 / 0.08)
    assert model["spread"] == pytest.approx((0.08 - 0.03) / 2.5)
    assert pd.isna(panel["share_of_reference"])
    assert panel["reference"] == 0.0


# What each singular test must notice, done to a copy of the warehouse.
FAULTS = {
    "assert_predictions_refer_to_universe_rows":
        f"update core.fct_universe_week set in_universe = false where symbol = '{SYMBOLS[7]}'",
    "assert_predictions_lie_in_their_window":
        "update results.fct_training_window set test_row_count = test_row_count + 1",
    "assert_rank_ic_agrees_with_training_record":
        "update results.fct_training_window set out_of_sample_rank_ic = 0.5",
    "assert_rank_ic_statistics_agree_with_weeks":
        "update results.mart_rank_ic_statistics set value = value + 1e-7 where statistic = 'skew'",
    "assert_every_rank_ic_series_has_its_statistics":
        "delete from results.mart_rank_ic_statistics where statistic = 'ir' and horizon_weeks = 4",
    "assert_claim_effects_agree_with_weeks":
        "insert into intermediate.int_claim__observed values"
        f" ('{RUN}', 'paper', 'mse_beats_rank_ic', 'a', 'b', 'mean', '2020-01-03', 0.5, 0.25)",
    "assert_claim_pairs_rank_the_same_names":
        "insert into intermediate.int_claim_pair__models values"
        f" ('xgboost_beats_lightgbm', 'models', '{RUN}', 'paper', 'trees', 'ridge', false);"
        " update results.fct_rank_ic_week set stock_count = stock_count + 1 where model = 'trees'",
    "assert_decomposition_adds_up":
        "insert into results.mart_rank_ic_decomposition values"
        f" ('{RUN}', 'paper', 'trees', '2020-01-01', 1, 0.5, 0.25, 0.0, 0.0)",
    "assert_every_claim_has_a_verdict":
        "delete from results.mart_claim where claim = 'bands_cost_return'",
    "assert_rank_ic_is_null_only_where_undefined":
        "update results.fct_rank_ic_week set p_value = null where horizon_weeks = 2",
    "assert_every_tuned_window_has_one_best_trial":
        "update results.fct_tuning_trial set is_best = false, is_at_edge = false"
        " where window_start < '2020-01-01'",
    "assert_no_trial_beats_the_best":
        "update results.fct_tuning_trial set score = 0.25 where stage = 'optuna' and trial = 0",
    "assert_importances_are_ranked":
        "update results.fct_feature_importance set importance_rank = 3 where importance_rank = 2",
    "assert_sequence_shapes_add_up":
        "update results.fct_sequence_shape set sample_count = sample_count - 1 where part = 'stop'",
    "assert_gains_sum_to_one":
        "update results.fct_feature_importance set importance = 0.5 where importance_rank = 1",
    "assert_no_mse_under_rank_ic":
        "update results.dim_model set loss = 'rank_ic' where model <> 'trees';"
        " update results.fct_training_window set stop_mse = 1.0 where model <> 'trees'",
    "assert_groups_are_of_equal_size":
        "delete from results.mart_group_return_week where group_number = 5",
    "assert_shortfall_is_target_minus_filled":
        "update results.fct_fill set filled_weight = filled_weight + 1e-9",
    "assert_fill_reasons_sum_to_shortfall":
        "update results.fct_fill_reason set shortfall_weight = shortfall_weight + 1e-9",
    "assert_fill_reason_is_the_largest":
        "update results.fct_fill set reason = 'no_cash' where reason = 'limit_up'",
    "assert_fills_refer_to_targets":
        f"update results.fct_fill set symbol = '{SYMBOLS[9]}' where reason = 'filled'",
    "assert_target_weights_sum_to_at_most_one":
        "update results.fct_target_weight set target_weight = target_weight + 0.2",
    "assert_objective_is_what_the_target_earns":
        "update results.fct_target_weight set expected_return = 2 * expected_return",
    "assert_target_weights_respect_the_cap":
        "update results.dim_scenario set num_stock = 3",
    "assert_orders_are_target_minus_before":
        "update results.fct_order set side = 'sell'",
    "assert_solutions_are_certified":
        "update results.fct_solution set gap = -2e-8",
    "assert_backtest_identities_hold":
        "update results.mart_backtest_summary set annualised_alpha_return = annualised_return",
    "assert_years_multiply_to_the_total":
        "update results.mart_backtest_year set session_count = session_count + 1",
    "assert_costs_are_the_sum_of_their_parts":
        "update results.fct_nav_daily set cost = 0.1 where nav = 1",
    "assert_positions_and_cash_are_the_portfolio":
        "insert into results.fct_position values"
        f" ('hand', '2019-12-31', '{SYMBOLS[0]}', 100, 10.0, 1000.0, 0.5, true, '2019-12-31')",
    "assert_waterfall_effects_sum_to_the_difference":
        "insert into results.mart_bias_waterfall values"
        f" ('{RUN}', 'execution', 'fees', 1, 0.5, 0.5, 0.5, 0.5, 2, null)",
    # Not built here: it reads the market and its risk model.
    "assert_attribution_adds_up":
        "create table results.fct_pnl_attribution_daily as select 'hand' as scenario_id,"
        " date '2019-12-31' as trade_date, 1e-9 as residual, 1e-7 as corporate_action_return",
    "assert_corporate_actions_explain_themselves":
        "create table intermediate.int_holding__by_session as select 'hand' as scenario_id,"
        " date '2019-12-31' as trade_date, 'A' as symbol, 0.0 as weight, 0.0 as return_1d,"
        " 10.0 as previous_close_price;"
        " create table core.fct_bar_daily as select 'A' as symbol,"
        " date '2019-12-31' as trade_date, 1.0 as adj_factor;"
        " create table core.dim_security as select 'A' as symbol, null::date as delist_date",
    "assert_corporate_actions_are_of_their_size":
        "create table staging.stg_landing__dividends as select 'A' as symbol,"
        " date '2019-12-31' as ex_date, 0.1 as cash_per_share;"
        " insert into core.fct_bar_daily select 'A', previous_trade_date, 1.0"
        " from core.dim_trade_date where trade_date = '2019-12-31'",
    "assert_attribution_covers_every_session":
        "create table results.mart_pnl_attribution as select 'hand' as scenario_id,"
        " 'total' as attribution_period, 'unexplained' as component, 0.25 as contribution,"
        " 4 as session_count, 1 as unexplained_session_count",
    "assert_every_session_is_explained":
        "create table results.mart_pnl_attribution as select 'hand' as scenario_id,"
        " 'total' as attribution_period, 'unexplained' as component, 0.25 as contribution,"
        " 4 as session_count, 1 as unexplained_session_count",
    "assert_nav_starts_at_one":
        "update results.fct_nav_daily set cost = 0.1 where nav = 1",
    "assert_nav_covers_every_session":
        "delete from results.fct_nav_daily where trade_date = '2019-12-31'",
    "assert_forecasts_belong_to_recorded_runs":
        f"update ops.fct_run set run_id = 'other' where run_id = '{OLD_RUN}'",
    "assert_backtests_belong_to_recorded_runs":
        f"update ops.fct_run set run_id = 'other' where run_id = '{OLD_RUN}'",
    "assert_canaries_are_as_expected":
        "update ops.fct_canary set is_passed = false where canary = 'attainable'",
    "assert_one_latest_run_per_experiment": "update ops.fct_run set is_latest = true",
    "assert_no_partition_is_computed_twice": "update ops.fct_partition set state = 'computed'",
}  # fmt: skip


@pytest.fixture
def broken_case(case: ResultsCase, tmp_path: Path) -> Iterator[ResultsCase]:
    """The warehouse with every fault in it, mended afterwards.

    Broken in place: dbt would parse the whole project anew for a database of another name.
    """
    sound = shutil.copyfile(case.database, tmp_path / "sound.duckdb")
    with duckdb.connect(str(case.database)) as connection:
        for fault in dict.fromkeys(FAULTS.values()):
            connection.sql(fault)
    yield case
    shutil.copyfile(sound, case.database)


def test_every_data_test_notices_its_fault(broken_case: ResultsCase) -> None:
    broken_case.dbt("test", "--select", "path:tests/results", "path:tests/ops")
    run_results = broken_case.root / "target" / "run_results.json"
    results = json.loads(run_results.read_text())["results"]
    status = {result["unique_id"].split(".")[2]: result["status"] for result in results}
    assert set(status) == set(FAULTS)
    unnoticed = {name for name, outcome in status.items() if outcome not in {"fail", "warn"}}
    assert unnoticed == set()
