"""Expected returns: what drives them, and what they add up to over coming weeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import STYLES
from market_data.simulator.config import SimulationConfig
from market_data.simulator.interactions import interaction_parts
from market_data.simulator.memory import TapeMemory
from market_data.simulator.state import HISTORY, MarketState

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HORIZONS = (1, 2, 3, 4)
_WEEKS = 6
_PREMIUM_DECAY = 0.97
_VALUE_DECAY = 0.997
_EXPOSURE_AGE = 60
# The last week counts this much on top of the last month in the short-return style.
_LAST_WEEK = 3.5


def geometric(decay: float) -> FloatArray:
    """What is left of a part in this week and the next ones that decays geometrically."""
    result: FloatArray = np.power(decay, np.arange(_WEEKS, dtype=np.float64))
    return result


# What is left of exposure times premium in this week and the next ones. Returns of the last month
# leave the window of the short-return style one week after the other.
STYLE_PATH = {
    "size": geometric(0.969),
    "momentum": geometric(0.944),
    "volatility": geometric(0.907),
    "turnover": geometric(0.961),
    "short_return": np.array([1.0, 0.28, 0.21, 0.17, 0.0, 0.0]),
}


@dataclass(frozen=True)
class WeeklyDrift:
    """Parts of the expected return that hold from one week end to the next, per session.

    Attributes
    ----------
    parts
        One array of shape (n,) per part.
    path
        Share of each part that is expected to be left in the coming weeks, from the first on.
    """

    parts: tuple[FloatArray, ...]
    path: tuple[FloatArray, ...]

    def extended(self, count: int) -> WeeklyDrift:
        """Append zeros for names listed since, up to `count`."""
        added = count - self.parts[0].size
        return WeeklyDrift(tuple(np.pad(part, (0, added)) for part in self.parts), self.path)

    def total(self) -> FloatArray:
        """Sum of the parts, shape (n,)."""
        result = self.parts[0].copy()
        for part in self.parts[1:]:
            result += part
        return result


def style_exposures(state: MarketState, slot: int) -> FloatArray:
    """Standardised style exposures of the listed names at a week end, shape (K, n).

    Parameters
    ----------
    state
        State at the close.
    slot
        Row of `log_price_history` that holds this close.

    Returns
    -------
    numpy.ndarray
        Cross-sectional z-scores clipped to three, in the order of `STYLES`; 0 where the price
        history is too short.
    """
    n = state.count
    history = state.log_price_history[:, :n]
    now = history[slot]
    week = history[(slot - 5) % HISTORY]
    month = history[(slot - 20) % HISTORY]
    year = history[(slot - 240) % HISTORY]
    seasoned = (state.age[:n] >= _EXPOSURE_AGE) & state.is_listed[:n]
    raw = {
        "size": np.log(state.close[:n] / 100.0 * state.total_shares[:n]),
        "momentum": month - year,
        "volatility": 0.5 * np.log(state.mean_square[:n]),
        "turnover": state.mean_turnover[:n],
        "short_return": (now - month) + _LAST_WEEK * (now - week),
    }
    return np.vstack([_z_score(raw[name], seasoned) for name in STYLES])


def _z_score(values: FloatArray, reference: NDArray[np.bool_]) -> FloatArray:
    known = np.isfinite(values)
    chosen = known & reference
    if int(chosen.sum()) < 5:
        return np.zeros_like(values)
    mean = values[chosen].sum() / chosen.sum()
    spread = np.sqrt(((values[chosen] - mean) ** 2).sum() / chosen.sum())
    if spread < 1e-9:
        return np.zeros_like(values)
    return np.where(known, np.clip((values - mean) / spread, -3.0, 3.0), 0.0)


def weekly_drift(
    config: SimulationConfig,
    state: MarketState,
    beta: FloatArray,
    log_value: FloatArray,
    style_premium: FloatArray,
    beta_premium: float,
    memory: TapeMemory,
) -> WeeklyDrift:
    """Premia that hold until the next week end.

    Parameters
    ----------
    config
        Signal strength and calibration.
    state
        State at the close of the week, with its exposures.
    beta
        Market betas of the listed names, shape (n,).
    log_value
        Logarithm of the fundamental value, shape (n,).
    style_premium, beta_premium
        Premia per session and unit of exposure, already scaled by the signal.
    memory
        What the last weeks say together.
    """
    n = state.count
    market_value = np.log(state.value[:n] / 100.0 * state.total_shares[:n])
    mispricing = market_value - log_value
    listed = state.is_listed[:n]
    mispricing -= mispricing[listed].sum() / listed.sum()
    pull = config.additive_signal * config.calibration.value_weekly_pull / 5.0
    parts = [-pull * np.clip(mispricing, -2.0, 2.0), beta_premium * (beta - 1.0)]
    parts += [style_premium[k] * state.exposures[k, :n] for k in range(len(STYLES))]
    path = (
        geometric(_VALUE_DECAY),
        geometric(_PREMIUM_DECAY),
        *(STYLE_PATH[name] for name in STYLES),
    )
    product, product_path = interaction_parts(config, state.exposures[:, :n])
    remembered, remembered_path = memory.parts(n)
    return WeeklyDrift((*parts, *product, *remembered), (*path, *product_path, *remembered_path))


@dataclass(frozen=True)
class HiddenDrift:
    """Parts of the next session's expected return that hidden characteristics cause.

    Attributes
    ----------
    parts
        Pressure, attention and flow, one array of shape (n,) each.
    decay
        Their decay per session.
    """

    parts: tuple[FloatArray, FloatArray, FloatArray]
    decay: tuple[float, float, float]

    def total(self) -> FloatArray:
        """Sum of the parts, shape (n,)."""
        return self.parts[0] + self.parts[1] + self.parts[2]


def hidden_drift(config: SimulationConfig, state: MarketState) -> HiddenDrift:
    """Expected return of the next session from the hidden characteristics.

    Each weekly standard deviation of the calibration is spread over five sessions of a decaying
    process.
    """
    constants = config.calibration
    n = state.count
    pressure_sd = constants.specific_sd / np.sqrt(1.0 - constants.reversal_decay**2)
    reversal = constants.reversal_weekly_sd / (_decay_sum(constants.reversal_decay) * pressure_sd)
    attention = constants.attention_weekly_sd / _decay_sum(constants.attention_decay)
    flow = constants.flow_weekly_sd / _decay_sum(constants.flow_decay)
    scale = config.additive_signal
    return HiddenDrift(
        parts=(
            -scale * reversal * state.pressure[:n],
            -scale * attention * state.attention[:n],
            scale * flow * state.flow[:n],
        ),
        decay=(constants.reversal_decay, constants.attention_decay, constants.flow_decay),
    )


def _decay_sum(decay: float) -> float:
    return (1.0 - decay**5) / (1.0 - decay)


def expected_returns(
    config: SimulationConfig,
    hidden: HiddenDrift,
    weekly: WeeklyDrift,
    gap: FloatArray,
    echo: float,
    limit: FloatArray,
    sessions_ahead: IntArray,
    leaving: Callable[[FloatArray], FloatArray],
) -> dict[str, FloatArray]:
    """True conditional expected returns at a week end, over 1 to 4 weeks, in both conventions.

    Parameters
    ----------
    config
        Signal strength and calibration.
    hidden, weekly
        Drifts in force from the next session on.
    gap
        ln(value / close): what the price has yet to make up for, shape (n,).
    echo
        What every name is expected to repeat of the last session on the next.
    limit
        Daily price limit as a fraction, shape (n,).
    sessions_ahead
        Sessions of each of the next five weeks.
    leaving
        Growth factor of each name over sessions of given weights that a delisting causes; 1 for
        names that stay.

    Returns
    -------
    dict
        `expected_return_{h}w` from close to close, `expected_return_vwap_{h}w` from the VWAP of
        the first session of the next week to that of the first session h weeks later; each (n,).
        The VWAP stands for the middle of its session.
    """
    week_of = np.repeat(np.arange(sessions_ahead.size), sessions_ahead)
    gap = config.price_discovery * gap
    after_open = gap - np.clip(gap, np.log1p(-limit), np.log1p(limit))
    result: dict[str, FloatArray] = {}
    for horizon in HORIZONS:
        length = int(sessions_ahead[:horizon].sum())
        close_weight = (np.arange(week_of.size) < length).astype(np.float64)
        vwap_weight = close_weight.copy()
        vwap_weight[0] = 0.5
        vwap_weight[length] = 0.5
        reach = length * np.log1p(limit)
        catch_up = np.expm1(np.clip(gap, -reach, reach))
        rest = np.expm1(np.clip(after_open, -reach, reach))
        drift = echo + _accumulate(config, hidden, weekly, close_weight, week_of)
        result[f"expected_return_{horizon}w"] = (1.0 + catch_up) * (1.0 + drift) * leaving(
            close_weight
        ) - 1.0
        drift = vwap_weight[0] * echo
        drift = drift + _accumulate(config, hidden, weekly, vwap_weight, week_of)
        result[f"expected_return_vwap_{horizon}w"] = (1.0 + rest) * (1.0 + drift) * leaving(
            vwap_weight
        ) - 1.0
    return result


def _accumulate(
    config: SimulationConfig,
    hidden: HiddenDrift,
    weekly: WeeklyDrift,
    weight: FloatArray,
    week_of: IntArray,
) -> FloatArray:
    """Expected drift over coming sessions with the given weights, shape (n,)."""
    session = np.arange(weight.size)
    total = np.full(weekly.parts[0].size, config.calibration.common_drift * weight.sum())
    for part, decay in zip(hidden.parts, hidden.decay, strict=True):
        total += part * (weight * decay**session).sum()
    for part, path in zip(weekly.parts, weekly.path, strict=True):
        total += part * (weight * path[week_of]).sum()
    return total
