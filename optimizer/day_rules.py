"""The rules in force on one day, as arrays by board and exchange: what the engine reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.trading_kernels import whole_lots

# A-shares have a face value of one yuan, but for a handful that the transfer fee before
# 2015-08-01 charged less.
FACE_VALUE_CNY = 1.0


class FeeRates(NamedTuple):
    """Fees of some orders as a share of the value traded; [orders], the commission of all."""

    stamp_duty: FloatArray
    transfer_fee: FloatArray
    commission: float

    @property
    def total(self) -> FloatArray:
        """All fees of each order, without the minimum commission."""
        return self.stamp_duty + self.transfer_fee + self.commission


@dataclass(frozen=True)
class DayRules:
    """Rules of a day; NaN where no row covers it, which is an error once somebody asks.

    Attributes
    ----------
    stamp_duty
        [2], buying and selling, share of value.
    transfer_on_value, transfer_on_shares
        [exchanges], share of value, and yuan per share where the fee is on face value.
    commission_rate, minimum_commission_cny
        Share of value, and least yuan of an order.
    smallest_buy, buy_step, wait
        [boards], shares, shares and sessions before a sale.
    frictions
        Rows of rules.market_friction by parameter.
    incomplete
        Tables without a row for some key on this day.
    refuse
        Raises the error of a missing row: table, position of the missing key.
    """

    stamp_duty: FloatArray
    transfer_on_value: FloatArray
    transfer_on_shares: FloatArray
    commission_rate: float
    minimum_commission_cny: float
    smallest_buy: FloatArray
    buy_step: FloatArray
    wait: FloatArray
    frictions: Mapping[str, float]
    incomplete: frozenset[str]
    refuse: Callable[[str, int | str], None]

    def friction(self, parameter: str) -> float:
        """Value of a parameter of rules.market_friction."""
        if parameter not in self.frictions:
            self.refuse("market_friction", parameter)
        return self.frictions[parameter]

    def fee_rates(self, exchange: IntArray, is_sale: BoolArray, price: FloatArray) -> FeeRates:
        """Fees without the minimum commission, [orders] each.

        Parameters
        ----------
        price
            Raw yuan per share. A fee on face value is a share of value only through it, and counts
            as nothing where it is 0 or NaN.
        """
        if math.isnan(self.commission_rate):
            self.refuse("commission", 0)
        transfer = self._by_code("transfer_fee", self.transfer_on_value, exchange)
        if self.transfer_on_shares.any():
            on_shares = self.transfer_on_shares.take(exchange)
            transfer += np.divide(on_shares, price, out=np.zeros_like(price), where=price > 0.0)
        return FeeRates(
            stamp_duty=self._by_code("stamp_duty", self.stamp_duty, is_sale.view(np.uint8)),
            transfer_fee=transfer,
            commission=self.commission_rate,
        )

    def buyable(self, board: IntArray, wanted: FloatArray) -> FloatArray:
        """Most shares up to those wanted that purchases may have, [orders]."""
        smallest, step = self.units(board)
        return np.asarray(whole_lots(smallest, step, wanted))

    def units(self, board: IntArray) -> tuple[FloatArray, FloatArray]:
        """Smallest purchase and step of each order, shares."""
        smallest = self._by_code("trading_unit", self.smallest_buy, board)
        return smallest, self.buy_step.take(board)

    def sellable(self, board: IntArray, wanted: FloatArray, held: FloatArray) -> FloatArray:
        """Most shares up to those wanted that sales may have; a holding may go whole, [orders]."""
        return np.where(wanted >= held, held, self.buyable(board, wanted))

    def sessions_before_sale(self, board: IntArray) -> IntArray:
        """Sessions from a purchase to the first session of a sale (1 is T+1), [orders]."""
        return self._by_code("settlement", self.wait, board).astype(np.intp)

    def _by_code(self, table: str, values: FloatArray, code: npt.NDArray[Any]) -> FloatArray:
        chosen = values.take(code)
        if table in self.incomplete:
            missing = np.isnan(chosen)
            if missing.any():
                self.refuse(table, int(code[int(np.argmax(missing))]))
        return chosen
