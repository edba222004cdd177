"""The rules of the exchanges as the back-test reads them: fees, trading units, settlement by date.

Every rule is a row of the warehouse's schema `rules`; nothing here knows a rate or a date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.columns import RULE_TABLES
from optimizer.errors import InputError
from optimizer.frames import Frame, take_frames

BOARDS = ("Main", "ChiNext", "STAR", "BSE")
EXCHANGES = ("SSE", "SZSE", "BSE")
SIDES = ("buy", "sell")
BASES = ("value", "face_value")

# A-shares have a face value of one yuan, but for a handful that the transfer fee before
# 2015-08-01 charged less.
FACE_VALUE_CNY = 1.0

_NO_END = np.datetime64("9999-12-31", "D")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Span(Generic[Value]):
    """A value and the first and last day on which it holds."""

    first: np.datetime64
    last: np.datetime64
    value: Value


@dataclass(frozen=True)
class DatedRules(Generic[Value]):
    """Values of one table of rules by key and day."""

    table: str
    spans: Mapping[tuple[str, ...], tuple[Span[Value], ...]]

    def on(self, day: np.datetime64, *key: str) -> Value:
        """Value in force on a day.

        Raises
        ------
        InputError
            If no row covers the day.
        """
        for span in self.spans.get(key, ()):
            if span.first <= day <= span.last:
                return span.value
        raise InputError(
            f"{self.table} has no row for {', '.join(key) or 'any trade'} on {day}: add one to the"
            " seed of that name, or begin the back-test later"
        )


@dataclass(frozen=True)
class TransferFee:
    """Rate of the transfer fee, on value or on face value."""

    rate: float
    on_face_value: bool


@dataclass(frozen=True)
class Commission:
    """Rate on value and least commission of an order, yuan."""

    rate: float
    minimum_cny: float


@dataclass(frozen=True)
class TradingUnit:
    """Shares an order may buy, and the step of prices in yuan."""

    smallest_buy_shares: int
    buy_step_shares: int
    tick_cny: float


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
class Rulebook:
    """Rules by date; exchanges and boards are positions in `EXCHANGES` and `BOARDS`."""

    stamp_duty: DatedRules[float]
    transfer_fee: DatedRules[TransferFee]
    commission: DatedRules[Commission]
    trading_unit: DatedRules[TradingUnit]
    settlement: DatedRules[int]

    @classmethod
    def from_frames(cls, frames: Mapping[str, Any]) -> Rulebook:
        """Build from warehouse tables (`optimizer.columns.RULE_TABLES`).

        Raises
        ------
        InputError
            If a table or column is missing, a word is unknown, or spans of a key overlap.
        """
        taken = take_frames(frames, RULE_TABLES)
        transfer, unit = taken["rules.transfer_fee"], taken["rules.trading_unit"]
        on_face_value = _words(transfer, "basis", BASES) == BASES.index("face_value")
        rates, minima = (taken["rules.commission"].numbers(c) for c in ("rate", "minimum_cny"))
        duty = taken["rules.stamp_duty"].numbers("rate")
        fee = transfer.numbers("rate")
        smallest, step = (unit.numbers(f"{c}_shares") for c in ("smallest_buy", "buy_step"))
        tick = unit.numbers("tick_cny")
        wait = taken["rules.settlement_rule"].numbers("sessions_before_sale")
        return cls(
            stamp_duty=_dated(taken["rules.stamp_duty"], lambda r: float(duty[r]), side=SIDES),
            transfer_fee=_dated(
                transfer,
                lambda r: TransferFee(float(fee[r]), bool(on_face_value[r])),
                exchange=EXCHANGES,
            ),
            commission=_dated(
                taken["rules.commission"], lambda r: Commission(float(rates[r]), float(minima[r]))
            ),
            trading_unit=_dated(
                unit,
                lambda r: TradingUnit(int(smallest[r]), int(step[r]), float(tick[r])),
                board=BOARDS,
            ),
            settlement=_dated(taken["rules.settlement_rule"], lambda r: int(wait[r]), board=BOARDS),
        )

    def fee_rates(
        self, day: np.datetime64, exchange: IntArray, is_sale: BoolArray, price: FloatArray
    ) -> FloatArray:
        """All fees as a share of the value traded, without the minimum commission, [orders].

        Parameters
        ----------
        price
            Raw yuan per share; NaN where nothing is traded. A fee on face value is a share of
            value only through it, and counts as nothing without one.
        """
        shares = np.divide(1.0, price, out=np.zeros_like(price), where=price > 0)
        fees = self._proportional(day, exchange, is_sale, np.ones_like(price), shares)
        return fees.total

    def fees(
        self,
        day: np.datetime64,
        exchange: IntArray,
        is_sale: BoolArray,
        value_cny: FloatArray,
        shares: FloatArray,
    ) -> Fees:
        """Fees of orders in yuan, the minimum commission included.

        Parameters
        ----------
        value_cny, shares
            [orders], traded, never negative; an order of no value costs nothing.
        """
        fees = self._proportional(day, exchange, is_sale, value_cny, shares)
        least = np.where(value_cny > 0, self.commission.on(day).minimum_cny, 0.0)
        return Fees(fees.stamp_duty, fees.transfer_fee, np.maximum(fees.commission, least))

    def buyable_shares(self, day: np.datetime64, board: IntArray, wanted: FloatArray) -> FloatArray:
        """Most shares up to those wanted that purchases may have, [orders]."""
        units = [self.trading_unit.on(day, BOARDS[code]) for code in board]
        smallest = np.array([unit.smallest_buy_shares for unit in units], dtype=np.float64)
        step = np.array([unit.buy_step_shares for unit in units], dtype=np.float64)
        steps = np.floor((wanted - smallest) / step)
        return np.where(wanted >= smallest, smallest + steps * step, 0.0)

    def sellable_shares(
        self, day: np.datetime64, board: IntArray, wanted: FloatArray, held: FloatArray
    ) -> FloatArray:
        """Most shares up to those wanted that sales may have, [orders].

        A holding may always be sold whole, odd shares included; otherwise as `buyable_shares`.
        """
        partly = self.buyable_shares(day, board, wanted)
        return np.where(wanted >= held, held, partly)

    def tick_cny(self, day: np.datetime64, board: int) -> float:
        """Step of prices in yuan."""
        return self.trading_unit.on(day, BOARDS[board]).tick_cny

    def sessions_before_sale(self, day: np.datetime64, board: IntArray) -> IntArray:
        """Sessions from a purchase to the first session of a sale (1 is T+1), [orders]."""
        waits = {code: self.settlement.on(day, BOARDS[code]) for code in np.unique(board)}
        return np.array([waits[code] for code in board], dtype=np.intp)

    def _proportional(
        self,
        day: np.datetime64,
        exchange: IntArray,
        is_sale: BoolArray,
        value: FloatArray,
        shares: FloatArray,
    ) -> Fees:
        buying, selling = (self.stamp_duty.on(day, side) for side in SIDES)
        transfer = np.zeros_like(value)
        for code in np.unique(exchange):
            fee = self.transfer_fee.on(day, EXCHANGES[code])
            base = shares * FACE_VALUE_CNY if fee.on_face_value else value
            transfer = np.where(exchange == code, fee.rate * base, transfer)
        return Fees(
            stamp_duty=value * np.where(is_sale, selling, buying),
            transfer_fee=transfer,
            commission=value * self.commission.on(day).rate,
        )


def _dated(
    frame: Frame, value: Callable[[int], Value], **keys: tuple[str, ...]
) -> DatedRules[Value]:
    """Rows of a table of rules by the words of its key columns, in order of date."""
    codes = {column: _words(frame, column, known) for column, known in keys.items()}
    first, last = frame.dates("valid_from"), frame.dates("valid_to", missing=_NO_END)
    spans: dict[tuple[str, ...], list[Span[Value]]] = {}
    for row in np.argsort(first, kind="stable"):
        key = tuple(known[codes[column][row]] for column, known in keys.items())
        earlier = spans.setdefault(key, [])
        if earlier and earlier[-1].last >= first[row]:
            raise InputError(
                f"{frame.name}: two rows for {', '.join(key) or 'any trade'} hold on {first[row]}:"
                " end the earlier one the day before"
            )
        earlier.append(Span(first[row], last[row], value(int(row))))
    return DatedRules(frame.name, {key: tuple(found) for key, found in spans.items()})


def _words(frame: Frame, column: str, known: tuple[str, ...]) -> IntArray:
    codes = frame.codes(column, known)
    if (codes < 0).any():
        raise InputError(f"{frame.name}.{column}: expected one of {', '.join(known)}")
    return codes
