from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from market_data.simulator.rulebook import (
    NO_UPPER_LIMIT,
    Board,
    ex_rights_close,
    free_sessions,
    limit_percent,
    lot_size,
    price_limits,
    rounded_limit,
    smallest_trade,
)


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


@pytest.mark.parametrize(
    ("board", "session", "is_st", "percent"),
    [
        (Board.MAIN, "2015-06-15", False, 10),
        (Board.MAIN, "2024-01-02", True, 5),
        (Board.CHINEXT, "2020-08-21", False, 10),
        (Board.CHINEXT, "2020-08-24", False, 20),
        (Board.CHINEXT, "2021-01-04", True, 20),
        (Board.STAR, "2019-07-22", False, 20),
        (Board.BSE, "2021-11-15", False, 30),
    ],
)
def test_limit_by_board_and_date(board: Board, session: str, is_st: bool, percent: int) -> None:
    found = limit_percent(np.array([int(board)]), np.array([is_st]), day(session))
    assert found.tolist() == [percent]


@pytest.mark.parametrize(
    ("board", "list_date", "sessions"),
    [
        (Board.MAIN, date(2013, 12, 31), 1),
        (Board.MAIN, date(2014, 1, 17), 0),
        (Board.MAIN, date(2023, 4, 7), 0),
        (Board.MAIN, date(2023, 4, 10), 5),
        (Board.CHINEXT, date(2009, 10, 30), 1),
        (Board.CHINEXT, date(2020, 8, 21), 0),
        (Board.CHINEXT, date(2020, 8, 24), 5),
        (Board.STAR, date(2019, 7, 22), 5),
        (Board.BSE, date(2021, 11, 15), 1),
    ],
)
def test_sessions_without_limits(board: Board, list_date: date, sessions: int) -> None:
    found = free_sessions(np.array([int(board)]), np.array([list_date], dtype="datetime64[D]"))
    assert found.tolist() == [sessions]


def test_limit_is_rounded_half_up_where_floats_would_not() -> None:
    # 10.05 * 1.1 = 11.055 and 1.15 * 0.9 = 1.035: binary floats round both the wrong way.
    assert rounded_limit(np.array([1005]), 10).tolist() == [1106]
    assert rounded_limit(np.array([115]), -10).tolist() == [104]


def test_first_session_of_an_approved_listing_has_its_own_limits() -> None:
    limits = price_limits(np.array([1000]), np.array([10]), np.array([1]), np.array([0]))
    assert (limits.lower[0], limits.upper[0]) == (640, 1440)


def test_free_session_has_no_upper_limit_and_the_sixth_has() -> None:
    price, percent, free = np.array([1000, 1000]), np.array([20, 20]), np.array([5, 5])
    limits = price_limits(price, percent, np.array([5, 6]), free)
    assert limits.upper.tolist() == [NO_UPPER_LIMIT, 1200]


@pytest.mark.parametrize(
    ("close", "cash", "bonus"),
    [("12.34", "0.155", 0), ("12.34", "0", 5), ("30.01", "0.5", 10), ("10.00", "0.005", 3)],
)
def test_ex_rights_close_is_the_exchange_formula(close: str, cash: str, bonus: int) -> None:
    expected = (Decimal(close) - Decimal(cash)) / (1 + Decimal(bonus) / 10)
    cents = int(expected.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) * 100)
    found = ex_rights_close(
        np.array([int(Decimal(close) * 100)]),
        np.array([int(Decimal(cash) * 10_000)]),
        np.array([bonus]),
    )
    assert found.tolist() == [cents]


def test_lots_and_smallest_trades_by_board() -> None:
    boards = np.array([Board.MAIN, Board.CHINEXT, Board.STAR, Board.BSE], dtype=np.int64)
    assert lot_size(boards).tolist() == [100, 100, 1, 1]
    assert smallest_trade(boards).tolist() == [100, 100, 200, 100]
