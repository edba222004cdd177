"""A simulated market read back into dense arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from market_data.simulator.config import CRISES, INDEX_SYMBOLS
from market_data.simulator.rulebook import (
    BOARD_NAMES,
    free_sessions,
    limit_percent,
    price_limits,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]

FIRST_YEAR, LAST_YEAR = 2014, 2019
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
CRISIS = CRISES[1]
_PRICES = ("open", "high", "low", "close", "pre_close", "adj_factor", "amount", "turnover_rate")


@dataclass(frozen=True)
class Market:
    """A simulated market as dense arrays of shape (T, N); NaN or False where not listed.

    Attributes
    ----------
    dates, week_ends
        Sessions, shape (T,), and the positions of those that end a week.
    list_date, board
        Of each name, shape (N,).
    bars
        Columns of `daily_bars` by their name, prices in yuan.
    float_cap
        Circulating value, yuan.
    traded, listed, is_st
        Flags by session and name.
    age
        Sessions since listing; 500 more for names listed before the first session.
    industry
        Number of the level-1 industry, -1 where not listed.
    member
        Membership of the three indices, shape (3, T, N).
    index_close, index_pre_close
        Index levels, shape (T, 3).
    expected
        True expected return of the next week, on week ends.
    """

    dates: DateArray
    week_ends: IntArray
    list_date: DateArray
    board: IntArray
    bars: dict[str, FloatArray]
    float_cap: FloatArray
    traded: BoolArray
    listed: BoolArray
    is_st: BoolArray
    age: IntArray
    industry: IntArray
    member: BoolArray
    index_close: FloatArray
    index_pre_close: FloatArray
    expected: FloatArray

    @cached_property
    def simple_return(self) -> FloatArray:
        """Daily return on traded sessions, NaN elsewhere."""
        return np.where(self.traded, self.bars["close"] / self.bars["pre_close"] - 1.0, np.nan)

    @cached_property
    def seasoned_return(self) -> FloatArray:
        """Daily return of names listed for more than 60 sessions, inside the period."""
        chosen = (self.age > 60) & self.in_period[:, None]
        return np.where(chosen, self.simple_return, np.nan)

    @cached_property
    def adjusted(self) -> FloatArray:
        """Adjusted close, carried over suspensions."""
        return self.bars["close"] * self.bars["adj_factor"]

    @cached_property
    def year(self) -> IntArray:
        """Calendar year of each session."""
        return self.dates.astype("datetime64[Y]").astype(np.int64) + 1970

    @cached_property
    def in_period(self) -> BoolArray:
        """Sessions of the years that facts are measured on."""
        return (self.year >= FIRST_YEAR) & (self.year <= LAST_YEAR)

    @cached_property
    def calm(self) -> BoolArray:
        """Sessions of the period outside the crisis."""
        first, last = (np.datetime64(day, "D") for day in CRISIS)
        return self.in_period & ~((self.dates >= first) & (self.dates <= last))

    @cached_property
    def limit_cents(self) -> tuple[IntArray, IntArray]:
        """Lower and upper limit prices in cents; 0 where not listed."""
        pre_close = cents(self.bars["pre_close"])
        free = free_sessions(self.board, self.list_date)
        lower, upper = np.zeros_like(pre_close), np.zeros_like(pre_close)
        for t, session in enumerate(self.dates):
            percent = limit_percent(self.board, self.is_st[t], session)
            limits = price_limits(pre_close[t], percent, self.age[t], free)
            lower[t], upper[t] = limits.lower, limits.upper
        return lower, upper

    @cached_property
    def weekly_return(self) -> FloatArray:
        """Return from each week end to the next, shape (W - 1, N)."""
        weekly = self.adjusted[self.week_ends]
        result: FloatArray = weekly[1:] / weekly[:-1] - 1.0
        return result


def cents(prices: FloatArray) -> IntArray:
    """Prices in whole cents; 0 where missing."""
    return np.round(np.nan_to_num(prices) * 100.0).astype(np.int64)


def load_market(landing: Path, truth: Path) -> Market:
    """Read a landing directory and its truth into dense arrays."""
    table = pq.read_table(landing / "daily_bars.parquet")
    instruments = pq.read_table(landing / "instruments.parquet")
    calendar = pq.read_table(landing / "trade_calendar.parquet")
    dates = _days(calendar["trade_date"])
    number = {symbol: index for index, symbol in enumerate(instruments["symbol"].to_pylist())}
    row = np.searchsorted(dates, _days(table["trade_date"]))
    column = _numbers(table["symbol"], number)
    shape = (dates.size, len(number))

    def dense(name: str) -> FloatArray:
        filled = np.full(shape, np.nan)
        filled[row, column] = table[name].to_numpy(zero_copy_only=False).astype(np.float64)
        return filled

    listed = np.zeros(shape, dtype=bool)
    listed[row, column] = True
    list_date = _days(instruments["list_date"])
    boards = {name: index for index, name in enumerate(BOARD_NAMES)}
    bars = {name: dense(name) for name in _PRICES}
    index_close, index_pre_close = _index_levels(landing, dates.size)
    return Market(
        dates=dates,
        week_ends=np.flatnonzero(
            calendar["is_last_session_of_week"].to_numpy(zero_copy_only=False)
        ),
        list_date=list_date,
        board=np.array([boards[board] for board in instruments["board"].to_pylist()]),
        bars=bars,
        float_cap=bars["close"] * dense("float_shares"),
        traded=listed & (dense("is_suspended") == 0.0),
        listed=listed,
        is_st=dense("is_st") == 1.0,
        age=np.cumsum(listed, axis=0) + np.where(list_date < dates[0], 500, 0),
        industry=np.where(listed, _industries(landing, dates, number), -1),
        member=_members(landing, dates, number),
        index_close=index_close,
        index_pre_close=index_pre_close,
        expected=_expected(truth, dates, number),
    )


def _days(column: pa.ChunkedArray) -> DateArray:
    return np.asarray(column.to_numpy(), dtype="datetime64[D]")


def _numbers(column: pa.ChunkedArray, number: dict[str, int]) -> IntArray:
    return np.array([number[symbol] for symbol in column.to_pylist()], dtype=np.int64)


def _expected(truth: Path, dates: DateArray, number: dict[str, int]) -> FloatArray:
    known = pq.read_table(truth / "expected_return.parquet")
    expected = np.full((dates.size, len(number)), np.nan)
    week = np.searchsorted(dates, _days(known["week_date"]))
    expected[week, _numbers(known["symbol"], number)] = known["expected_return_1w"].to_numpy()
    return expected


def _industries(landing: Path, dates: DateArray, number: dict[str, int]) -> IntArray:
    table = pq.read_table(landing / "industry_history.parquet")
    found = sorted(set(table["industry_code"].to_pylist()))
    codes = {code: index for index, code in enumerate(found)}
    result = np.full((dates.size, len(number)), -1, dtype=np.int64)
    first = np.searchsorted(dates, _days(table["in_date"]))
    out = _days(table["out_date"])
    last = np.searchsorted(dates, np.where(np.isnat(out), dates[-1] + 1, out))
    names = _numbers(table["symbol"], number)
    for begin, end, name, code in zip(
        first, last, names, table["industry_code"].to_pylist(), strict=True
    ):
        result[begin:end, name] = codes[code]
    return result


def _members(landing: Path, dates: DateArray, number: dict[str, int]) -> BoolArray:
    table = pq.read_table(landing / "index_members.parquet")
    result = np.zeros((len(INDEX_SYMBOLS), dates.size, len(number)), dtype=bool)
    index = [INDEX_SYMBOLS.index(symbol) for symbol in table["index_symbol"].to_pylist()]
    first = np.searchsorted(dates, _days(table["in_date"]))
    last = np.searchsorted(dates, _days(table["out_date"]), side="right")
    names = _numbers(table["symbol"], number)
    for which, begin, end, name in zip(index, first, last, names, strict=True):
        result[which, begin:end, name] = True
    return result


def _index_levels(landing: Path, sessions: int) -> tuple[FloatArray, FloatArray]:
    table = pq.read_table(landing / "index_bars.parquet").sort_by(
        [("symbol", "ascending"), ("trade_date", "ascending")]
    )
    order = np.argsort(np.argsort(INDEX_SYMBOLS))
    close, pre_close = (
        table[name].to_numpy().reshape(len(INDEX_SYMBOLS), sessions)[order].T
        for name in ("close", "pre_close")
    )
    return close, pre_close
