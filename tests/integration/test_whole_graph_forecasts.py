"""Forecasts and how they are judged, in the published tables."""

from __future__ import annotations

import json

import numpy as np

from optimizer.columns import STYLES
from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR
from tests.integration.conftest import FinishedRun


def test_both_rule_sets_and_all_models_have_results(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select rule_set, model, count(distinct window_start) as windows"
        " from results.fct_prediction group by all order by all"
    ).to_pylist()
    assert [(row["rule_set"], row["model"].split("-")[0], row["windows"]) for row in rows] == [
        ("paper", "best", 2), ("paper", "most", 2), *(("paper", "ridge", 2),) * 4,
        ("paper", "xgboost", 2),
        ("practitioner", "gru", 2), ("practitioner", "mean", 2), ("practitioner", "ridge", 2),
        ("practitioner", "xgboost", 2),
    ]  # fmt: skip
    scenarios = tiny_run.sql(
        "select count(*) filter (where model not like 'baseline-%') as optimised,"
        " count(*) as every from results.mart_backtest_summary"
    ).to_pylist()
    # Grid, sizes, waterfall, retrained, averse to risk, study; and seventeen portfolios by rule.
    optimised = 16 + 4 + 7 + 3 + 1 + 3
    assert scenarios == [{"optimised": optimised, "every": optimised + 17}]


def test_each_bias_of_the_forecasts_is_taken_out_by_itself(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select step, alpha_effect, alpha_after, reason from results.mart_bias_waterfall"
        " where kind = 'retraining' order by step_order"
    ).to_pylist()
    assert [row["step"] for row in rows] == ["universe", "label", "purge", "test_set_choice"]
    assert all(row["alpha_effect"] is not None for row in rows[:3])
    assert rows[3]["alpha_effect"] is None
    assert "no model named" in rows[3]["reason"]
    (last,) = tiny_run.sql(
        "select steps.step, steps.alpha_effect, steps.alpha_after,"
        " summaries.annualised_alpha_return"
        " from results.mart_bias_waterfall as steps"
        " inner join results.mart_backtest_summary as summaries"
        " on summaries.rule_set = 'practitioner' and summaries.model = 'ridge-mse-expanding'"
        " and summaries.barra_limit = 0.5 and summaries.capital_cny = 1e8"
        " where steps.kind = 'remainder'"
    ).to_pylist()
    assert last["step"] == "practitioner_rules"
    assert last["alpha_after"] == last["annualised_alpha_return"]
    assert last["alpha_effect"] == last["alpha_after"] - rows[2]["alpha_after"]
    forecasts = tiny_run.sql(
        "select models.universe_rule_set, models.label_rule_set, models.purge_rule_set,"
        " bool_or(predictions.uses_future) as looks_ahead,"
        " bool_or(universe.in_universe is not true) as leaves_the_universe"
        " from results.fct_prediction as predictions"
        " inner join results.dim_model as models using (rule_set, model)"
        " left join core.fct_universe_week as universe"
        " on models.universe_rule_set = universe.rule_set"
        " and predictions.symbol = universe.symbol"
        " and predictions.week_date = universe.week_date"
        " where predictions.rule_set = 'paper' and models.library = 'ridge'"
        " group by all order by all"
    ).to_pylist()
    parts = ("universe_rule_set", "label_rule_set", "purge_rule_set")
    assert {tuple(row[part] for part in parts): row["looks_ahead"] for row in forecasts} == {
        ("paper", "paper", "paper"): True,
        ("practitioner", "paper", "paper"): False,
        # VWAP of the next session: not known when the window begins, unless it is purged.
        ("practitioner", "practitioner", "paper"): True,
        ("practitioner", "practitioner", "practitioner"): False,
    }
    assert not any(row["leaves_the_universe"] for row in forecasts)


def test_a_net_leaves_its_epochs_shapes_and_gradients(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        """
        with samples as (
            select window_start, part, sample_count, row_count, sequence_weeks, feature_count
            from results.fct_sequence_shape
        ), forecast as (
            select half_year.window_start, count(*) as forecasts
            from results.fct_prediction as predictions
            inner join results.fct_training_window as half_year
                on predictions.model = half_year.model
                and predictions.rule_set = half_year.rule_set
                and predictions.week_date between half_year.window_start and half_year.window_end
            where predictions.model = 'gru-mse-expanding-s777'
            group by half_year.window_start
        )
        select windows.window_start, windows.epochs, windows.boosting_rounds,
            forecast.forecasts, test.sample_count, test.row_count, test.sequence_weeks,
            test.feature_count, windows.in_sample_mse
        from results.fct_training_window as windows
        inner join samples as test on windows.window_start = test.window_start
            and test.part = 'test'
        inner join forecast on windows.window_start = forecast.window_start
        where windows.model = 'gru-mse-expanding-s777'
        """
    ).to_pylist()
    assert len(rows) == 2
    for row in rows:
        assert 1 <= row["epochs"] <= 2
        assert row["boosting_rounds"] is None
        assert row["forecasts"] == row["sample_count"] < row["row_count"]
        assert row["sequence_weeks"] == 5
        assert row["in_sample_mse"] > 0.0
    epochs = tiny_run.sql(
        "select model, count(distinct window_start) as windows, max(epoch) as last,"
        " min(train_loss) > 0.0 as has_loss from results.fct_training_epoch group by model"
    ).to_pylist()
    assert epochs == [
        {"model": "gru-mse-expanding-s777", "windows": 2, "last": 2, "has_loss": True}
    ]
    kinds = tiny_run.sql(
        "select importance_kind, count(*) as n from results.fct_feature_importance"
        " where model like 'gru%' group by importance_kind"
    ).to_pylist()
    assert kinds == [
        {"importance_kind": "mean_abs_integrated_gradient", "n": 2 * rows[0]["feature_count"]}
    ]


def test_an_ensemble_is_the_mean_of_the_ranks_of_its_members(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        """
        with ranked as (
            select model, symbol, week_date, prediction,
                rank() over (partition by model, week_date order by prediction)
                + (count(*) over (partition by model, week_date, prediction) - 1) / 2.0 as place,
                count(*) over (partition by model, week_date) as n
            from results.fct_prediction
            where rule_set = 'practitioner'
                and model in ('ridge-mse-expanding', 'xgboost-mse-expanding-s777')
        ), expected as (
            select symbol, week_date, avg((place - 0.5) / n) as expected, count(*) as members
            from ranked group by symbol, week_date
        )
        select count(*) as n, count(prediction) as stored, min(members) as members,
            max(abs(prediction - expected)) as gap
        from expected full join
            (select * from results.fct_prediction where model = 'mean-rank')
            using (symbol, week_date)
        """
    ).to_pylist()[0]
    assert rows["n"] == rows["stored"] > 1000
    assert rows["members"] == 2
    assert rows["gap"] < 1e-12
    model = tiny_run.sql("select * from results.dim_model where model = 'mean-rank'").to_pylist()
    assert [(row["library"], row["seed"], row["loss"]) for row in model] == [
        ("ensemble", None, "mse")
    ]
    assert json.loads(model[0]["members"]) == ["ridge-mse-expanding", "xgboost-mse-expanding-s777"]
    window = tiny_run.sql(
        "select count(out_of_sample_rank_ic) as judged, count(out_of_sample_mse) as errors"
        " from results.fct_training_window where model = 'mean-rank'"
    ).to_pylist()[0]
    assert window == {"judged": 2, "errors": 0}


XGBOOST = "xgboost-mse-expanding-s777"


def test_a_choice_takes_what_its_rule_says_and_says_that_it_saw_the_future(
    tiny_run: FinishedRun,
) -> None:
    windows = tiny_run.sql(
        "select model, window_start, chosen_member, uses_future, out_of_sample_rank_ic,"
        " abs(in_sample_rank_ic - out_of_sample_rank_ic) as difference"
        " from results.fct_training_window where rule_set = 'paper' order by model, window_start"
    ).to_pandas()
    members = windows[windows["chosen_member"].isna()].set_index(["window_start", "model"])
    chosen = windows[windows["chosen_member"].notna()]
    best = {"best-outside": ("out_of_sample_rank_ic", "max"), "most-alike": ("difference", "min")}
    assert set(chosen["model"]) == set(best)
    assert len(chosen) == 4
    assert chosen["uses_future"].all()
    for row in chosen.itertuples():
        column, kind = best[row.model]
        own = members.loc[row.window_start].loc[["ridge-mse-expanding", XGBOOST]][column]
        assert own[row.chosen_member] == own.agg(kind) == getattr(row, column)
    unmarked = tiny_run.sql(
        """
        select count(*) filter (where not chosen.uses_future) as unmarked,
            count(*) filter (where chosen.prediction <> members.prediction) as others,
            count(*) as n
        from results.fct_prediction as chosen
        inner join results.fct_training_window as windows using (rule_set, model, window_start)
        inner join results.fct_prediction as members
            on windows.rule_set = members.rule_set and windows.chosen_member = members.model
            and chosen.symbol = members.symbol and chosen.week_date = members.week_date
        """
    ).to_pylist()[0]
    assert unmarked["unmarked"] == unmarked["others"] == 0
    assert unmarked["n"] > 1000


# Weeks whose longest look-back lies in the data.
SETTLED = """
    settled as (
        select week_date from core.dim_week
        where is_in_data and session_number >= 525 + (
            select min(session_number) from core.dim_week where is_in_data
        )
    )
"""


def test_every_factor_covers_four_fifths_of_each_universe(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        f"with {SETTLED} select rule_set, factor, count(*) as weeks, avg(share_present) as covered"
        " from factors.fct_factor_coverage inner join settled using (week_date)"
        " group by rule_set, factor"
    ).to_pylist()
    settled = tiny_run.sql(f"with {SETTLED} select count(*) as n from settled").to_pylist()[0]["n"]
    factors = {row.factor for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE)}
    assert len(factors) == 123
    for rule_set in ("paper", "practitioner"):
        found = {row["factor"]: row for row in rows if row["rule_set"] == rule_set}
        assert set(found) == factors
        assert {row["weeks"] for row in found.values()} == {settled}
        assert {name: row["covered"] for name, row in found.items() if row["covered"] < 0.8} == {}
    assert len(rows) == 2 * 123
    assert settled > 20


def test_every_style_covers_four_fifths_of_the_universe(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        f"with {SETTLED} select style, count(*) as weeks,"
        " avg(1 - universe_missing_count / universe_count) as covered"
        " from risk.fct_style_coverage inner join settled using (week_date) group by style"
    ).to_pylist()
    assert sorted(row["style"] for row in rows) == sorted(STYLES)
    assert len(rows) == 10
    assert len({row["weeks"] for row in rows}) == 1
    assert [row for row in rows if not row["covered"] >= 0.8] == []


def test_rank_ic_in_sql_equals_an_independent_one(tiny_run: FinishedRun) -> None:
    from scipy.stats import spearmanr

    rows = tiny_run.sql(
        "select predicted.week_date, prediction, fwd_return_cum from results.fct_prediction"
        " as predicted inner join ml.fct_label as labels using (symbol, week_date)"
        " where rule_set = 'practitioner' and model like 'ridge%' and label_convention = 'vwap'"
        " and horizon_weeks = 4 and fwd_return_cum is not null"
    ).to_pandas()
    expected = {
        week: spearmanr(frame["prediction"], frame["fwd_return_cum"]).statistic
        for week, frame in rows.groupby("week_date")
    }
    stored = tiny_run.sql(
        "select week_date, rank_ic from results.fct_rank_ic_week where rule_set = 'practitioner'"
        " and model like 'ridge%' and horizon_weeks = 4 and label_kind = 'cumulative'"
        " and rank_ic is not null"
    ).to_pandas()
    ours = dict(zip(stored["week_date"], stored["rank_ic"], strict=True))
    assert set(ours) == set(expected)
    assert np.allclose([ours[week] for week in expected], list(expected.values()), atol=1e-12)


def test_rows_of_the_practitioner_do_not_use_the_future(tiny_run: FinishedRun) -> None:
    for table in ("core.fct_universe_week", "ml.fct_training_panel"):
        flagged = tiny_run.sql(
            f"select rule_set, count(*) filter (where uses_future) as n from {table}"
            " group by rule_set order by rule_set"
        ).to_pylist()
        by_rule_set = {row["rule_set"]: row["n"] for row in flagged}
        assert by_rule_set["practitioner"] == 0
        assert by_rule_set["paper"] > 0


def test_claims_of_the_tiny_market_are_judged_or_say_why_not(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql("select * from results.mart_claim").to_pylist()
    verdicts: dict[str, set[str]] = {}
    for row in rows:
        verdicts.setdefault(row["claim"], set()).add(row["verdict"])
    tested = {claim for claim, found in verdicts.items() if found != {"not_testable"}}
    assert tested == {
        "bands_cost_return", "bands_reduce_drawdown", "sharpe_is_best_near_band_of_0_4",
        "higher_ic_beats_small_difference",
    }  # fmt: skip
    assert len(verdicts) == 21
    assert all(row["reason"] for row in rows if row["verdict"] == "not_testable")
    for row in rows:
        if row["claim"] in tested and row["verdict"] != "not_testable":
            assert row["interval_lower"] <= row["interval_upper"]
