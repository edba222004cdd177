"""The study's printed figures beside ours."""

from __future__ import annotations

import math

import pandas as pd

from tests.sql.results_case import RUN, ResultsCase


def cells(case: ResultsCase, where: str) -> pd.DataFrame:
    return case.frame(f"select * from results.mart_paper_comparison where {where}")


def test_every_printed_figure_stands_once_per_rule_set(case: ResultsCase) -> None:
    counted = case.frame(
        "select rule_set, count(*) as n,"
        " count(distinct (paper_table, row_label, column_label)) as d"
        " from results.mart_paper_comparison group by rule_set"
    )
    (printed,) = case.frame("select count(*) as n from paper.paper_cell").n
    assert sorted(counted.rule_set) == ["paper", "practitioner"]
    assert (counted.n == printed).all()
    assert (counted.d == printed).all()


def test_a_value_or_a_reason_never_both_and_never_neither(case: ResultsCase) -> None:
    every = cells(case, "true")
    assert (every.our_value.isna() != every.missing_reason.isna()).all()
    assert set(every.data_source) == {"simulated:tiny"}
    assert set(every.run_id) == {RUN}


def test_parameters_and_rank_ic_of_a_window(case: ResultsCase) -> None:
    window = cells(case, "paper_table = 3 and row_label = '2019-07-01' and rule_set = 'paper'")
    ours = dict(zip(window.column_label, window.our_value, strict=True))
    (stored,) = case.frame(
        "select out_of_sample_rank_ic as ic from results.fct_training_window where model = 'trees'"
        f" and rule_set = 'paper' and window_start = '2019-07-01' and run_id = '{RUN}'"
    ).ic
    assert ours["eta"] == 0.0625
    assert ours["out_of_sample_ic"] == stored
    eta = window[window.column_label == "eta"].iloc[0]
    assert eta.paper_value == 0.006437
    assert math.isclose(eta.difference, 0.0625 - 0.006437)
    subsample = window[window.column_label == "subsample"].iloc[0]
    assert subsample.missing_reason == "not a parameter or measure of this model"


def test_statistics_of_the_model_with_the_same_loss_and_weeks(case: ResultsCase) -> None:
    table = cells(case, "paper_table = 5 and row_label = 'mean' and rule_set = 'practitioner'")
    by_label = table.set_index("column_label")
    (mean,) = case.frame(
        "select value from results.mart_rank_ic_statistics where statistic = 'mean'"
        " and model = 'trees' and rule_set = 'practitioner' and horizon_weeks = 4"
        f" and label_kind = 'cumulative' and run_id = '{RUN}'"
    ).value
    assert by_label.our_value["xgb_rolling_mse_P_4"] == mean
    missing = by_label.missing_reason["xgb_2y_mse_P_4"]
    assert missing == "no xgboost under mse, fixed_2y in this run"


def test_back_tests_by_settings_and_by_year(case: ResultsCase) -> None:
    row = "row_label = 'xgboost barra 0.5 stocks 100' and column_label = 'max_drawdown'"
    (grid,) = cells(case, f"paper_table = 14 and rule_set = 'paper' and {row}").our_value
    (year,) = cells(
        case,
        "paper_table = 10 and rule_set = 'paper' and row_label = '2019'"
        " and column_label = 'xgboost annualised_return'",
    ).our_value
    (summary,) = case.frame(
        "select max_drawdown as d from results.mart_backtest_summary where scenario_id = 'grid'"
    ).d
    (yearly,) = case.frame(
        "select annualised_return as r from results.mart_backtest_year"
        " where scenario_id = 'hand' and trade_year = 2019"
    ).r
    assert grid == summary
    assert year == yearly
    unmatched = cells(case, "paper_table = 14 and rule_set = 'paper' and our_value is null")
    assert "no back-test with these settings" in set(unmatched.missing_reason)
