"""The simulator's own rules are those of the warehouse: both are written down once, and compared.

`market_data` cannot read the seeds of dbt, so the comparison stands here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from market_data.simulator.rulebook import (
    BOARD_NAMES,
    free_sessions,
    limit_percent,
    lot_size,
    price_limits,
    smallest_trade,
)
from tests.fixtures.rulebook import seed_frame

FIRST_DAY = pd.Timestamp("2005-01-04")
LAST_DAY = pd.Timestamp("2024-12-31")


def days_around(seed: pd.DataFrame) -> list[pd.Timestamp]:
    """The day before, on and after every start of a row, inside the simulator's span."""
    steps = [pd.Timedelta(days=step) for step in (-1, 0, 1)]
    days = {start + step for start in seed["valid_from"] for step in steps}
    return sorted(day for day in days | {FIRST_DAY, LAST_DAY} if FIRST_DAY <= day <= LAST_DAY)


def rows_in_force(name: str) -> Iterator[tuple[pd.Timestamp, pd.Series]]:
    """Every row of a seed on every such day on which it holds."""
    seed = seed_frame(name)
    for day in days_around(seed):
        ends = seed["valid_to"].fillna(LAST_DAY)
        for _, row in seed[(seed["valid_from"] <= day) & (ends >= day)].iterrows():
            yield day, row


def board(row: pd.Series) -> np.ndarray:
    return np.array([BOARD_NAMES.index(row["board"])], dtype=np.int64)


def test_daily_limits_agree() -> None:
    compared = 0
    for day, row in rows_in_force("price_limit"):
        percent = limit_percent(board(row), np.array([row["is_st"]]), np.datetime64(day, "D"))
        assert percent[0] == pytest.approx(100 * row["limit_rate"]), (day, row["board"])
        compared += 1
    assert compared > 40


def test_first_sessions_agree() -> None:
    compared = 0
    for day, row in rows_in_force("ipo_limit_rule"):
        listed = np.array([day], dtype="datetime64[D]")
        free = free_sessions(board(row), listed)
        assert free[0] == row["unlimited_sessions"], (day, row["board"])
        if row["first_session_up_rate"] > 0:
            bounds = price_limits(np.array([1000]), np.array([10]), np.array([1]), free)
            assert bounds.upper[0] == pytest.approx(1000 * (1 + row["first_session_up_rate"]))
            assert bounds.lower[0] == pytest.approx(1000 * (1 - row["first_session_down_rate"]))
        compared += 1
    assert compared > 20


def test_lots_agree() -> None:
    for _, row in rows_in_force("trading_unit"):
        assert lot_size(board(row))[0] == row["buy_step_shares"]
        assert smallest_trade(board(row))[0] == row["smallest_buy_shares"]
        assert row["tick_cny"] == 0.01
