"""Raw tables in, published tables out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from market_data.contract import LANDING_TABLES
from orchestration.lib.handoff_schemas import HANDOFF
from orchestration.lib.paths import DBT_PROJECT_DIR
from tests.integration.conftest import TINY, FinishedRun, ashare

EXPECTED_TABLES = {
    "core.dim_column", "core.dim_security", "core.dim_week", "core.fct_bar_daily",
    "core.fct_universe_week",
    "core.fct_index_weight_week", "factors.dim_factor", "factors.fct_factor_raw",
    "factors.fct_factor_exposure", "factors.fct_factor_coverage", "risk.fct_style_exposure",
    "ml.fct_training_panel", "ml.fct_label", "results.dim_model", "results.fct_training_window",
    "results.fct_prediction", "results.fct_rank_ic_week", "results.mart_rank_ic_statistics",
    "results.mart_group_return_week", "results.fct_target_weight", "results.fct_order",
    "results.fct_fill", "results.fct_fill_reason", "results.fct_nav_daily",
    "results.fct_shadow_price", "results.mart_backtest_summary", "results.mart_backtest_year",
    "results.mart_claim", "paper.paper_claim", "results.mart_rank_ic_month",
    "results.mart_rank_ic_decomposition", "results.mart_rank_ic_seasonality",
    "results.mart_paper_comparison", "results.mart_paper_scenario",
    "paper.paper_cell", "results.fct_trial_ledger",
    "results.mart_deflated_sharpe", "results.mart_backtest_overfitting",
    "risk.fct_factor_return", "risk.fct_factor_model_fit", "risk.fct_factor_covariance",
    "risk.fct_factor_covariance_fit", "risk.fct_specific_risk", "risk.mart_risk_forecast",
    "risk.mart_risk_forecast_quality", "results.fct_portfolio_risk",
    "results.fct_sequence_shape", "results.fct_factor_rank_ic_week", "results.mart_factor_rank_ic",
    "results.mart_factor_correlation", "ops.fct_run", "ops.fct_partition", "ops.fct_step",
    "ops.fct_canary", "ops.fct_dbt_result", "ops.fct_source_snapshot",
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tiny_run: FinishedRun) -> dict[str, int]:
    """Published tables with their row counts."""
    names = (
        tiny_run.sql("select schema_name || '.' || table_name as name from duckdb_tables()")
        .column("name")
        .to_pylist()
    )
    return {
        name: tiny_run.sql(f"select count(*) as n from {name}").column("n")[0].as_py()
        for name in names
    }


def test_every_promised_table_is_published_and_filled(tables: dict[str, int]) -> None:
    assert not EXPECTED_TABLES - set(tables)
    # A year of test weeks has no seasons yet.
    may_be_empty = {"results.fct_fill_reason", "results.mart_rank_ic_decomposition"}
    assert not [name for name in EXPECTED_TABLES - may_be_empty if tables[name] == 0]


def test_parquet_copies_hold_the_same_rows(tiny_run: FinishedRun, tables: dict[str, int]) -> None:
    files = {file.stem: file for file in tiny_run.paths.published_tables.glob("*.parquet")}
    assert set(files) == set(tables)
    assert {name: pq.read_metadata(file).num_rows for name, file in files.items()} == tables


def test_the_published_file_holds_tables_only_and_says_what_columns_mean(
    tiny_run: FinishedRun,
) -> None:
    views = tiny_run.sql("select count(*) as n from duckdb_views() where not internal")
    assert views.column("n")[0].as_py() == 0
    silent = tiny_run.sql(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name in ('core', 'factors', 'risk', 'ml', 'results', 'ops')"
        " and comment is null"
    )
    assert silent.num_rows == 0, silent.to_pylist()[:5]


def test_the_dictionary_holds_every_column_of_every_table(tiny_run: FinishedRun) -> None:
    published = tiny_run.sql(
        "select schema_name, table_name, column_name, data_type, column_index as position"
        " from duckdb_columns() where not internal"
    ).to_pandas()
    written = tiny_run.sql("select * from core.dim_column").to_pandas()
    keys = ["schema_name", "table_name", "column_name"]
    both = published.merge(written, on=keys, how="outer", suffixes=("", "_written"), indicator=True)
    assert both[both["_merge"] != "both"][keys].to_numpy().tolist() == []
    types = both["data_type_written"].str.replace(" ", "")
    assert (types == both["data_type"].str.replace(" ", "")).all()
    assert (both["position"] == both["position_written"]).all()
    assert (written["description"].str.len() > 3).all()
    assert (written["unit"].str.len() > 0).all()
    assert "dim_column" in set(written["table_name"])


def test_every_upstream_column_exists(tiny_run: FinishedRun) -> None:
    lists = tiny_run.sql(
        "select upstream_columns from core.dim_column where upstream_columns is not null"
    )
    named = {name for row in lists.column(0).to_pylist() for name in row.split(", ")}
    public = tiny_run.sql(
        "select schema_name || '.' || table_name || '.' || column_name from core.dim_column"
    )
    raw = {
        f"landing.{table}.{column.name}"
        for table, contract in LANDING_TABLES.items()
        for column in contract.columns
    }
    raw |= {
        f"{kind}.{file}.{column}"
        for kind, files in HANDOFF.items()
        for file, schema in files.items()
        for column in schema.names
    }
    raw |= {name for name in named if name.startswith("seeds.factor_catalogue.")}
    assert len(named) > 300
    assert named <= raw | set(public.column(0).to_pylist())


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


def test_the_scenarios_of_the_study_are_run_or_have_a_reason(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select paper_scenario, model_kind, model, scenario_id is null as is_absent, reason"
        " from results.mart_paper_scenario order by all"
    ).to_pylist()
    assert {row["paper_scenario"] for row in rows} == {"table_10", "figure_9", "figure_15"}
    assert {row["model"] for row in rows if not row["is_absent"]} == {
        "xgboost-mse-expanding-s777", "best-outside", "most-alike",
    }  # fmt: skip
    assert {row["reason"] for row in rows if row["is_absent"]} == {
        f"no {net} under mse in this run" for net in ("rnn", "lstm", "gru")
    }
    cells = tiny_run.sql(
        "select our_value, missing_reason from results.mart_paper_comparison"
        " where rule_set = 'paper' and paper_table = 10 and row_label = '2021'"
        " and column_label like 'xgboost%'"
    ).to_pylist()
    assert len(cells) == 3
    assert all(cell["our_value"] is not None for cell in cells)


def test_each_bias_of_the_forecasts_is_taken_out_by_itself(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select step, alpha_effect, alpha_after, reason from results.mart_bias_waterfall"
        " where kind = 'retraining' order by step_order"
    ).to_pylist()
    assert [row["step"] for row in rows] == ["universe", "label", "purge", "test_set_choice"]
    assert all(row["alpha_effect"] is not None for row in rows[:3])
    assert rows[3]["alpha_effect"] is None
    assert "no model named" in rows[3]["reason"]
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


def test_the_index_itself_is_a_row_beside_the_others(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select annualised_alpha_return, tracking_error, total_cost, annualised_turnover"
        " from results.mart_backtest_summary where model = 'baseline-index'"
    ).to_pylist()
    assert rows
    assert all(value == 0.0 for row in rows for value in row.values())


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


def test_a_portfolio_with_risk_is_certified_and_priced(tiny_run: FinishedRun) -> None:
    # Active volatility is computed twice: in SQL, and by the optimiser as bound less slack.
    (row,) = tiny_run.sql(
        """
        select
            count(*) as decisions,
            max(greatest(
                solutions.primal_residual, solutions.dual_residual, solutions.gap
            )) as worst,
            max(abs(
                scenarios.tracking_error_limit - prices.slack - risks.active_volatility
            )) as apart,
            max(risks.active_volatility) as highest
        from results.dim_scenario as scenarios
        inner join results.fct_solution as solutions using (scenario_id)
        inner join results.fct_shadow_price as prices using (scenario_id, rebalance_date)
        inner join results.fct_portfolio_risk as risks using (scenario_id, rebalance_date)
        where scenarios.risk_aversion is not null and prices.constraint_name = 'tracking_error'
            and risks.risk_source = 'specific'
        """
    ).to_pylist()
    assert row["decisions"] >= 50
    assert row["worst"] <= 1e-8
    assert row["apart"] <= 1e-9
    assert 0.0 < row["highest"] <= 0.1 + 1e-9


def test_aversion_to_risk_lowers_it(tiny_run: FinishedRun) -> None:
    (row,) = tiny_run.sql(
        """
        select
            avg(active_volatility) filter (where risk_aversion is not null) as averse,
            avg(active_volatility) filter (where risk_aversion is null) as bold
        from results.fct_portfolio_risk
        inner join results.dim_scenario using (scenario_id)
        where rule_set = 'practitioner' and model = 'xgboost-mse-expanding-s777'
            and risk_source = 'specific'
        """
    ).to_pylist()
    assert row["averse"] < 0.8 * row["bold"]


def test_forecasts_of_risk_are_of_the_right_size(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select portfolio_kind, avg(bias_statistic) as bias from"
        " risk.mart_risk_forecast_quality group by portfolio_kind"
    ).to_pylist()
    assert {row["portfolio_kind"] for row in rows} == {"factor", "index"}
    assert all(0.85 < row["bias"] < 1.15 for row in rows)


def test_every_return_is_explained_to_the_last_digit(tiny_run: FinishedRun) -> None:
    (row,) = tiny_run.sql(
        """
        select count(distinct scenario_id) as scenarios, max(abs(residual)) as worst
        from results.fct_pnl_attribution_daily
        """
    ).to_pylist()
    assert row["scenarios"] > 14
    assert row["worst"] < 1e-10


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
        own = members.loc[row.window_start][column]
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


def test_every_factor_and_style_covers_four_fifths_of_the_universe(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select split_part(node, '.', 3) as test, status from ops.fct_dbt_result"
        " where node like '%cover_the_universe%' order by all"
    ).to_pylist()
    status = {row["test"]: row["status"] for row in rows}
    assert status["assert_factors_cover_the_universe"] == "pass"
    assert status["assert_styles_cover_the_universe"] == "pass"


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


def test_shortfalls_are_explained_to_the_last_digit(tiny_run: FinishedRun) -> None:
    worst = tiny_run.sql(
        """
        select max(abs(fills.shortfall_weight - coalesce(reasons.shortfall_weight, 0))) as gap
        from results.fct_fill as fills
        left join (
            select scenario_id, rebalance_date, trade_date, symbol,
                sum(shortfall_weight) as shortfall_weight
            from results.fct_fill_reason group by all
        ) as reasons using (scenario_id, rebalance_date, trade_date, symbol)
        """
    )
    assert worst.column("gap")[0].as_py() < 1e-10


def test_rows_of_the_practitioner_do_not_use_the_future(tiny_run: FinishedRun) -> None:
    for table in ("core.fct_universe_week", "ml.fct_training_panel"):
        flagged = tiny_run.sql(
            f"select rule_set, count(*) filter (where uses_future) as n from {table}"
            " group by rule_set order by rule_set"
        ).to_pylist()
        by_rule_set = {row["rule_set"]: row["n"] for row in flagged}
        assert by_rule_set["practitioner"] == 0
        assert by_rule_set["paper"] > 0


def test_a_second_run_does_nothing_and_prints_the_same_summary(tiny_run: FinishedRun) -> None:
    before = tiny_run.paths.published_database.stat().st_mtime_ns
    journal = (tiny_run.paths.state / "ledger.jsonl").read_bytes()
    second = ashare(tiny_run.paths.root.parent, "run", str(TINY))
    assert "nothing to do" in second.stdout
    assert second.stdout.endswith(tiny_run.output[-2000:])
    assert tiny_run.paths.published_database.stat().st_mtime_ns == before
    assert (tiny_run.paths.state / "ledger.jsonl").read_bytes() == journal


def test_the_cookbook_runs_on_the_published_copy(tiny_run: FinishedRun) -> None:
    recipes = sorted((DBT_PROJECT_DIR / "analyses").glob("*.sql"))
    assert len(recipes) >= 10
    with duckdb.connect(str(tiny_run.paths.published_database), read_only=True) as connection:
        for recipe in recipes:
            relation = connection.sql(recipe.read_text(encoding="utf-8"))
            assert relation is not None, recipe.name
            relation.fetchall()


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
    assert len(verdicts) == 11
    assert all(row["reason"] for row in rows if row["verdict"] == "not_testable")
    for row in rows:
        if row["claim"] in tested and row["verdict"] != "not_testable":
            assert row["interval_lower"] <= row["interval_upper"]


def test_the_study_s_figures_are_drawn_or_say_why_not(
    tiny_run: FinishedRun, tmp_path: Path
) -> None:
    home = tiny_run.paths.root.parent
    for kind, first_bytes in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        drawn = ashare(home, "figures", "tiny", "--format", kind, "--out", str(tmp_path))
        files = sorted(tmp_path.glob("figure_*"))
        assert {file.suffix for file in files} == {f".{kind}"}
        assert all(file.read_bytes().startswith(first_bytes) for file in files)
        assert {file.stem.split("_")[1] for file in files} == {
            "01", "08", "09", "10", "14", "17", "18", "19", "20",
        }  # fmt: skip
        page = (tmp_path / "index.html").read_text(encoding="utf-8")
        assert all(file.name in page for file in files)
        for number in (2, 3, 4, 5, 6, 7, 18):
            assert f"figure {number} " in drawn.stdout
        assert "12 months with a Rank IC: 24 are the least" in drawn.stdout


def test_sql_command_answers_and_refuses_to_write(tiny_run: FinishedRun) -> None:
    home = tiny_run.paths.root.parent
    answer = ashare(
        home, "sql", "select count(*) as securities from core.dim_security", "-e", "tiny"
    )
    assert "160" in answer.stdout
    refused = ashare(home, "sql", "drop table core.dim_security", "-e", "tiny", check=False)
    assert refused.returncode == 1
    assert "read-only" in refused.stderr


def test_a_refused_source_leaves_the_results_as_they_were(
    tiny_run: FinishedRun, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_run.paths.landing, broken)
    (broken / "daily_bars.parquet").write_bytes(b"PAR1 cut short")
    before = tiny_run.paths.warehouse.stat().st_mtime_ns
    refused = ashare(
        tiny_run.paths.root.parent, "run", str(TINY), "--source", f"parquet:{broken}", check=False
    )
    assert refused.returncode == 1
    assert "daily_bars" in refused.stderr
    assert tiny_run.paths.warehouse.stat().st_mtime_ns == before
    unchanged = ashare(tiny_run.paths.root.parent, "run", str(TINY))
    assert "nothing to do" in unchanged.stdout


def test_every_data_test_ran_and_passed(tiny_run: FinishedRun) -> None:
    manifest = json.loads((tiny_run.paths.dbt_target / "manifest.json").read_text("utf-8"))
    journal = _downstream_of_the_journal(manifest)
    expected = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and not journal & set(node["depends_on"]["nodes"])
    }
    ran = {
        row["node"]: row["status"]
        for row in tiny_run.sql("select node, status from ops.fct_dbt_result").to_pylist()
    }
    assert not expected - set(ran)
    assert {name: status for name, status in ran.items() if status not in ("pass", "success")} == {}


def _downstream_of_the_journal(manifest: dict[str, Any]) -> set[str]:
    """Models whose own build cannot stand in the journal, because they are made from it."""
    reached: set[str] = set()
    size = -1
    while len(reached) > size:
        size = len(reached)
        reached |= {
            name
            for name, node in manifest["nodes"].items()
            if any(
                parent in reached or parent.startswith("source.ashare.ops_output.")
                for parent in node.get("depends_on", {}).get("nodes", [])
            )
        }
    return reached
