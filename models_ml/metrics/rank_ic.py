"""Weekly Rank IC: Spearman correlation of forecast and label across the stocks of a week."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models_ml.arrays import Booleans, Dates, Floats

MINIMUM_STOCK_COUNT = 30

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WeeklyRankIC:
    """Rank IC per week.

    Parameters
    ----------
    week_dates
        datetime64[D] [w], ascending, every week that was given.
    rank_ic
        float64 [w]; NaN with fewer than the least number of names, or where forecasts or labels
        are constant.
    stock_count
        int64 [w], names with both a forecast and a label.
    is_degenerate
        bool [w], enough names but constant forecasts.
    """

    week_dates: Dates
    rank_ic: Floats
    stock_count: Counts
    is_degenerate: Booleans

    @property
    def mean(self) -> float:
        """Mean over the weeks with a value; NaN if there is none."""
        values = self.rank_ic[np.isfinite(self.rank_ic)]
        return float(np.mean(values)) if len(values) else float("nan")

    @property
    def degenerate_week_count(self) -> int:
        """Number of weeks with constant forecasts."""
        return int(np.count_nonzero(self.is_degenerate))


def weekly_rank_ic(
    week_dates: Dates,
    prediction: Floats,
    label: Floats,
    *,
    minimum_stock_count: int = MINIMUM_STOCK_COUNT,
) -> WeeklyRankIC:
    """Compute the Rank IC of every week at once.

    Parameters
    ----------
    week_dates
        datetime64[D] [n], in any order.
    prediction, label
        float64 [n]; a row with a NaN in either does not count.
    minimum_stock_count
        Weeks with fewer names have no value.

    Returns
    -------
    WeeklyRankIC
        One entry per distinct week, ties given their average rank (Spearman's rho as in
        Kendall and Gibbons, Rank Correlation Methods, 1990).
    """
    weeks, week_of = np.unique(week_dates, return_inverse=True)
    rows = np.flatnonzero(np.isfinite(prediction) & np.isfinite(label))
    rows = rows[np.argsort(week_of[rows], kind="stable")]
    counts = np.bincount(week_of[rows], minlength=len(weeks)).astype(np.int64)
    prediction_rank = ranks_within(np.asarray(prediction, dtype=np.float64)[rows], counts)
    label_rank = ranks_within(np.asarray(label, dtype=np.float64)[rows], counts)
    correlation, is_constant = _rank_correlation(prediction_rank, label_rank, counts)
    enough = counts >= minimum_stock_count
    return WeeklyRankIC(
        week_dates=weeks,
        rank_ic=np.where(enough, correlation, np.nan),
        stock_count=counts,
        is_degenerate=enough & is_constant,
    )


class RankICScorer:
    """Mean weekly Rank IC of many forecasts against the same labels; labels are ranked once.

    Parameters
    ----------
    week_dates
        datetime64[D] [n], ascending.
    label
        float64 [n], finite.
    minimum_stock_count
        Weeks with fewer names do not count.
    """

    def __init__(
        self,
        week_dates: Dates,
        label: Floats,
        *,
        minimum_stock_count: int = MINIMUM_STOCK_COUNT,
    ) -> None:
        if not np.isfinite(label).all():
            raise ValueError("expected finite labels, found missing ones: leave those rows out")
        _, counts = np.unique(week_dates, return_counts=True)
        self._counts = counts.astype(np.int64)
        self._label_rank = ranks_within(label, self._counts)
        self._enough = self._counts >= minimum_stock_count

    def mean(self, prediction: Floats) -> float:
        """Return the mean over the weeks with enough names; a constant week counts as zero.

        Zero and not "no value": a forecast must not gain by being constant in its bad weeks.
        Without any week of enough names the score is zero too.
        """
        ranks = ranks_within(np.asarray(prediction, dtype=np.float64), self._counts)
        correlation, _ = _rank_correlation(ranks, self._label_rank, self._counts)
        values = np.nan_to_num(correlation[self._enough], nan=0.0)
        return float(np.mean(values)) if len(values) else 0.0


def spearman_p_value(rank_ic: Floats, stock_count: Counts) -> Floats:
    """Return the two-sided p-value of a Spearman correlation, t with n - 2 degrees of freedom.

    Parameters
    ----------
    rank_ic
        float64 [w], in [-1, 1]; NaN stays NaN.
    stock_count
        int64 [w], names behind each correlation; fewer than three give NaN.

    Returns
    -------
    float64 [w]
        The approximation that scipy.stats.spearmanr uses too; 0 where |rank_ic| = 1.
    """
    rank_ic = np.asarray(rank_ic, dtype=np.float64)
    freedom = np.asarray(stock_count, dtype=np.float64) - 2.0
    usable = np.isfinite(rank_ic) & (freedom >= 1.0)
    p_value = np.full(rank_ic.shape, np.nan)
    r, df = rank_ic[usable], freedom[usable]
    unexplained = (1.0 - r) * (1.0 + r)
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(df / unexplained)
    p_value[usable] = 2.0 * stats.t.sf(t, df)
    return p_value


def ranks_within(values: Floats, counts: Counts) -> Floats:
    """Average ranks, from 1, of finite values inside consecutive groups of the given sizes.

    Groups become rows of a matrix padded with infinities, so that one sort serves all weeks.
    """
    starts = np.cumsum(counts) - counts
    width = int(counts.max(initial=0))
    is_value = np.arange(width) < counts[:, None]
    padded = np.full(is_value.shape, np.inf)
    padded[is_value] = values
    order = np.argsort(padded, axis=1)
    ordered = np.take_along_axis(padded, order, axis=1)[is_value]
    is_new = np.ones(len(values), dtype=np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    is_new[starts[counts > 0]] = True
    run_starts = np.flatnonzero(is_new)
    run_lengths = np.diff(np.append(run_starts, len(values)))
    group_starts = np.repeat(starts, counts)
    ordered_ranks = np.repeat(run_starts + (run_lengths + 1) / 2.0, run_lengths) - group_starts
    ranks = np.empty(len(values))
    ranks[group_starts + order[is_value]] = ordered_ranks
    return ranks


def _rank_correlation(first: Floats, second: Floats, counts: Counts) -> tuple[Floats, Booleans]:
    """Pearson correlation of ranks per group (NaN if either is constant), and "first constant"."""
    group = np.repeat(np.arange(len(counts)), counts)
    # The mean of average ranks is (n + 1) / 2 exactly, ties or not.
    centre = np.repeat((counts + 1) / 2.0, counts)
    x, y = first - centre, second - centre
    xx = np.bincount(group, x * x, minlength=len(counts))
    yy = np.bincount(group, y * y, minlength=len(counts))
    xy = np.bincount(group, x * y, minlength=len(counts))
    varies = (xx > 0.0) & (yy > 0.0)
    correlation = np.full(len(counts), np.nan)
    correlation[varies] = xy[varies] / np.sqrt(xx[varies] * yy[varies])
    return np.clip(correlation, -1.0, 1.0), xx == 0.0
