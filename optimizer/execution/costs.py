"""What trading costs, part by part, in yuan.

The fill price is the VWAP; all costs are charged beside it, market impact included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.execution.quotes import Quotes

COST_PARTS = ("stamp_duty", "transfer_fee", "commission", "slippage", "impact")


class CostModel(Protocol):
    """Cost of trading."""

    def charge(self, quotes: Quotes, shares: FloatArray, value: FloatArray) -> FloatArray:
        """Yuan by part, [COST_PARTS, orders].

        Parameters
        ----------
        shares
            [orders], raw shares traded, sales negative.
        value
            [orders], yuan traded, never negative.
        """
        ...


@dataclass(frozen=True)
class FlatCost:
    """The same share of the value traded for every order, booked as commission."""

    rate: float

    def charge(self, quotes: Quotes, shares: FloatArray, value: FloatArray) -> FloatArray:
        """The rate times the value."""
        parts = np.zeros((len(COST_PARTS), value.size))
        parts[2] = self.rate * value
        return parts


@dataclass(frozen=True)
class RulebookFees:
    """Stamp duty, transfer fee and commission of the day with its minimum; slippage on top."""

    slippage: float

    def charge(self, quotes: Quotes, shares: FloatArray, value: FloatArray) -> FloatArray:
        """Fees by date, exchange and side; slippage as a share of the value."""
        parts = np.zeros((len(COST_PARTS), value.size))
        fees = quotes.rules.fees(quotes.exchange, shares < 0.0, value, np.abs(shares))
        parts[0], parts[1], parts[2] = fees.stamp_duty, fees.transfer_fee, fees.commission
        parts[3] = self.slippage * value
        return parts


@dataclass(frozen=True)
class WithImpact:
    """Square-root market impact beside the costs of another model.

    Cost of an order of value Q: coefficient x volatility x sqrt(Q / V) x Q, volatility and mean
    value traded V of the sessions before (Torre 1997; Almgren et al. 2005; Toth et al. 2011);
    the numbers are rows of rules.market_friction.
    """

    costs: CostModel

    def charge(self, quotes: Quotes, shares: FloatArray, value: FloatArray) -> FloatArray:
        """Costs of the other model, and the impact."""
        parts = self.costs.charge(quotes, shares, value)
        coefficient = quotes.rules.friction("impact_coefficient")
        share = np.divide(
            value, quotes.usual_amount, out=np.ones_like(value), where=quotes.usual_amount > 0
        )
        parts[4] = coefficient * quotes.volatility * np.sqrt(share) * value
        return parts
