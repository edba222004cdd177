"""Expected returns of a market that only the last five weeks together tell, never one of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]

MEMORY_WEEKS = 5
_WEEKS_AHEAD = 6
# Bounds of a uniform variable of unit variance.
_MOST = float(np.sqrt(3.0))


class TapeMemory:
    """On which side of the day's range a name trades from week to week, and what that pays.

    Every week each name draws a side: uniform, mean 0, variance 1, independent of its past. It
    moves the VWAP of the week's sessions inside their range, and nothing else, so that the mean
    of VWAP over close of that week shows it. What is paid in the next week is whether the name
    was on the side of the four weeks before: its side times half the sum of theirs, of unit
    variance. No week alone is correlated with it, whatever the function of it; the last week with
    k others tells k / 4 of its variance. It does not depend on what was paid a week before, so
    that returns of the past do not give it away either.

    Parameters
    ----------
    config
        Seed, signal and calibration; without `memory` nobody takes a side.
    count
        Names ever listed.
    """

    def __init__(self, config: SimulationConfig, count: int) -> None:
        self._config = config
        self._generator = stream(config.seed, Purpose.MEMORY)
        # Newest first; sides of the weeks before the first are zero.
        self._sides = np.zeros((MEMORY_WEEKS, count))

    def begin_week(self) -> None:
        """Draw the sides of a week."""
        if not self._config.memory:
            return
        self._sides = np.roll(self._sides, 1, axis=0)
        self._sides[0] = self._generator.uniform(-_MOST, _MOST, self._sides.shape[1])

    def lean(self, count: int) -> FloatArray:
        """Shift of ln(VWAP) in units of the session's log range, shape (count,)."""
        result: FloatArray = self._config.calibration.memory_lean * self._sides[0, :count]
        return result

    def sides(self, count: int) -> FloatArray:
        """Sides of the last five weeks, newest first, shape (5, count)."""
        return self._sides[:, :count].copy()

    def parts(self, count: int) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        """Parts of the expected return that hold until the next week end, per session.

        Returns
        -------
        tuple
            One part, shape (count,), and its path, which ends with the next week: the sides of
            coming weeks are not known. Nothing where the market has no memory.
        """
        if not self._config.memory:
            return (), ()
        scale = self._config.signal * self._config.calibration.memory_weekly_sd / 5.0
        last, before = self._sides[0, :count], self._sides[1:, :count]
        agreement = last * before.sum(axis=0) / np.sqrt(MEMORY_WEEKS - 1)
        return (scale * agreement,), (np.eye(1, _WEEKS_AHEAD)[0],)
