"""What is true of every name at the close of a session, and how newcomers enter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import STYLES
from market_data.simulator.config import SimulationConfig
from market_data.simulator.population import Population
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

HISTORY = 241
_UNDERPRICING = {"approved": (0.75, 0.35), "registered": (0.35, 0.30)}


@dataclass
class MarketState:
    """State arrays over all names, shape (N,) unless said; only the first `count` are listed.

    Attributes
    ----------
    value
        Fair price in cents; it differs from `close` while a limit or a suspension keeps trades
        from reaching it.
    close, issue_price
        Last close and issue price, cents.
    adj_factor
        Product of previous-day closes over ex-rights closes since listing.
    total_shares, float_shares
        Shares issued and circulating.
    age
        Sessions since listing, 1 on the first.
    suspended_left, spell_length
        Sessions that a suspension still lasts, and its whole length.
    is_st, industry
        Special treatment; level-1 industry.
    is_listed
        Not yet delisted.
    attention, flow, pressure
        Hidden characteristics that expected returns depend on: unit variance, unit variance, and
        a decaying sum of specific returns.
    volatility_slow, volatility_fast, turnover_medium, turnover_fast
        Components of log volatility and log turnover.
    mean_square, mean_turnover
        Exponential averages of squared returns and of log turnover.
    log_price_history
        Logarithm of the adjusted close over the last `HISTORY` sessions, shape (HISTORY, N), a
        ring; NaN before listing.
    exposures
        Style exposures of the last week end, shape (K, N).
    """

    value: FloatArray
    close: IntArray
    issue_price: IntArray
    adj_factor: FloatArray
    total_shares: IntArray
    float_shares: IntArray
    age: IntArray
    suspended_left: IntArray
    spell_length: IntArray
    is_st: BoolArray
    industry: IntArray
    is_listed: BoolArray
    attention: FloatArray
    flow: FloatArray
    pressure: FloatArray
    volatility_slow: FloatArray
    volatility_fast: FloatArray
    turnover_medium: FloatArray
    turnover_fast: FloatArray
    mean_square: FloatArray
    mean_turnover: FloatArray
    log_price_history: FloatArray
    exposures: FloatArray
    count: int = 0


def initial_state(config: SimulationConfig, population: Population) -> MarketState:
    """State before the first session: nobody listed, hidden components in their stationary law.

    A newcomer's issue price lies below its fair price; the gap is an expected return, so it
    shrinks with the signal.
    """
    generator = stream(config.seed, Purpose.LATENT)
    count = len(population)
    normal = generator.standard_normal((6, count))
    shares = _round_shares(np.exp(population.log_cap) * 100.0 / population.start_price)
    floating = np.minimum(shares, _round_shares(shares * population.float_ratio))
    registered = population.free_sessions > 0
    mean = np.where(registered, *(_UNDERPRICING[k][0] for k in ("registered", "approved")))
    spread = np.where(registered, *(_UNDERPRICING[k][1] for k in ("registered", "approved")))
    gap = config.price_discovery * np.clip(mean + spread * normal[5], 0.0, 1.6)
    price = population.start_price.astype(np.float64)
    issue = np.where(population.list_position < 0, price, np.maximum(price * np.exp(-gap), 100.0))
    constants = config.calibration
    return MarketState(
        value=price.copy(),
        close=np.round(issue).astype(np.int64),
        issue_price=np.round(issue).astype(np.int64),
        adj_factor=np.ones(count),
        total_shares=shares,
        float_shares=floating,
        age=np.where(population.list_position < 0, 500, 0).astype(np.int64),
        suspended_left=np.zeros(count, dtype=np.int64),
        spell_length=np.zeros(count, dtype=np.int64),
        is_st=np.zeros(count, dtype=bool),
        industry=population.industry.copy(),
        is_listed=np.ones(count, dtype=bool),
        attention=normal[0],
        flow=normal[1],
        pressure=np.zeros(count),
        volatility_slow=constants.volatility_slow[1] * normal[2],
        volatility_fast=np.zeros(count),
        turnover_medium=constants.turnover_medium[1] * normal[3],
        turnover_fast=constants.turnover_fast[1] * normal[4],
        mean_square=np.full(count, constants.specific_sd**2),
        mean_turnover=np.full(count, np.log(constants.turnover_median)),
        log_price_history=np.full((HISTORY, count), np.nan),
        exposures=np.zeros((len(STYLES), count)),
    )


def _round_shares(shares: FloatArray) -> IntArray:
    """Whole hundreds of shares, at least a million."""
    return np.maximum(np.round(shares / 100.0) * 100.0, 1e6).astype(np.int64)
