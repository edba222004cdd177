"""Sequences of consecutive weeks of one stock: positions in the panel, not copies of it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models_ml.arrays import Booleans, Rows
from models_ml.panel import Panel
from models_ml.splits import TrainingSplit

SEQUENCE_WEEKS = 5

SHAPE_SCHEMA = pa.schema(
    [
        ("part", pa.string()),
        ("row_count", pa.int64()),
        ("sample_count", pa.int64()),
        ("sequence_weeks", pa.int64()),
        ("feature_count", pa.int64()),
    ]
)


@dataclass(frozen=True, eq=False)
class Sequences:
    """Which rows of a panel end a sequence, and where its rows are.

    A row ends a sequence if its stock has a row in each of the last `weeks` weeks of the panel;
    where a week is missing there is none. Borders of windows do not matter: features of weeks
    before a window are known in it. Nine bytes per row, whatever the number of features.

    Parameters
    ----------
    by_stock
        int32 [n], rows of the panel in order of stock, then week.
    place
        int32 [n], place of each row in that order: the rows of a sequence are neighbours there.
    is_complete
        bool [n], the row ends a sequence.
    weeks
        Length of a sequence.
    """

    by_stock: NDArray[np.int32]
    place: NDArray[np.int32]
    is_complete: Booleans
    weeks: int

    @classmethod
    def of(cls, panel: Panel, weeks: int = SEQUENCE_WEEKS) -> "Sequences":
        """Find the sequences of a panel.

        Parameters
        ----------
        panel
            The panel; its weeks count as consecutive if none that it has lies between them.
        weeks
            Length of a sequence, at least one.
        """
        # Rows are sorted by week: a stable sort by stock leaves each stock's weeks in order.
        by_stock = np.argsort(panel.symbol_codes, kind="stable").astype(np.int32)
        place = np.empty(panel.row_count, dtype=np.int32)
        place[by_stock] = np.arange(panel.row_count, dtype=np.int32)
        stock = panel.symbol_codes[by_stock]
        week = np.searchsorted(panel.weeks, panel.week_dates).astype(np.int32)[by_stock]
        back = weeks - 1
        is_complete = np.zeros(panel.row_count, dtype=np.bool_)
        ends = by_stock[back:]
        # A stock has a week once, so as many weeks apart as places apart means none is missing.
        is_complete[ends] = (stock[back:] == stock[: len(stock) - back]) & (
            week[back:] - week[: len(week) - back] == back
        )
        return cls(by_stock, place, is_complete, weeks)

    def complete(self, rows: Rows) -> Rows:
        """Return those of some rows that end a sequence, in the same order."""
        return rows[self.is_complete[rows]]

    def sorted_by_stock(self, rows: Rows) -> Rows:
        """Return rows in order of stock, then week."""
        return rows[np.argsort(self.place[rows], kind="stable")]

    def rows_of(self, ends: Rows) -> NDArray[np.int32]:
        """Return the rows of sequences: int32 [len(ends), weeks], in time order.

        Parameters
        ----------
        ends
            Rows that end a sequence.
        """
        back = np.arange(1 - self.weeks, 1, dtype=np.int32)
        rows: NDArray[np.int32] = self.by_stock[self.place[ends][:, None] + back]
        return rows


def sequence_shapes(sequences: Sequences, split: TrainingSplit, feature_count: int) -> pa.Table:
    """Shapes of the arrays of a window, as in table 7 of the study.

    Parameters
    ----------
    sequences
        Of the panel.
    split
        Rows of the window.
    feature_count
        Features per row.

    Returns
    -------
    pyarrow.Table
        `SHAPE_SCHEMA`: fit (X_train), stop (X_val), in_sample (X_insample), test (X_test);
        `row_count` counts rows with and without a sequence.
    """
    parts = {
        "fit": split.fit_rows,
        "stop": split.stop_rows,
        "in_sample": split.in_sample_rows,
        "test": split.test_rows,
    }
    return pa.Table.from_pylist(
        [
            {
                "part": part,
                "row_count": len(rows),
                "sample_count": int(np.count_nonzero(sequences.is_complete[rows])),
                "sequence_weeks": sequences.weeks,
                "feature_count": feature_count,
            }
            for part, rows in parts.items()
        ],
        schema=SHAPE_SCHEMA,
    )
