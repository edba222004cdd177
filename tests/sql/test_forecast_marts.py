"""Forecasts and their judgement as dbt builds them, against independent routines."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.sql.results_case import (
    CONSTANT_WEEK,
    MODELS,
    RULE_SETS,
    RUN,
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


def test_trials_of_a_tuning_arrive_as_they_were_handed_over(case: ResultsCase) -> None:
    trials = case.frame("select * from results.fct_tuning_trial")
    windows = case.frame("select * from results.fct_training_window where model = 'trees'")
    assert len(trials) == 4 * len(windows) > 0
    best = trials[(trials.stage == "optuna") & trials.is_best]
    assert len(best) == len(windows)
    assert (best.edge_parameters == '["eta"]').all()
    assert trials[trials.stage == "optuna"].scanned_parameter.isna().all()
    assert (trials.known_at < trials.window_start).all()


def test_what_rounding_leaves_has_no_rank(case: ResultsCase) -> None:
    rows = case.frame("select * from results.fct_feature_importance order by importance_rank")
    for _, ranked in rows.groupby(["run_id", "rule_set", "model", "window_start"]):
        # `value` is above `beta`, and `momentum` above `growth`, by a rounding error.
        assert ranked.feature.tolist() == ["size", "beta", "value", "growth", "momentum"]
        assert ranked.importance_rank.tolist() == [1, 2, 3, 4, 5]


def test_importances_are_dated_like_their_window(case: ResultsCase) -> None:
    rows = case.frame("select * from results.fct_feature_importance")
    windows = case.frame("select * from results.fct_training_window")
    assert len(rows) == 5 * len(windows) > 0
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
