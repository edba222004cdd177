"""From the warehouse to the forecasters and back: arrays out, hand-off files in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from models_ml.evaluation import rank_ic_p_values, rank_ic_statistics
from models_ml.panel import Panel, factor_columns
from models_ml.records import TrainingRecord
from models_ml.train import WindowResult, train_window
from orchestration.lib.ensembling import combine_partition
from orchestration.lib.handoff import write_handoff
from orchestration.lib.handoff_schemas import MODEL_OUTPUT
from orchestration.lib.ledger import now
from orchestration.lib.run_history import RunPartition, retained_partitions
from orchestration.lib.warehouse import query, read_only
from orchestration.lib.window_plan import (
    TRAINING_WINDOW,
    EnsembleTask,
    WindowPartition,
    WindowTask,
)
from orchestration.lib.workspace import Workspace

IMPORTANCE = "feature_importance"
LABEL_CONVENTIONS = {"paper": "close", "practitioner": "vwap"}


def read_panel(workspace: Workspace, task: WindowTask) -> Panel:
    """Panel of a rule set up to the end of the window, features at single precision."""
    statement = (
        "select * from ml.fct_training_panel"
        f" where rule_set = '{task.rule_set}' and week_date <= '{task.window.end}'"
        " order by week_date, symbol"
    )
    with read_only(workspace.paths.warehouse) as connection:
        table = connection.sql(statement).to_arrow_table()
    return Panel.from_arrow(table, factor_columns(table.schema))


def complete_partition(workspace: Workspace, partition: WindowPartition) -> TrainingRecord:
    """Train one window, or combine the members of an ensemble, and store what comes of it."""
    if isinstance(partition.task, EnsembleTask):
        return combine_partition(workspace, partition.task, partition.key)
    return train_partition(workspace, partition.task, partition.key).record


def train_partition(workspace: Workspace, task: WindowTask, key: str) -> WindowResult:
    """Train one window and store predictions, importances, model and card under a key."""
    started = time.monotonic()
    result = train_window(
        read_panel(workspace, task),
        task.spec,
        task.window,
        task.rules,
        threads=workspace.experiment.resources.threads,
    )
    seconds = time.monotonic() - started
    workspace.training_windows.write(
        key,
        {"prediction": result.predictions, IMPORTANCE: result.importances},
        {
            "label": task.label,
            "window_start": task.window.start.isoformat(),
            "record": result.record.as_row(),
            "model": {**result.model_card, "data_hash": workspace.data_hash},
            "fit_seconds": seconds,
            "completed_at": now().isoformat(),
        },
        files=result.model_files,
    )
    workspace.partition_done(TRAINING_WINDOW, key, task.label, reused=False, seconds=seconds)
    return result


def write_forecasts(workspace: Workspace) -> dict[str, int]:
    """Collect the training windows of the retained runs into the files that dbt reads.

    Returns
    -------
    dict
        File name to number of rows.
    """
    partitions = retained_partitions(workspace, TRAINING_WINDOW)
    store = workspace.training_windows
    cards = {partition.key: store.card(partition.key) for partition in partitions}

    def collected(name: str) -> pa.Table:
        # Ensembles have no importances, nor have windows stored before there were any.
        parts = [
            _with_keys(store.read(partition.key, name), partition, cards[partition.key], name)
            for partition in partitions
            if store.holds(partition.key, name)
        ]
        return pa.concat_tables(parts) if parts else MODEL_OUTPUT[name].empty_table()

    tables = {
        "prediction": collected("prediction"),
        IMPORTANCE: collected(IMPORTANCE),
        "training_window": _table(
            "training_window",
            [_training_window(partition, cards[partition.key]) for partition in partitions],
        ),
        "model": _table("model", list(_models(partitions, cards))),
    }
    for name, table in tables.items():
        write_handoff(workspace.paths.model_output, name, table)
    return {name: table.num_rows for name, table in tables.items()}


def write_rank_ic_judgement(workspace: Workspace) -> dict[str, int]:
    """Land p-values and statistics of the weekly Rank IC that SQL computed."""
    weekly = query(workspace.paths.warehouse, "select * from intermediate.int_rank_ic__by_week")
    tables = {
        "rank_ic_p_value": rank_ic_p_values(weekly),
        "rank_ic_statistic": rank_ic_statistics(weekly),
    }
    for name, table in tables.items():
        write_handoff(workspace.paths.model_output, name, table)
    return {name: table.num_rows for name, table in tables.items()}


def _with_keys(
    table: pa.Table, partition: RunPartition, card: dict[str, Any], name: str
) -> pa.Table:
    rule_set, model, _ = partition.label.split("|")
    window_start = datetime.fromisoformat(card["window_start"]).date()
    constants = {
        "run_id": pa.scalar(partition.run_id),
        "rule_set": pa.scalar(rule_set),
        "model": pa.scalar(model),
        "window_start": pa.scalar(window_start, pa.date32()),
    }
    for column, value in constants.items():
        table = table.append_column(column, pa.repeat(value, table.num_rows))
    return table.select(MODEL_OUTPUT[name].names)


def _training_window(partition: RunPartition, card: dict[str, Any]) -> dict[str, Any]:
    rule_set, model, _ = partition.label.split("|")
    return {
        **TrainingRecord.from_json(card["record"]).as_row(),
        "run_id": partition.run_id,
        "rule_set": rule_set,
        "model": model,
        "partition_key": partition.key,
        "fit_seconds": card["fit_seconds"],
        "completed_at": datetime.fromisoformat(card["completed_at"]),
    }


def _models(
    partitions: list[RunPartition], cards: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    seen: set[tuple[str, str, str]] = set()
    for partition in partitions:
        rule_set, model, _ = partition.label.split("|")
        if (partition.run_id, rule_set, model) in seen:
            continue
        seen.add((partition.run_id, rule_set, model))
        specification = cards[partition.key]["model"]["specification"]
        yield {
            "run_id": partition.run_id,
            "rule_set": rule_set,
            "model": model,
            "library": specification["library"],
            "loss": specification["loss"],
            "window_mode": specification["window_mode"],
            "label_convention": LABEL_CONVENTIONS[rule_set],
            "seed": specification["seed"],
            "parameters": json.dumps(specification["parameters"], sort_keys=True),
            "members": _json_or_none(specification.get("members")),
        }


def _json_or_none(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=MODEL_OUTPUT[name])
