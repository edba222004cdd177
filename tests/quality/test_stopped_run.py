"""A failing data test stops a run before publishing; a warning is shown."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from fixtures.faults.catalogue import WAREHOUSE_FAULTS

from market_data.ingest import land
from orchestration.lib.ops_output_schemas import OPS_OUTPUT
from orchestration.lib.ops_records import dbt_results
from orchestration.lib.summary import test_warnings as shown_warnings
from orchestration.lib.workspace import Workspace

ASHARE = str(Path(sys.executable).with_name("ashare"))
PUBLISHED = b"the copy of an earlier run"
ERROR = "assert_no_source_bar_is_lost"
WARNING = "assert_no_close_jumps_its_limit"
EXPERIMENT = """
name: stopped
description: A market that was spoiled behind the validation
source: "parquet:{landing}"
rule_sets: [practitioner]
market: {{industry_scheme: SIM1}}
forecast: {{first_window: 2021H2, last_window: 2021H2, models: [{{library: ridge}}]}}
backtests: [{{benchmark: 000905.SH, barra_limit: [null], num_stock: [5]}}]
"""


@dataclass(frozen=True)
class StoppedRun:
    """A run whose landing was spoiled behind `ashare validate`."""

    workspace: Workspace
    exit_code: int
    output: str


@pytest.fixture(scope="module")
def stopped_run(
    clean_landing: Path,
    clean_market: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
) -> StoppedRun:
    """Land a clean market, spoil its bars, and run the command line until it stops."""
    home = tmp_path_factory.mktemp("stopped")
    file = home / "stopped.yml"
    file.write_text(EXPERIMENT.format(landing=clean_landing))
    workspace = Workspace.open(str(file), home=home)
    paths = workspace.paths
    land(workspace.experiment.source, paths.landing, paths.truth)
    _spoil(clean_market, paths.landing / "daily_bars.parquet")
    paths.published_database.parent.mkdir(parents=True, exist_ok=True)
    paths.published_database.write_bytes(PUBLISHED)
    finished = _run(file, home)
    return StoppedRun(workspace, finished.returncode, finished.stdout + finished.stderr)


def _run(file: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ASHARE, "run", str(file)],
        env={**os.environ, "ASHARE_HOME": str(home), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def _spoil(market: duckdb.DuckDBPyConnection, file: Path) -> None:
    market.execute("create or replace table main.daily_bars as from clean.daily_bars")
    for fault in WAREHOUSE_FAULTS:
        if fault.check in (ERROR, WARNING):
            for statement in fault.statements:
                market.execute(statement)
    market.execute(f"copy main.daily_bars to '{file}' (format parquet)")
    market.execute("drop table main.daily_bars")


def test_the_published_copy_is_left_alone(stopped_run: StoppedRun) -> None:
    assert stopped_run.exit_code != 0
    assert stopped_run.workspace.paths.published_database.read_bytes() == PUBLISHED


def test_the_message_names_table_test_rows_query_and_remedy(stopped_run: StoppedRun) -> None:
    output = " ".join(stopped_run.output.split())
    assert f"test {ERROR} failed on 1 row" in output
    assert "source_count=" in output
    assert "Correct list_date and delist_date" in output
    query = stopped_run.workspace.paths.logs / "failed_tests" / f"{ERROR}.sql"
    assert f"--unpublished < {query}" in output
    assert f"{WARNING}: 1 rows" in output
    # The remedy is the last that is said, once, and libraries add nothing of their own.
    assert output.count("full log") == 1
    assert "nanobind" not in output
    found = subprocess.run(
        [ASHARE, "sql", "-", "-e", "stopped", "--unpublished", "--csv"],
        env={**os.environ, "ASHARE_HOME": str(stopped_run.workspace.paths.root.parent)},
        input=query.read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(found.stdout.splitlines()) == 2


def test_a_warning_is_recorded_and_shown(stopped_run: StoppedRun, tmp_path: Path) -> None:
    rows = dbt_results(stopped_run.workspace)
    warned_rows = [row for row in rows if row["status"] == "warn"]
    (warned,) = [row for row in warned_rows if row["node"].split(".")[2] == WARNING]
    assert (warned["tested_model"], warned["severity"]) == ("fct_bar_daily", "warn")
    assert warned["failures"] == 1
    assert "split" in warned["description"]

    with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
        results = pa.Table.from_pylist(rows, schema=OPS_OUTPUT["dbt_result"])
        connection.register("results", results)
        connection.execute("create schema ops")
        connection.execute("create table ops.fct_dbt_result as from results")
        connection.execute(
            f"create table ops.fct_run as select '{stopped_run.workspace.run_id}' as run_id,"
            " true as is_latest"
        )
    shown = shown_warnings(tmp_path / "published.duckdb")
    assert shown[0].startswith(f"warnings of data tests: {len(warned_rows)} ")
    assert f"  fct_bar_daily: {WARNING}: 1 rows" in shown


def test_dbt_that_stops_before_its_first_model_says_why(
    stopped_run: StoppedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = stopped_run.workspace.paths.root.parent
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    workspace = Workspace.open(str(tmp_path / "stopped.yml"), home=tmp_path)
    workspace.paths.warehouse.write_bytes(b"not a database" * 1000)
    # A file that cannot be opened is tried again: once is enough here.
    monkeypatch.setenv("ASHARE_CONNECT_ATTEMPTS", "1")
    finished = _run(tmp_path / "stopped.yml", tmp_path)
    output = " ".join((finished.stdout + finished.stderr).split())
    assert finished.returncode != 0
    assert "dbt stopped before its first model" in output
    assert "not a valid DuckDB database file" in output
    # Of the build before; its failed tests are not those of this one.
    assert ERROR not in output
    log = workspace.paths.build_log
    assert f"full log: {log}" in output
    assert "not a valid DuckDB database file" in log.read_text(encoding="utf-8")
