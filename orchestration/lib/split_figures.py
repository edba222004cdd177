"""Pictures of the windows and folds of a run, drawn from the splits that the run trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from models_ml.folds import FoldPlan, plan_folds
from models_ml.panel import Panel
from models_ml.split_bars import Bar, fold_bars, window_bars
from models_ml.splits import TrainingSplit, split_weeks
from orchestration.lib.drawing import STYLE
from orchestration.lib.experiment import Experiment
from orchestration.lib.panel_reading import load_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.summary import RUN
from orchestration.lib.warehouse import query
from orchestration.lib.window_plan import WindowTask, model_tasks

COLOURS = {"train": "#4c78a8", "stop": "#f2b447", "test": "#d1615d"}
WORDS = {"train": "fit", "stop": "early stopping", "test": "test"}
WEEK_DAYS = 7
MAXIMUM_LINES = 30
NETS = frozenset({"rnn", "lstm", "gru"})


@dataclass(frozen=True)
class SplitPicture:
    """A picture of a split.

    Parameters
    ----------
    part
        `windows`, `folds`, or `net_windows`: windows of recurrent nets.
    subject
        Rule set and window mode.
    title
        Heading.
    figure
        The picture.
    """

    part: Literal["windows", "folds", "net_windows"]
    subject: str
    title: str
    figure: Figure


def split_pictures(paths: ExperimentPaths) -> list[SplitPicture]:
    """Windows of each way to train, then folds of the last tuned window.

    Everything is computed again by the splitting code from the published weeks and labels; the
    features are not read.
    """
    rows = query(paths.published_database, f"select config from ops.fct_run where run_id = {RUN}")
    experiment = Experiment.model_validate(json.loads(rows.column("config")[0].as_py()))
    pictures = []
    for (rule_set, mode), tasks in _by_mode(experiment).items():
        panel = load_panel(paths.published_database, rule_set, features=False)
        splits = [_split(panel, task) for task in tasks]
        subject = f"{rule_set} {mode}"
        bars = window_bars(panel, splits[-MAXIMUM_LINES:])
        title = f"Windows: {rule_set}, {mode}"
        pictures.append(SplitPicture("windows", subject, title, draw_bars(bars)))
        if (rule_set, mode) in _modes_of_nets(experiment):
            pictures.append(SplitPicture("net_windows", subject, title, draw_bars(bars)))
        for task in _last_tuned(experiment, rule_set, mode):
            plan = _folds(panel, task)
            title = _fold_heading(task, plan)
            pictures.append(SplitPicture("folds", subject, title, draw_bars(fold_bars(plan))))
    return pictures


def draw_bars(bars: Sequence[Bar]) -> Figure:
    """Bars over time, the first line at the top."""
    lines = list(dict.fromkeys(bar.line for bar in bars))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 0.9 + 0.24 * len(lines)), layout="constrained")
        axes = figure.subplots()
        for part, colour in COLOURS.items():
            of_part = [bar for bar in bars if bar.part == part]
            axes.barh(
                [lines.index(bar.line) for bar in of_part],
                [_days(bar.last_week) - _days(bar.first_week) + WEEK_DAYS for bar in of_part],
                left=[_days(bar.first_week) for bar in of_part],
                color=colour,
                height=0.7,
                label=WORDS[part],
            )
        axes.set_yticks(range(len(lines)), lines)
        axes.invert_yaxis()
        axes.xaxis_date()
        axes.grid(visible=False, axis="y")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _by_mode(experiment: Experiment) -> dict[tuple[str, str], list[WindowTask]]:
    """Tasks by rule set and window mode, one model's of each: windows do not differ by model."""
    groups: dict[tuple[str, str], list[WindowTask]] = {}
    for task in model_tasks(experiment):
        if task.spec.crossed:
            continue
        group = groups.setdefault((task.rule_set, task.spec.window_mode), [])
        if not group or group[0].spec.name == task.spec.name:
            group.append(task)
    return groups


def _modes_of_nets(experiment: Experiment) -> set[tuple[str, str]]:
    """Rule sets and window modes that recurrent nets are trained in."""
    return {
        (task.rule_set, task.spec.window_mode)
        for task in model_tasks(experiment)
        if str(task.spec.library) in NETS
    }


def _last_tuned(experiment: Experiment, rule_set: str, mode: str) -> list[WindowTask]:
    """Last window of a tuned model; empty where none is."""
    tuned = [
        task
        for task in model_tasks(experiment)
        if (task.rule_set, task.spec.window_mode) == (rule_set, mode)
        and task.tuning is not None
        and not task.spec.crossed
    ]
    return tuned[-1:]


def _folds(panel: Panel, task: WindowTask) -> FoldPlan:
    if task.tuning is None:
        raise ValueError(f"expected a tuned model, found {task.label}")
    split = _split(panel, task)
    weeks = np.unique(panel.week_dates[split.train_rows])
    return plan_folds(weeks, task.tuning.budget.fold_count, purge_weeks=task.rules.purge_weeks)


def _split(panel: Panel, task: WindowTask) -> TrainingSplit:
    return split_weeks(panel, task.window, task.rules, task.spec.window_mode)


def _fold_heading(task: WindowTask, plan: FoldPlan) -> str:
    return (
        f"Cross-validation: {task.rule_set}, {task.spec.name}, {task.window.label}:"
        f" blocks of {plan.block_weeks} weeks, purge of {plan.purge_weeks}"
    )


def _days(day: np.datetime64) -> int:
    return int(day.astype("datetime64[D]").astype(np.int64))
