"""A seeded market with limits, suspensions, volumes and distributions, and targets to trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from orchestration.lib.paths import DBT_PROJECT_DIR

LISTINGS = (("Main", "SZSE"), ("Main", "SSE"), ("ChiNext", "SZSE"), ("STAR", "SSE"))
TURN = 0.075


@dataclass(frozen=True)
class Case:
    """Frames of a market, and the weights wanted on every fifth session by symbol."""

    frames: dict[str, pd.DataFrame]
    targets: dict[int, pd.Series[Any]]


def make_case(names: int, sessions: int, holdings: int) -> Case:
    """A market of names over sessions, and equal-weighted targets of so many holdings.

    Each rebalance replaces 7.5 % of the names, as a two-way turnover of 15 % does.
    """
    random = np.random.default_rng(1)
    days = pd.bdate_range("2022-01-03", periods=sessions)
    symbols = np.array([f"{name:06d}" for name in range(names)])
    boards, exchanges = zip(*(LISTINGS[name % 4] for name in range(names)), strict=True)
    listings = {"symbol": symbols, "board": boards, "exchange": exchanges}
    bars, dividends = _bars(random, days, symbols)
    index = pd.DataFrame({"index_symbol": "I", "trade_date": days, "close": 1000.0})
    week = pd.DataFrame({"week_date": days[4::5]})
    frames = {
        **_rules(),
        "core.dim_security": pd.DataFrame(listings),
        "core.dim_trade_date": pd.DataFrame({"trade_date": days}),
        "core.dim_week": week,
        "core.fct_bar_daily": bars,
        "core.fct_dividend": dividends,
        "core.fct_index_daily": index,
        "core.fct_index_weight_week": week.assign(index_symbol="I", symbol=symbols[0], weight=1.0),
        "risk.fct_style_exposure": week.assign(symbol=symbols[0]),
    }
    return Case(frames, dict(_targets(random, symbols, sessions, holdings)))


def _rules() -> dict[str, pd.DataFrame]:
    seeds = sorted((DBT_PROJECT_DIR / "seeds" / "rules").glob("*.csv"))
    frames = {f"rules.{seed.stem}": duckdb.read_csv(str(seed)).df() for seed in seeds}
    return {name: frame for name, frame in frames.items() if "valid_from" in frame}


def _bars(
    random: np.random.Generator, days: pd.DatetimeIndex, symbols: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    shape = (len(days), len(symbols))
    suspended = random.random(shape) < 0.01
    close = 10 * np.exp(np.cumsum(random.standard_normal(shape) * 0.02, axis=0))
    vwap = close * np.exp(random.standard_normal(shape) * 0.005)
    happens = random.random(shape) < 0.005
    happens[0] = False
    paid, bonus = 0.02, np.where(random.random(shape) < 0.3, 0.3, 0.0)
    factor = np.cumprod(np.where(happens, (1 + bonus) / (1 - paid), 1.0), axis=0)
    locked, raw = random.random(shape), vwap / factor
    cells = {
        "adj_factor": factor,
        "adj_close": close,
        "adj_vwap": np.where(suspended, np.nan, vwap),
        "is_suspended": suspended,
        "is_one_price_limit_up": (locked < 0.01) & ~suspended,
        "is_one_price_limit_down": (locked > 0.99) & ~suspended,
        "limit_up_price": np.where(random.random(shape) < 0.01, raw, raw * 1.05),
        "limit_down_price": np.where(random.random(shape) < 0.01, raw, raw * 0.95),
        "volume_shares": np.where(suspended, 0, random.integers(int(2e5), int(3e6), shape)),
    }
    bars = pd.DataFrame({name: values.ravel() for name, values in cells.items()})
    bars.insert(0, "trade_date", np.repeat(days, len(symbols)))
    bars.insert(0, "symbol", np.tile(symbols, len(days)))
    at = np.nonzero(happens)
    before = (at[0] - 1, at[1])
    dividends = {
        "symbol": symbols[at[1]],
        "ex_date": days[at[0]],
        "cash_per_share_cny": paid * close[before] / factor[before],
        "bonus_shares_per_share": bonus[at],
    }
    return bars, pd.DataFrame(dividends)


def _targets(
    random: np.random.Generator, symbols: np.ndarray, sessions: int, holdings: int
) -> list[tuple[int, pd.Series[Any]]]:
    held = list(random.choice(symbols, holdings, replace=False))
    found = []
    for session in range(4, sessions - 1, 5):
        found.append((session, pd.Series(1.0 / holdings, index=sorted(held))))
        kept = list(random.permutation(held)[: round(holdings * (1 - TURN))])
        others = np.setdiff1d(symbols, held)
        held = kept + list(random.choice(others, holdings - len(kept), replace=False))
    return found
