"""The landing tables other than the bars, each from the finished market."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from market_data.simulator.config import INDEX_SYMBOLS, INDUSTRY_SCHEME
from market_data.simulator.engine import MarketEngine
from market_data.simulator.fundamentals import STATEMENT_FLOWS, STATEMENT_STOCKS, is_published
from market_data.simulator.population import INDUSTRY_NAMES
from market_data.simulator.restatements import draw_restatements
from market_data.simulator.rulebook import BOARD_NAMES
from market_data.simulator.tables import (
    date_array,
    double_array,
    landing_file,
    pick,
    text_array,
    write_landing_table,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
DateArray = NDArray[np.datetime64]

_OPEN_END = np.datetime64("2099-12-31", "D")
_STATEMENT_BLOCK = 8


def write_reference_tables(engine: MarketEngine, directory: Path) -> dict[str, int]:
    """Write every landing table except daily_bars; returns rows per table.

    Parameters
    ----------
    engine
        A market that has run to its end.
    directory
        Landing directory.
    """
    writers = {
        "trade_calendar": _calendar,
        "instruments": _instruments,
        "index_bars": _index_bars,
        "index_members": _index_members,
        "index_weights": _index_weights,
        "industry_history": _industry_history,
        "dividends": _dividends,
    }
    rows = {
        name: write_landing_table(directory, name, build(engine)) for name, build in writers.items()
    }
    rows["financial_statements"] = _write_statements(engine, directory)
    return rows


def _calendar(engine: MarketEngine) -> dict[str, pa.Array]:
    return {
        "trade_date": date_array(engine.calendar.dates),
        "is_last_session_of_week": pa.array(engine.calendar.is_week_end),
    }


def _instruments(engine: MarketEngine) -> dict[str, pa.Array]:
    population = engine.population
    names = [
        f"ST {name}" if st else name
        for name, st in zip(population.company_names, engine.state.is_st.tolist(), strict=True)
    ]
    return {
        "symbol": text_array(population.symbols),
        "name": text_array(names),
        "board": pick(BOARD_NAMES, population.board),
        "list_date": date_array(population.list_date),
        "delist_date": date_array(_delist_dates(engine)),
        "terminal_value_cny": double_array(_terminal_values(engine)),
    }


def _delist_dates(engine: MarketEngine) -> DateArray:
    """Last day of each listing; NaT for those that outlast the simulation."""
    dates, last = engine.calendar.dates, engine.delistings.last
    gone = engine.delistings.terminated_by(dates.size)
    found: DateArray = np.where(
        gone, dates[np.minimum(last, dates.size - 1)], np.datetime64("NaT", "D")
    )
    return found


def _terminal_values(engine: MarketEngine) -> FloatArray:
    """What a delisted share was worth afterwards, yuan to the cent; NaN while it is listed."""
    plan, close = engine.delistings, engine.state.close
    gone = plan.terminated_by(len(engine.calendar))
    value = np.maximum(np.round(close * plan.terminal_ratio), 1.0) / 100.0
    return np.where(gone, value, np.nan)


def _index_bars(engine: MarketEngine) -> dict[str, pa.Array]:
    bars = np.array(engine.indices.bars, dtype=np.float64)
    bars = bars[np.lexsort((bars[:, 1], bars[:, 0]))]
    number, position = bars[:, 0].astype(np.int64), bars[:, 1].astype(np.int64)
    names = ("open", "high", "low", "close", "pre_close", "volume", "total_return_close")
    return {
        "symbol": pick(INDEX_SYMBOLS, number),
        "trade_date": date_array(engine.calendar.dates[position]),
        **{name: double_array(bars[:, column + 2]) for column, name in enumerate(names)},
    }


def _index_members(engine: MarketEngine) -> dict[str, pa.Array]:
    spans = np.array(sorted(engine.indices.spans), dtype=np.int64)
    dates = engine.calendar.dates
    out = np.where(spans[:, 3] < 0, _OPEN_END, dates[np.maximum(spans[:, 3], 0)])
    return {
        "index_symbol": pick(INDEX_SYMBOLS, spans[:, 0]),
        "symbol": pick(engine.population.symbols, spans[:, 1]),
        "in_date": date_array(dates[spans[:, 2]]),
        "out_date": date_array(out),
    }


def _index_weights(engine: MarketEngine) -> dict[str, pa.Array]:
    weights = engine.indices.weights
    lengths = [names.size for _, _, names, _ in weights]
    number = np.repeat([item[0] for item in weights], lengths)
    position = np.repeat([item[1] for item in weights], lengths)
    return {
        "index_symbol": pick(INDEX_SYMBOLS, number),
        "as_of": date_array(engine.calendar.dates[position]),
        "symbol": pick(engine.population.symbols, np.concatenate([item[2] for item in weights])),
        "weight": double_array(np.round(np.concatenate([item[3] for item in weights]), 12)),
    }


def _industry_history(engine: MarketEngine) -> dict[str, pa.Array]:
    population, changes = engine.population, engine.industry_changes
    dates, delisted = engine.calendar.dates, _delist_dates(engine)
    spans: list[tuple[int, np.datetime64, np.datetime64, int]] = []
    for name in range(len(population)):
        since, current = population.list_date[name], int(population.industry[name])
        for change in np.flatnonzero(changes.name == name).tolist():
            day = dates[changes.position[change]]
            if int(changes.industry[change]) == current or day > delisted[name]:
                continue
            spans.append((name, since, day, current))
            since, current = day, int(changes.industry[change])
        spans.append((name, since, delisted[name] + np.timedelta64(1, "D"), current))
    industry = np.array([item[3] for item in spans])
    return {
        "symbol": pick(population.symbols, np.array([item[0] for item in spans])),
        "in_date": date_array(np.array([item[1] for item in spans])),
        "out_date": date_array(np.array([item[2] for item in spans])),
        "industry_code": pick([f"S{n + 1:02d}" for n in range(len(INDUSTRY_NAMES))], industry),
        "industry_name": pick(INDUSTRY_NAMES, industry),
        "industry_scheme": pick([INDUSTRY_SCHEME], np.zeros(len(spans), dtype=np.int64)),
    }


def _dividends(engine: MarketEngine) -> dict[str, pa.Array]:
    paid = sorted(engine.rights.paid, key=lambda item: (item[0], item[1]))
    names = np.array([item[0] for item in paid], dtype=np.int64)
    positions = np.array([item[1] for item in paid], dtype=np.int64)
    return {
        "symbol": pick(engine.population.symbols, names),
        "ex_date": date_array(engine.calendar.dates[positions]),
        "announce_date": date_array(np.array([item[2] for item in paid], dtype="datetime64[D]")),
        "cash_per_share": double_array(np.array([item[3] for item in paid])),
        "bonus_shares_per_share": double_array(np.array([item[4] for item in paid])),
    }


def _write_statements(engine: MarketEngine, directory: Path) -> int:
    """Write the statements a few quarters at a time, to bound the memory of large markets."""
    fundamentals = engine.fundamentals
    delisted = _delist_dates(engine)
    end = np.datetime64(engine.config.end_date, "D")
    published = is_published(
        engine.population, fundamentals, np.where(np.isnat(delisted), end, delisted)
    )
    restated = draw_restatements(engine.config, fundamentals, published)
    columns = (*STATEMENT_FLOWS, *STATEMENT_STOCKS)
    with landing_file(directory, "financial_statements") as file:
        for first in range(0, published.shape[0], _STATEMENT_BLOCK):
            block = slice(first, first + _STATEMENT_BLOCK)
            quarter, name = np.nonzero(published[block])
            file.write(
                {
                    "symbol": pick(engine.population.symbols, name),
                    "report_period": date_array(fundamentals.quarter_end[block][quarter]),
                    "announce_date": date_array(fundamentals.announce_date[block][quarter, name]),
                    **{
                        column: double_array(fundamentals.items[column][block][quarter, name])
                        for column in columns
                    },
                }
            )
        file.write(
            {
                "symbol": pick(engine.population.symbols, restated.name),
                "report_period": date_array(fundamentals.quarter_end[restated.quarter]),
                "announce_date": date_array(restated.announce_date),
                **{column: double_array(restated.items[column]) for column in columns},
            }
        )
    return file.rows
