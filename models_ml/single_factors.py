"""Single factors across the stocks of one week: Rank IC, stability of ranks, likeness.

A stock market of a decade has some 300 million factor values. They are ranked here, week by week:
sorting them in the warehouse, where every sort carries rows, took more than ten times as long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models_ml.arrays import Floats
from models_ml.metrics import MINIMUM_STOCK_COUNT

Counts = NDArray[np.int64]


def average_ranks(values: Floats) -> Floats:
    """Rank every row from 1, equal values sharing the mean of their ranks.

    Parameters
    ----------
    values
        float [k, n]; NaN = missing.

    Returns
    -------
    float64 [k, n]
        NaN where the value is missing; the others are ranked among themselves.
    """
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    position = np.arange(values.shape[1])
    is_first = np.ones(values.shape, dtype=np.bool_)
    is_first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    is_last = np.ones(values.shape, dtype=np.bool_)
    is_last[:, :-1] = is_first[:, 1:]
    first = np.maximum.accumulate(np.where(is_first, position, 0), axis=1)
    last = np.where(is_last, position, values.shape[1])
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2.0 + 1.0, axis=1)
    ranks[np.isnan(values)] = np.nan
    return ranks


def factor_rank_ic(
    factor_ranks: Floats, returns: Floats, *, minimum_stock_count: int = MINIMUM_STOCK_COUNT
) -> tuple[Floats, Counts]:
    """Spearman correlation of every factor with every return.

    Parameters
    ----------
    factor_ranks
        float64 [k, n], one row per factor, as `average_ranks` gives them; NaN = missing.
    returns
        float [h, n], one row per horizon; NaN = missing.

    Returns
    -------
    float64 [h, k], int64 [h, k]
        The correlations, each over the stocks that have both values and ranked among these alone;
        NaN with fewer stocks than the minimum or where either side is constant. The numbers of
        stocks.
    """
    rank_ic = np.full((len(returns), len(factor_ranks)), np.nan)
    counts = np.zeros(rank_ic.shape, dtype=np.int64)
    # Few patterns of missing values stand for all pairs: each is ranked once.
    for has_return, horizons in _patterns(returns):
        for has_factor, numbers in _patterns(factor_ranks):
            stocks = np.flatnonzero(has_return & has_factor)
            cells = np.ix_(horizons, numbers)
            counts[cells] = len(stocks)
            if len(stocks) < minimum_stock_count:
                continue
            x = factor_ranks[np.ix_(numbers, stocks)]
            if len(stocks) < np.count_nonzero(has_factor):
                x = average_ranks(x)
            y = average_ranks(returns[np.ix_(horizons, stocks)])
            centre = (len(stocks) + 1) / 2.0
            rank_ic[cells] = _correlations(y - centre, x - centre)
    return rank_ic, counts


def rank_autocorrelation(ranks: Floats, earlier: Floats) -> Floats:
    """Correlation of the ranks of the same stocks in two weeks, factor by factor.

    Parameters
    ----------
    ranks, earlier
        float64 [k, n], the same stocks in both, each ranked in its own week; NaN = missing.

    Returns
    -------
    float64 [k]
        NaN with fewer than two common stocks or where either side is constant.
    """
    both = np.isfinite(ranks) & np.isfinite(earlier)
    count = np.maximum(both.sum(axis=1, keepdims=True), 1)
    x, y = np.where(both, ranks, 0.0), np.where(both, earlier, 0.0)
    x = np.where(both, x - x.sum(axis=1, keepdims=True) / count, 0.0)
    y = np.where(both, y - y.sum(axis=1, keepdims=True) / count, 0.0)
    scale = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    return _divide((x * y).sum(axis=1), scale)


def factor_correlations(exposures: Floats) -> Floats:
    """Pearson correlation of every pair of exposures.

    Parameters
    ----------
    exposures
        float [k, n], finite.

    Returns
    -------
    float64 [k, k]
        NaN where either exposure is constant.
    """
    x = np.asarray(exposures, dtype=np.float64)
    x = x - x.mean(axis=1, keepdims=True)
    # What is left of a constant after centring is rounding.
    x[np.ptp(exposures, axis=1) == 0.0] = 0.0
    return _correlations(x, x)


def _patterns(values: Floats) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """Distinct rows of "has a value", each with the numbers of the rows that look like it."""
    present = np.isfinite(values)
    rows: dict[bytes, list[int]] = {}
    for number, packed in enumerate(np.packbits(present, axis=1)):
        rows.setdefault(packed.tobytes(), []).append(number)
    return [(present[numbers[0]], np.array(numbers)) for numbers in rows.values()]


def _correlations(first: Floats, second: Floats) -> Floats:
    scale = np.sqrt(np.outer((first * first).sum(axis=1), (second * second).sum(axis=1)))
    return _divide(first @ second.T, scale)


def _divide(product: Floats, scale: Floats) -> Floats:
    result = np.full(product.shape, np.nan)
    np.divide(product, scale, out=result, where=scale > 0.0)
    clipped: Floats = np.clip(result, -1.0, 1.0)
    return clipped
