"""Where the rows of a weekly table lie among weeks and names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, DateArray, IntArray
from optimizer.errors import InputError
from optimizer.frames import Frame, positions, refuse_duplicates


@dataclass(frozen=True)
class WeekCells:
    """Rows of a weekly frame that lie on the axes, and where."""

    row: IntArray
    week: IntArray
    name: IntArray


def week_cells(
    frame: Frame, weeks: DateArray, symbols: tuple[str, ...], must_know: BoolArray | None = None
) -> WeekCells:
    """Cells of the rows that lie on the axes.

    Parameters
    ----------
    frame
        Rows with `week_date` and `symbol`.
    weeks, symbols
        The axes; rows outside them are passed over.
    must_know
        Rows whose symbol must be on the axis, if their week is.

    Raises
    ------
    InputError
        If a row that must be known is not, or a cell has two rows.
    """
    week = positions(weeks, frame.dates("week_date"))
    name = frame.codes("symbol", symbols)
    if must_know is not None:
        unknown = int(((week >= 0) & (name < 0) & must_know).sum())
        if unknown:
            raise InputError(
                f"{frame.name}: {unknown} rows are for symbols without bars in this span;"
                " core.fct_bar_daily must cover every name of the universe"
            )
    row = np.flatnonzero((week >= 0) & (name >= 0))
    refuse_duplicates(frame, week[row], name[row], len(symbols))
    return WeekCells(row, week[row], name[row])


def present_weeks(week: IntArray, count: int) -> BoolArray:
    """Which of so many weeks have any row, [count]."""
    return np.bincount(week, minlength=count).astype(np.bool_)
