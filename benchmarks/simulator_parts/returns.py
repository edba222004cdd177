"""Facts 2, 3, 10 and 11: dispersion, clustering and tails of returns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulator_parts.figure import Figure, around
from benchmarks.simulator_parts.market import Market
from benchmarks.simulator_parts.series import autocorrelation, standardised_moment

FloatArray = NDArray[np.float64]

_LARGEST = 0.5
_SESSIONS = 500
_CLUSTERING = {1: (0.13, 0.30), 5: (0.09, 0.24), 20: (0.05, 0.18), 60: (0.02, 0.12)}


def regimes(market: Market) -> dict[str, FloatArray]:
    """Daily returns of seasoned names traded on both days, with and without the crisis."""
    daily = market.seasoned_return.copy()
    daily[1:] = np.where(market.traded[:-1], daily[1:], np.nan)
    daily = np.where(np.abs(daily) < _LARGEST, daily, np.nan)
    return {"calm": np.where(market.calm[:, None], daily, np.nan), "crisis in": daily}


def weekly_pairs(market: Market) -> FloatArray:
    """Weekly returns of seasoned names traded at both week ends, shape (W - 1, N)."""
    ends = market.week_ends
    valid = market.traded[ends[1:]] & market.traded[ends[:-1]] & (market.age[ends[:-1]] >= 60)
    valid &= market.in_period[ends[1:]][:, None]
    return np.where(valid, market.weekly_return, np.nan)


def dispersion_figures(market: Market) -> list[Figure]:
    """Facts 2 and 3: weekly and daily spread, pooled and across names."""
    calm_weeks = market.calm[market.week_ends[1:]]
    spread = np.nanstd(weekly_pairs(market)[calm_weeks], axis=1, ddof=1)
    figures = [Figure("2", "weekly cross-sectional sd, calm, %", 4.3, 6.3, 100 * spread.mean())]
    for regime, daily in regimes(market).items():
        pooled = 100.0 * float(np.nanstd(daily))
        across = 100.0 * float(_cross_sectional_sd(daily).mean())
        figures += [
            Figure("3", f"daily pooled sd, {regime}, %", 2.3, 3.2, pooled),
            Figure("3", f"daily cross-sectional sd, {regime}, %", 1.9, 2.8, across),
        ]
    return figures


def clustering_figures(market: Market) -> list[Figure]:
    """Fact 10: autocorrelation of absolute returns, mean over names with 500 sessions."""
    figures = []
    for regime, daily in regimes(market).items():
        size = np.abs(daily[:, np.isfinite(daily).sum(axis=0) >= _SESSIONS])
        for lag, (low, high) in _CLUSTERING.items():
            value = float(np.nanmean(autocorrelation(size, lag)))
            definition = f"|r| autocorrelation at {lag}, {regime}"
            figures.append(Figure("10", definition, low, high, value))
    return figures


def tail_figures(market: Market) -> list[Figure]:
    """Fact 11: kurtosis of daily and weekly returns, skew of returns scaled by each day's sd.

    The skew has a real value, 1.04, and no band: within a third is accepted.
    """
    figures = []
    daily = regimes(market)
    for regime, values in daily.items():
        kurtosis = standardised_moment(values, 4) - 3.0
        figures.append(Figure("11", f"daily excess kurtosis, {regime}", 2.0, 6.0, kurtosis))
    weekly = standardised_moment(weekly_pairs(market), 4) - 3.0
    every = daily["crisis in"][market.in_period]
    every = every[np.isfinite(every).any(axis=1)]
    scaled = every - np.nanmean(every, axis=1, keepdims=True)
    scaled /= np.nanstd(every, axis=1, keepdims=True)
    skew = standardised_moment(scaled, 3)
    return [
        *figures,
        Figure("11", "weekly excess kurtosis, crisis in", 4.0, 10.0, weekly),
        around("11", "skew of daily returns scaled by the day's sd", 1.04, 1 / 3, skew),
    ]


def _cross_sectional_sd(daily: FloatArray) -> FloatArray:
    known = np.isfinite(daily).sum(axis=1) >= 30
    result: FloatArray = np.nanstd(daily[known], axis=1, ddof=1)
    return result
