"""From the warehouse to the forecasters and back: arrays out, hand-off files in."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import pyarrow as pa

from models_ml.evaluation import rank_ic_p_values, rank_ic_statistics
from models_ml.panel import Panel, factor_columns
from models_ml.train import WindowResult, train_window
from orchestration.defs.forecast.partitions import WindowPartition, WindowTask
from orchestration.lib.handoff import write_handoff
from orchestration.lib.handoff_schemas import MODEL_OUTPUT
from orchestration.lib.ledger import PartitionEvent, now, retained_runs
from orchestration.lib.warehouse import query, read_only
from orchestration.lib.workspace import Workspace

KIND = "training_window"


def read_panel(workspace: Workspace, task: WindowTask) -> Panel:
    """Panel of a rule set up to the end of the window."""
    statement = (
        "select * from ml.fct_training_panel"
        f" where rule_set = '{task.rule_set}' and week_date <= '{task.window.end}'"
        " order by week_date, symbol"
    )
    with read_only(workspace.paths.warehouse) as connection:
        table = connection.sql(statement).to_arrow_table()
    return Panel.from_arrow(table, factor_columns(table.schema))


def train_partition(workspace: Workspace, partition: WindowPartition) -> WindowResult:
    """Train one window and store its result under its key."""
    task = partition.task
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
        partition.key,
        {"prediction": result.predictions},
        {
            "label": task.label,
            "rule_set": task.rule_set,
            "model": task.spec.name,
            "window": task.window.label,
            "spec": json.loads(task.spec.to_json()),
            "record": result.record.as_row(),
            "model_card": result.model_card,
            "fit_seconds": seconds,
            "completed_at": now().isoformat(),
        },
        files=result.model_files,
    )
    workspace.partition_done(KIND, partition.key, task.label, reused=False, seconds=seconds)
    return result
