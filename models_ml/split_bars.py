"""Windows and folds as bars over time: what the pictures of a run draw."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models_ml.arrays import Dates, Rows
from models_ml.folds import FoldPlan, TimeFold
from models_ml.panel import Panel
from models_ml.splits import TrainingSplit

Part = Literal["train", "stop", "test"]


@dataclass(frozen=True)
class Bar:
    """Weeks of one part of a split, side by side.

    Parameters
    ----------
    line
        The window or fold.
    part
        'train': fitted on; 'stop': early stopping; 'test': judged on.
    first_week, last_week
        datetime64[D], both included.
    """

    line: str
    part: Part
    first_week: np.datetime64
    last_week: np.datetime64


def window_bars(panel: Panel, splits: Iterable[TrainingSplit]) -> tuple[Bar, ...]:
    """Bars of test windows: fitting, stopping and test weeks of each.

    Parameters
    ----------
    panel
        The panel that the splits number the rows of.
    splits
        One split per window.
    """
    return tuple(
        _bar(split.window.label, part, panel.week_dates[rows])
        for split in splits
        for part, rows in _parts(split)
    )


def fold_bars(plan: FoldPlan) -> tuple[Bar, ...]:
    """Bars of the folds of a cross-validation; the gaps between them are the purged weeks."""
    return tuple(
        _bar(f"fold {fold.number}", part, weeks)
        for fold in plan.folds
        for part, weeks in _parts_of_fold(fold)
    )


def _parts_of_fold(fold: TimeFold) -> tuple[tuple[Part, Dates], ...]:
    return ("train", fold.train_weeks), ("stop", fold.valid_weeks), ("test", fold.test_weeks)


def _parts(split: TrainingSplit) -> tuple[tuple[Part, Rows], ...]:
    return ("train", split.fit_rows), ("stop", split.stop_rows), ("test", split.test_rows)


def _bar(line: str, part: Part, weeks: Dates) -> Bar:
    return Bar(line, part, weeks.min(), weeks.max())
