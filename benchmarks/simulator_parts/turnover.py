"""Facts 18 to 20: turnover, its bond with returns and size, and how sizes spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulator_parts.figure import Figure, around
from benchmarks.simulator_parts.market import YEARS, Market
from benchmarks.simulator_parts.series import (
    autocorrelation,
    correlation,
    standardised_moment,
)

FloatArray = NDArray[np.float64]

_SESSIONS = 500
_PERSISTENCE = {1: 0.85, 5: 0.71, 20: 0.56, 60: 0.39}


def log_turnover(market: Market) -> FloatArray:
    """Logarithm of the turnover of seasoned names on traded sessions of the period, (T, N)."""
    usable = np.isfinite(market.seasoned_return)
    return np.log(np.where(usable, market.bars["turnover_rate"], np.nan))


def turnover_figures(market: Market) -> list[Figure]:
    """Fact 18: spread of log turnover across names and in time, and its persistence."""
    log_rate = log_turnover(market)
    across = float(np.nanmean(np.nanstd(log_rate[market.in_period], axis=1)))
    series = log_rate[:, np.isfinite(log_rate).sum(axis=0) >= _SESSIONS]
    in_time = float(np.nanstd(series, axis=0).mean())
    figures = [
        around("18", "ln turnover, sd across names", 0.944, 0.15, across),
        around("18", "ln turnover, sd in time", 0.874, 0.15, in_time),
    ]
    for lag, real in _PERSISTENCE.items():
        value = float(np.nanmean(autocorrelation(series, lag)))
        definition = f"ln turnover, autocorrelation at {lag}"
        figures.append(Figure("18", definition, real - 0.08, real + 0.08, value))
    return figures


def volume_figures(market: Market) -> list[Figure]:
    """Fact 19: large moves come with volume; amount grows less than in proportion to size."""
    log_rate, size = log_turnover(market), np.abs(market.seasoned_return)
    enough = np.isfinite(log_rate).sum(axis=0) >= _SESSIONS
    in_time = float(np.nanmean(correlation(size[:, enough], log_rate[:, enough], axis=0)))
    days = np.isfinite(log_rate).sum(axis=1) >= 30
    across = float(np.nanmean(correlation(size[days], log_rate[days], axis=1)))
    usable = np.isfinite(log_rate[days])
    amount = np.log(np.where(usable, market.bars["amount"][days], np.nan))
    cap = np.log(np.where(usable, market.float_cap[days], np.nan))
    slope = correlation(amount, cap, axis=1) * np.nanstd(amount, axis=1) / np.nanstd(cap, axis=1)
    return [
        Figure("19", "correlation of |r| and ln turnover in time", 0.35, 0.55, in_time),
        Figure("19", "correlation of |r| and ln turnover across names", 0.35, 0.55, across),
        Figure("19", "elasticity of amount to circulating value", 0.50, 0.75, float(slope.mean())),
    ]


def size_figures(market: Market) -> list[Figure]:
    """Fact 20: circulating values at year ends, means over the years."""
    spread, skew, top = [], [], []
    for year in YEARS:
        last = np.flatnonzero(market.year == year)[-1]
        cap = market.float_cap[last][market.listed[last]]
        log_cap = np.log(cap)
        spread.append(float(log_cap.std()))
        skew.append(standardised_moment(log_cap, 3))
        largest = np.sort(cap)[-round(cap.size / 10) :]
        top.append(100.0 * float(largest.sum() / cap.sum()))
    return [
        Figure("20", "ln circulating value, sd across names", 0.9, 1.2, float(np.mean(spread))),
        Figure("20", "ln circulating value, skew", 0.6, 1.2, float(np.mean(skew))),
        Figure("20", "circulating value in the largest tenth, %", 50, 67, float(np.mean(top))),
    ]
