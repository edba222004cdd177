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

    @property
    def width(self) -> int:
        """Number of features of a row."""
        extra = 0 if self.extra is None else self.extra.shape[1]
        return len(self.panel.feature_names) + extra

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
        Test windows in time order; each is trained on the expanding weeks before it, of which only
        those beyond the window before are read.
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
        parts: list[Floats] = []
        total, cross = np.zeros(0), np.zeros((0, 0))
        for window in self._prepared:
            if window.starts_over:
                total = np.zeros(targets.shape[1])
                cross = np.zeros((self.view.width, targets.shape[1]))
            for rows in _blocks(window.fresh_rows):
                own = narrow[rows]
                total += own.sum(axis=0)
                cross += self.view.block(rows).T @ own
            centred = cross - np.outer(window.mean, total)
            coefficients = window.inverse @ (centred / window.train_row_count)
            parts.append(self._product(window, coefficients))
        return np.concatenate(parts)

    def _product(self, window: "_PreparedWindow", coefficients: Floats) -> Floats:
        slopes = coefficients.astype(np.float32)
        forecasts = [self.view.block(rows) @ slopes for rows in _blocks(window.test_rows)]
        return np.concatenate(forecasts).astype(np.float64) - window.mean @ coefficients

    @cached_property
    def _prepared(self) -> list["_PreparedWindow"]:
        prepared: list[_PreparedWindow] = []
        moments = _Moments.none(self.view.width)
        for window in self.windows:
            split = split_weeks(self.view.panel, window, self.rules, "expanding")
            train_rows = self.view.present(split.train_rows)
            fresh_rows = moments.rows_beyond(train_rows)
            if fresh_rows is None:
                moments, fresh_rows = _Moments.none(self.view.width), train_rows
            starts_over = len(moments.rows) == 0
            moments = moments.with_rows(self.view, fresh_rows, train_rows)
            prepared.append(
                _PreparedWindow(
                    fresh_rows=fresh_rows,
                    starts_over=starts_over,
                    train_row_count=len(train_rows),
                    test_rows=self.view.present(split.test_rows),
                    mean=moments.mean,
                    inverse=moments.inverse(),
                )
            )
        return prepared


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums and products of the features of some rows; those of more rows are made from them."""

    rows: Rows
    total: Floats
    products: Floats

    @classmethod
    def none(cls, width: int) -> "_Moments":
        return cls(np.empty(0, dtype=np.int64), np.zeros(width), np.zeros((width, width)))

    def rows_beyond(self, rows: Rows) -> Rows | None:
        """Those of some rows that are not in yet; None if some that are in are not among them."""
        beyond = np.setdiff1d(rows, self.rows, assume_unique=True)
        return beyond if len(beyond) + len(self.rows) == len(rows) else None

    def with_rows(self, view: FeatureView, fresh_rows: Rows, rows: Rows) -> "_Moments":
        total, products = self.total.copy(), self.products.copy()
        # Single precision inside a block, double across blocks.
        for part in _blocks(fresh_rows):
            block = view.block(part)
            total += block.sum(axis=0)
            products += block.T @ block
        return _Moments(rows, total, products)

    @property
    def mean(self) -> Floats:
        return self.total / len(self.rows)

    def inverse(self) -> Floats:
        """Inverse of the penalised covariance."""
        covariance = self.products / len(self.rows) - np.outer(self.mean, self.mean)
        penalty = PENALTY * np.eye(len(self.total))
        return np.asarray(np.linalg.inv(covariance + penalty), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _PreparedWindow:
    """What of a window does not depend on the targets.

    `fresh_rows` are the rows it trains on beyond those of the window before, unless it
    `starts_over`.
    """

    fresh_rows: Rows
    starts_over: bool
    train_row_count: int
    test_rows: Rows
    mean: Floats
    inverse: Floats


def _blocks(rows: Rows) -> list[Rows]:
    return [rows[first : first + _BLOCK_ROWS] for first in range(0, len(rows), _BLOCK_ROWS)]
