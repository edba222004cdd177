"""A ridge regression whose labels change and whose features do not.

One decomposition of a window's features serves any number of label sets, so that a randomisation
costs one matrix product instead of a fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models_ml.arrays import Features, Floats, Rows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow

# Per row, against features of unit variance: shrinks what hardly varies, leaves the rest.
PENALTY = 0.01
_BLOCK_ROWS = 32_768


@dataclass(frozen=True, eq=False)
class FeatureView:
    """What a stock-week is described by, where that is not simply its own row of the panel.

    Parameters
    ----------
    panel
        The panel.
    rows
        int64 [n], the row whose features stand for each row, ascending; negative: none, the row is
        left out.
    extra
        float64 [n, k], further features of each row; None: none.
    """

    panel: Panel
    rows: Rows
    extra: Floats | None = None

    @classmethod
    def plain(cls, panel: Panel, extra: Floats | None = None) -> "FeatureView":
        """Every row described by itself."""
        return cls(panel, np.arange(panel.row_count), extra)

    def present(self, rows: Rows) -> Rows:
        """Those of some rows that have features."""
        return rows[self.rows[rows] >= 0]

    def block(self, rows: Rows) -> Features:
        """Features of some rows: float32 [len(rows), f + k], a missing one as zero."""
        own = self.panel.take(self.rows[rows])
        if self.extra is not None:
            own = np.column_stack([own, self.extra[rows].astype(np.float32)])
        return np.where(np.isnan(own), np.float32(0.0), own)


@dataclass(frozen=True, eq=False)
class LinearProbe:
    """Forecasts of the test weeks of several windows by ridge regressions with a fixed penalty.

    Parameters
    ----------
    view
        Features of every row of the panel.
    windows
        Test windows; each is trained on the expanding weeks before it.
    rules
        Which rows train.
    """

    view: FeatureView
    windows: Sequence[TestWindow]
    rules: TrainingRules

    @property
    def test_rows(self) -> Rows:
        """Rows that are forecast, in time order: int64 [m]."""
        return np.concatenate([window.test_rows for window in self._prepared])

    def forecast(self, targets: Floats) -> Floats:
        """Train on each of several targets.

        Parameters
        ----------
        targets
            float64 [n, t], standardised within weeks, finite where the panel's target is.

        Returns
        -------
        float64 [m, t]
            Forecasts of `test_rows`, in units of the targets.
        """
        narrow = targets.astype(np.float32)
        return np.concatenate([each.forecast(self.view, narrow) for each in self._prepared])

    @cached_property
    def _prepared(self) -> list["_PreparedWindow"]:
        return [self._prepare(window) for window in self.windows]

    def _prepare(self, window: TestWindow) -> "_PreparedWindow":
        split = split_weeks(self.view.panel, window, self.rules, "expanding")
        train_rows = self.view.present(split.train_rows)
        width = self.view.block(train_rows[:1]).shape[1]
        total, products = np.zeros(width), np.zeros((width, width))
        # Single precision inside a block, double across blocks.
        for rows in _blocks(train_rows):
            block = self.view.block(rows)
            total += block.sum(axis=0)
            products += block.T @ block
        mean = total / len(train_rows)
        covariance = products / len(train_rows) - np.outer(mean, mean)
        penalty = PENALTY * np.eye(width)
        return _PreparedWindow(
            train_rows=train_rows,
            test_rows=self.view.present(split.test_rows),
            mean=mean,
            inverse=np.asarray(np.linalg.inv(covariance + penalty), dtype=np.float64),
        )


@dataclass(frozen=True, eq=False)
class _PreparedWindow:
    train_rows: Rows
    test_rows: Rows
    mean: Floats
    inverse: Floats

    def forecast(self, view: FeatureView, targets: Features) -> Floats:
        total = np.zeros(targets.shape[1])
        cross = np.zeros((len(self.mean), targets.shape[1]))
        for rows in _blocks(self.train_rows):
            own = targets[rows]
            total += own.sum(axis=0)
            cross += view.block(rows).T @ own
        cross -= np.outer(self.mean, total)
        coefficients = self.inverse @ (cross / len(self.train_rows))
        narrow = coefficients.astype(np.float32)
        parts = [view.block(rows) @ narrow for rows in _blocks(self.test_rows)]
        return np.concatenate(parts).astype(np.float64) - self.mean @ coefficients


def _blocks(rows: Rows) -> list[Rows]:
    return [rows[first : first + _BLOCK_ROWS] for first in range(0, len(rows), _BLOCK_ROWS)]
