"""From the warehouse to the forecasters and back: arrays out, hand-off files in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from models_ml.evaluation import rank_ic_p_values, rank_ic_statistics
from models_ml.records import TrainingRecord
from models_ml.specs import RECURRENT
from models_ml.train import WindowResult, train_window
from orchestration.lib.combining import combine_partition
from orchestration.lib.device import require_device
from orchestration.lib.fit_counts import final_fits
from orchestration.lib.handoff import write_handoff
from orchestration.lib.ledger import now
from orchestration.lib.model_output_schemas import MODEL_OUTPUT
from orchestration.lib.run_history import RunPartition, retained_partitions
from orchestration.lib.tuning import fit_resources, tune_partition
from orchestration.lib.warehouse import query
from orchestration.lib.window_plan import (
    TRAINING_WINDOW,
    CombinationTask,
    WindowPartition,
    WindowTask,
)
from orchestration.lib.workspace import Workspace

LABEL_CONVENTIONS = {"paper": "close", "practitioner": "vwap"}


def complete_partition(workspace: Workspace, partition: WindowPartition) -> TrainingRecord:
    """Train one window, or combine the members of an ensemble or a choice, and store it."""
    task = partition.task
    if isinstance(task, CombinationTask):
        return combine_partition(workspace, partition, task)
    return train_partition(workspace, partition, task).record


def train_partition(
    workspace: Workspace, partition: WindowPartition, task: WindowTask
) -> WindowResult:
    """Tune and train one window; store all that comes of it under the partition's key."""
    started = time.monotonic()
    require_device(task.device)
    panel = workspace.panels.until(
        task.universe_rule_set, task.window.end, label_rule_set=task.label_rule_set
    )
    tuned = tune_partition(workspace, partition, task, panel) if task.tuning else None
    result = train_window(
        panel,
        tuned.spec if tuned else task.spec,
        task.window,
        task.rules,
        resources=fit_resources(workspace, task),
    )
    seconds = time.monotonic() - started
    workspace.training_windows.write(
        partition.key,
        {
            "prediction": result.predictions,
            "feature_importance": result.importances,
            "sequence_shape": result.sequence_shapes,
            "training_epoch": result.training_epochs,
            **({"tuning_trial": tuned.trials} if tuned else {}),
        },
        {
            "label": task.label,
            "window_start": task.window.start.isoformat(),
            "record": result.record.as_row(),
            # The specification as the experiment has it; what tuning found is in "parameters".
            "model": {
                **result.model_card,
                "specification": json.loads(task.spec.to_json()),
                "data_hash": workspace.data_hash,
            },
            "is_tuned": tuned is not None,
            "validation_rank_ic": result.validation_rank_ic,
            "fit_seconds": seconds,
            "completed_at": now().isoformat(),
        },
        files=result.model_files,
    )
    counted = final_fits(task.spec, task.rules)
    workspace.partition_done(
        TRAINING_WINDOW,
        partition.key,
        task.label,
        reused=False,
        seconds=seconds,
        fit_count=counted.fits,
        trial_count=counted.trials,
    )
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
        schema = MODEL_OUTPUT[name]
        # Windows of older runs may lack tables that later versions store.
        tables = [
            _with_keys(store.read(partition.key, name), partition, cards[partition.key], schema)
            for partition in partitions
            if store.holds(partition.key, name)
        ]
        return pa.concat_tables([schema.empty_table(), *tables])

    tables = {
        "prediction": collected("prediction"),
        "feature_importance": collected("feature_importance"),
        "training_epoch": collected("training_epoch"),
        "sequence_shape": collected("sequence_shape"),
        "training_window": _table(
            "training_window",
            [_training_window(partition, cards[partition.key]) for partition in partitions],
        ),
        "model": _table("model", list(_models(partitions, cards))),
        "tuning_trial": _tuning_trials(workspace, partitions, cards),
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


def _tuning_trials(
    workspace: Workspace, partitions: list[RunPartition], cards: dict[str, dict[str, Any]]
) -> pa.Table:
    schema = MODEL_OUTPUT["tuning_trial"]
    tables = [schema.empty_table()]
    for partition in partitions:
        card = cards[partition.key]
        if card.get("is_tuned", False):
            trials = workspace.training_windows.read(partition.key, "tuning_trial")
            completed_at = datetime.fromisoformat(card["completed_at"])
            trials = trials.append_column(
                "completed_at",
                pa.repeat(pa.scalar(completed_at, pa.timestamp("us")), trials.num_rows),
            )
            tables.append(_with_keys(trials, partition, card, schema))
    return pa.concat_tables(tables)


def _with_keys(
    table: pa.Table, partition: RunPartition, card: dict[str, Any], schema: pa.Schema
) -> pa.Table:
    rule_set, model, _ = partition.label.split("|")
    window_start = datetime.fromisoformat(card["window_start"]).date()
    constants = {
        "run_id": pa.scalar(partition.run_id),
        "rule_set": pa.scalar(rule_set),
        "model": pa.scalar(model),
        "window_start": pa.scalar(window_start, pa.date32()),
    }
    for name, value in constants.items():
        table = table.append_column(name, pa.repeat(value, table.num_rows))
    return table.select(schema.names).cast(schema)


def _training_window(partition: RunPartition, card: dict[str, Any]) -> dict[str, Any]:
    rule_set, model, _ = partition.label.split("|")
    return {
        **TrainingRecord.from_json(card["record"]).as_row(),
        "chosen_member": card.get("chosen_member"),
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
            **rule_sources(specification, rule_set),
            "seed": specification["seed"],
            "parameters": json.dumps(specification["parameters"], sort_keys=True),
            "tuning": specification.get("tuning") or None,
            "stock_order": _stock_order(specification),
            "members": json.dumps(members) if (members := specification.get("members")) else None,
        }


def rule_sources(specification: dict[str, Any], rule_set: str) -> dict[str, str]:
    """Which rule set a model has its universe, label and purge from, and the label's prices."""
    # Cards of earlier versions know no such parts: there all is of one rule set.
    of = {
        f"{part}_rule_set": specification.get(f"{part}_rule_set") or rule_set
        for part in ("universe", "label", "purge")
    }
    return {**of, "label_convention": LABEL_CONVENTIONS[of["label_rule_set"]]}


def _stock_order(specification: dict[str, Any]) -> str | None:
    """Order of stocks that a recurrent net learns in; None of what sees all rows at once."""
    is_net = specification["library"] in RECURRENT
    return specification.get("order", "order") if is_net else None


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=MODEL_OUTPUT[name])
