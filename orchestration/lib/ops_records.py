"""The journal as tables: runs, partitions, steps, source snapshots, dbt results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from market_data.contract import LANDING_TABLES
from market_data.ingest import read_manifest
from orchestration.lib.dbt_failures import read_nodes, test_description, tested_model
from orchestration.lib.dictionary import DICTIONARY
from orchestration.lib.handoff import write_handoff
from orchestration.lib.ledger import (
    Event,
    PartitionEvent,
    RunCompleted,
    RunStarted,
    StepEvent,
    now,
    retained_runs,
)
from orchestration.lib.ops_output_schemas import OPS_OUTPUT
from orchestration.lib.preparation import prepared_dictionary
from orchestration.lib.trials import trial_rows
from orchestration.lib.workspace import Workspace


def write_ops_records(workspace: Workspace) -> dict[str, int]:
    """Write every file about the retained runs.

    Returns
    -------
    dict
        File name to number of rows.
    """
    events = workspace.ledger.events()
    kept = retained_runs(events, workspace.run_id, workspace.experiment.resources.retained_runs)
    rows = {
        "run": [_run(events, run_id, workspace.run_id) for run_id in kept],
        "partition": _partitions(events, kept),
        "trial": trial_rows(workspace),
        "step": _steps(events, kept),
        "source_snapshot": _source_snapshot(workspace),
        "dbt_result": dbt_results(workspace),
    }
    for name, records in rows.items():
        table = pa.Table.from_pylist(records, schema=OPS_OUTPUT[name])
        write_handoff(workspace.paths.ops_output, name, table)
    counts = {name: len(records) for name, records in rows.items()}
    return {**counts, DICTIONARY: prepared_dictionary(workspace)}


def _run(events: list[Event], run_id: str, current: str) -> dict[str, Any]:
    starts = [event for event in events if isinstance(event, RunStarted)]
    mine = [event for event in starts if event.run_id == run_id]
    ends = [event for event in events if isinstance(event, RunCompleted) and event.run_id == run_id]
    record = mine[-1].record
    # The current run is complete but for the tables that say so.
    completed_at = now() if run_id == current else datetime.fromisoformat(ends[-1].completed_at)
    return {
        "run_id": run_id,
        "experiment": record["experiment"],
        "is_latest": run_id == current,
        "started_at": datetime.fromisoformat(mine[-1].started_at),
        "completed_at": completed_at,
        "attempt_count": len(mine),
        "data_hash": record["data_hash"],
        "code_hash": record["code_hash"],
        "config": json.dumps(record["configuration"], sort_keys=True),
        "package_versions": json.dumps(record["versions"], sort_keys=True),
    }


def _partitions(events: list[Event], kept: list[str]) -> list[dict[str, Any]]:
    rows = {
        (event.run_id, event.attempt, event.kind, event.label): {
            "run_id": event.run_id,
            "attempt": event.attempt,
            "kind": event.kind,
            "partition_key": event.partition_key,
            "label": event.label,
            "state": event.state,
            "seconds": event.seconds,
            "completed_at": datetime.fromisoformat(event.completed_at),
        }
        for event in events
        if isinstance(event, PartitionEvent) and event.run_id in kept
    }
    return list(rows.values())


def _steps(events: list[Event], kept: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    counts: dict[tuple[str, int], int] = {}
    for event in events:
        if isinstance(event, StepEvent) and event.run_id in kept:
            attempt = (event.run_id, event.attempt)
            counts[attempt] = counts.get(attempt, 0) + 1
            rows.append(
                {
                    "run_id": event.run_id,
                    "attempt": event.attempt,
                    "step_number": counts[attempt],
                    "step": event.step,
                    "seconds": event.seconds,
                    "peak_memory_mb": event.peak_memory_mb,
                    "completed_at": datetime.fromisoformat(event.completed_at),
                }
            )
    return rows


def _source_snapshot(workspace: Workspace) -> list[dict[str, Any]]:
    manifest = read_manifest(workspace.paths.landing)
    if manifest is None:
        return []
    landed_at = datetime.fromtimestamp((workspace.paths.landing / "manifest.json").stat().st_mtime)
    rows = []
    for table in manifest.tables:
        file = workspace.paths.landing / table.file
        first, last = _date_span(table.name, file)
        rows.append(
            {
                "run_id": workspace.run_id,
                "table_name": table.name,
                "source": manifest.source,
                "content_hash": table.sha256,
                "row_count": table.row_count,
                "byte_count": file.stat().st_size,
                "first_date": first,
                "last_date": last,
                "is_supplied": table.provided,
                "landed_at": landed_at,
            }
        )
    return rows


def _date_span(table: str, file: Path) -> tuple[date | None, date | None]:
    """First and last value of the table's leading date column."""
    dates = [column.name for column in LANDING_TABLES[table].columns if column.type == "DATE"]
    if not dates:
        return None, None
    with duckdb.connect() as connection:
        row = connection.sql(
            f"select min({dates[0]}), max({dates[0]}) from read_parquet('{file}')"
        ).fetchall()[0]
    return row[0], row[1]


def dbt_results(workspace: Workspace) -> list[dict[str, Any]]:
    """Results of the nodes of every kept invocation, with what tests say about themselves."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    nodes = read_nodes(workspace.paths)
    for file in sorted((workspace.paths.dbt_target / "run_results").glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        for result in content["results"]:
            invocation = content["metadata"]["invocation_id"]
            rows[(invocation, result["unique_id"])] = {
                "run_id": workspace.run_id,
                "invocation_id": invocation,
                "node": result["unique_id"],
                "resource_type": result["unique_id"].split(".")[0],
                "status": result["status"],
                **_tested(nodes, result["unique_id"]),
                "seconds": result["execution_time"],
                "failures": result["failures"],
                "message": result["message"],
                "completed_at": _completed(result["timing"]),
            }
    return list(rows.values())


def _tested(nodes: Mapping[str, Any], node: str) -> dict[str, str | None]:
    """Model, severity and description of a data test; NULL for other nodes."""
    if not node.startswith("test.") or node not in nodes:
        return {"tested_model": None, "severity": None, "description": None}
    return {
        "tested_model": tested_model(nodes[node]),
        "severity": str(nodes[node]["config"]["severity"]).lower(),
        "description": test_description(nodes, node),
    }


def _completed(timing: list[dict[str, str]]) -> datetime | None:
    ends = [part["completed_at"] for part in timing if part.get("completed_at")]
    if not ends:
        return None
    return datetime.fromisoformat(max(ends).replace("Z", "+00:00")).replace(tzinfo=None)
