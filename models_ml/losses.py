"""The loss `rank_ic`: correlation of forecasts with ranked labels, its gradient, its trees.

Pure NumPy; the boosting libraries call it as their custom objective. The other loss, `mse`, is
each library's own.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models_ml.arrays import Booleans, Dates, Floats
from models_ml.metrics import ranks_within
from models_ml.rules import RankICForm, RankICRule

# A spread of forecasts below this share of their size is rounding, not spread.
_ROUNDING = 1e-12

Groups = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RankICLoss:
    """One minus the mean over groups of the Pearson correlation of forecast and ranked label.

    A group is a week (`weekly`) or all rows together (`pooled`). Groups of fewer than two names
    or with constant labels have no correlation: they count neither in the mean nor in a tree. A
    group with constant forecasts counts as correlation zero.

    Parameters
    ----------
    group_of
        int64 [n], positions of groups, ascending.
    names
        int64 [g], rows per group.
    label_rank
        float64 [n], average ranks of the labels inside their group, centred, divided by their
        standard deviation (divisor n); zero in groups that do not count.
    counts
        bool [g], groups that count.
    """

    group_of: Groups
    names: NDArray[np.int64]
    label_rank: Floats
    counts: Booleans

    @classmethod
    def of(cls, form: RankICForm, week_dates: Dates, label: Floats) -> Self:
        """Rank the labels of some rows.

        Parameters
        ----------
        form
            'weekly': one correlation per week; 'pooled': one over all rows.
        week_dates
            datetime64[D] [n], ascending.
        label
            float64 [n], finite.

        Raises
        ------
        ValueError
            If a label is missing or weeks are not in order.
        """
        if not np.isfinite(label).all():
            raise ValueError("expected finite labels, found missing ones: leave those rows out")
        if np.any(week_dates[1:] < week_dates[:-1]):
            raise ValueError("expected rows in order of their weeks")
        groups = week_dates if form == "weekly" else np.zeros(len(label), dtype=np.int64)
        _, group_of, names = np.unique(groups, return_inverse=True, return_counts=True)
        ranks = ranks_within(label, names.astype(np.int64))
        centred = ranks - ((names + 1) / 2.0)[group_of]
        spread = np.sqrt(np.bincount(group_of, centred * centred) / names)
        counts = spread > 0.0
        label_rank = centred / np.where(counts, spread, 1.0)[group_of]
        return cls(group_of.astype(np.int64), names.astype(np.int64), label_rank, counts)

    def value(self, forecast: Floats) -> float:
        """Return the loss, between 0 and 2; 1 if no group counts.

        Parameters
        ----------
        forecast
            float64 [n], finite.
        """
        correlation = self._standardised(forecast).correlation[self.counts]
        return 1.0 - float(np.mean(correlation)) if len(correlation) else 1.0

    def gradient(self, forecast: Floats) -> Floats:
        """Return the exact derivative of `value`: float64 [n].

        Where forecasts of a group are constant there is none, and zeros stand in.
        """
        parts = self._standardised(forecast)
        per_name = np.where(parts.spread > 0.0, self.names * parts.spread, np.inf)
        slope = self.label_rank - parts.correlation[self.group_of] * parts.forecast
        group_count = max(1, int(np.count_nonzero(self.counts)))
        return self._counted(-slope / per_name[self.group_of] / group_count)

    def start_terms(self) -> tuple[Floats, Floats]:
        """Return gradient and Hessian where there is no forecast yet: minus the label rank, one.

        Both are float64 [n], zero in groups that do not count.
        """
        return self._counted(-self.label_rank), self.counts[self.group_of].astype(np.float64)

    def boosting_terms(self, forecast: Floats, *, step: float = 1.0) -> tuple[Floats, Floats]:
        """Return gradient and Hessian of every row for the next tree: float64 [n] each.

        The gradient is that of the sum over groups of minus the correlation, times the names in
        the group (it then does not shrink with the size of a week), times the spread of the
        forecasts over all groups. That common factor makes a step a share of what is there
        already: the loss does not change with the scale of forecasts while its derivative falls
        with it. In a group with constant forecasts the terms of the start stand in. The Hessian
        is one.

        Parameters
        ----------
        forecast
            float64 [n], what the trees so far say.
        step
            Factor on the gradient of groups whose forecasts vary.
        """
        parts = self._standardised(forecast)
        varies = self.counts & (parts.spread > 0.0)
        common = np.sqrt(np.mean(parts.spread[varies] ** 2)) if varies.any() else 1.0
        size = np.where(varies, step * common / np.where(varies, parts.spread, 1.0), 1.0)
        slope = self.label_rank - parts.correlation[self.group_of] * parts.forecast
        _, hessian = self.start_terms()
        return self._counted(-slope * size[self.group_of]), hessian

    def _counted(self, values: Floats) -> Floats:
        return np.where(self.counts[self.group_of], values, 0.0)

    def _standardised(self, forecast: Floats) -> "_Standardised":
        forecast = np.asarray(forecast, dtype=np.float64)
        mean = np.bincount(self.group_of, forecast) / self.names
        centred = forecast - mean[self.group_of]
        spread = np.sqrt(np.bincount(self.group_of, centred * centred) / self.names)
        size = np.sqrt(np.bincount(self.group_of, forecast * forecast) / self.names)
        spread = np.where(spread > _ROUNDING * size, spread, 0.0)
        scaled = centred / np.where(spread > 0.0, spread, np.inf)[self.group_of]
        correlation = np.bincount(self.group_of, scaled * self.label_rank) / self.names
        return _Standardised(scaled, spread, correlation)


@dataclass(frozen=True, eq=False)
class _Standardised:
    """Forecasts with mean 0 and standard deviation 1 per group (all zero where constant)."""

    forecast: Floats
    spread: Floats
    correlation: Floats


class RankICObjective:
    """The loss as an objective that a library calls before every tree.

    Parameters
    ----------
    loss
        The loss on the rows of the fit.
    rule
        How many trees start, and the size of the steps after them.
    max_rounds
        Trees of the fit at most.
    """

    def __init__(self, loss: RankICLoss, rule: RankICRule, max_rounds: int) -> None:
        self._loss = loss
        self._step = rule.step
        self._start_trees = rule.start_of(max_rounds)
        self._trees = 0

    def __call__(self, forecast: Floats) -> tuple[Floats, Floats]:
        """Return gradient and Hessian for the next tree, given what the trees so far say."""
        self._trees += 1
        if self._trees <= self._start_trees:
            return self._loss.start_terms()
        return self._loss.boosting_terms(forecast, step=self._step)
