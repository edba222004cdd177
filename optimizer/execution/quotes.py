"""One session as the orders see it: flags, prices, rules and sizes of the names ordered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.day_rules import DayRules
from optimizer.inputs import MarketData


@dataclass(frozen=True)
class Quotes:
    """A session of the market for some names, [names] each; gathered once, used by all rules."""

    market: MarketData
    session: int
    names: IntArray
    rules: DayRules

    @classmethod
    def of(cls, market: MarketData, session: int, names: IntArray) -> Quotes:
        """Quotes of names on a session."""
        return cls(market, session, names, market.rulebook.on(market.sessions[session]))

    @cached_property
    def is_listed(self) -> BoolArray:
        """Whether there is a bar."""
        return np.asarray(self.market.is_listed[self.session].take(self.names))

    @cached_property
    def is_tradable(self) -> BoolArray:
        """Whether there was a trade."""
        return np.asarray(self.market.is_tradable[self.session].take(self.names))

    @cached_property
    def board(self) -> IntArray:
        """Position among `optimizer.rulebook.BOARDS`."""
        return self.market.board.take(self.names)

    @cached_property
    def exchange(self) -> IntArray:
        """Position among `optimizer.rulebook.EXCHANGES`."""
        return self.market.exchange.take(self.names)

    @cached_property
    def smallest_buy(self) -> FloatArray:
        """Smallest purchase, shares."""
        return self._units[0]

    @cached_property
    def buy_step(self) -> FloatArray:
        """Shares between one purchase and the next larger one."""
        return self._units[1]

    @cached_property
    def _units(self) -> tuple[FloatArray, FloatArray]:
        return self.rules.units(self.board)

    @cached_property
    def vwap(self) -> FloatArray:
        """Raw yuan per share; NaN without a trade."""
        vwap = self.market.adj_vwap[self.session].take(self.names)
        return np.asarray(vwap / self.market.adj_factor[self.session].take(self.names))

    @cached_property
    def volume(self) -> FloatArray:
        """Shares traded by everybody; NaN where the bars do not say."""
        volume = self.market.volume_shares[self.session].take(self.names)
        return np.asarray(volume, dtype=np.float64)

    @cached_property
    def volatility(self) -> FloatArray:
        """Standard deviation of daily returns over the sessions before this one."""
        count = int(self.rules.friction("impact_volatility_sessions"))
        first = max(self.session - count - 1, 0)
        close = self.market.adj_close[first : self.session].take(self.names, axis=1)
        moves = close[1:] / close[:-1] - 1.0
        known = np.isfinite(moves)
        counts = known.sum(axis=0)
        moves = np.where(known, moves, 0.0)
        mean = moves.sum(axis=0) / np.maximum(counts, 1)
        squares = np.where(known, (moves - mean) ** 2, 0.0).sum(axis=0)
        spread = np.sqrt(squares / np.maximum(counts - 1, 1))
        unknown = self.rules.friction("impact_unknown_volatility")
        return np.where(counts > 1, spread, unknown)

    @cached_property
    def usual_amount(self) -> FloatArray:
        """Mean yuan traded per traded session before this one; this session's where none."""
        count = int(self.rules.friction("impact_volume_sessions"))
        span = slice(max(self.session - count, 0), self.session + 1)
        price = self.market.adj_vwap[span].take(self.names, axis=1)
        price = price / self.market.adj_factor[span].take(self.names, axis=1)
        amount = price * self.market.volume_shares[span].take(self.names, axis=1)
        before = amount[:-1]
        known = np.isfinite(before)
        counts = known.sum(axis=0)
        total = np.where(known, before, 0.0).sum(axis=0)
        if np.count_nonzero(counts) == counts.size:
            return np.asarray(total / counts)
        mean = total / np.maximum(counts, 1)
        return np.asarray(np.where(counts > 0, mean, np.nan_to_num(amount[-1])))
