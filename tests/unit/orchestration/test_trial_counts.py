"""What the trial ledger counts: every fit, and the configurations that they tried."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
from orchestration.lib.ledger import Event, Ledger, PartitionEvent, RunStarted, StudyEvent
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.trials import Journal, journal_rows, trial_rows
from orchestration.lib.tuning import open_journal
from orchestration.lib.workspace import Workspace

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
    rows = [
        ("range_scan", "a", 3),
        ("range_scan", "a", 2),
        ("optuna", "a", 3),
        ("optuna", "b", 1),
        # Drawn again: its folds were known.
        ("optuna", "a", 2),
    ]
    trials = pa.Table.from_pylist(
        [
            {"stage": stage, "parameters": values, "fold_scores": json.dumps([0.5] * folds)}
            for stage, values, folds in rows
        ]
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


def started(run_id: str, experiment: str = "here", source: str = "simulated:tiny") -> RunStarted:
    configuration = {"source": source, "resources": {"tuning_storage": "journal"}}
    record = {"experiment": experiment, "configuration": configuration}
    return RunStarted(run_id, 1, AT, record)


def counted(journal: Journal) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in KEYS) for row in journal_rows(journal)]


def test_what_was_killed_counts_what_it_kept_and_what_is_shared_counts_once(
    tmp_path: Path,
) -> None:
    keep_folds(tmp_path / "killed.journal", "killed|optuna", (3, 2, 0))
    # A finished one is counted from the journal of the runs: its storage may be gone.
    events: list[Event] = [
        started("r1"),
        study("range_scan", "scan"),
        study("search", "done"),
        study("range_scan", "scan", fit_count=12, trial_count=5),
        study("search", "done", fit_count=9, trial_count=3),
        started("r2"),
        study("range_scan", "scan", "r2"),
        study("range_scan", "scan", "r2", fit_count=12, trial_count=5),
        study("search", "killed", "r2"),
        study("search", "lost", "r2"),
    ]
    assert counted(Journal("here", tmp_path, events)) == [
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
    assert counted(Journal("here", Path("nowhere"), [old, new])) == [
        ("training_window", "k", "r1", 40, 40),
        ("backtest", "b", "r2", 0, 1),
    ]


def test_what_was_killed_counts_where_the_beginning_of_its_run_is_not_told(tmp_path: Path) -> None:
    keep_folds(tmp_path / "killed.journal", "killed|optuna", (3, 2))
    events: list[Event] = [study("search", "killed", "r0"), study("search", "lost", "r0")]
    assert counted(Journal("here", tmp_path, events)) == [
        ("search", "killed", "r0", 5, 2),
        ("search", "lost", "r0", 0, 0),
    ]


def backtest(run_id: str, key: str, at: str = AT) -> PartitionEvent:
    return PartitionEvent(run_id, 1, "backtest", key, "m", "computed", 1.0, at, 0, 1)


def keep(home: Path, directory: str, events: Sequence[Event]) -> None:
    for event in events:
        Ledger(ExperimentPaths(home / directory).ledger).append(event)


def rows_of(home: Path, directory: str, source: str = "simulated:tiny") -> dict[str, str]:
    """Whose trials an experiment named `here` counts: key to experiment."""
    paths = ExperimentPaths(home / directory)
    workspace = SimpleNamespace(
        experiment=SimpleNamespace(name="here", source=source),
        paths=paths,
        ledger=Ledger(paths.ledger),
    )
    rows = trial_rows(cast(Workspace, workspace))
    return {row["partition_key"]: row["experiment"] for row in rows}


def test_neighbours_on_the_same_market_count_and_work_done_twice_counts_once(
    tmp_path: Path,
) -> None:
    keep(tmp_path, "here", [started("r1"), backtest("r1", "a"), backtest("r1", "b")])
    other = started("r2", "there", "simulated:tiny?seed=3")
    earlier = backtest("r3", "b", "2019-01-01T00:00:00")
    same = [started("r3", "there", "simulated:tiny"), earlier, backtest("r3", "c")]
    keep(tmp_path, "there", [other, backtest("r2", "d"), *same])
    assert rows_of(tmp_path, "here") == {"b": "there", "a": "here", "c": "there"}
    # All runs of the experiment's own count, whatever they were made from.
    seeded = rows_of(tmp_path, "here", "simulated:tiny?seed=3")
    assert seeded == {"a": "here", "b": "here", "d": "there"}


def test_a_directory_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    keep(tmp_path, "here", [started("r1"), backtest("r1", "a")])
    roundabout = f"parquet:{tmp_path}/bars/../bars"
    keep(tmp_path, "there", [started("r2", "there", roundabout), backtest("r2", "b")])
    assert set(rows_of(tmp_path, "here", f"parquet:{tmp_path}/bars")) == {"a", "b"}
    assert set(rows_of(tmp_path, "here", f"parquet:{tmp_path}/others")) == {"a"}


def test_a_directory_of_another_name_has_no_neighbours(tmp_path: Path) -> None:
    keep(tmp_path, "somewhere", [started("r1"), backtest("r1", "a")])
    keep(tmp_path, "there", [started("r2", "there"), backtest("r2", "b")])
    assert rows_of(tmp_path, "somewhere") == {"a": "here"}
