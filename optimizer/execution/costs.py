"""What trading costs, part by part, in yuan.

The fill price is the VWAP; all costs are charged beside it, market impact included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.execution.quotes import Quotes
from optimizer.trading_kernels import (
    COMMISSION,
    COST_PARTS,
    SLIPPAGE,
    STAMP_DUTY,
    TRANSFER_FEE,
    charge,
)

_NONE: FloatArray = np.empty(0)


class Tariff(NamedTuple):
    """What some orders cost, whatever part of them is traded in the end.

    Attributes
    ----------
    on_value
        [COST_PARTS, orders], share of the value traded.
    least_commission_cny
        Yuan of every order of some value.
    impact_of_usual
        [orders], share of its value that an order of the usual amount costs by its impact, and any
        whose usual amount is not known; empty where impact is not charged.
    usual_amount
        [orders], yuan, NaN where not known; empty likewise.
    """

    on_value: FloatArray
    least_commission_cny: float = 0.0
    impact_of_usual: FloatArray = _NONE
    usual_amount: FloatArray = _NONE

    def charge(self, value: FloatArray) -> FloatArray:
        """Yuan by part, [COST_PARTS, orders], of yuan traded (never negative), [orders]."""
        return np.asarray(
            charge(
                value,
                self.on_value,
                self.least_commission_cny,
                self.impact_of_usual,
                self.usual_amount,
            )
        )


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
        on_value[COMMISSION] = self.rate
        return Tariff(on_value)


@dataclass(frozen=True)
class RulebookFees:
    """Stamp duty, transfer fee and commission of the day with its minimum; slippage on top."""

    slippage: float

    def tariff(self, quotes: Quotes, price: FloatArray) -> Tariff:
        """Fees by date, exchange and side; slippage as a share of the value."""
        rates = quotes.rules.fee_rates(quotes.exchange, quotes.is_sale, price)
        on_value = np.zeros((len(COST_PARTS), price.size))
        on_value[STAMP_DUTY], on_value[TRANSFER_FEE] = rates.stamp_duty, rates.transfer_fee
        on_value[COMMISSION], on_value[SLIPPAGE] = rates.commission, self.slippage
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
        other = self.costs.tariff(quotes, price)
        of_usual = coefficient * quotes.volatility
        return Tariff(other.on_value, other.least_commission_cny, of_usual, usual)
