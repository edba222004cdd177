"""What the trial ledger counts: every fit, and the configurations that they tried."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import optuna
import pyarrow as pa
import pytest
from optuna.trial import TrialState

from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from orchestration.lib.fit_counts import FitCount, final_fits, stored_fits, tuning_fits
from orchestration.lib.ledger import Event, PartitionEvent, StudyEvent
from orchestration.lib.ops_records import _studies, _trials
from orchestration.lib.tuning import open_journal

AT = "2020-01-01T00:00:00"
KEYS = ("kind", "partition_key", "first_run_id", "fit_count", "trial_count")


@pytest.mark.parametrize(
    ("spec", "rule_set", "expected"),
    [
        (ModelSpec("ridge"), "paper", FitCount(12, 11)),
        (ModelSpec("ridge", parameters={"penalty_count": 3}), "practitioner", FitCount(4, 3)),
        (ModelSpec("xgboost"), "practitioner", FitCount(2, 1)),
        (ModelSpec("lightgbm"), "paper", FitCount(1, 1)),
    ],
)
def test_fits_of_a_window(spec: ModelSpec, rule_set: str, expected: FitCount) -> None:
    assert final_fits(spec, TrainingRules.of(rule_set)) == expected


def test_every_fold_of_a_tuning_is_a_fit_and_every_point_a_trial() -> None:
    rows = [("range_scan", 3), ("range_scan", 2), ("optuna", 3), ("optuna", 1)]
    trials = pa.Table.from_pylist(
        [{"stage": stage, "fold_scores": json.dumps([0.5] * folds)} for stage, folds in rows]
    )
    assert tuning_fits(trials, "range_scan") == FitCount(5, 2)
    assert tuning_fits(trials, "optuna") == FitCount(4, 2)


def keep_folds(journal: Path, study_name: str, folds: tuple[int, ...]) -> None:
    study = optuna.create_study(study_name=study_name, storage=open_journal(journal))
    for count in folds:
        study.add_trial(
            optuna.create_trial(
                state=TrialState.RUNNING, intermediate_values=dict.fromkeys(range(count), 0.5)
            )
        )


def study(kind: str, key: str, run_id: str = "r1", **counts: int) -> StudyEvent:
    name = f"{key}|{'range_scan' if kind == 'range_scan' else 'optuna'}"
    return StudyEvent(run_id, cast(Any, kind), key, f"paper|m|{key}", name, AT, **counts)


def test_what_was_killed_counts_what_it_kept_and_what_is_shared_counts_once(
    tmp_path: Path,
) -> None:
    keep_folds(tmp_path / "killed.journal", "killed|optuna", (3, 2, 0))
    # A finished one is counted from the journal of the runs: its storage may be gone.
    events: list[Event] = [
        study("range_scan", "scan"),
        study("search", "done"),
        study("range_scan", "scan", fit_count=12, trial_count=5),
        study("search", "done", fit_count=9, trial_count=3),
        study("range_scan", "scan", "r2"),
        study("range_scan", "scan", "r2", fit_count=12, trial_count=5),
        study("search", "killed", "r2"),
        study("search", "lost", "r2"),
    ]
    settings = SimpleNamespace(resources=SimpleNamespace(tuning_storage="journal"))
    workspace = SimpleNamespace(experiment=settings, paths=SimpleNamespace(tuning=tmp_path))
    rows = [tuple(row[key] for key in KEYS) for row in _studies(events, cast(Any, workspace))]
    assert rows == [
        ("range_scan", "scan", "r1", 12, 5),
        ("search", "done", "r1", 9, 3),
        ("search", "killed", "r2", 5, 2),
        ("search", "lost", "r2", 0, 0),
    ]
    assert not (tmp_path / "lost.journal").exists()
    assert stored_fits(open_journal(tmp_path / "killed.journal"), "other") == FitCount(0, 0)


def test_journals_of_earlier_versions_count_as_they_did() -> None:
    old = PartitionEvent("r1", 1, "training_window", "k", "m", "computed", 1.0, AT, fit_count=40)
    new = PartitionEvent(
        "r2", 1, "backtest", "b", "m", "computed", 1.0, AT, fit_count=0, trial_count=1
    )
    rows = [tuple(row[key] for key in KEYS) for row in _trials([old, new])]
    assert rows == [("training_window", "k", "r1", 40, 40), ("backtest", "b", "r2", 0, 1)]
