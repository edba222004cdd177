"""One session of trading: from fair prices to bars that obey the exchange's rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import Calibration
from market_data.simulator.rulebook import PriceLimits

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_MOST_TURNOVER = 0.45
_ONE_PRICE_TURNOVER = 0.35
_NEW_LISTING_DECAY = 30.0
_LARGEST_MOVE = 4.0
_USUAL_MOVE = 0.75


@dataclass(frozen=True)
class Move:
    """How fair values move in a session, each of shape (n,).

    Attributes
    ----------
    change
        Return of the session.
    shock
        Its specific part in units of its own volatility.
    volatility
        Standard deviation of `change` known before the session.
    session_volatility
        The same given the shocks: a large one tells of a session of high volatility.
    """

    change: FloatArray
    shock: FloatArray
    volatility: FloatArray
    session_volatility: FloatArray

    @property
    def relative(self) -> FloatArray:
        """Return in units of the volatility known before, shape (n,)."""
        result: FloatArray = self.change / self.volatility
        return result


@dataclass(frozen=True)
class ValuePath:
    """Fair prices inside a session, cents, each of shape (n,)."""

    opening: FloatArray
    highest: FloatArray
    lowest: FloatArray
    closing: FloatArray


@dataclass(frozen=True)
class SessionPrices:
    """Traded prices of a session in cents, and ln(VWAP) in cents before its final clip."""

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    vwap: FloatArray


def value_path(
    constants: Calibration,
    before: FloatArray,
    news: FloatArray,
    move: Move,
    generator: np.random.Generator,
) -> ValuePath:
    """Fair prices at the open, at the extremes and at the close.

    About a fifth of the variance falls on the night; the day takes a little of it back. The
    extremes are those of a Brownian bridge between open and close.

    Parameters
    ----------
    constants
        Calibration.
    before
        Fair price after the last session, cents.
    news
        Return of a resumption's news, known before the open.
    move
        Return of the session without that news, and its volatilities.
    generator
        Stream of trading noise.
    """
    draws = generator.standard_normal(before.size)
    uniform = np.clip(generator.random((2, before.size)), 1e-12, 1.0)
    share = constants.overnight_share
    total = np.log1p(move.change)
    night = (
        share * total
        + constants.overnight_noise * move.volatility * draws
        + constants.overnight_drift
    )
    opening = before * (1.0 + news) * np.exp(night)
    closing = before * (1.0 + news) * (1.0 + move.change)
    day = total - night
    spread = constants.range_scale * np.sqrt(1.0 - share) * move.session_volatility
    # Falls are bought: a session dips deeper below its close than it peaks above it.
    tilt = constants.range_tilt
    scale = np.array([[1.0 - tilt], [1.0 + tilt]])
    reach = np.sqrt(day * day - 2.0 * (scale * spread) ** 2 * np.log(uniform))
    return ValuePath(
        opening=opening,
        highest=opening * np.exp(0.5 * (day + reach[0])),
        lowest=opening * np.exp(0.5 * (day - reach[1])),
        closing=closing,
    )


def traded_prices(
    constants: Calibration,
    path: ValuePath,
    limits: PriceLimits,
    lean: FloatArray,
    generator: np.random.Generator,
) -> SessionPrices:
    """Round a path to cents and clamp it to the limits.

    A path wholly beyond a limit gives a one-price session at the limit. The VWAP follows a linear
    rule in the logs of high, low and close over open, shifted by `lean` log ranges, and lies
    strictly between low and high unless these are equal.
    """
    first, high, low, last = (
        _to_tick(price, limits) for price in (path.opening, path.highest, path.lowest, path.closing)
    )
    high = np.maximum(np.maximum(first, last), high)
    low = np.minimum(np.minimum(first, last), low)
    log_open = np.log(first)
    rise, fall = np.log(high) - log_open, np.log(low) - log_open
    noise = constants.vwap_noise * (rise - fall) * generator.standard_normal(first.size)
    log_vwap = (
        log_open
        + constants.vwap_high * rise
        + constants.vwap_low * fall
        + constants.vwap_close * (np.log(last) - log_open)
        + noise
        + lean * (rise - fall)
    )
    margin = 0.05 * (high - low)
    vwap = np.clip(np.exp(log_vwap), low + margin, high - margin)
    return SessionPrices(open=first, high=high, low=low, close=last, vwap=vwap)


def _to_tick(price: FloatArray, limits: PriceLimits) -> IntArray:
    """Nearest cent, half up, inside the limits."""
    cents = np.floor(price + 0.5).astype(np.int64)
    result: IntArray = np.clip(cents, limits.lower, limits.upper)
    return result


def log_turnover(
    constants: Calibration,
    base: FloatArray,
    market: float,
    attention: FloatArray,
    components: FloatArray,
    log_volatility: FloatArray,
    size: FloatArray,
    move: FloatArray,
    shock: FloatArray,
    flow: FloatArray,
    noise: FloatArray,
) -> FloatArray:
    """Logarithm of the share of circulating stock that changes hands, shape (n,).

    Large moves bring volume; hidden flow shows as more volume on rises than on falls.

    Parameters
    ----------
    constants
        Calibration.
    base, market, attention, components
        Fixed part, market-wide part, hidden attention, sum of the name's own components.
    log_volatility
        Deviation of the name's log volatility from its usual level.
    size
        Standardised log market value.
    move
        Return of the session in units of its volatility.
    shock
        Specific part of the return in units of its volatility.
    flow
        Hidden flow.
    noise
        Unit normal.
    """
    result: FloatArray = (
        np.log(constants.turnover_median)
        + base
        + market
        + constants.turnover_attention * attention
        + components
        + constants.turnover_volatility * log_volatility
        + constants.turnover_size_slope * size
        + constants.turnover_move * move_size(move)
        + constants.turnover_flow * flow * np.tanh(shock)
        + constants.turnover_noise * noise
    )
    return result


def move_size(move: FloatArray) -> FloatArray:
    """Size of moves in units of their volatility, at most four, less its usual level."""
    result: FloatArray = np.minimum(np.abs(move), _LARGEST_MOVE) - _USUAL_MOVE
    return result


def traded_volume(
    log_rate: FloatArray,
    prices: SessionPrices,
    float_shares: IntArray,
    age: IntArray,
    lot: IntArray,
    smallest: IntArray,
) -> IntArray:
    """Volume in shares: whole lots, thin on one-price sessions, heavy after a listing."""
    rate = np.exp(log_rate + 1.6 * np.exp(-age / _NEW_LISTING_DECAY))
    rate = np.minimum(rate, _MOST_TURNOVER)
    rate = np.where(prices.high == prices.low, _ONE_PRICE_TURNOVER * rate, rate)
    lots = np.floor(rate * float_shares / lot).astype(np.int64)
    volume: IntArray = np.maximum(lots * lot, smallest)
    return volume


def traded_amount(volume: IntArray, prices: SessionPrices) -> FloatArray:
    """Value traded in yuan to the cent; volume times price exactly on one-price sessions."""
    amount: FloatArray = np.round(volume * prices.vwap) / 100.0
    return amount
