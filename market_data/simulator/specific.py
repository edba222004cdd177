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
_BETA_SIZE = -0.05
_MOST_PRESSURE = 11.0
_GRID = 4001


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
        self._moments = clipped_moments(constants.specific_tail_degrees, constants.largest_shock)
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
        """Draw a session's shocks (mean 0, variance 1) and volatilities, shape (n,) each."""
        constants = self.config.calibration
        n = state.count
        log_sigma = (
            population.volatility_base[:n]
            + constants.volatility_attention * state.attention[:n]
            + constants.volatility_size * state.exposures[0, :n]
            + state.volatility_slow[:n]
            + state.volatility_fast[:n]
        )
        spread = (
            constants.specific_spread**2
            + constants.volatility_attention**2
            + constants.volatility_size**2
            + constants.volatility_slow[1] ** 2
            + constants.volatility_fast[1] ** 2
        )
        self._sigma = constants.specific_sd * scale * np.exp(log_sigma - spread)
        shock = unit_student(self._returns, constants.specific_tail_degrees, n)
        shock = np.clip(shock, -constants.largest_shock, constants.largest_shock)
        return skewed(shock, self._skew, self._moments), self._sigma

    def advance(self, state: MarketState, shock: FloatArray, size: FloatArray) -> None:
        """Move the hidden components past a session.

        Parameters
        ----------
        state
            Updated in place.
        shock
            Specific shocks of the session, shape (n,).
        size
            Size of its moves above the usual level, which keep turnover up for days, shape (n,).
        """
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
        state.turnover_fast[:n] += constants.turnover_after_move * size


def skewed(shock: FloatArray, skew: float, moments: tuple[float, float]) -> FloatArray:
    """Skew symmetric shocks and give them mean 0 and unit variance.

    Positive shocks are stretched by `skew` and negative ones shrunk by it; the result is centred
    and scaled by its exact moments. With a skew of 1 shocks keep their symmetry to the last bit.

    Parameters
    ----------
    shock
        Symmetric shocks, shape (n,).
    skew
        Positive; above 1 the larger shocks are the positive ones.
    moments
        Mean absolute value and mean square of the shocks.
    """
    absolute, square = moments
    mean = 0.5 * absolute * (skew - 1.0 / skew)
    variance = 0.5 * square * (skew**2 + skew**-2) - mean * mean
    stretched = np.where(shock > 0.0, shock * skew, shock / skew)
    result: FloatArray = (stretched - mean) / math.sqrt(variance)
    return result


def clipped_moments(degrees: float, largest: float) -> tuple[float, float]:
    """Mean absolute value and mean square of a unit-variance Student's t clipped at +-`largest`.

    By Simpson's rule inside the clip; the mass beyond it sits on the clip.
    """
    grid, step = np.linspace(0.0, largest, _GRID, retstep=True)
    weight = np.full(_GRID, 2.0)
    weight[1::2] = 4.0
    weight[[0, -1]] = 1.0
    level = math.exp(math.lgamma((degrees + 1.0) / 2.0) - math.lgamma(degrees / 2.0))
    level /= math.sqrt(math.pi * (degrees - 2.0))
    density = level * (1.0 + grid**2 / (degrees - 2.0)) ** (-0.5 * (degrees + 1.0))
    inside, first, second = (
        2.0 * float((weight * density * grid**power).sum()) * float(step) / 3.0
        for power in (0, 1, 2)
    )
    beyond = 1.0 - inside
    return first + beyond * largest, second + beyond * largest**2
