"""Predictions as expected returns: skill times volatility times score (Grinold's rule).

A prediction only ranks. How much return a unit of it is worth follows from how well it has ranked,
as far as that was known: the mean Rank IC of the weeks whose labels were known, drawn to a cautious
prior that has the weight of half a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.arrays import BoolArray, DateArray, FloatArray
from optimizer.frames import Frame
from optimizer.inputs import MarketData

PRIOR_RANK_IC, PRIOR_WEEKS, LEAST_RANK_IC = 0.03, 26.0, 0.005
SESSIONS_PER_WEEK = 5.0
_TRAILING_SESSIONS, _LEAST_SESSIONS = 60, 20


@dataclass(frozen=True)
class Skill:
    """Weekly Rank ICs of one model and the days on which they became known, [weeks] each."""

    known_at: DateArray
    rank_ic: FloatArray

    @classmethod
    def none(cls) -> Skill:
        """No history: the prior alone."""
        return cls(np.empty(0, dtype="datetime64[D]"), np.empty(0))

    @classmethod
    def from_table(cls, table: Any) -> Skill:
        """From a table with columns `known_at` and `rank_ic`; weeks without value are left out."""
        frame = Frame("Rank IC by week", table)
        known_at, rank_ic = frame.dates("known_at"), frame.numbers("rank_ic")
        there = np.isfinite(rank_ic)
        return cls(known_at[there], rank_ic[there])

    def at(self, day: np.datetime64) -> float:
        """Rank IC to count on after the close of a day."""
        known = self.rank_ic[self.known_at <= day]
        total = PRIOR_RANK_IC * PRIOR_WEEKS + float(known.sum())
        return max(total / (PRIOR_WEEKS + known.size), LEAST_RANK_IC)


def expected_returns(
    prediction: FloatArray, members: BoolArray, volatility: FloatArray, rank_ic: float
) -> FloatArray:
    """Expected returns of a week, [N]; NaN where there is no prediction.

    Parameters
    ----------
    prediction
        [N], of a week; NaN where missing.
    members
        [N], names over which predictions are standardised.
    volatility
        [N], of a week, positive.
    """
    scored = members & np.isfinite(prediction)
    if not scored.any():
        return np.full(prediction.size, np.nan)
    centred = prediction - prediction[scored].mean()
    deviation = float(prediction[scored].std())
    if deviation == 0.0:
        return np.where(np.isfinite(prediction), 0.0, np.nan)
    return np.asarray(rank_ic * volatility * centred / deviation, dtype=np.float64)


def trailing_volatility(market: MarketData, session: int) -> FloatArray:
    """Volatility of a week from the last sixty sessions' closes up to a session, [N].

    Sessions without trade are left out; names with fewer than twenty get the median of the others
    (0.02 a session where there is none).
    """
    first = max(session - _TRAILING_SESSIONS, 0)
    closes = market.adj_close[first : session + 1]
    traded = market.is_tradable[first + 1 : session + 1]
    returns = np.where(traded, closes[1:] / closes[:-1] - 1.0, np.nan)
    known = np.isfinite(returns)
    count = known.sum(axis=0)
    values = np.where(known, returns, 0.0)
    safe = np.maximum(count, 1)
    variance = (values**2).sum(axis=0) / safe - (values.sum(axis=0) / safe) ** 2
    daily = np.sqrt(np.maximum(variance, 0.0))
    enough = (count >= _LEAST_SESSIONS) & (daily > 0)
    usual = float(np.median(daily[enough])) if enough.any() else 0.02
    weekly = np.where(enough, daily, usual) * np.sqrt(SESSIONS_PER_WEEK)
    return np.asarray(weekly, dtype=np.float64)
