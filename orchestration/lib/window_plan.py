"""Training windows as partitions: their labels, and the keys that hash all their inputs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from models_ml.combination import CombinationSpec
from models_ml.rules import TrainingRules
from models_ml.specs import RECURRENT, Device, ModelSpec
from models_ml.tuning import ADAPTERS, TuningPlan
from models_ml.windows import TestWindow, half_year_windows
from orchestration.lib.experiment import Experiment, ExperimentError
from orchestration.lib.fingerprint import hash_json, hash_package, hash_text
from orchestration.lib.forecast_settings import ModelSettings
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.tuning_settings import tuning_plan
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
    tuning: TuningPlan | None = None
    first_window: TestWindow | None = None
    device: Device = "cpu"

    @property
    def scan_window(self) -> TestWindow:
        """The window whose weeks scan the ranges: its own, or the experiment's first."""
        scans_once = self.tuning is not None and self.tuning.budget.scan_window == "first"
        return self.first_window if scans_once and self.first_window else self.window

    @property
    def universe_rule_set(self) -> str:
        """Rule set whose rows and features it learns from and forecasts."""
        return self.spec.universe_rule_set or self.rule_set

    @property
    def label_rule_set(self) -> str:
        """Rule set whose labels it learns and is judged by."""
        return self.spec.label_rule_set or self.rule_set

    @property
    def label(self) -> str:
        """Readable partition key of the scheduler."""
        return _label(self.rule_set, self.spec.name, self.window)


@dataclass(frozen=True)
class CombinationTask:
    """One ensemble or choice of what other tasks forecast of one window."""

    rule_set: str
    spec: CombinationSpec
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
    """A task and the key under which its result is stored.

    `scan_key` names the range scan of a tuned model; windows that share a scan share it.
    `member_keys` are those of the windows that a combination is made of.
    """

    task: WindowTask | CombinationTask
    key: str
    scan_key: str | None = None
    member_keys: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Label of the task."""
        return self.task.label


def model_tasks(experiment: Experiment) -> tuple[WindowTask, ...]:
    """Windows of an experiment in which something is trained."""
    return tuple(task for task in window_tasks(experiment) if isinstance(task, WindowTask))


def window_tasks(experiment: Experiment) -> tuple[WindowTask | CombinationTask, ...]:
    """Every window of every model of an experiment, combinations after all their members.

    Raises
    ------
    ExperimentError
        If two models have the same key: they could not be told apart in any table; if a model is
        to be tuned whose library cannot be.
    """
    tasks = tuple(_tasks(experiment))
    counts = Counter(task.label for task in tasks)
    twice = [label for label, count in counts.items() if count > 1]
    if twice:
        raise ExperimentError(
            f"two models of the experiment {experiment.name} have the key"
            f" {twice[0].split('|')[1]!r}: let them differ in library, loss, window mode, tuning"
            " budget or seed"
        )
    return tasks


def training_rules(experiment: Experiment, rule_set: str) -> TrainingRules:
    """Rules of a rule set with the experiment's embargo, where it sets one."""
    if rule_set == "practitioner" and experiment.forecast.embargo_weeks is not None:
        return TrainingRules.practitioner(embargo_weeks=experiment.forecast.embargo_weeks)
    return TrainingRules.of(rule_set)


def rules_of(experiment: Experiment, rule_set: str, spec: ModelSpec) -> TrainingRules:
    """Rules that a model is trained by: its rule set's, with what it has of the other one."""
    return training_rules(experiment, rule_set).crossed(
        label=training_rules(experiment, spec.label_rule_set or rule_set),
        purge=training_rules(experiment, spec.purge_rule_set or rule_set),
    )


def plan_windows(workspace: Workspace) -> tuple[WindowPartition, ...]:
    """Training windows with their keys, from the panel as it is built now."""
    hashes = panel_hashes(workspace)
    code = hash_package(PROJECT_ROOT, "models_ml")
    planned: dict[str, WindowPartition] = {}
    for task in window_tasks(workspace.experiment):
        if isinstance(task, CombinationTask):
            members = tuple(planned[label].key for label in task.member_labels)
            key = hash_text(task.label, task.spec.to_json(), *members, code)
            planned[task.label] = WindowPartition(task, key, member_keys=members)
        else:
            key = _key(task, hashes, code)
            planned[task.label] = WindowPartition(task, key, _scan_key(task, hashes, code))
    return tuple(planned.values())


def panel_hashes(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Content hash of the panel by rule set and half-year, computed once per build.

    Labels of another rule set stand under both names, `paper|practitioner`.
    """
    cache = workspace.paths.state / PANEL_HASHES
    if cache.exists():
        cached: dict[str, dict[str, str]] = json.loads(cache.read_text(encoding="utf-8"))
        return cached
    result = {
        **_hashes(workspace, "fct_training_panel", "rule_set"),
        **_hashes(workspace, "fct_crossed_label", "concat(rule_set, '|', label_rule_set)"),
    }
    cache.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return result


def forget_panel_hashes(workspace: Workspace) -> None:
    """The panel is about to change."""
    (workspace.paths.state / PANEL_HASHES).unlink(missing_ok=True)


def _hashes(workspace: Workspace, table: str, name: str) -> dict[str, dict[str, str]]:
    """Content hash of a table of ml by an expression that names its parts, and by half-year."""
    columns = [f'"{column}"' for column in table_columns(workspace.paths.warehouse, "ml", table)]
    result: dict[str, dict[str, str]] = {}
    with read_only(workspace.paths.warehouse) as connection:
        pairs = connection.sql(
            f"select distinct {name}, half_year_window from ml.{table}"
        ).fetchall()
        for part, half_year in sorted(pairs):
            where = f"{name} = '{part}' and half_year_window = '{half_year}'"
            result.setdefault(part, {})[half_year] = content_hash(
                connection, f"ml.{table}", columns, where
            )
    return result


def _tasks(experiment: Experiment) -> Iterator[WindowTask | CombinationTask]:
    forecast = experiment.forecast
    windows = half_year_windows(*forecast.predicted_span)
    first_window = TestWindow(forecast.first_window)
    for rule_set in experiment.rule_sets:
        for settings in forecast.models:
            if rule_set not in (settings.rule_sets or experiment.rule_sets):
                continue
            tuning = _tuning_plan(settings, rule_set)
            scanned = max(first_window, TestWindow(settings.first_window or first_window.label))
            device = _device(settings, forecast.device)
            for spec in settings.specs:
                rules = rules_of(experiment, rule_set, spec)
                for window in windows:
                    if settings.begins_by(window.label):
                        yield WindowTask(rule_set, spec, window, rules, tuning, scanned, device)
        for combination in forecast.combinations:
            if rule_set in (combination.rule_sets or experiment.rule_sets):
                for window in windows:
                    yield CombinationTask(rule_set, combination.spec, window)


def _device(settings: ModelSettings, device: Device) -> Device:
    """Trees know no mps: they are fitted on the processor where nets use it."""
    return "cpu" if device == "mps" and settings.library not in RECURRENT else device


def _label(rule_set: str, model: str, window: TestWindow) -> str:
    return f"{rule_set}|{model}|{window.label}"


def _tuning_plan(settings: ModelSettings, rule_set: str) -> TuningPlan | None:
    if settings.tuning is None:
        return None
    if settings.library not in ADAPTERS:
        raise ExperimentError(
            f"{settings.library} cannot be tuned, only {', '.join(sorted(ADAPTERS))}: leave out"
            " its section tuning"
        )
    space = settings.tuning.space or rule_set
    return tuning_plan(settings.library, space, settings.tuning.budget)


def _key(task: WindowTask, hashes: dict[str, dict[str, str]], code: str) -> str:
    # Rows of the test window count too: its labels decide the figures that are stored.
    read = [task.universe_rule_set]
    if task.label_rule_set != task.universe_rule_set:
        read.append(f"{task.universe_rule_set}|{task.label_rule_set}")
    seen = {
        part: {half: value for half, value in hashes[part].items() if half <= task.window.label}
        for part in read
    }
    parts = [task.label, task.spec.to_json(), repr(task.rules), hash_json(seen), code, task.device]
    if task.tuning is not None:
        parts += [hash_json(task.tuning.to_mapping()), task.scan_window.label]
    return hash_text(*parts)


def _scan_key(task: WindowTask, hashes: dict[str, dict[str, str]], code: str) -> str | None:
    if task.tuning is None:
        return None
    scanning = replace(task, window=task.scan_window)
    return hash_text("range_scan", _key(scanning, hashes, code))
