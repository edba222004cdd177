"""The scheduler's events: written by databases that stay open, read by Dagster's own class."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.lib.event_log import OPEN_DATABASES, OpenEventLog
from orchestration.lib.instance import instance_directory, open_instance
from orchestration.lib.workspace import Workspace
from tests.integration.conftest import TINY

KEYS = [f"week_{number}" for number in range(OPEN_DATABASES + 2)]


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(KEYS))
def counted() -> dg.MaterializeResult[None]:
    """An asset of several partitions."""
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return Workspace.open(str(TINY), home=tmp_path)


def materialise(instance: dg.DagsterInstance, key: str) -> str:
    return dg.materialize([counted], instance=instance, partition_key=key).run_id


def test_events_are_those_that_dagsters_own_class_reads(workspace: Workspace) -> None:
    with open_instance(workspace) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
        runs = [materialise(instance, key) for key in KEYS]
        written = {run: instance.all_logs(run) for run in runs}
    with dg.DagsterInstance.from_config(str(instance_directory(workspace))) as plain:
        assert isinstance(plain.event_log_storage, SqliteEventLogStorage)
        assert not isinstance(plain.event_log_storage, OpenEventLog)
        assert {run: plain.all_logs(run) for run in runs} == written
        assert plain.get_materialized_partitions(counted.key) == set(KEYS)
        # And the other way round.
        later = materialise(plain, KEYS[0])
    with open_instance(workspace) as instance:
        kinds = [entry.dagster_event_type for entry in instance.all_logs(later)]
        assert kinds[-1] == dg.DagsterEventType.RUN_SUCCESS


def test_few_databases_are_open_and_none_afterwards(workspace: Workspace, tmp_path: Path) -> None:
    with open_instance(workspace) as instance:
        log = instance.event_log_storage
        assert isinstance(log, OpenEventLog)
        first, *_ = [materialise(instance, key) for key in KEYS]
        assert len(log._engines) == OPEN_DATABASES
        # One that was closed since.
        assert len(instance.all_logs(first)) == len(log.get_logs_for_run(first))
        assert len(log._engines) == OPEN_DATABASES
    assert not log._engines
    # A log ahead of a database goes with its last connection.
    assert not list((tmp_path / ".dagster" / "history" / "runs").glob("*-wal"))


def test_wiped_events_are_gone(workspace: Workspace) -> None:
    with open_instance(workspace) as instance:
        run = materialise(instance, KEYS[0])
        instance.event_log_storage.wipe()
        assert instance.all_logs(run) == []
        assert instance.get_materialized_partitions(counted.key) == set()
        materialise(instance, KEYS[1])
        assert instance.get_materialized_partitions(counted.key) == {KEYS[1]}


def test_a_storage_of_the_users_own_stays(workspace: Workspace, tmp_path: Path) -> None:
    settings = instance_directory(workspace) / "dagster.yaml"
    elsewhere = tmp_path / "elsewhere"
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"storage:\n  sqlite:\n    base_dir: {elsewhere}\n")
    with open_instance(workspace) as instance:
        materialise(instance, KEYS[0])
        assert instance.get_materialized_partitions(counted.key) == {KEYS[0]}
    assert list(elsewhere.rglob("*.db"))
