"""Facts 15 to 17: how many names do not trade, for how long, and how they come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import Market

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_REAL_SHARES = {2014: 7.6, 2015: 13.5, 2016: 8.4, 2017: 6.3, 2018: 4.0, 2019: 0.3}
_LONG = 20
_AT_LIMIT = 0.095


@dataclass(frozen=True)
class Spells:
    """Completed runs of a flag: first position, position after the last, name; shape (S,)."""

    start: IntArray
    end: IntArray
    name: IntArray

    @property
    def length(self) -> IntArray:
        """Sessions of each run."""
        return self.end - self.start


def completed_spells(flag: BoolArray, listed: BoolArray) -> Spells:
    """Runs of a flag (T, N) that begin after the first session and end while still listed."""
    change = np.diff(flag.astype(np.int8), axis=0)
    name, start = np.nonzero((change == 1).T & listed[:-1].T)
    name_end, end = np.nonzero((change == -1).T)
    spells = []
    for who in np.unique(name):
        begins, ends = start[name == who] + 1, end[name_end == who] + 1
        ends = ends[ends > begins[0]][: begins.size]
        spells.append(np.stack([begins[: ends.size], ends, np.full(ends.size, who)]))
    joined = np.concatenate(spells, axis=1)
    joined = joined[:, listed[joined[1], joined[2]]]
    return Spells(joined[0], joined[1], joined[2])


def suspension_figures(market: Market) -> list[Figure]:
    """Facts 15 and 16: suspended share by year, each within a third; length of the spells."""
    figures = []
    for year, share in _REAL_SHARES.items():
        chosen = market.year == year
        value = 100.0 * (1.0 - market.traded[chosen].sum() / market.listed[chosen].sum())
        definition = f"suspended share of stock-days in {year}, %"
        figures.append(Figure("15", definition, share * 2 / 3, share * 4 / 3, value))
    suspended = market.listed & ~market.traded
    share_by_day = suspended.sum(axis=1) / np.maximum(market.listed.sum(axis=1), 1)
    peak = 100.0 * float(share_by_day[market.in_period].max())
    spells = completed_spells(suspended, market.listed)
    length = spells.length[market.in_period[spells.end]]
    return [
        *figures,
        Figure("15", "largest suspended share of a day, %", 50 * 2 / 3, 50 * 4 / 3, peak),
        Figure("16", "spell length, median, sessions", 4, 9, float(np.median(length))),
        Figure("16", "spell length, 90th percentile", 60, 110, float(np.percentile(length, 90))),
    ]


def resumption_figures(market: Market) -> list[Figure]:
    """Fact 17: spells over 20 sessions end at a limit; the session after moves on the same way."""
    spells = completed_spells(market.listed & ~market.traded, market.listed)
    inside = market.in_period[spells.end] & (spells.end + 1 < market.dates.size)
    end, name = spells.end[inside], spells.name[inside]
    first = market.simple_return[end, name]
    after = market.simple_return[end + 1, name]
    long = spells.length[inside] > _LONG
    at_limit = np.abs(first) >= _AT_LIMIT
    up, down = first >= _AT_LIMIT, first <= -_AT_LIMIT
    return [
        Figure("17", "long spells that end at a limit, share", 0.60, 0.80, at_limit[long].mean()),
        Figure("17", "return after limit-up resumption, %", 0, 10, _mean_percent(after[up])),
        Figure("17", "return after limit-down resumption, %", -10, 0, _mean_percent(after[down])),
    ]


def _mean_percent(values: FloatArray) -> float:
    return 100.0 * float(np.nanmean(values))
