"""Raw tables in, published tables out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from market_data.contract import LANDING_TABLES
from orchestration.lib.handoff_schemas import HANDOFF
from orchestration.lib.paths import DBT_PROJECT_DIR
from tests.integration.conftest import TINY, FinishedRun, ashare

EXPECTED_TABLES = {
    "core.dim_column", "core.dim_security", "core.dim_week", "core.fct_bar_daily",
    "core.fct_universe_week", "core.fct_fundamental_quarter", "core.fct_fundamental_restated",
    "factors.fct_factor_source_week",
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
    "results.fct_position", "results.fct_solution", "results.mart_bias_waterfall",
    "results.mart_pnl_attribution", "results.fct_training_epoch",
    "results.fct_feature_importance", "results.mart_capacity", "results.mart_seed_spread",
    "results.fct_sequence_shape", "results.fct_factor_rank_ic_week", "results.mart_factor_rank_ic",
    "results.mart_factor_correlation", "ops.fct_run", "ops.fct_partition", "ops.fct_step",
    "ops.fct_canary", "ops.fct_dbt_result", "ops.fct_source_snapshot", "results.mart_seed_pair",
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


def test_the_study_s_figures_are_drawn_or_say_why_not(
    tiny_run: FinishedRun, tmp_path: Path
) -> None:
    home = tiny_run.paths.root.parent
    for kind, first_bytes in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        drawn = ashare(home, "figures", str(TINY), "--format", kind, "--out", str(tmp_path))
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
