"""Training windows as partitions: their labels, and the keys that hash all their inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from models_ml.ensembles import EnsembleSpec
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.windows import TestWindow, half_year_windows
from orchestration.lib.experiment import Experiment
from orchestration.lib.fingerprint import hash_json, hash_package, hash_text
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.warehouse import content_hash, read_only, table_columns
from orchestration.lib.workspace import Workspace

TRAINING_WINDOW = "training_window"
PANEL_HASHES = "panel_hashes.json"


@dataclass(frozen=True)
class WindowTask:
    """One model trained in one window under one rule set."""

    rule_set: str
    spec: ModelSpec
    window: TestWindow
    rules: TrainingRules

    @property
    def label(self) -> str:
        """Readable partition key of the scheduler."""
        return _label(self.rule_set, self.spec.name, self.window)


@dataclass(frozen=True)
class EnsembleTask:
    """One ensemble of the forecasts that other tasks make of one window."""

    rule_set: str
    spec: EnsembleSpec
    window: TestWindow

    @property
    def label(self) -> str:
        """Readable partition key of the scheduler."""
        return _label(self.rule_set, self.spec.name, self.window)

    @property
    def member_labels(self) -> tuple[str, ...]:
        """Labels of the members' tasks."""
        return tuple(_label(self.rule_set, name, self.window) for name in self.spec.members)


@dataclass(frozen=True)
class WindowPartition:
    """A task and the key under which its result is stored."""

    task: WindowTask | EnsembleTask
    key: str

    @property
    def label(self) -> str:
        """Label of the task."""
        return self.task.label


def window_tasks(experiment: Experiment) -> tuple[WindowTask | EnsembleTask, ...]:
    """Every window of every model of an experiment, ensembles after their members."""
    return tuple(_tasks(experiment))


def training_rules(experiment: Experiment, rule_set: str) -> TrainingRules:
    """Rules of a rule set with the experiment's embargo, where it sets one."""
    if rule_set == "practitioner" and experiment.forecast.embargo_weeks is not None:
        return TrainingRules.practitioner(embargo_weeks=experiment.forecast.embargo_weeks)
    return TrainingRules.of(rule_set)


def plan_windows(workspace: Workspace) -> tuple[WindowPartition, ...]:
    """Training windows with their keys, from the panel as it is built now."""
    hashes = panel_hashes(workspace)
    code = hash_package(PROJECT_ROOT, "models_ml")
    keys: dict[str, str] = {}
    for task in window_tasks(workspace.experiment):
        if isinstance(task, WindowTask):
            keys[task.label] = _key(task, hashes[task.rule_set], code)
        else:
            members = [keys[label] for label in task.member_labels]
            keys[task.label] = hash_text(task.label, *members, code)
    return tuple(
        WindowPartition(task, keys[task.label]) for task in window_tasks(workspace.experiment)
    )


def panel_hashes(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Content hash of the panel by rule set and half-year, computed once per build."""
    cache = workspace.paths.state / PANEL_HASHES
    if cache.exists():
        cached: dict[str, dict[str, str]] = json.loads(cache.read_text(encoding="utf-8"))
        return cached
    columns = table_columns(workspace.paths.warehouse, "ml", "fct_training_panel")
    quoted = [f'"{column}"' for column in columns]
    result: dict[str, dict[str, str]] = {}
    with read_only(workspace.paths.warehouse) as connection:
        pairs = connection.sql(
            "select distinct rule_set, half_year_window from ml.fct_training_panel"
        ).fetchall()
        for rule_set, half_year in sorted(pairs):
            where = f"rule_set = '{rule_set}' and half_year_window = '{half_year}'"
            result.setdefault(rule_set, {})[half_year] = content_hash(
                connection, "ml.fct_training_panel", quoted, where
            )
    cache.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return result


def forget_panel_hashes(workspace: Workspace) -> None:
    """The panel is about to change."""
    (workspace.paths.state / PANEL_HASHES).unlink(missing_ok=True)


def _tasks(experiment: Experiment) -> Iterator[WindowTask | EnsembleTask]:
    forecast = experiment.forecast
    windows = half_year_windows(forecast.first_window, forecast.last_window)
    for rule_set in experiment.rule_sets:
        rules = training_rules(experiment, rule_set)
        for model in forecast.models:
            if rule_set in (model.rule_sets or experiment.rule_sets):
                yield from (WindowTask(rule_set, model.spec, window, rules) for window in windows)
        for ensemble in forecast.ensembles:
            if rule_set in (ensemble.rule_sets or experiment.rule_sets):
                yield from (EnsembleTask(rule_set, ensemble.spec, window) for window in windows)


def _label(rule_set: str, model: str, window: TestWindow) -> str:
    return f"{rule_set}|{model}|{window.label}"


def _key(task: WindowTask, hashes: dict[str, str], code: str) -> str:
    # Rows of the test window count too: its labels decide the figures that are stored.
    seen = {half: value for half, value in hashes.items() if half <= task.window.label}
    return hash_text(task.label, task.spec.to_json(), repr(task.rules), hash_json(seen), code)
