"""Common factors: market, industries and styles, with volatility regimes and moving premia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import STYLES, Calibration
from market_data.simulator.config import SimulationConfig
from market_data.simulator.population import INDUSTRY_NAMES
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.streams import Purpose, session_variance, stream, unit_student

FloatArray = NDArray[np.float64]

_SESSIONS_PER_WEEK = 5.0


@dataclass(frozen=True)
class FactorPaths:
    """Realised factor returns and what was expected of them; T sessions, W weeks, K styles.

    All returns are surprises with mean zero; premia are added to them.

    Attributes
    ----------
    market
        Market surprise per session, shape (T,).
    industry
        Industry surprises per session, shape (T, 30).
    style
        Style surprises per session, shape (T, K), in the order of `STYLES`.
    style_premium
        Premium per session of one unit of exposure in force after each week end, shape (W + 1, K).
    beta_premium
        The same for one unit of market beta, shape (W + 1,).
    echo
        Part of the session before that every name is expected to repeat, shape (T + 1,).
    market_volatility
        Standard deviation of the market surprise, shape (T,).
    market_surprise_variance
        Expected variance of the market session given its surprise, relative to the square of
        `market_volatility`, shape (T,).
    specific_scale
        Scale of specific volatility relative to calm times, shape (T,).
    turnover
        Market-wide part of log turnover, shape (T,).
    """

    market: FloatArray
    industry: FloatArray
    style: FloatArray
    style_premium: FloatArray
    beta_premium: FloatArray
    echo: FloatArray
    market_volatility: FloatArray
    market_surprise_variance: FloatArray
    specific_scale: FloatArray
    turnover: FloatArray


def autoregression(shocks: FloatArray, decay: float) -> FloatArray:
    """Stationary AR(1) with unit variance along the first axis, from unit-variance shocks."""
    path = np.empty_like(shocks)
    path[0] = shocks[0]
    scale = float(np.sqrt(1.0 - decay * decay))
    for step in range(1, shocks.shape[0]):
        path[step] = decay * path[step - 1] + scale * shocks[step]
    return path


def even_path(path: FloatArray) -> FloatArray:
    """Centre and scale a path to mean 0 and variance 1 over its own length.

    Slow paths differ much in level from seed to seed; regimes that are centred over the period
    give markets of comparable volatility and activity. Only scales of noise are built from them,
    never expected returns.
    """
    centred: FloatArray = path - path.sum() / path.size
    scaled: FloatArray = centred / np.sqrt((centred * centred).sum() / path.size)
    return scaled


def build_factors(config: SimulationConfig, calendar: SessionCalendar) -> FactorPaths:
    """Draw the paths of all common factors.

    With `signal` 0 every premium is zero while the surprises stay exactly as they are.
    """
    generator = stream(config.seed, Purpose.FACTORS)
    constants = config.calibration
    sessions = len(calendar)
    regime, specific = _regimes(config, calendar, generator)
    market_volatility = constants.market_sd * regime
    market_z = unit_student(generator, constants.market_tail_degrees, sessions)
    common = np.sqrt(regime)
    shape = (sessions, len(INDUSTRY_NAMES))
    industry = (
        constants.industry_weekly_sd / np.sqrt(_SESSIONS_PER_WEEK) * common[:, None]
    ) * unit_student(generator, 6.0, shape)
    style = _style_returns(constants, market_z, common, generator)
    premium, beta_premium = _premia(config, int(calendar.week_number[-1]) + 2, generator)
    activity = even_path(
        autoregression(generator.standard_normal(sessions), constants.turnover_market_decay)
    )
    turnover = (
        constants.turnover_market_sd * activity
        + constants.turnover_market_volatility * np.log(regime)
    )
    market_z_clipped = np.clip(market_z, -6.0, 6.0)
    market = market_volatility * market_z_clipped
    return FactorPaths(
        market=market,
        industry=industry,
        style=style,
        style_premium=premium,
        beta_premium=beta_premium,
        echo=np.append(0.0, constants.market_echo * market),
        market_volatility=market_volatility,
        market_surprise_variance=session_variance(market_z_clipped, constants.market_tail_degrees),
        specific_scale=specific,
        turnover=turnover,
    )


def _regimes(
    config: SimulationConfig, calendar: SessionCalendar, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Volatility of the market and of specific returns relative to calm times, shape (T,)."""
    constants = config.calibration
    sessions = len(calendar)
    slow = even_path(
        autoregression(generator.standard_normal(sessions), constants.market_volatility_decay)
    )
    own = even_path(autoregression(generator.standard_normal(sessions), 0.97))
    spread = constants.market_volatility_spread
    log_regime = spread * slow - 0.5 * spread * spread
    crisis = np.zeros(sessions)
    for first, last in config.crises:
        begin, end = calendar.position(first), calendar.position(last)
        # A crisis breaks out at once and calms down over its second half.
        length = max(end - begin, 1)
        crisis[begin:end] = np.clip(2.0 - 2.0 * np.arange(end - begin) / length, 0.0, 1.0)
    log_regime = log_regime + crisis * np.log(constants.crisis_volatility)
    log_specific = constants.specific_regime * log_regime + 0.10 * own
    return np.exp(log_regime), np.exp(log_specific)


def _style_returns(
    constants: Calibration,
    market_z: FloatArray,
    common: FloatArray,
    generator: np.random.Generator,
) -> FloatArray:
    """Style surprises per session, correlated with the market, shape (T, K)."""
    columns = []
    for name in STYLES:
        style = constants.style(name)
        own = unit_student(generator, 6.0, market_z.size)
        rho = style.market_correlation
        z = rho * market_z + np.sqrt(1.0 - rho * rho) * own
        columns.append(style.weekly_sd / np.sqrt(_SESSIONS_PER_WEEK) * common * z)
    return np.column_stack(columns)


def _premia(
    config: SimulationConfig, weeks: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Premia per session after each week end: a constant plus a slow stationary part."""
    constants = config.calibration
    slow = autoregression(
        generator.standard_normal((weeks, len(STYLES) + 1)), constants.premium_weekly_decay
    )
    level = np.array([constants.style(name).weekly_premium for name in STYLES])
    spread = np.array([constants.style(name).weekly_premium_sd for name in STYLES])
    scale = config.additive_signal / _SESSIONS_PER_WEEK
    return (
        scale * (level + spread * slow[:, :-1]),
        scale * constants.beta_weekly_premium_sd * slow[:, -1],
    )
