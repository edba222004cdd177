"""Rules of the exchanges: price limits by board and date, rounding, ex-rights prices, lots.

Prices are whole cents (int64) throughout, so that rounding is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FIRST_SESSION_LIMITS = date(2014, 1, 1)
CHINEXT_OPENING = date(2009, 10, 30)
STAR_OPENING = date(2019, 7, 22)
CHINEXT_REGISTRATION = date(2020, 8, 24)
BSE_OPENING = date(2021, 11, 15)
MAIN_REGISTRATION = date(2023, 4, 10)

# Above any price a limit could stop, and still a DECIMAL(9,2).
NO_UPPER_LIMIT = 999_999_999
# No name of this market trades below twenty cents.
LOWEST_PRICE = 20

_FIRST_DAY_UP = 44
_FIRST_DAY_DOWN = 36
_FREE_SESSIONS = 5


class Board(IntEnum):
    """Boards, as small integers for arrays."""

    MAIN = 0
    CHINEXT = 1
    STAR = 2
    BSE = 3


BOARD_NAMES = ("Main", "ChiNext", "STAR", "BSE")


@dataclass(frozen=True)
class PriceLimits:
    """Limit prices of one session, in cents; each array has shape (N,)."""

    lower: IntArray
    upper: IntArray


def limit_percent(board: IntArray, is_st: BoolArray, session: np.datetime64) -> IntArray:
    """Percentage by which a price may move from the previous close, shape (N,).

    Main 10 (5 under special treatment), STAR 20, ChiNext 10 before 2020-08-24 and 20 from then on,
    BSE 30.
    """
    chinext = 20 if session >= np.datetime64(CHINEXT_REGISTRATION, "D") else 10
    by_board = np.array([10, chinext, 20, 30], dtype=np.int64)
    percent = by_board[board]
    return np.where(is_st & (board == Board.MAIN), 5, percent)


def free_sessions(board: IntArray, list_date: NDArray[np.datetime64]) -> IntArray:
    """Sessions after listing without any price limit, shape (N,).

    Five on STAR, on ChiNext for listings from 2020-08-24 and on Main from 2023-04-10; one on the
    BSE, and on Main and ChiNext before 2014; none from 2014 to the registration system, when the
    first session had limits of its own (44 % up, 36 % down).
    """
    registered = (
        (board == Board.STAR)
        | ((board == Board.CHINEXT) & (list_date >= np.datetime64(CHINEXT_REGISTRATION, "D")))
        | ((board == Board.MAIN) & (list_date >= np.datetime64(MAIN_REGISTRATION, "D")))
    )
    one = (board == Board.BSE) | (list_date < np.datetime64(FIRST_SESSION_LIMITS, "D"))
    return np.where(registered, _FREE_SESSIONS, np.where(one, 1, 0)).astype(np.int64)


def rounded_limit(pre_close: IntArray, percent: IntArray | int) -> IntArray:
    """Limit price `pre_close * (1 + percent / 100)` in cents, half up."""
    scaled = pre_close * (100 + np.asarray(percent, dtype=np.int64))
    result: IntArray = (scaled + 50) // 100
    return result


def price_limits(
    pre_close: IntArray, percent: IntArray, age: IntArray, free: IntArray
) -> PriceLimits:
    """Limit prices of a session.

    Parameters
    ----------
    pre_close
        Previous close after ex-rights adjustment (issue price on the first session), cents.
    percent
        From `limit_percent`.
    age
        Sessions since listing, 1 on the first.
    free
        From `free_sessions`.

    Returns
    -------
    PriceLimits
        Without limits: `LOWEST_PRICE` and `NO_UPPER_LIMIT`. A lower limit is never below
        `LOWEST_PRICE` nor above the previous close.
    """
    first_day = (age == 1) & (free == 0)
    up = np.where(first_day, _FIRST_DAY_UP, percent)
    down = np.where(first_day, _FIRST_DAY_DOWN, percent)
    unlimited = age <= free
    upper = np.where(unlimited, NO_UPPER_LIMIT, rounded_limit(pre_close, up))
    lower = np.where(unlimited, LOWEST_PRICE, rounded_limit(pre_close, -down))
    return PriceLimits(lower=np.maximum(lower, LOWEST_PRICE), upper=upper)


def ex_rights_close(close: IntArray, cash_e4: IntArray, bonus_tenths: IntArray) -> IntArray:
    """Ex-rights previous close in cents, half up.

    Parameters
    ----------
    close
        Last close, cents.
    cash_e4
        Cash per share in 1e-4 yuan.
    bonus_tenths
        Bonus shares per ten shares held.
    """
    numerator = (close * 100 - cash_e4) * 10
    denominator = 100 * (10 + bonus_tenths)
    result: IntArray = (2 * numerator + denominator) // (2 * denominator)
    return result


def lot_size(board: IntArray) -> IntArray:
    """Shares per lot: 100 on Main and ChiNext, single shares on STAR and the BSE."""
    return np.where((board == Board.STAR) | (board == Board.BSE), 1, 100).astype(np.int64)


def smallest_trade(board: IntArray) -> IntArray:
    """Smallest order in shares: 100, on STAR 200."""
    return np.where(board == Board.STAR, 200, 100).astype(np.int64)
