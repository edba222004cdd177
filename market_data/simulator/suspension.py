"""Trading suspensions: a heavy regime until 2018, a light one afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.state import MarketState
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_SESSIONS_PER_YEAR = 243.0
_FIRST_AGE = 60
_CRASH = -0.055
# In the second week of July 2015 companies halted their own shares in droves.
_PANIC = (np.datetime64("2015-07-07", "D"), np.datetime64("2015-07-09", "D"))
_PANIC_LENGTH = (3, 15)
# Spells that start per stock and year.
_START_RATE = {
    2011: 1.6,
    2012: 1.9,
    2013: 0.60,
    2014: 0.66,
    2015: 1.30,
    2016: 0.73,
    2017: 0.58,
    2018: 0.40,
}
_EARLY_RATE = 1.6
_LATE_RATE = 0.11
# From 2019 on, long halts were no longer allowed.
_REFORM_YEAR = 2019
_LONGEST_AFTER_REFORM = 20
# Lengths in sessions: upper ends of the classes, and their shares by era.
_CLASS_ENDS = np.array([1, 5, 20, 60, 120, 220])
_CLASS_STARTS = np.array([1, 2, 6, 21, 61, 121])
_SHARES_EARLY = np.array([0.72, 0.17, 0.07, 0.025, 0.013, 0.002])
_SHARES_HEAVY = np.array([0.17, 0.29, 0.26, 0.12, 0.12, 0.04])
_SHARES_2018 = np.array([0.17, 0.31, 0.28, 0.14, 0.09, 0.01])
_SHARES_LIGHT = np.array([0.54, 0.19, 0.255, 0.015, 0.0, 0.0])
_LONG_SPELL = 20


@dataclass
class SuspensionProcess:
    """Starts, carries on and ends suspensions, and draws the news they end with."""

    config: SimulationConfig

    def __post_init__(self) -> None:
        self._generator = stream(self.config.seed, Purpose.SUSPENSION)

    def advance(
        self,
        state: MarketState,
        session: np.datetime64,
        market_return: float,
        leaving: BoolArray,
    ) -> tuple[BoolArray, FloatArray]:
        """Move to a session.

        Parameters
        ----------
        state
            Updated in place: `suspended_left`, `spell_length`.
        session
            The session that opens.
        market_return
            Market return of the session before; a crash in the heavy regime sets off many spells.
        leaving
            Names on their way out, whose halts are not drawn here, shape (n,).

        Returns
        -------
        tuple
            Which listed names are suspended today, and the return that the news of a resumption
            brings today (mean 0, 0 for all others); both of shape (n,).
        """
        n = state.count
        left = state.suspended_left[:n]
        was_suspended = left > 0
        left[was_suspended] -= 1
        year = int(str(session)[:4])
        if year >= _REFORM_YEAR:
            np.minimum(left, _LONGEST_AFTER_REFORM, out=left, where=~leaving)
        resumes = was_suspended & (left == 0)
        draws = self._generator.random((2, n))
        rate = start_rate(year, str(session)[5:7]) / _SESSIONS_PER_YEAR
        crash = market_return < _CRASH and year <= 2016
        if crash:
            rate += self.config.calibration.crash_suspension_rate
        panic = _PANIC[0] <= session <= _PANIC[1]
        if panic:
            rate += self.config.calibration.panic_suspension_rate
        starts = (draws[0] < rate) & ~was_suspended & ~leaving
        starts &= state.age[:n] >= _FIRST_AGE
        length = spell_lengths(draws[1], _length_shares(year))
        if crash:
            length = np.clip(length, 4, 60)
        if panic:
            length = np.clip(length, *_PANIC_LENGTH)
        left[starts] = length[starts]
        state.spell_length[:n][starts] = length[starts]
        return left > 0, self._news(resumes, state.spell_length[:n])

    def _news(self, resumes: BoolArray, length: IntArray) -> FloatArray:
        short, medium, long = self.config.calibration.resumption_news
        spread = np.where(length > _LONG_SPELL, long, np.where(length > 1, medium, short))
        shocks = self._generator.standard_normal(length.size)
        return np.where(resumes, np.clip(spread * shocks, -0.45, 0.45), 0.0)


def start_rate(year: int, month: str) -> float:
    """Suspensions that start per stock and year; 2018 changes regime in its middle."""
    if year == 2018 and month > "08":
        return _LATE_RATE
    if year > 2018:
        return _LATE_RATE
    return _START_RATE.get(year, _EARLY_RATE)


def _length_shares(year: int) -> FloatArray:
    if year <= 2012:
        return _SHARES_EARLY
    if year <= 2017:
        return _SHARES_HEAVY
    return _SHARES_2018 if year == 2018 else _SHARES_LIGHT


def spell_lengths(draws: FloatArray, shares: FloatArray) -> IntArray:
    """Turn uniform draws into lengths in sessions: a class by share, then even inside it."""
    upper = np.cumsum(shares)
    upper[-1] = 1.0
    chosen = np.minimum(np.searchsorted(upper, draws, side="right"), shares.size - 1)
    chosen = np.where(shares[chosen] > 0, chosen, np.flatnonzero(shares)[-1])
    lower = upper[chosen] - shares[chosen]
    within = np.clip((draws - lower) / np.maximum(shares[chosen], 1e-12), 0.0, 1.0 - 1e-12)
    width = _CLASS_ENDS[chosen] - _CLASS_STARTS[chosen] + 1
    result: IntArray = _CLASS_STARTS[chosen] + (within * width).astype(np.int64)
    return result
