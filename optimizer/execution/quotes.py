"""One session as orders see it: obstacles, prices, rules and sizes of the names ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.day_rules import DayRules
from optimizer.inputs import MarketData
from optimizer.obstacles import NO_TRADE, Bits, in_the_way

Value = TypeVar("Value")


class _Once(Generic[Value]):
    """A property that is worked out once.

    Until Python 3.12 functools.cached_property takes a lock, which is a tenth of a session's time.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: Any) -> Value:
        value = self.compute(instance)
        instance.__dict__[self.compute.__name__] = value
        return value


@dataclass(frozen=True)
class Quotes:
    """A session of the market for some orders, [orders] each; gathered once, used by all rules.

    Attributes
    ----------
    names
        Positions among the market's symbols.
    is_purchase
        The others are sales.
    """

    market: MarketData
    session: int
    names: IntArray
    is_purchase: BoolArray
    rules: DayRules

    @classmethod
    def of(
        cls, market: MarketData, session: int, names: IntArray, is_purchase: BoolArray
    ) -> Quotes:
        """Quotes for orders on a session."""
        rules = market.rulebook.on(market.sessions[session])
        return cls(market, session, names, is_purchase, rules)

    @_Once
    def is_sale(self) -> BoolArray:
        """Orders that are no purchases."""
        return ~self.is_purchase

    @_Once
    def obstacles(self) -> Bits:
        """What stands in the way of each order, bits of `optimizer.obstacles`."""
        return in_the_way(self.market.obstacles[self.session].take(self.names), self.is_purchase)

    @_Once
    def met(self) -> int:
        """Obstacles that stand in the way of any order."""
        return int(np.bitwise_or.reduce(self.obstacles))

    @_Once
    def board(self) -> IntArray:
        """Position among `optimizer.rulebook.BOARDS`."""
        return self.market.board.take(self.names)

    @_Once
    def exchange(self) -> IntArray:
        """Position among `optimizer.rulebook.EXCHANGES`."""
        return self.market.exchange.take(self.names)

    @_Once
    def units(self) -> tuple[FloatArray, FloatArray]:
        """Smallest purchase, and what a purchase may grow by; shares."""
        return self.rules.units(self.board)

    @_Once
    def vwap(self) -> FloatArray:
        """Raw yuan per share; 0 without a trade."""
        vwap: FloatArray = self.market.adj_vwap[self.session].take(self.names)
        vwap /= self.market.adj_factor[self.session].take(self.names)
        if self.met & NO_TRADE:
            vwap[np.isnan(vwap)] = 0.0
        return vwap

    @_Once
    def volume(self) -> FloatArray:
        """Shares traded by everybody; NaN where the bars do not say."""
        volume = self.market.volume_shares[self.session].take(self.names)
        return np.asarray(volume, dtype=np.float64)

    @_Once
    def volatility(self) -> FloatArray:
        """Standard deviation of daily returns over the sessions before this one."""
        for parameter in ("impact_volatility_sessions", "impact_unknown_volatility"):
            self.rules.friction(parameter)
        return np.asarray(self.market.usual_trading.volatility[self.session].take(self.names))

    @_Once
    def usual_amount(self) -> FloatArray:
        """Mean yuan traded per traded session before this one; NaN where not known."""
        self.rules.friction("impact_volume_sessions")
        return np.asarray(self.market.usual_trading.amount[self.session].take(self.names))
