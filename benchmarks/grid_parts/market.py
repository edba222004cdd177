"""A seeded market of the study's size as arrays: what a back-test sees, without a warehouse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.arrays import BoolArray, DateArray, FloatArray, IntArray
from optimizer.baselines import NO_MODEL
from optimizer.columns import RULE_TABLES, STYLES
from optimizer.corporate_actions import CorporateActions
from optimizer.inputs import MarketData
from optimizer.rulebook import Rulebook
from optimizer.signals import Signals
from orchestration.lib.paths import DBT_PROJECT_DIR

INDEX = "000852.SH"
INDUSTRIES, CONSTITUENTS = 30, 1000
SESSIONS_PER_WEEK = 5
FIRST_SESSION = "2015-01-05"
# Share of the names that are listed from the first session on; the others join evenly.
LISTED_AT_FIRST = 0.6
SUSPENDED_SHARE, LOCKED_SHARE = 0.01, 0.003


@dataclass(frozen=True)
class _Weekly:
    """Exposures and constituents by week."""

    styles: np.ndarray
    index: sparse.csr_matrix


def market_of_arrays(names: int, weeks: int, seed: int = 1) -> MarketData:
    """Bars of five sessions a week, ten styles, one index of a thousand names.

    Parameters
    ----------
    names
        At least 1,700, so that the index is listed from the start.
    """
    random = np.random.default_rng(seed)
    sessions = _sessions(weeks * SESSIONS_PER_WEEK + 1)
    week_dates = sessions[SESSIONS_PER_WEEK - 1 :: SESSIONS_PER_WEEK]
    listed = np.arange(sessions.size)[:, None] >= _first_sessions(names, sessions.size)[None, :]
    weekly = _weekly(random, names, week_dates.size)
    close, vwap, tradable = _bars(random, listed)
    symbols = tuple(f"{name:06d}.SZ" for name in range(names))
    factor = np.where(listed, 1.0, np.nan)
    level = _index_level(close, weekly.index, sessions.size)
    return MarketData(
        sessions=sessions,
        symbols=symbols,
        weeks=week_dates,
        next_session=np.datetime64("NaT"),
        adj_close=close,
        adj_vwap=vwap,
        adj_factor=factor,
        is_listed=listed,
        is_tradable=tradable,
        one_price_up=listed & (random.random(listed.shape, dtype=np.float32) < LOCKED_SHARE),
        one_price_down=listed & (random.random(listed.shape, dtype=np.float32) < LOCKED_SHARE),
        index_close={INDEX: level},
        index_total_return={INDEX: level},
        index_weights={INDEX: weekly.index},
        index_coverage={INDEX: np.ones(week_dates.size)},
        board=np.zeros(names, dtype=np.intp),
        exchange=np.ones(names, dtype=np.intp),
        vwap_at_up=np.zeros_like(listed),
        vwap_at_down=np.zeros_like(listed),
        volume_shares=np.full(listed.shape, 1e9, dtype=np.float32),
        corporate_actions=CorporateActions.from_arrays(sessions, symbols, close, factor, None),
        terminal_value=np.full(names, np.nan),
        rulebook=_rulebook(),
        style_names=STYLES,
        styles=weekly.styles,
        has_styles=np.ones(week_dates.size, dtype=np.bool_),
    )


def signals_of_arrays(market: MarketData, model: str, seed: int) -> Signals:
    """Forecasts that decay by a tenth a week and lean on two styles a little."""
    random = np.random.default_rng(seed)
    shape = (market.weeks.size, len(market.symbols))
    listed = market.is_listed[market.week_sessions]
    score = random.standard_normal(shape[1])
    prediction = np.full(shape, np.nan)
    for week in range(shape[0]):
        score = 0.9 * score + 0.19**0.5 * random.standard_normal(shape[1])
        leaning = 0.3 * (market.styles[week, 1] - market.styles[week, 2])
        prediction[week] = np.where(listed[week], 0.01 * (score + leaning), np.nan)
    industry = np.random.default_rng(7).integers(0, INDUSTRIES, shape[1]).astype(np.int16)
    present = np.ones(shape[0], dtype=np.bool_)
    return Signals(
        rule_set="paper",
        model=model or NO_MODEL,
        in_universe=listed,
        industry_codes=tuple(f"industry_{number:02d}" for number in range(INDUSTRIES)),
        industry=np.broadcast_to(industry, shape).copy(),
        prediction=prediction,
        has_universe=present,
        has_prediction=present,
    )


def _sessions(count: int) -> DateArray:
    return np.asarray(pd.bdate_range(FIRST_SESSION, periods=count).values, dtype="datetime64[D]")


def _first_sessions(names: int, sessions: int) -> IntArray:
    """Session of each listing, [N]."""
    early = int(LISTED_AT_FIRST * names)
    later = np.linspace(1, sessions - 1, names - early).astype(np.intp)
    return np.concatenate([np.zeros(early, dtype=np.intp), later])


def _weekly(random: np.random.Generator, names: int, weeks: int) -> _Weekly:
    styles = np.empty((weeks, len(STYLES), names), dtype=np.float32)
    current = random.standard_normal((len(STYLES), names)).astype(np.float32)
    for week in range(weeks):
        moved = random.standard_normal(current.shape, dtype=np.float32)
        current = np.float32(0.98) * current + np.float32(0.0396**0.5) * moved
        styles[week] = current
    size = np.exp(random.standard_normal(CONSTITUENTS))
    chosen = np.sort(random.choice(int(LISTED_AT_FIRST * names), CONSTITUENTS, replace=False))
    shares = sparse.csr_matrix(
        (size / size.sum(), (np.zeros(CONSTITUENTS, dtype=np.intp), chosen)), shape=(1, names)
    )
    return _Weekly(styles, sparse.vstack([shares] * weeks, format="csr"))


def _bars(
    random: np.random.Generator, listed: BoolArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Closes, VWAPs and whether there was trade, [T, N]."""
    close = random.standard_normal(listed.shape)
    close *= 0.02
    close += 0.01 * random.standard_normal((listed.shape[0], 1))
    np.cumsum(close, axis=0, out=close)
    np.exp(close, out=close)
    close *= 10.0
    close[~listed] = np.nan
    vwap = close * (1.0 + 0.005 * random.standard_normal(listed.shape))
    tradable = listed & (random.random(listed.shape, dtype=np.float32) >= SUSPENDED_SHARE)
    # What is bought first, and what an index holds, must have traded.
    tradable[0] = listed[0]
    vwap[~tradable] = np.nan
    return close, vwap, tradable


def _index_level(close: FloatArray, weights: sparse.csr_matrix, sessions: int) -> FloatArray:
    held = weights[0].tocoo()
    grown = close[:, held.col] / close[0, held.col]
    return np.asarray(1000.0 * (grown @ held.data)).reshape(sessions)


def _rulebook() -> Rulebook:
    seeds = DBT_PROJECT_DIR / "seeds" / "rules"
    return Rulebook.from_frames(
        {
            table: pd.read_csv(
                seeds / f"{table.removeprefix('rules.')}.csv",
                parse_dates=["valid_from", "valid_to"],
            )
            for table in RULE_TABLES
        }
    )
