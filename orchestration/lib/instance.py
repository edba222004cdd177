"""The scheduler's own storage: one instance for all experiments below a home directory."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.lib.dbt import dbt_environment
from orchestration.lib.event_log import OpenEventLog
from orchestration.lib.workspace import Workspace

# No pools: a killed process would keep its slot, and its successor would wait for it forever.
INSTANCE_SETTINGS = """\
nux:
  enabled: false
telemetry:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
concurrency:
  runs:
    # One process may write the warehouse at a time.
    max_concurrent_runs: 1
"""

EXPERIMENT_TAG = "ashare/experiment"
# Directory beside the experiments.
INSTANCE = ".dagster"
SETTINGS = "dagster.yaml"


@event.listens_for(Engine, "connect")
def _write_behind(connection: Any, _record: Any) -> None:
    """Let the scheduler's databases not wait for the disk at every event.

    They keep a write-ahead log: what a killed process wrote is there, and a power failure can cost
    the last events but no database.
    """
    if isinstance(connection, sqlite3.Connection):
        file = connection.execute("pragma database_list").fetchone()[2]
        if INSTANCE in Path(file).parts:
            connection.execute("pragma synchronous = normal")


def instance_directory(workspace: Workspace) -> Path:
    """Directory of the scheduler's runs and events, created with its settings if absent."""
    directory = workspace.paths.root.parent / INSTANCE
    directory.mkdir(parents=True, exist_ok=True)
    settings = directory / SETTINGS
    if not settings.exists():
        settings.write_text(INSTANCE_SETTINGS, encoding="utf-8")
    return directory


def open_instance(workspace: Workspace) -> dg.DagsterInstance:
    """Scheduler instance of `ashare run`, on the files that the web page reads."""
    directory = instance_directory(workspace)
    os.environ["DAGSTER_HOME"] = str(directory)
    return dg.DagsterInstance.from_ref(
        InstanceRef.from_dir(str(directory), overrides=_storage_overrides(directory))
    )


def _storage_overrides(directory: Path) -> Any:
    """The event log that stays open, unless somebody set a storage of their own."""
    settings = yaml.safe_load((directory / SETTINGS).read_text(encoding="utf-8")) or {}
    if any(name == "storage" or name.endswith("_storage") for name in settings):
        return {}
    return {
        "event_log_storage": {
            "module": OpenEventLog.__module__,
            "class": OpenEventLog.__name__,
            "config": {"base_dir": str(directory / "history" / "runs")},
        }
    }


def close_interrupted_runs(instance: dg.DagsterInstance, experiment: str) -> None:
    """Mark runs of killed processes as canceled, lest they count as running.

    To be called by the process that holds the experiment's lock: no other one is at work.
    """
    unfinished = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED],
        tags={EXPERIMENT_TAG: experiment},
    )
    for run in instance.get_runs(unfinished):
        instance.report_run_canceled(run, message="the process was killed")


def development_environment(
    workspace: Workspace, experiment: str, source: str | None
) -> dict[str, str]:
    """Environment in which the web page finds this experiment."""
    return {
        "DAGSTER_HOME": str(instance_directory(workspace)),
        "ASHARE_EXPERIMENT": experiment,
        "ASHARE_HOME": str(workspace.paths.root.parent),
        **({"ASHARE_SOURCE": source} if source else {}),
        **dbt_environment(workspace.experiment, workspace.paths),
    }
