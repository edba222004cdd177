"""The rules of the exchanges as the back-test reads them: fees, trading units, settlement by date.

Every rule is a row of the warehouse's schema `rules`; nothing here knows a rate or a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.columns import RULE_TABLES
from optimizer.day_rules import FACE_VALUE_CNY, DayRules
from optimizer.errors import InputError
from optimizer.frames import Frame, take_frames

BOARDS = ("Main", "ChiNext", "STAR", "BSE")
EXCHANGES = ("SSE", "SZSE", "BSE")
SIDES = ("buy", "sell")
BASES = ("value", "face_value")
FRICTIONS = (
    "volume_cap_share",
    "impact_coefficient",
    "impact_volatility_sessions",
    "impact_volume_sessions",
    "impact_unknown_volatility",
)

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

    def known(self, day: np.datetime64, *key: str) -> Value | None:
        """Value in force on a day; None if no row covers it."""
        for span in self.spans.get(key, ()):
            if span.first <= day <= span.last:
                return span.value
        return None

    def on(self, day: np.datetime64, *key: str) -> Value:
        """Value in force on a day.

        Raises
        ------
        InputError
            If no row covers the day.
        """
        value = self.known(day, *key)
        if value is not None:
            return value
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
class Rulebook:
    """Rules by date; exchanges and boards are positions in `EXCHANGES` and `BOARDS`."""

    stamp_duty: DatedRules[float]
    transfer_fee: DatedRules[TransferFee]
    commission: DatedRules[Commission]
    trading_unit: DatedRules[TradingUnit]
    settlement: DatedRules[int]
    market_friction: DatedRules[float]
    days: dict[np.datetime64, DayRules] = field(default_factory=dict, compare=False, repr=False)

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
        friction = taken["rules.market_friction"].numbers("value")
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
            market_friction=_dated(
                taken["rules.market_friction"], lambda r: float(friction[r]), parameter=FRICTIONS
            ),
        )

    @cached_property
    def longest_wait(self) -> int:
        """Most sessions from a purchase to a sale that any board has asked for at any time."""
        spans = (span for board in self.settlement.spans.values() for span in board)
        return max((span.value for span in spans), default=0)

    def on(self, day: np.datetime64) -> DayRules:
        """Rules of a day as arrays, looked up once."""
        if day not in self.days:
            self.days[day] = self._of_day(day)
        return self.days[day]

    def _of_day(self, day: np.datetime64) -> DayRules:
        units = [self.trading_unit.known(day, board) for board in BOARDS]
        transfer = [self.transfer_fee.known(day, exchange) for exchange in EXCHANGES]
        commission = self.commission.known(day)
        frictions = {name: self.market_friction.known(day, name) for name in FRICTIONS}

        def refuse(table: str, key: int | str) -> None:
            rules: DatedRules[Any] = getattr(self, table)
            rules.on(day, *_words_of(table, key))

        by_table = {
            "stamp_duty": _or_nan(self.stamp_duty.known(day, side) for side in SIDES),
            "transfer_fee": _or_nan(_rate(fee, on_face_value=False) for fee in transfer),
            "trading_unit": _or_nan(unit.smallest_buy_shares if unit else None for unit in units),
            "settlement": _or_nan(self.settlement.known(day, board) for board in BOARDS),
        }
        return DayRules(
            stamp_duty=by_table["stamp_duty"],
            transfer_on_value=by_table["transfer_fee"],
            transfer_on_shares=_or_nan(_rate(fee, on_face_value=True) for fee in transfer),
            commission_rate=commission.rate if commission else np.nan,
            minimum_commission_cny=commission.minimum_cny if commission else np.nan,
            smallest_buy=by_table["trading_unit"],
            buy_step=_or_nan(unit.buy_step_shares if unit else None for unit in units),
            wait=by_table["settlement"],
            frictions={name: value for name, value in frictions.items() if value is not None},
            incomplete=frozenset(name for name, rows in by_table.items() if np.isnan(rows).any()),
            refuse=refuse,
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
        return self.on(day).fee_rates(exchange, is_sale, price).total

    def buyable_shares(self, day: np.datetime64, board: IntArray, wanted: FloatArray) -> FloatArray:
        """Most shares up to those wanted that purchases may have, [orders]."""
        return self.on(day).buyable(board, wanted)

    def sellable_shares(
        self, day: np.datetime64, board: IntArray, wanted: FloatArray, held: FloatArray
    ) -> FloatArray:
        """Most shares up to those wanted that sales may have, [orders].

        A holding may always be sold whole, odd shares included; otherwise as `buyable_shares`.
        """
        return self.on(day).sellable(board, wanted, held)

    def tick_cny(self, day: np.datetime64, board: int) -> float:
        """Step of prices in yuan."""
        return self.trading_unit.on(day, BOARDS[board]).tick_cny

    def sessions_before_sale(self, day: np.datetime64, board: IntArray) -> IntArray:
        """Sessions from a purchase to the first session of a sale (1 is T+1), [orders]."""
        return self.on(day).sessions_before_sale(board)


def _rate(fee: TransferFee | None, *, on_face_value: bool) -> float | None:
    """Share of value, or yuan per share; 0 where the fee is charged on the other."""
    if fee is None:
        return None
    if fee.on_face_value != on_face_value:
        return 0.0
    return fee.rate * FACE_VALUE_CNY if on_face_value else fee.rate


def _or_nan(values: Iterable[float | None]) -> FloatArray:
    """Array of numbers, NaN for None."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _words_of(table: str, key: int | str) -> tuple[str, ...]:
    """Key of a table of rules by its position among the known words."""
    if isinstance(key, str):
        return (key,)
    known = {
        "stamp_duty": SIDES,
        "transfer_fee": EXCHANGES,
        "trading_unit": BOARDS,
        "settlement": BOARDS,
    }
    return (known[table][key],) if table in known else ()


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
