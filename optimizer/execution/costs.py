"""What trading costs, part by part, in yuan.

The fill price is the VWAP; all costs are charged beside it, market impact included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.execution.quotes import Quotes

COST_PARTS = ("stamp_duty", "transfer_fee", "commission", "slippage", "impact")
_STAMP_DUTY, _TRANSFER_FEE, _COMMISSION, _SLIPPAGE, _IMPACT = range(len(COST_PARTS))


@dataclass(frozen=True)
class Impact:
    """Square-root market impact of some orders, [orders] each.

    Attributes
    ----------
    of_usual_amount
        Share of its value that an order of the usual amount costs, and any whose usual amount is
        not known.
    usual_amount
        Yuan; NaN where not known.
    is_unknown
        Orders without a usual amount.
    """

    of_usual_amount: FloatArray
    usual_amount: FloatArray
    is_unknown: BoolArray

    def charge(self, value: FloatArray) -> FloatArray:
        """Yuan, [orders]."""
        share = value / self.usual_amount
        share[self.is_unknown] = 1.0
        return np.asarray(self.of_usual_amount * np.sqrt(share) * value)


@dataclass(frozen=True)
class Tariff:
    """What some orders cost, whatever part of them is traded in the end.

    Attributes
    ----------
    on_value
        [COST_PARTS, orders], share of the value traded.
    least_commission_cny
        Yuan of every order of some value.
    """

    on_value: FloatArray
    least_commission_cny: float = 0.0
    impact: Impact | None = None

    def charge(self, value: FloatArray) -> FloatArray:
        """Yuan by part, [COST_PARTS, orders], of yuan traded (never negative), [orders]."""
        parts = self.on_value * value
        if self.least_commission_cny:
            least = self.least_commission_cny * (value > 0.0)
            np.maximum(parts[_COMMISSION], least, out=parts[_COMMISSION])
        if self.impact is not None:
            parts[_IMPACT] = self.impact.charge(value)
        return parts


class CostModel(Protocol):
    """Cost of trading."""

    def tariff(self, quotes: Quotes, price: FloatArray) -> Tariff:
        """What orders on a session cost.

        Parameters
        ----------
        price
            [orders], raw yuan per share; 0 or NaN where nothing can be traded.
        """
        ...


@dataclass(frozen=True)
class FlatCost:
    """The same share of the value traded for every order, booked as commission."""

    rate: float

    def tariff(self, quotes: Quotes, price: FloatArray) -> Tariff:
        """The rate."""
        on_value = np.zeros((len(COST_PARTS), price.size))
        on_value[_COMMISSION] = self.rate
        return Tariff(on_value)


@dataclass(frozen=True)
class RulebookFees:
    """Stamp duty, transfer fee and commission of the day with its minimum; slippage on top."""

    slippage: float

    def tariff(self, quotes: Quotes, price: FloatArray) -> Tariff:
        """Fees by date, exchange and side; slippage as a share of the value."""
        rates = quotes.rules.fee_rates(quotes.exchange, quotes.is_sale, price)
        on_value = np.zeros((len(COST_PARTS), price.size))
        on_value[_STAMP_DUTY], on_value[_TRANSFER_FEE] = rates.stamp_duty, rates.transfer_fee
        on_value[_COMMISSION], on_value[_SLIPPAGE] = rates.commission, self.slippage
        return Tariff(on_value, quotes.rules.minimum_commission_cny)


@dataclass(frozen=True)
class WithImpact:
    """Square-root market impact beside the costs of another model.

    Cost of an order of value Q: coefficient x volatility x sqrt(Q / V) x Q, volatility and mean
    value traded V of the sessions before (Torre 1997; Almgren et al. 2005; Toth et al. 2011);
    the numbers are rows of rules.market_friction.
    """

    costs: CostModel

    def tariff(self, quotes: Quotes, price: FloatArray) -> Tariff:
        """Costs of the other model, and the impact."""
        coefficient, usual = quotes.rules.friction("impact_coefficient"), quotes.usual_amount
        impact = Impact(coefficient * quotes.volatility, usual, np.isnan(usual))
        other = self.costs.tariff(quotes, price)
        return Tariff(other.on_value, other.least_commission_cny, impact)
