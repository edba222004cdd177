"""What is peculiar to each name: volatility, shocks, beta and the hidden characteristics."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.population import Population
from market_data.simulator.state import MarketState
from market_data.simulator.streams import Purpose, stream, unit_student

FloatArray = NDArray[np.float64]

_BETA_ATTENTION = 0.10
_BETA_SIZE = -0.07
_MOST_PRESSURE = 8.0


class SpecificRisk:
    """Draws specific shocks and moves the hidden components of each name.

    Parameters
    ----------
    config
        Seed, signal and calibration.
    """

    def __init__(self, config: SimulationConfig) -> None:
        self.config = config
        self._returns = stream(config.seed, Purpose.SPECIFIC)
        self._dynamics = stream(config.seed, Purpose.DYNAMICS)
        constants = config.calibration
        self._skew = 1.0 + (constants.specific_skew - 1.0) * config.price_discovery
        self._sigma = np.full(0, 0.0)

    def beta(self, population: Population, state: MarketState) -> FloatArray:
        """Market beta of the listed names: higher with attention, lower with size, shape (n,)."""
        n = state.count
        return (
            population.beta_base[:n]
            + _BETA_ATTENTION * state.attention[:n]
            + _BETA_SIZE * state.exposures[0, :n]
        )

    def draw(
        self, population: Population, state: MarketState, scale: float
    ) -> tuple[FloatArray, FloatArray]:
        """Draw a session's shocks (mean 0, variance about 1) and volatilities, shape (n,) each."""
        constants = self.config.calibration
        n = state.count
        log_sigma = (
            population.volatility_base[:n]
            + constants.volatility_attention * state.attention[:n]
            + state.volatility_slow[:n]
            + state.volatility_fast[:n]
        )
        spread = (
            constants.specific_spread**2
            + constants.volatility_attention**2
            + constants.volatility_slow[1] ** 2
            + constants.volatility_fast[1] ** 2
        )
        self._sigma = constants.specific_sd * scale * np.exp(log_sigma - spread)
        shock = unit_student(self._returns, constants.specific_tail_degrees, n)
        shock = np.clip(shock, -constants.largest_shock, constants.largest_shock)
        return skewed(shock, self._skew, constants.specific_tail_degrees), self._sigma

    def advance(self, state: MarketState, shock: FloatArray) -> None:
        """Move the hidden components past a session whose shocks are `shock`, shape (n,)."""
        constants = self.config.calibration
        n = state.count
        noise = self._dynamics.standard_normal((7, n))
        visible = constants.reversal_visible
        pushed = visible * shock + np.sqrt(1.0 - visible * visible) * noise[0]
        most = _MOST_PRESSURE * constants.specific_sd
        pressure = constants.reversal_decay * state.pressure[:n] + pushed * self._sigma
        state.pressure[:n] = np.clip(pressure, -most, most)
        for values, (decay, spread), draw in (
            (state.attention, (constants.attention_decay, 1.0), noise[1]),
            (state.flow, (constants.flow_decay, 1.0), noise[2]),
            (state.volatility_slow, constants.volatility_slow, noise[3]),
            (state.volatility_fast, constants.volatility_fast, noise[4]),
            (state.turnover_medium, constants.turnover_medium, noise[5]),
            (state.turnover_fast, constants.turnover_fast, noise[6]),
        ):
            step = spread * np.sqrt(1.0 - decay * decay)
            values[:n] = decay * values[:n] + step * draw


def skewed(shock: FloatArray, skew: float, degrees: float) -> FloatArray:
    """Skew symmetric unit-variance Student shocks, keeping mean 0 and unit variance.

    Positive shocks are stretched by `skew` and negative ones shrunk by it; the result is centred
    and scaled by its exact moments. A skew of 1 returns the shocks as they are.
    """
    if skew == 1.0:
        return shock
    mean_absolute = (
        2.0
        * math.sqrt(degrees - 2.0)
        / (math.sqrt(math.pi) * (degrees - 1.0))
        * math.exp(math.lgamma((degrees + 1.0) / 2.0) - math.lgamma(degrees / 2.0))
    )
    mean = 0.5 * mean_absolute * (skew - 1.0 / skew)
    variance = 0.5 * (skew**2 + skew**-2) - mean * mean
    stretched = np.where(shock > 0.0, shock * skew, shock / skew)
    result: FloatArray = (stretched - mean) / math.sqrt(variance)
    return result
