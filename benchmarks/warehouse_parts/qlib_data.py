"""Bars of a landing directory in the format that qlib reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIELDS = ("open", "high", "low", "close", "vwap", "volume", "amount", "turnover")
# Prices times the factor, shares divided by it; a session without trade has no values.
QUERY = """
    select
        symbol,
        sessions.number,
        open * adj_factor as open,
        high * adj_factor as high,
        low * adj_factor as low,
        close * adj_factor as close,
        amount / nullif(volume, 0) * adj_factor as vwap,
        volume / adj_factor as volume,
        amount,
        turnover_rate as turnover
    from bars
    inner join sessions on bars.trade_date = sessions.trade_date
    where not is_suspended and volume > 0
    order by symbol, number
"""


def write_qlib_data(landing: Path, target: Path) -> int:
    """Write calendar, instruments and one file per field and instrument.

    Returns
    -------
    Number of bars. The calendar ends with the last bar.
    """
    with duckdb.connect(":memory:") as connection:
        for view, name in (("calendar", "trade_calendar"), ("bars", "daily_bars")):
            connection.execute(
                f"create view {view} as select * from read_parquet('{landing / name}.parquet')"
            )
        connection.execute(
            "create table sessions as select trade_date,"
            " row_number() over (order by trade_date) - 1 as number from calendar"
            " where trade_date between (select min(trade_date) from bars)"
            " and (select max(trade_date) from bars)"
        )
        days = connection.sql("select trade_date from sessions order by number").fetchall()
        bars = connection.sql(QUERY).df()
    sessions = [f"{day:%Y-%m-%d}" for (day,) in days]
    _write_lines(target / "calendars" / "day.txt", sessions)
    spans = []
    for symbol, frame in bars.groupby("symbol", sort=True):
        first, last = int(frame.number.iloc[0]), int(frame.number.iloc[-1])
        spans.append(f"{symbol}\t{sessions[first]}\t{sessions[last]}")
        _write_instrument(target / "features" / str(symbol).lower(), frame)
    _write_lines(target / "instruments" / "all.txt", spans)
    return len(bars)


def bin_values(numbers: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float32]:
    """What a .bin file holds: the first session's number, then a value for every session since.

    Parameters
    ----------
    numbers
        Numbers of the sessions with a value, ascending.
    values
        Their values; sessions between become NaN.
    """
    dense = np.full(int(numbers[-1] - numbers[0]) + 2, np.nan, dtype="<f4")
    dense[0] = numbers[0]
    dense[numbers - numbers[0] + 1] = values
    return dense


def _write_instrument(folder: Path, frame: pd.DataFrame) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    numbers = frame.number.to_numpy(dtype=np.int64)
    for field in FIELDS:
        values = frame[field].to_numpy(dtype=np.float64)
        bin_values(numbers, values).tofile(folder / f"{field}.day.bin")


def _write_lines(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
