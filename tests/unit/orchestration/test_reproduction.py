"""A run is repeated only as it was, and every row of its results is compared."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import reproduction
from orchestration.lib.experiment import Experiment
from orchestration.lib.ledger import Ledger, RunStarted
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.reproduction import (
    RecordedRun,
    ReproductionError,
    TableComparison,
    changed_inputs,
    changed_versions,
    compare_results,
    find_run,
    fresh_workspace,
)
from orchestration.lib.workspace import Workspace
from tests.unit.orchestration.test_experiment import VALID

RUN = "aaaaaaaaaaaa"


@functools.cache
def record_of_now() -> dict[str, Any]:
    """The record of the code and data as they are now."""
    experiment = Experiment.model_validate(VALID)
    return Workspace(experiment, ExperimentPaths(Path("unused"))).record()


@pytest.fixture(autouse=True)
def hash_code_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading all the code takes a second; it does not change between these tests."""
    monkeypatch.setattr(reproduction, "code_hash", lambda: record_of_now()["code_hash"])


def journal(home: Path, **changes: Any) -> RecordedRun:
    """A home with one run in its journal, and that run as it is found there."""
    started = RunStarted(RUN, 1, "2026-01-01T00:00:00", {**record_of_now(), **changes})
    Ledger(home / "mine" / "state" / "ledger.jsonl").append(started)
    return find_run(RUN, home)


def publish(file: Path, statements: str = "") -> Path:
    """A published copy with two runs, one back-test each."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.sql(f"""
            create schema ops; create schema results;
            create table ops.fct_run as select '{RUN}' as run_id;
            create table results.dim_scenario as
                select * from (values ('{RUN}', 's1', 1.5), ('other', 's2', 2.5))
                as scenario(run_id, scenario_id, seconds);
            create table results.fct_nav_daily as
                select * from (values ('s1', 1, 1e0), ('s1', 2, 1.25e0), ('s2', 1, 1e0))
                as nav(scenario_id, day, nav);
            create table results.fct_prediction as select '{RUN}' as run_id, 0.5 as prediction;
            create table results.mart_latest_backtest as select '{RUN}' as run_id, random() as a;
            create table results.mart_factor as select random() as b;
            {statements}
        """)
    return file


def test_a_run_is_found_by_its_journal(tmp_path: Path) -> None:
    run = journal(tmp_path)
    assert run.paths.root == tmp_path / "mine"
    assert run.experiment == Experiment.model_validate(VALID)
    with pytest.raises(ReproductionError, match=rf"no run nonesuch .*{RUN} \(mine\)"):
        find_run("nonesuch", tmp_path)


def test_unchanged_inputs_are_not_reported(tmp_path: Path) -> None:
    run = journal(tmp_path)
    assert changed_inputs(run) == []
    assert changed_versions(run) == []


def test_every_difference_is_said(tmp_path: Path) -> None:
    versions = {**record_of_now()["versions"], "numpy": "0.1", "gone": "1.0"}
    run = journal(tmp_path, code_hash="c0", data_hash="d0", versions=versions)
    code, data = changed_inputs(run)
    assert code.startswith("code: recorded c0, found ")
    assert data.startswith("data: recorded d0, found ")
    gone, numpy = changed_versions(run)
    assert gone == "gone: recorded 1.0, found none"
    assert numpy.startswith("numpy: recorded 0.1, found ")
    with pytest.raises(ReproductionError, match="code: recorded c0(.|\n)*data: recorded d0"):
        fresh_workspace(run, tmp_path / "again")


def test_a_configuration_of_another_version_is_refused(tmp_path: Path) -> None:
    run = journal(tmp_path, configuration={**VALID, "colour": "red"})
    with pytest.raises(ReproductionError, match=r"not one that this version reads(.|\n)*colour"):
        changed_inputs(run)


def test_a_repetition_has_a_directory_of_its_own(tmp_path: Path) -> None:
    run = journal(tmp_path)
    with pytest.raises(ReproductionError, match="nothing to compare with"):
        fresh_workspace(run, tmp_path / "again")
    publish(run.paths.published_database)
    workspace = fresh_workspace(run, tmp_path / "again")
    assert workspace.paths.root == tmp_path / "again" / "mine"
    assert workspace.experiment == run.experiment
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "file").touch()
    with pytest.raises(ReproductionError, match="is not empty"):
        fresh_workspace(run, tmp_path / "again")


def test_times_other_runs_and_repeated_tables_are_left_out(tmp_path: Path) -> None:
    first = publish(tmp_path / "first.duckdb")
    second = publish(
        tmp_path / "second.duckdb",
        "update results.dim_scenario set seconds = 9;"
        " update results.fct_nav_daily set nav = 3 where scenario_id = 's2';",
    )
    assert compare_results(RUN, first, second) == [
        TableComparison("dim_scenario", 1, 0, 0),
        TableComparison("fct_nav_daily", 2, 0, 0),
        TableComparison("fct_prediction", 1, 0, 0),
    ]


def test_a_changed_digit_and_a_repeated_row_are_seen(tmp_path: Path) -> None:
    first = publish(tmp_path / "first.duckdb")
    second = publish(
        tmp_path / "second.duckdb",
        "update results.fct_nav_daily set nav = 1.2500000001 where day = 2;"
        " insert into results.fct_prediction select * from results.fct_prediction;",
    )
    found = {table.table: table for table in compare_results(RUN, first, second)}
    assert found["dim_scenario"].agrees
    assert found["fct_nav_daily"].verdict == "1 rows not repeated, 1 rows new"
    assert found["fct_prediction"].verdict == "0 rows not repeated, 1 rows new"


def test_tables_that_one_run_lacks_are_named(tmp_path: Path) -> None:
    first = publish(tmp_path / "first.duckdb")
    second = publish(tmp_path / "second.duckdb", "drop table results.fct_prediction;")
    with pytest.raises(ReproductionError, match="only one of the runs has: fct_prediction"):
        compare_results(RUN, first, second)
