"""Ensembles and choices of a run: completed windows in, one more window of the same form out."""

from __future__ import annotations

import time
from typing import Any

import pyarrow as pa

from models_ml.combination import MemberWindow, combine_window
from models_ml.records import TrainingRecord
from orchestration.lib.crossed_models import crossed_parts
from orchestration.lib.errors import UserError
from orchestration.lib.ledger import now
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.warehouse import query
from orchestration.lib.window_plan import (
    TRAINING_WINDOW,
    CombinationTask,
    WindowPartition,
)
from orchestration.lib.workspace import Workspace

SHARED = (
    *("loss", "window_mode", "tuning"),
    *("universe_rule_set", "label_rule_set", "purge_rule_set"),
)


class MissingMemberError(UserError):
    """A combination was asked for before its members were trained."""


def combine_partition(
    workspace: Workspace, partition: WindowPartition, task: CombinationTask
) -> TrainingRecord:
    """Combine the members of one window and store the result as if a model had made it.

    Raises
    ------
    MissingMemberError
        If a member's window is not there yet.
    """
    started = time.monotonic()
    store = workspace.training_windows
    missing = [key for key in partition.member_keys if not store.is_complete(key)]
    if missing:
        raise MissingMemberError(
            f"{task.label} combines windows that are not trained yet: materialise those of"
            f" {', '.join(task.spec.members)} first"
        )
    cards = [store.card(key) for key in partition.member_keys]
    members = [
        _member(store, name, key, card)
        for name, key, card in zip(task.spec.members, partition.member_keys, cards, strict=True)
    ]
    predictions, record, taken = combine_window(
        task.spec, task.window, members, read_labels(workspace, task)
    )
    seconds = time.monotonic() - started
    store.write(
        partition.key,
        {"prediction": predictions},
        {
            "label": task.label,
            "window_start": task.window.start.isoformat(),
            "record": record.as_row(),
            "model": {"specification": specification(task, cards)},
            "chosen_member": taken,
            "fit_seconds": seconds,
            "completed_at": now().isoformat(),
        },
    )
    workspace.partition_done(
        TRAINING_WINDOW, partition.key, task.label, reused=False, seconds=seconds, fit_count=0
    )
    return record


def read_labels(workspace: Workspace, task: CombinationTask) -> pa.Table:
    """Raw 1-week labels of the window, as the members have them."""
    parts = crossed_parts(workspace.experiment).get((task.rule_set, task.spec.name), {})
    universe = parts.get("universe", task.rule_set)
    label = parts.get("label", task.rule_set)
    table, where = "ml.fct_training_panel", f"rule_set = '{universe}'"
    if label != universe:
        table, where = "ml.fct_crossed_label", f"{where} and label_rule_set = '{label}'"
    return query(
        workspace.paths.warehouse,
        f"select symbol, week_date, fwd_return_1w_cum from {table} where {where}"
        f" and week_date between '{task.window.start}' and '{task.window.end}'",
    )


def specification(task: CombinationTask, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """What results.dim_model says: of loss, weeks and tuning what all members share, else None."""
    own = [card["model"]["specification"] for card in cards]
    shared = {
        name: own[0].get(name) if len({member.get(name) for member in own}) == 1 else None
        for name in SHARED
    }
    return {
        **shared,
        "library": task.spec.library,
        "seed": None,
        "parameters": {"by": task.spec.by},
        "members": list(task.spec.members),
    }


def _member(store: PartitionStore, name: str, key: str, card: dict[str, Any]) -> MemberWindow:
    # Members are all tuned, or all ridges: scores of one kind are compared.
    validation = card.get("validation_rank_ic")
    if card.get("is_tuned", False):
        trials = store.read(key, "tuning_trial").to_pylist()
        best = next(row for row in trials if row["stage"] == "optuna" and row["is_best"])
        is_error = card["model"]["specification"]["loss"] == "mse"
        validation = -best["score"] if is_error else best["score"]
    record = TrainingRecord.from_json(card["record"])
    return MemberWindow(name, store.read(key, "prediction"), record, validation)
