"""Facts 26 and 27: distributions and special treatment."""

from __future__ import annotations

import numpy as np

from benchmarks.simulator_parts.figure import Figure, around
from benchmarks.simulator_parts.market import Market
from benchmarks.simulator_parts.suspensions import completed_spells

_SESSIONS_PER_YEAR = 243.0
_SPLIT = 1.08


def distribution_figures(market: Market) -> list[Figure]:
    """Fact 26: adjustment events per year, their season and their size.

    The share of splits is accepted where calendar years had it, 4 to 30 %; the cash median within
    a third of its real value, 1.14 %.
    """
    factor = market.bars["adj_factor"]
    ratio = factor[1:] / factor[:-1]
    event = market.listed[1:] & market.listed[:-1] & (np.abs(ratio - 1.0) > 1e-9)
    event &= market.in_period[1:, None]
    years = market.listed[market.in_period].sum() / _SESSIONS_PER_YEAR
    month = market.dates[1:].astype("datetime64[M]").astype(np.int64) % 12 + 1
    season = np.isin(month, (5, 6, 7))[:, None]
    size = ratio[event]
    split = size[size >= _SPLIT]
    cash = 100.0 * (np.median(size[(size > 1.0) & (size < _SPLIT)]) - 1.0)
    in_season = 100.0 * (event & season).sum() / event.sum()
    return [
        Figure("26", "adj_factor events per stock-year", 0.70, 0.95, float(event.sum() / years)),
        Figure("26", "events in May to July, %", 75.0, 100.0, float(in_season)),
        Figure("26", "splits among events, %", 4.0, 30.0, 100.0 * split.size / size.size),
        around("26", "cash events: median of the ratio less 1, %", 1.14, 1 / 3, float(cash)),
        Figure("26", "splits: median ratio", 1.2, 2.0, float(np.median(split))),
    ]


def treatment_figures(market: Market) -> list[Figure]:
    """Fact 27: special treatment, its share, entries and length.

    Entries have real values and no band: a third below the lowest to a third above the highest.
    """
    inside = market.in_period
    share = 100.0 * market.is_st[inside].sum() / market.listed[inside].sum()
    spells = completed_spells(market.is_st, market.listed)
    length = spells.length[inside[spells.end]]
    enters = market.is_st[1:] & ~market.is_st[:-1] & market.listed[:-1] & inside[1:, None]
    years = market.listed[inside].sum() / _SESSIONS_PER_YEAR
    month = market.dates[1:].astype("datetime64[M]").astype(np.int64) % 12 + 1
    spring = (enters & np.isin(month, (4, 5))[:, None]).sum() / enters.sum()
    return [
        Figure("27", "special treatment, % of stock-days", 1.5, 4.0, float(share)),
        Figure("27", "entries per stock-year", 0.0087, 0.0293, float(enters.sum() / years)),
        around("27", "entries in April and May, share", 0.70, 1 / 3, float(spring)),
        Figure("27", "spell length, median, sessions", 190, 320, float(np.median(length))),
    ]
