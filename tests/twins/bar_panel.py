"""Random daily bars with suspensions, splits, late listings and flat sessions."""

from __future__ import annotations

import numpy as np
import pandas as pd

SESSION_COUNT = 560
FIRST_SESSION = 4


def trade_dates() -> pd.DataFrame:
    """Sessions as core.dim_trade_date gives them, numbered from `FIRST_SESSION`."""
    dates = pd.bdate_range("2018-01-01", periods=SESSION_COUNT)
    weeks = pd.Series(dates).groupby(dates.strftime("%G-%V")).transform("max")
    return pd.DataFrame(
        {
            "trade_date": dates.date,
            "session_number": np.arange(FIRST_SESSION, FIRST_SESSION + SESSION_COUNT),
            "week_date": weeks.dt.date,
            "is_week_end": (weeks == dates).to_numpy(),
        }
    )


def _suspended(count: int, rng: np.random.Generator) -> np.ndarray:
    suspended = rng.random(count) < 0.03
    for start in rng.integers(0, count, 3):
        suspended[start : start + int(rng.integers(5, 90))] = True
    return suspended


def stock_bars(symbol: str, first: int, dates: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Bars of a stock listed at session row `first`, with the columns of core.fct_bar_daily."""
    rng = np.random.default_rng(seed)
    dates = dates.iloc[first:].reset_index(drop=True)
    count = len(dates)
    suspended = _suspended(count, rng)
    moves = np.where(suspended, 0.0, rng.standard_t(4, count) * 0.015)
    moves[rng.random(count) < 0.05] = 0.0
    adj_close = 10 * np.exp(np.cumsum(moves))
    adj_factor = np.cumprod(np.where(rng.random(count) < 0.01, 1.5, 1.0))
    close = adj_close / adj_factor
    reach = np.where(rng.random(count) < 0.1, 0.0, rng.random((2, count)) * 0.02)
    opened = close * (1 + (rng.random(count) - 0.5) * np.minimum(*reach))
    high = np.maximum(close, opened) * (1 + reach[0])
    low = np.minimum(close, opened) * (1 - reach[1])
    volume = np.where(suspended, 0, rng.integers(10_000, 5_000_000, count))
    vwap = low + rng.random(count) * (high - low)
    previous = pd.Series(np.where(suspended, np.nan, adj_close)).ffill().shift()
    turnover = pd.Series(np.where(suspended, np.nan, volume / 1e8 * 100))
    circulating_cap = close * 1e8 * (1 + seed % 7)
    # Of every second share the source knows the circulating cap alone.
    total_cap = circulating_cap * (1.3 + seed % 5) if seed % 2 else np.nan
    return dates[["trade_date", "session_number"]].assign(
        symbol=symbol,
        sessions_since_listing=np.arange(1, count + 1),
        open=opened,
        high=high,
        low=low,
        close=close,
        adj_factor=adj_factor,
        adj_close=adj_close,
        vwap=np.where(suspended, np.nan, vwap),
        return_1d=np.where(suspended, np.nan, adj_close / previous - 1),
        volume_shares=volume,
        amount_cny=volume * vwap,
        turnover_rate_pct=turnover.to_numpy(),
        turnover_change_pct=(turnover - turnover.ffill().shift()).to_numpy(),
        is_limit_up=~suspended & (moves > 0.04),
        is_suspended=suspended,
        total_cap_cny=total_cap,
        circulating_cap_cny=circulating_cap,
    )


def bar_panel(stock_count: int, seed: int) -> dict[str, pd.DataFrame]:
    """Upstream tables of the factor models, by `schema.table`."""
    rng = np.random.default_rng(seed)
    dates = trade_dates()
    firsts = [0, 0, 60, 330, 470, 530, *rng.integers(0, 500, stock_count)][:stock_count]
    bars = pd.concat(
        [
            stock_bars(f"{600000 + number}.SH", int(first), dates, seed + number)
            for number, first in enumerate(firsts)
        ],
        ignore_index=True,
    )
    market = dates[["trade_date"]].assign(market_return=rng.normal(0, 0.012, len(dates)))
    week_ends = bars.merge(dates[dates.is_week_end], on=["trade_date", "session_number"])
    universe = pd.DataFrame(
        {
            "rule_set": "practitioner",
            "symbol": week_ends.symbol,
            "week_date": week_ends.trade_date,
            "in_universe": (week_ends.sessions_since_listing >= 120) & ~week_ends.is_suspended,
            "neutralisation_cap_cny": week_ends.total_cap_cny.fillna(week_ends.circulating_cap_cny),
        }
    )
    return {
        "core.fct_bar_daily": bars,
        "core.dim_trade_date": dates,
        "core.fct_universe_week": universe,
        "intermediate.int_market_return__daily": market,
    }
