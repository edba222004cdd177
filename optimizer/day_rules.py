"""The rules in force on one day, as arrays by board and exchange: what the engine reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray

# A-shares have a face value of one yuan, but for a handful that the transfer fee before
# 2015-08-01 charged less.
FACE_VALUE_CNY = 1.0


@dataclass(frozen=True)
class Fees:
    """Yuan paid for some orders, [orders] each."""

    stamp_duty: FloatArray
    transfer_fee: FloatArray
    commission: FloatArray

    @property
    def total(self) -> FloatArray:
        """All fees of each order."""
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

    def proportional(
        self, exchange: IntArray, is_sale: BoolArray, value_cny: FloatArray, shares: FloatArray
    ) -> Fees:
        """Fees of orders in yuan, without the minimum commission, [orders] each."""
        if np.isnan(self.commission_rate):
            self.refuse("commission", 0)
        on_value = self._by_code("transfer_fee", self.transfer_on_value, exchange)
        return Fees(
            stamp_duty=value_cny
            * self._by_code("stamp_duty", self.stamp_duty, is_sale.astype(np.intp)),
            transfer_fee=on_value * value_cny + self.transfer_on_shares[exchange] * shares,
            commission=value_cny * self.commission_rate,
        )

    def fees(
        self, exchange: IntArray, is_sale: BoolArray, value_cny: FloatArray, shares: FloatArray
    ) -> Fees:
        """Fees of orders in yuan; an order of no value costs nothing, [orders] each."""
        fees = self.proportional(exchange, is_sale, value_cny, shares)
        least = np.where(value_cny > 0, self.minimum_commission_cny, 0.0)
        return Fees(fees.stamp_duty, fees.transfer_fee, np.maximum(fees.commission, least))

    def buyable(self, board: IntArray, wanted: FloatArray) -> FloatArray:
        """Most shares up to those wanted that purchases may have, [orders]."""
        smallest, step = self.units(board)
        return self.whole_lots(smallest, step, wanted)

    def units(self, board: IntArray) -> tuple[FloatArray, FloatArray]:
        """Smallest purchase and step of each order, shares."""
        smallest = self._by_code("trading_unit", self.smallest_buy, board)
        return smallest, self.buy_step.take(board)

    @staticmethod
    def whole_lots(smallest: FloatArray, step: FloatArray, wanted: FloatArray) -> FloatArray:
        """Most shares up to those wanted in whole lots, [orders]."""
        # Shares come out of divisions: a hundredth of a millionth short of a lot is the lot.
        steps = np.floor((wanted - smallest) / step + 1e-8)
        return np.where(steps >= 0.0, smallest + steps * step, 0.0)

    def sellable(self, board: IntArray, wanted: FloatArray, held: FloatArray) -> FloatArray:
        """Most shares up to those wanted that sales may have; a holding may go whole, [orders]."""
        return np.where(wanted >= held, held, self.buyable(board, wanted))

    def sessions_before_sale(self, board: IntArray) -> IntArray:
        """Sessions from a purchase to the first session of a sale (1 is T+1), [orders]."""
        return self._by_code("settlement", self.wait, board).astype(np.intp)

    def _by_code(self, table: str, values: FloatArray, code: IntArray) -> FloatArray:
        chosen = values.take(code)
        if table in self.incomplete:
            missing = np.isnan(chosen)
            if missing.any():
                self.refuse(table, int(code[int(np.argmax(missing))]))
        return chosen
