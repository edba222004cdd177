"""Every data test of results and ops notices the fault that is planted for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.sql.results_case import OLD_RUN, RUN, SYMBOLS, ResultsCase

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
