"""Ensembles of a run: forecasts of completed windows in, one more window of the same form out."""

from __future__ import annotations

import time
from typing import Any

import pyarrow as pa

from models_ml.ensembles import combine_window
from models_ml.records import TrainingRecord
from orchestration.lib.errors import UserError
from orchestration.lib.ledger import now
from orchestration.lib.warehouse import query
from orchestration.lib.window_plan import TRAINING_WINDOW, EnsembleTask, plan_windows
from orchestration.lib.workspace import Workspace


class MissingMemberError(UserError):
    """An ensemble was asked for before its members were trained."""


def combine_partition(workspace: Workspace, task: EnsembleTask, key: str) -> TrainingRecord:
    """Combine the members of one window and store the result as if a model had made it.

    Raises
    ------
    MissingMemberError
        If a member's window is not there yet.
    """
    started = time.monotonic()
    store = workspace.training_windows
    keys = member_keys(workspace, task)
    cards = [store.card(member) for member in keys]
    members = [
        (store.read(member, "prediction"), TrainingRecord.from_json(card["record"]))
        for member, card in zip(keys, cards, strict=True)
    ]
    labels = read_labels(workspace, task)
    predictions, record = combine_window(task.spec, task.window, members, labels)
    seconds = time.monotonic() - started
    store.write(
        key,
        {"prediction": predictions},
        {
            "label": task.label,
            "window_start": task.window.start.isoformat(),
            "record": record.as_row(),
            "model": {"specification": specification(task, cards), "member_keys": keys},
            "fit_seconds": seconds,
            "completed_at": now().isoformat(),
        },
    )
    workspace.partition_done(TRAINING_WINDOW, key, task.label, reused=False, seconds=seconds)
    return record


def member_keys(workspace: Workspace, task: EnsembleTask) -> list[str]:
    """Keys of the members' windows, all of them complete.

    Raises
    ------
    MissingMemberError
        Naming the ones that are not.
    """
    keys = {partition.label: partition.key for partition in plan_windows(workspace)}
    missing = [
        label
        for label in task.member_labels
        if not workspace.training_windows.is_complete(keys[label])
    ]
    if missing:
        raise MissingMemberError(
            f"{task.label} combines windows that are not trained yet: {', '.join(missing)};"
            " materialise these partitions first"
        )
    return [keys[label] for label in task.member_labels]


def read_labels(workspace: Workspace, task: EnsembleTask) -> pa.Table:
    """Raw 1-week labels of the window, as the rule set has them."""
    return query(
        workspace.paths.warehouse,
        "select symbol, week_date, fwd_return_1w_cum from ml.fct_training_panel"
        f" where rule_set = '{task.rule_set}'"
        f" and week_date between '{task.window.start}' and '{task.window.end}'",
    )


def specification(task: EnsembleTask, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """Describe an ensemble for results.dim_model: what its members share, else `mixed`."""

    def shared(name: str) -> str:
        values = {card["model"]["specification"][name] for card in cards}
        return str(values.pop()) if len(values) == 1 else "mixed"

    return {
        "library": "ensemble",
        "loss": shared("loss"),
        "window_mode": shared("window_mode"),
        "seed": None,
        "parameters": {"method": "mean_rank"},
        "members": list(task.spec.members),
    }
