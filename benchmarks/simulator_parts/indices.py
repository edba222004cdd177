"""Facts 24 and 25: volatility of the indices, and how many constituents change."""

from __future__ import annotations

import numpy as np

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import Market

_NAMES = ("large", "mid", "small")
_SESSIONS_PER_YEAR = 243.0


def index_figures(market: Market) -> list[Figure]:
    """Fact 24: annual volatility, ordered by size, and autocorrelation of index returns."""
    daily = (market.index_close / market.index_pre_close - 1.0)[market.in_period]
    volatility = 100.0 * np.sqrt(_SESSIONS_PER_YEAR) * daily.std(axis=0)
    figures = [
        Figure("24", f"volatility of the {name} index, % a year", 16.0, 26.0, float(value))
        for name, value in zip(_NAMES, volatility, strict=True)
    ]
    for larger in (0, 1):
        definition = f"volatility, {_NAMES[larger + 1]} less {_NAMES[larger]} index, %"
        step = float(volatility[larger + 1] - volatility[larger])
        figures.append(Figure("24", definition, 0.0, 10.0, step))
    for number, name in enumerate(_NAMES):
        value = float(np.corrcoef(daily[:-1, number], daily[1:, number])[0, 1])
        figures.append(Figure("24", f"autocorrelation at 1, {name} index", -0.02, 0.12, value))
    return figures


def review_figures(market: Market) -> list[Figure]:
    """Fact 25: share of places taken by newcomers at a half-yearly review, mean over reviews."""
    bands = ((5.0, 10.0), (9.0, 10.5), (9.0, 10.5))
    review = _after_second_friday(market)
    figures = []
    for number, (name, (low, high)) in enumerate(zip(_NAMES, bands, strict=True)):
        member = market.member[number]
        entering = (member[review] & ~member[review - 1]).sum(axis=1)
        share = 100.0 * float((entering / member[review].sum(axis=1)).mean())
        figures.append(Figure("25", f"newcomers at a review, {name} index, %", low, high, share))
    return figures


def _after_second_friday(market: Market) -> np.ndarray:
    """Positions of the sessions in the period that open a new membership."""
    months = np.unique(market.dates[market.in_period].astype("datetime64[M]"))
    chosen = months[np.isin(months.astype(np.int64) % 12, (5, 11))]
    friday = np.busday_offset(chosen, 1, roll="forward", weekmask="Fri")
    return np.searchsorted(market.dates, friday, side="right")
