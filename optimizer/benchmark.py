"""Level of the benchmark over a back-test."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from optimizer.arrays import FloatArray
from optimizer.errors import InputError
from optimizer.inputs import MarketData


def benchmark_level(
    market: MarketData, benchmark: str, series: str, first: int, last: int
) -> tuple[FloatArray, str]:
    """Benchmark from one session to another, 1 at the first, and which series it is.

    Parameters
    ----------
    series
        `price` for the price index; `total_return` for the total return index where the source
        gives it, else rebuilt from the index weights.

    Returns
    -------
    level, name
        [sessions of the span]; `price`, `total_return` or `rebuilt_total_return`.
    """
    span = slice(first, last + 1)
    if series == "price":
        close = market.index_close[benchmark][span]
        return close / close[0], "price"
    if benchmark in market.index_total_return:
        close = market.index_total_return[benchmark][span]
        return close / close[0], "total_return"
    return _rebuilt(market, benchmark, first, last), "rebuilt_total_return"


def _rebuilt(market: MarketData, benchmark: str, first: int, last: int) -> FloatArray:
    """Buy and hold the index weights of each week_date until the next, dividends reinvested.

    Between two week_dates the weights drift with prices; a constituent that leaves the exchange
    keeps its last price. A week without weights keeps the holdings of the week before.
    """
    weekly = market.index_weights[benchmark]
    week_sessions = market.week_sessions
    start = int(np.searchsorted(week_sessions, first, side="right")) - 1
    if start < 0 or not weekly[start].nnz:
        raise InputError(
            f"core.fct_index_weight_week has no weights of {benchmark} at"
            f" {market.sessions[first]}: the total return of the benchmark cannot be rebuilt;"
            " supply weights, or total_return_close in core.fct_index_daily"
        )
    later = [w for w in range(start + 1, week_sessions.size) if weekly[w].nnz]
    turns = [int(week_sessions[w]) for w in later if first < week_sessions[w] < last]
    edges = [first, *turns, last]
    level = np.ones(last - first + 1)
    for week, (begin, end) in zip([start, *later], pairwise(edges), strict=False):
        held = weekly[week].tocoo()
        growth = _growth(market.adj_close[begin : end + 1, held.col], held.data)
        after = slice(begin - first + 1, end - first + 1)
        level[after] = level[begin - first] * growth[1:]
    return level


def _growth(close: FloatArray, weights: FloatArray) -> FloatArray:
    """Value over time of one unit spread by weights over names, [sessions]; 1 at the start.

    A missing close keeps the last one; names without a first close are left out.
    """
    known = np.isfinite(close[0])
    carried = np.ascontiguousarray(pd.DataFrame(close[:, known]).ffill().to_numpy())
    share = weights[known] / weights[known].sum()
    # Summed session by session: a matrix product would round by the number of sessions.
    return np.asarray((carried / carried[0] * share).sum(axis=1), dtype=np.float64)
