"""Bars as dense arrays of sessions and names, and what comes with a listing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from optimizer.arrays import BoolArray, DateArray, FloatArray
from optimizer.columns import DIVIDEND_TABLE
from optimizer.errors import InputError
from optimizer.frames import Frame, positions, refuse_duplicates, take_frames

# A price counts as the limit when rounding to the tick makes it the limit.
HALF_TICK_CNY = 0.005


def bar_arrays(bars: Frame, sessions: DateArray, symbols: tuple[str, ...]) -> dict[str, Any]:
    """Fields of `MarketData` that are made of bars, [T, N] each.

    Raises
    ------
    InputError
        If a key repeats, a close is missing inside a listing, or a price is not positive.
    """
    row = positions(sessions, bars.dates("trade_date"))
    name = bars.codes("symbol", symbols)
    refuse_duplicates(bars, row, name, len(symbols))
    shape = (sessions.size, len(symbols))
    dense: dict[str, FloatArray] = {}
    for column in ("adj_close", "adj_vwap", "adj_factor"):
        dense[column] = np.full(shape, np.nan)
        dense[column][row, name] = bars.numbers(column)
    listed = np.isfinite(dense["adj_close"])
    _refuse_gaps(listed, symbols)
    for column in ("adj_close", "adj_factor"):
        bad = int((~(dense[column][listed] > 0)).sum())
        if bad:
            raise InputError(f"core.fct_bar_daily.{column}: {bad} values are not positive")
    flags: dict[str, BoolArray] = {}
    for column in ("is_suspended", "is_one_price_limit_up", "is_one_price_limit_down"):
        flags[column] = np.zeros(shape, dtype=np.bool_)
        flags[column][row, name] = bars.flags(column)
    at_limit = {}
    for side, column, sign in (("up", "limit_up_price", 1.0), ("down", "limit_down_price", -1.0)):
        at_limit[side] = np.zeros(shape, dtype=np.bool_)
        at_limit[side][row, name] = _at_limit(bars, column, sign)
    volume = np.full(shape, np.nan, dtype=np.float32)
    if bars.has("volume_shares"):
        volume[row, name] = bars.numbers("volume_shares")
    return {
        **dense,
        "volume_shares": volume,
        "vwap_at_up": at_limit["up"],
        "vwap_at_down": at_limit["down"],
        "is_listed": listed,
        "is_tradable": listed & ~flags["is_suspended"] & (dense["adj_vwap"] > 0),
        "one_price_up": flags["is_one_price_limit_up"],
        "one_price_down": flags["is_one_price_limit_down"],
    }


def _at_limit(bars: Frame, column: str, sign: float) -> BoolArray:
    """Whether the raw VWAP of a row is the limit or, by rounding, less than half a tick off it."""
    if not bars.has(column):
        return np.zeros(len(bars), dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        vwap = bars.numbers("adj_vwap") / bars.numbers("adj_factor")
        return np.asarray(sign * (vwap - bars.numbers(column)) > -HALF_TICK_CNY)


def _refuse_gaps(listed: BoolArray, symbols: tuple[str, ...]) -> None:
    """Closes must run from the first to the last one of a name without a hole."""
    starts = np.diff(listed.astype(np.int8), axis=0, prepend=0) > 0
    broken = np.flatnonzero(starts.sum(axis=0) > 1)
    if broken.size:
        raise InputError(
            f"core.fct_bar_daily lacks closes inside the listing of {broken.size} names, for"
            f" instance {symbols[broken[0]]}; suspended sessions must carry the last one"
        )


def dividends(frames: Mapping[str, Any]) -> Frame | None:
    """Listed distributions; None where no frame is given."""
    if "core.fct_dividend" not in frames:
        return None
    return take_frames(frames, DIVIDEND_TABLE)["core.fct_dividend"]


def terminal_values(securities: Frame, symbols: tuple[str, ...]) -> FloatArray:
    """Yuan per share once the listing has ended, [N]; NaN where the source does not say."""
    values = np.full(len(symbols), np.nan)
    if securities.has("terminal_value_cny"):
        name = securities.codes("symbol", symbols)
        known = np.flatnonzero(name >= 0)
        values[name[known]] = securities.numbers("terminal_value_cny")[known]
    return values
