"""What training will take: fits counted from the configuration, times a rate that is measured."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from market_data.simulated import simulation_config
from market_data.source_spec import SimulatedSource, parse_source
from models_ml.estimators import Resources, create_forecaster
from models_ml.full_panel import full_panel
from models_ml.rules import TrainingRules
from models_ml.specs import RECURRENT, ModelSpec, rounds_parameter
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow
from orchestration.lib.errors import UserError
from orchestration.lib.experiment import Experiment
from orchestration.lib.warehouse import query, table_columns
from orchestration.lib.window_plan import WindowTask, model_tasks
from orchestration.lib.workspace import Workspace

FEATURES = 123
SECONDS_PER_HOUR = 3600.0
# Share of the ever listed that a week's universe holds, and weeks until factors are there.
UNIVERSE_SHARE = 0.85
BURN_IN_WEEKS = 105
PROBE_WINDOW = TestWindow("2016H1")
PROBE_WEEKS, PROBE_STOCKS, PROBE_ROUNDS, PROBE_EPOCHS = 40, 300, 10, 2
# Parameters of trees that make more of them the lower they are.
_SMALL_IS_MORE_WORK = frozenset(
    {
        *("min_child_weight", "reg_lambda", "reg_alpha", "gamma"),
        *("min_data_in_leaf", "lambda_l1", "lambda_l2", "min_gain_to_split"),
    }
)


class ProjectionError(UserError):
    """There is nothing yet to project from."""


@dataclass(frozen=True)
class ModelProjection:
    """Training of one model under one rule set, over its windows.

    Parameters
    ----------
    rule_set, model
        Key of results.dim_model.
    windows
        Number of windows.
    fits
        Fits at most: folds times points and trials, and the final ones.
    hours
        Projected hours: no early stopping, nothing given up, every round or epoch of every fit, all
        at the rate of the largest trees or nets of the space. The rate is that of one small fit on
        this machine as it is now: more than training will take, but no bound.
    """

    rule_set: str
    model: str
    windows: int
    fits: int
    hours: float


def project_training(
    workspace: Workspace, tasks: Iterable[WindowTask] | None = None
) -> tuple[ModelProjection, ...]:
    """Project the windows of an experiment, or some of them.

    Raises
    ------
    ProjectionError
        If the number of rows is not known yet: no warehouse, and no simulated market either.
    """
    listed = list(model_tasks(workspace.experiment) if tasks is None else tasks)
    rows = training_rows(workspace)
    rates: dict[str, float] = {}
    grouped: dict[tuple[str, str], list[WindowTask]] = {}
    for task in listed:
        grouped.setdefault((task.rule_set, task.spec.name), []).append(task)
    projections = []
    for (rule_set, model), group in grouped.items():
        probe = probe_spec(group[0])
        if probe.to_json() not in rates:
            rates[probe.to_json()] = measure_rate(probe, workspace.experiment.resources.fit_threads)
        rate = rates[probe.to_json()]
        fits, hours = 0, 0.0
        for task in group:
            tuning, final = task_work(task, _rows_before(rows[rule_set], task))
            fits += tuning.fits + final.fits
            hours += _capped(tuning.hours(rate), task)
            hours += final.hours(rate)
        projections.append(ModelProjection(rule_set, model, len(group), fits, hours))
    return tuple(projections)


@dataclass(frozen=True)
class Work:
    """Fits, and the rows times rounds in them."""

    fits: int
    row_rounds: float

    def hours(self, rate: float) -> float:
        """Hours at so many seconds per row and round."""
        return self.row_rounds * rate / SECONDS_PER_HOUR


def task_work(task: WindowTask, rows: float) -> tuple[Work, Work]:
    """Tuning and final fits of a window at most.

    Parameters
    ----------
    task
        The window.
    rows
        Its training rows.
    """
    finals = 2 if task.rules.refit else 1
    if task.tuning is None:
        return Work(0, 0.0), Work(finals, finals * rows * _rounds(task.spec))
    budget = task.tuning.budget
    scans = task.window == task.scan_window
    evaluations = budget.trial_count + scans * task.tuning.scan_evaluations
    folds = budget.fold_count
    # Fold k of K trains on a third of the rows and k - 1 blocks of 2 / 3 / (K + 1) of them.
    fold_rows = rows * folds * (1.0 / 3.0 + (folds - 1) / (folds + 1) / 3.0)
    limit = rounds_parameter(task.spec.library)
    rounds = int(task.spec.parameters.get(limit, budget.max_rounds))
    return (
        Work(evaluations * folds, evaluations * fold_rows * rounds),
        Work(finals, finals * rows * rounds),
    )


def probe_spec(task: WindowTask) -> ModelSpec:
    """What is fitted to measure the rate of a task: few rounds, at the largest size of its space.

    Trees are as deep, as wide and as finely binned as the space allows, on as many rows and
    columns, with the smallest leaves and penalties, under the loss of the task; a net has its
    largest hidden layer.
    """
    library, loss = task.spec.library, task.spec.loss
    ranges = task.tuning.space.ranges if task.tuning else ()
    fixed = task.tuning.space.fixed if task.tuning else {}
    largest = {
        each.name: each.value(each.low if each.name in _SMALL_IS_MORE_WORK else each.high)
        for each in ranges
    }
    known = {**largest, **fixed, **task.spec.parameters}
    if library in RECURRENT:
        sizes = {name: value for name, value in known.items() if name == "hidden_size"}
        return ModelSpec(library, parameters={"max_epochs": PROBE_EPOCHS, **sizes})
    if _rounds(task.spec) > 1:
        return ModelSpec(library, loss, parameters={**known, "max_rounds": PROBE_ROUNDS})
    return ModelSpec(library)


def measure_rate(probe: ModelSpec, threads: int) -> float:
    """Seconds per row and round of a model on this machine: the better of two small fits.

    The first one of a process loads libraries and compiled code.
    """
    rng = np.random.default_rng(0)
    count = PROBE_WEEKS * PROBE_STOCKS
    first = np.datetime64(PROBE_WINDOW.start, "D") - 7 * (PROBE_WEEKS - 1)
    label = rng.standard_normal(count)
    features = rng.standard_normal((count, FEATURES), dtype=np.float32)
    panel = full_panel(features, label, first + 7 * np.arange(PROBE_WEEKS), label_days=7)
    rules = TrainingRules.paper()
    split = split_weeks(panel, PROBE_WINDOW, rules, "expanding")

    def fitted_seconds() -> float:
        started = time.perf_counter()
        create_forecaster(probe).fit(panel, split, rules, Resources(threads))
        return time.perf_counter() - started

    seconds = min(fitted_seconds() for _ in range(2))
    return seconds / (len(split.fit_rows) * _rounds(probe))


def training_rows(workspace: Workspace) -> dict[str, dict[str, float]]:
    """Rows of the training panel by rule set and half-year, counted or, before that, estimated."""
    database = workspace.paths.warehouse
    if database.exists() and table_columns(database, "ml", "fct_training_panel"):
        counted: dict[str, dict[str, float]] = {}
        for row in query(
            database,
            "select rule_set, half_year_window, count(*) as row_count"
            " from ml.fct_training_panel group by rule_set, half_year_window",
        ).to_pylist():
            halves = counted.setdefault(row["rule_set"], {})
            halves[row["half_year_window"]] = row["row_count"]
        return counted
    return {
        rule_set: _estimated_rows(workspace.experiment)
        for rule_set in workspace.experiment.rule_sets
    }


def render_projection(projections: Iterable[ModelProjection]) -> Table:
    """Table of the projection, with its sum."""
    listed = list(projections)
    title = "Training: fits at most, hours projected"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for column in ("rule set", "model"):
        table.add_column(column)
    for column in ("windows", "fits", "hours"):
        table.add_column(column, justify="right")
    for each in listed:
        table.add_row(
            each.rule_set, each.model, str(each.windows), f"{each.fits:,}", f"{each.hours:.2f}"
        )
    table.add_row("", "all", "", f"{sum(each.fits for each in listed):,}", f"{total(listed):.2f}")
    return table


def total(projections: Iterable[ModelProjection]) -> float:
    """Hours of all models together."""
    return sum(each.hours for each in projections)


def _capped(hours: float, task: WindowTask) -> float:
    limit = task.tuning.budget.maximum_hours if task.tuning else None
    return hours if limit is None else min(hours, limit)


def _rounds(spec: ModelSpec) -> int:
    """Rounds or epochs of a fit at most; 1 where a library has none."""
    hyper = getattr(create_forecaster(spec), "hyper", None)
    return int(getattr(hyper, rounds_parameter(spec.library), 1))


def _rows_before(rows: dict[str, float], task: WindowTask) -> float:
    halves = sorted(half for half in rows if half < task.window.label)
    if task.spec.window_mode == "fixed_2y":
        halves = halves[-4:]
    return float(sum(rows[half] for half in halves))


def _estimated_rows(experiment: Experiment) -> dict[str, float]:
    source = parse_source(experiment.source)
    if not isinstance(source, SimulatedSource):
        raise ProjectionError(
            f"how many rows {experiment.source} gives is known once the warehouse is built: the"
            " projection is printed by `ashare run` before training starts"
        )
    config = simulation_config(source)
    span = (config.end_date - config.start_date).days
    rows: dict[str, float] = {}
    for days in range(7 * BURN_IN_WEEKS, span, 7):
        week = config.start_date + dt.timedelta(days=days)
        growth = (config.stocks_at_end - config.stocks_at_start) * days / span
        half = f"{week.year}H{1 if week.month < 7 else 2}"
        stocks = UNIVERSE_SHARE * (config.stocks_at_start + growth)
        rows[half] = rows.get(half, 0.0) + stocks
    return rows
