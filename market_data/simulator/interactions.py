"""Expected returns of a market that pays for products of characteristics and for none alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import STYLES
from market_data.simulator.config import SimulationConfig

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Interaction:
    """Two styles of which each decides what the other one earns.

    Attributes
    ----------
    first, second
        Names of `STYLES`.
    sign
        1: exposures of the same sign earn a premium; -1: of opposite signs.
    path
        Share of the product that is expected to be left in this week and the next five.
    """

    first: str
    second: str
    sign: float
    path: tuple[float, ...]


# Moves of the last weeks go on in names that are traded much and reverse in the others; yearly
# winners go on winning where they are calm, and where they are large.
INTERACTIONS = (
    Interaction("short_return", "turnover", 1.0, (1.0, 0.40, 0.29, 0.24, 0.07, 0.03)),
    Interaction("momentum", "volatility", -1.0, (1.0, 0.915, 0.83, 0.76, 0.69, 0.63)),
    Interaction("size", "momentum", 1.0, (1.0, 0.99, 0.98, 0.97, 0.96, 0.945)),
)


def interaction_parts(
    config: SimulationConfig, exposures: FloatArray
) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """Parts of the expected return that hold until the next week end, per session.

    Parameters
    ----------
    config
        Signal strength and calibration.
    exposures
        Style exposures, shape (K, n), in the order of `STYLES`.

    Returns
    -------
    tuple
        For each of `INTERACTIONS` its part, shape (n,), and its path. Nothing where the market
        prices styles one by one.
    """
    if not config.interactions:
        return (), ()
    scale = config.signal * config.calibration.interaction_weekly_sd / 5.0
    parts = tuple(
        scale
        * each.sign
        * exposures[STYLES.index(each.first)]
        * exposures[STYLES.index(each.second)]
        for each in INTERACTIONS
    )
    return parts, tuple(np.array(each.path) for each in INTERACTIONS)
