"""How much a share usually moves and trades: what market impact is measured by.

Both are worked out once for all sessions and names of a market and shared by its back-tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import DateArray, FloatArray
from optimizer.rulebook import Rulebook

# Names worked on at a time, so that their windows stay in the processor's cache.
_NAMES_AT_ONCE = 64


@dataclass(frozen=True)
class UsualTrading:
    """Of the sessions before each session, as many as rules.market_friction says; [T, N] each.

    Attributes
    ----------
    volatility
        Sample deviation of daily returns; the rulebook's assumption where fewer than two are known.
    amount
        Mean yuan traded per traded session, the session's own where there was none before; NaN
        where neither is known.
    """

    volatility: FloatArray
    amount: FloatArray

    @classmethod
    def of(
        cls, sessions: DateArray, rulebook: Rulebook, close: FloatArray, amount: FloatArray
    ) -> UsualTrading:
        """From adjusted closes and yuan traded, [T, N], NaN where there are none.

        Sessions on which the rulebook lacks a row stay NaN.
        """
        rules = [rulebook.on(day).frictions for day in sessions]
        spans, counts, unknown = (
            np.array([rule.get(name, np.nan) for rule in rules])
            for name in (
                "impact_volatility_sessions",
                "impact_volume_sessions",
                "impact_unknown_volatility",
            )
        )
        usual = cls(np.full(close.shape, np.nan), np.full(close.shape, np.nan))
        for start in range(0, close.shape[1], _NAMES_AT_ONCE):
            names = slice(start, start + _NAMES_AT_ONCE)
            for span in np.unique(spans[np.isfinite(spans)]):
                at = spans == span
                found = _volatility(close[:, names], int(span), unknown[:, None])
                usual.volatility[at, names] = found[at]
            for count in np.unique(counts[np.isfinite(counts)]):
                at = counts == count
                usual.amount[at, names] = _mean_amount(amount[:, names], int(count))[at]
        return usual


def _volatility(close: FloatArray, count: int, unknown: FloatArray) -> FloatArray:
    moves = np.full(close.shape, np.nan)
    moves[1:] = close[1:] / close[:-1] - 1.0
    known = np.isfinite(moves)
    moves = np.where(known, moves, 0.0)
    number = _sum_before(known.astype(np.float64), count)
    mean = _sum_before(moves, count) / np.maximum(number, 1.0)
    squares = np.zeros_like(moves)
    for age in _ages(count, moves):
        squares[age:] += np.where(known[:-age], (moves[:-age] - mean[age:]) ** 2, 0.0)
    spread = np.sqrt(squares / np.maximum(number - 1.0, 1.0))
    return np.where(number > 1.0, spread, unknown)


def _mean_amount(amount: FloatArray, count: int) -> FloatArray:
    known = np.isfinite(amount)
    number = _sum_before(known.astype(np.float64), count)
    total = _sum_before(np.where(known, amount, 0.0), count)
    usual = np.where(number > 0.0, total / np.maximum(number, 1.0), amount)
    return np.where(usual > 0.0, usual, np.nan)


def _sum_before(values: FloatArray, count: int) -> FloatArray:
    """Sum of as many rows before each row as there are, at most `count`, oldest first."""
    total = np.zeros_like(values)
    for age in _ages(count, values):
        total[age:] += values[:-age]
    return total


def _ages(count: int, values: FloatArray) -> range:
    return range(min(count, len(values) - 1), 0, -1)
