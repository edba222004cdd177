"""Facts 4, 5 and 21: how names move with the market and with each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import YEARS, Market

FloatArray = NDArray[np.float64]

_SESSIONS = 120
_TRADED_SHARE = 0.85


def equal_weight(market: Market) -> FloatArray:
    """Mean return of the seasoned names by session, shape (T,)."""
    known = np.isfinite(market.seasoned_return)
    total = np.where(known, market.seasoned_return, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)


def large_and_mid(market: Market) -> FloatArray:
    """Return of the constituents of the large and the mid index by circulating value, (T,)."""
    member = market.member[0] | market.member[1]
    weight = np.where(member[1:], np.nan_to_num(market.float_cap[:-1]), 0.0)
    daily = np.nan_to_num(market.simple_return[1:])
    result = np.full(market.dates.size, np.nan)
    result[1:] = (weight * daily).sum(axis=1) / weight.sum(axis=1)
    return result


def yearly_regressions(
    market: Market, index: FloatArray
) -> tuple[dict[int, FloatArray], dict[int, FloatArray]]:
    """Slope and R2 of each stock-year with 120 sessions, shape (N,), NaN for others; by year."""
    slopes, fits = {}, {}
    for year in YEARS:
        chosen = market.year == year
        y = market.seasoned_return[chosen]
        known = np.isfinite(y) & np.isfinite(index[chosen])[:, None]
        enough = known.sum(axis=0) >= _SESSIONS
        count = np.maximum(known.sum(axis=0), 1)
        x = np.where(known, index[chosen][:, None], 0.0)
        y = np.where(known, y, 0.0)
        x = np.where(known, x - x.sum(axis=0) / count, 0.0)
        y = np.where(known, y - y.sum(axis=0) / count, 0.0)
        product, square, total = (x * y).sum(axis=0), (x * x).sum(axis=0), (y * y).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            slopes[year] = np.where(enough, product / square, np.nan)
            fits[year] = np.where(enough, product**2 / (square * total), np.nan)
    return slopes, fits


def market_figures(market: Market) -> list[Figure]:
    """Fact 4: market R2, and that it varies by year."""
    figures = []
    for name, index in (
        ("equal weight", equal_weight(market)),
        ("large and mid index", large_and_mid(market)),
    ):
        _, fits = yearly_regressions(market, index)
        by_year = [float(np.nanmean(fit)) for fit in fits.values()]
        mean, span = float(np.mean(by_year)), max(by_year) - min(by_year)
        figures += [
            Figure("4", f"market R2 per stock-year, daily, {name}", 0.25, 0.45, mean),
            Figure("4", f"highest less lowest year, {name}", 0.10, 0.55, span),
        ]
    return figures


def correlation_figures(market: Market) -> list[Figure]:
    """Fact 5: mean pairwise correlation, and how much higher it is inside an industry."""
    every, excess = [], []
    for year in YEARS:
        same, other, both = _pairwise(market, year)
        every.append(both)
        excess.append(same - other)
    return [
        Figure("5", "mean pairwise correlation, mean of years", 0.20, 0.45, float(np.mean(every))),
        Figure("5", "same less other industry, mean of years", 0.05, 0.15, float(np.mean(excess))),
    ]


def _pairwise(market: Market, year: int) -> tuple[float, float, float]:
    """Mean correlation of pairs of the same, of other, and of any industry in a year."""
    chosen = market.year == year
    daily = market.seasoned_return[chosen]
    names = np.isfinite(daily).mean(axis=0) >= _TRADED_SHARE
    daily = daily[:, names]
    known = np.isfinite(daily).astype(np.float64)
    values = np.nan_to_num(daily)
    count = known.T @ known
    x, y = values.T @ known, known.T @ values
    covariance = values.T @ values - x * y / count
    square = (values**2).T @ known - x * x / count
    # A pair with a name that never moved has no correlation.
    scale = np.sqrt(np.maximum(square * square.T, 0.0))
    matrix = np.divide(covariance, scale, out=np.full_like(scale, np.nan), where=scale > 1e-12)
    industry = market.industry[chosen][-1][names]
    pair = np.triu(np.ones(matrix.shape, dtype=bool), 1)
    same = pair & (industry[:, None] == industry[None, :])
    inside, outside, every = (float(np.nanmean(matrix[p])) for p in (same, pair & ~same, pair))
    return inside, outside, every


def beta_figures(market: Market) -> list[Figure]:
    """Fact 21: spread of yearly betas on the large and mid index, and how long they last."""
    slopes, _ = yearly_regressions(market, large_and_mid(market))
    within = float(np.mean([np.nanstd(slope) for slope in slopes.values()]))
    ranks = [
        float(spearmanr(slopes[year], slopes[year + 1], nan_policy="omit").statistic)
        for year in YEARS[:-1]
    ]
    return [
        Figure("21", "beta sd across names, mean of years", 0.20, 0.35, within),
        Figure("21", "beta rank correlation with the next year", 0.35, 0.60, float(np.mean(ranks))),
    ]
