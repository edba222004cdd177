"""Simulate a market into a landing directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from market_data.simulator.config import SimulationConfig
from market_data.simulator.engine import MarketEngine, SessionBars, WeekTruth
from market_data.simulator.fundamentals import build_fundamentals
from market_data.simulator.landing import write_reference_tables
from market_data.simulator.population import build_population
from market_data.simulator.sessions import DateArray, session_calendar
from market_data.simulator.signal import HORIZONS
from market_data.simulator.tables import (
    FloatArray,
    TableFile,
    date_array,
    double_array,
    landing_file,
    pick,
    price_array,
)

Progress = Callable[[str, float], None]

# Sessions per block of Parquet: bounds the memory of large markets.
_BLOCK = 60
# Digits kept of the truth, so that the last bits of a platform's exp and log do not show.
_TRUTH_DIGITS = 10
TRUTH_COLUMNS = tuple(
    f"expected_return_{kind}{horizon}w" for kind in ("", "vwap_") for horizon in HORIZONS
)
_TRUTH_SCHEMA = pa.schema(
    [
        ("symbol", pa.string()),
        ("week_date", pa.date32()),
        *((name, pa.float64()) for name in TRUTH_COLUMNS),
    ]
)


@dataclass(frozen=True)
class SimulationSummary:
    """What a simulation wrote.

    Attributes
    ----------
    landing_dir, truth_dir
        Where the tables are.
    size, seed, signal
        As configured.
    first_session, last_session, session_count, week_count
        The period; weeks are those with a week end inside it.
    stock_count
        Names listed by the end.
    table_rows
        Rows of each landing table and of `expected_return`.
    """

    landing_dir: Path
    truth_dir: Path
    size: str
    seed: int
    signal: float
    first_session: date
    last_session: date
    session_count: int
    week_count: int
    stock_count: int
    table_rows: dict[str, int]


def simulate(
    config: SimulationConfig,
    landing_dir: Path,
    truth_dir: Path,
    *,
    progress: Progress | None = None,
) -> SimulationSummary:
    """Simulate a market and write it in the landing contract.

    Every file is written under a temporary name and renamed, so that an interrupted simulation
    leaves no half-written table. The same configuration gives the same contents.

    Parameters
    ----------
    config
        The market.
    landing_dir
        Receives the landing tables as `<table>.parquet`; created if absent.
    truth_dir
        Receives `expected_return.parquet`: the true conditional expected returns of each name that
        traded on a week end, from close to close (`expected_return_1w` to `_4w`) and from VWAP to
        VWAP (`expected_return_vwap_1w` to `_4w`). Must not lie inside `landing_dir`.
    progress
        Called with a stage and the share of it that is done, 0 to 1.

    Raises
    ------
    ValueError
        If the truth would lie inside the landing directory, or the period has no session.
    """
    if truth_dir.resolve().is_relative_to(landing_dir.resolve()):
        raise ValueError(f"the truth may not lie inside the landing directory: {truth_dir}")
    report = progress if progress is not None else _silent
    landing_dir.mkdir(parents=True, exist_ok=True)
    truth_dir.mkdir(parents=True, exist_ok=True)
    engine = prepare_engine(config)
    report("fundamentals", 1.0)
    rows = _write_sessions(engine, landing_dir, truth_dir, report)
    rows |= write_reference_tables(engine, landing_dir)
    report("tables", 1.0)
    calendar = engine.calendar
    return SimulationSummary(
        landing_dir=landing_dir,
        truth_dir=truth_dir,
        size=config.size,
        seed=config.seed,
        signal=config.signal,
        first_session=calendar.dates[0].astype(object),
        last_session=calendar.dates[-1].astype(object),
        session_count=len(calendar),
        week_count=int(calendar.is_week_end.sum()),
        stock_count=len(engine.population),
        table_rows=rows,
    )


def prepare_engine(config: SimulationConfig) -> MarketEngine:
    """Draw calendar, population and fundamentals of a market, ready to run."""
    calendar = session_calendar(config.start_date, config.end_date)
    population = build_population(config, calendar)
    fundamentals = build_fundamentals(config, calendar, population)
    return MarketEngine(config, calendar, population, fundamentals)


def _silent(stage: str, share: float) -> None:
    """Report progress to nobody."""


def _write_sessions(
    engine: MarketEngine, landing_dir: Path, truth_dir: Path, report: Progress
) -> dict[str, int]:
    symbols, dates = engine.population.symbols, engine.calendar.dates
    pending: list[SessionBars] = []
    truths: list[WeekTruth] = []
    truth_file = TableFile(truth_dir / "expected_return.parquet", _TRUTH_SCHEMA)
    with landing_file(landing_dir, "daily_bars") as bars_file, truth_file:
        for bars, truth in engine.run():
            pending.append(bars)
            if truth is not None:
                truths.append(truth)
            if len(pending) == _BLOCK or bars.position + 1 == len(dates):
                bars_file.write(_bar_columns(pending, symbols, dates))
                truth_file.write(_truth_columns(truths, symbols, dates))
                pending.clear()
                truths.clear()
                report("sessions", (bars.position + 1) / len(dates))
    return {"daily_bars": bars_file.rows, "expected_return": truth_file.rows}


def _bar_columns(
    block: list[SessionBars], symbols: list[str], dates: DateArray
) -> dict[str, pa.Array]:
    """Arrow columns of consecutive sessions, ordered by session and symbol number."""
    listed = np.concatenate([bars.is_listed for bars in block])
    sizes = [bars.close.size for bars in block]
    names = np.concatenate([np.arange(size) for size in sizes])[listed]
    positions = np.repeat([bars.position for bars in block], sizes)[listed]

    def joined(field: str) -> np.ndarray:
        values = np.concatenate([getattr(bars, field) for bars in block])
        return np.asarray(values[listed])

    turnover = joined("turnover_percent")
    return {
        "symbol": pick(symbols, names),
        "trade_date": date_array(dates[positions]),
        **{
            name: price_array(joined(name))
            for name in ("open", "high", "low", "close", "pre_close")
        },
        "volume": pa.array(joined("volume")),
        "amount": double_array(joined("amount")),
        "adj_factor": double_array(joined("adj_factor")),
        "turnover_rate": pa.array(
            turnover.astype(np.float32), type=pa.float32(), mask=np.isnan(turnover)
        ),
        "is_suspended": pa.array(joined("is_suspended")),
        "is_st": pa.array(joined("is_st")),
        "total_shares": pa.array(joined("total_shares")),
        "float_shares": pa.array(joined("float_shares")),
    }


def _truth_columns(
    block: list[WeekTruth], symbols: list[str], dates: DateArray
) -> dict[str, pa.Array]:
    """Arrow columns of consecutive week ends, ordered by week and symbol number."""
    names = np.concatenate([np.empty(0, dtype=np.int64), *(truth.names for truth in block)])
    positions = np.repeat(
        np.array([truth.position for truth in block], dtype=np.int64),
        np.array([truth.names.size for truth in block], dtype=np.int64),
    )

    def joined(column: str) -> FloatArray:
        parts = [truth.expected[column] for truth in block]
        return np.round(np.concatenate([np.empty(0), *parts]), _TRUTH_DIGITS)

    return {
        "symbol": pick(symbols, names),
        "week_date": date_array(dates[positions]),
        **{column: double_array(joined(column)) for column in TRUTH_COLUMNS},
    }
