"""Cross-validation over weeks in time order, for the tuning of one window."""

from dataclasses import dataclass

import numpy as np

from models_ml.arrays import Booleans, Dates, Rows
from models_ml.panel import Panel

# Share of the weeks that the first fold trains on: with less, the folds would choose parameters
# for a much smaller sample than the final fit has.
_FIRST_TRAIN_SHARE = 1.0 / 3.0


@dataclass(frozen=True, eq=False)
class TimeFold:
    """Weeks of one fold: train < valid < test.

    Parameters
    ----------
    number
        From 1, in time order.
    train_weeks, valid_weeks, test_weeks
        datetime64[D], ascending: fitted on, stopped on, judged on.
    purged_weeks
        Left out between train and valid and between valid and test.
    """

    number: int
    train_weeks: Dates
    valid_weeks: Dates
    test_weeks: Dates
    purged_weeks: Dates


@dataclass(frozen=True, eq=False)
class FoldPlan:
    """Folds over the training weeks of a window.

    The weeks are `first_train_weeks` and then `fold_count + 1` blocks of `block_weeks`. Fold k
    trains on everything before block k, stops on block k and is judged on block k + 1; train and
    valid lose their last `purge_weeks`. So the test blocks lie side by side up to the last week.

    Parameters
    ----------
    weeks
        datetime64[D] [n], ascending, each once.
    fold_count
        Number of folds.
    purge_weeks
        Weeks left out before each border (the label span: 1 for h = 1).
    block_weeks
        Weeks from one test block to the next.
    first_train_weeks
        Weeks before the first valid block, purged ones included.
    """

    weeks: Dates
    fold_count: int
    purge_weeks: int
    block_weeks: int
    first_train_weeks: int

    @property
    def folds(self) -> tuple[TimeFold, ...]:
        """The folds in time order."""
        return tuple(self._fold(number) for number in range(1, self.fold_count + 1))

    def _fold(self, number: int) -> TimeFold:
        valid = self.first_train_weeks + (number - 1) * self.block_weeks
        test = valid + self.block_weeks
        purge = self.purge_weeks
        return TimeFold(
            number=number,
            train_weeks=self.weeks[: valid - purge],
            valid_weeks=self.weeks[valid : test - purge],
            test_weeks=self.weeks[test : test + self.block_weeks],
            purged_weeks=np.concatenate(
                [self.weeks[valid - purge : valid], self.weeks[test - purge : test]]
            ),
        )


@dataclass(frozen=True, eq=False)
class FoldRows:
    """Row numbers of one fold in a panel, each part ascending.

    Parameters
    ----------
    number
        Of the fold, from 1.
    train, valid, test
        Rows to fit, to stop and to judge.
    """

    number: int
    train: Rows
    valid: Rows
    test: Rows


def plan_folds(weeks: Dates, fold_count: int, *, purge_weeks: int = 1) -> FoldPlan:
    """Lay folds over weeks.

    Parameters
    ----------
    weeks
        datetime64[D] [n], the training weeks of a window, ascending, each once.
    fold_count, purge_weeks
        Number of folds, at least 1, and weeks left out before each border.

    Returns
    -------
    FoldPlan
        Blocks as long as can be while the first fold trains on a third of the weeks.

    Raises
    ------
    ValueError
        If there are too few weeks for every part of every fold to keep one.
    """
    if fold_count < 1 or purge_weeks < 0:
        raise ValueError(
            "expected at least one fold and a purge of zero weeks or more, found "
            f"fold_count={fold_count}, purge_weeks={purge_weeks}"
        )
    block_weeks = int(len(weeks) * (1.0 - _FIRST_TRAIN_SHARE)) // (fold_count + 1)
    if block_weeks <= purge_weeks:
        needed = -(-(fold_count + 1) * (purge_weeks + 1) * 3 // 2)
        raise ValueError(
            f"expected at least {needed} training weeks for {fold_count} folds with a purge of "
            f"{purge_weeks}, found {len(weeks)}: tune with fewer folds or begin the windows later"
        )
    return FoldPlan(
        weeks=weeks,
        fold_count=fold_count,
        purge_weeks=purge_weeks,
        block_weeks=block_weeks,
        first_train_weeks=len(weeks) - (fold_count + 1) * block_weeks,
    )


def fold_rows(panel: Panel, rows: Rows, plan: FoldPlan) -> tuple[FoldRows, ...]:
    """Give the rows of every fold.

    Parameters
    ----------
    panel
        The panel that `rows` are numbers of.
    rows
        The training rows of the window, ascending; their weeks are those of the plan.
    plan
        The folds in weeks.

    Returns
    -------
    tuple of FoldRows
        Rows of train and valid are left out where their label is not known at the first week of
        the part that follows.

    Raises
    ------
    ValueError
        If a part of a fold has no row.
    """
    return tuple(_rows_of(panel, rows, fold) for fold in plan.folds)


def _rows_of(panel: Panel, rows: Rows, fold: TimeFold) -> FoldRows:
    weeks = panel.week_dates[rows]
    known_at = panel.label_known_at[rows]
    train = _within(weeks, fold.train_weeks) & (known_at <= fold.valid_weeks[0])
    valid = _within(weeks, fold.valid_weeks) & (known_at <= fold.test_weeks[0])
    parts = {"train": train, "valid": valid, "test": _within(weeks, fold.test_weeks)}
    for name, part in parts.items():
        if not part.any():
            raise ValueError(
                f"expected rows in the {name} part of fold {fold.number}, found none: its labels "
                "are not known when the next part begins; tune with fewer folds"
            )
    return FoldRows(fold.number, *(rows[part] for part in parts.values()))


def _within(weeks: Dates, span: Dates) -> Booleans:
    return np.asarray((weeks >= span[0]) & (weeks <= span[-1]), dtype=np.bool_)
