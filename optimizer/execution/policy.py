"""Rules of execution: a policy is a small set of switches and parts of one engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.execution.book import Book
from optimizer.inputs import MarketData
from optimizer.relaxation import LastResort
from optimizer.scenario import Scenario

# Remainders below a tenth of a basis point of the portfolio are not worth another order.
SMALLEST_RETRY_WEIGHT = 1e-5


class FillLimit(Protocol):
    """Something that keeps an order from being filled, with its reason."""

    @property
    def reason(self) -> str:
        """Word stored in `fct_fill_reason`."""
        ...

    def allowed(
        self, market: MarketData, session: int, book: Book, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """What may be filled of the requested quantities (purchases positive), [orders]."""
        ...


class CostModel(Protocol):
    """Cost of trading."""

    def rates(
        self,
        market: MarketData,
        session: int,
        names: IntArray,
        is_sale: BoolArray,
        price: FloatArray,
    ) -> FloatArray:
        """Share of the value traded, [orders]; `price` is raw yuan, NaN where nothing trades."""
        ...


@dataclass(frozen=True)
class Delisted:
    """No order is filled where there is no listing."""

    reason: str = "delisted"

    def allowed(
        self, market: MarketData, session: int, book: Book, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Nothing for names without a bar."""
        return np.where(market.is_listed[session, names], requested, 0.0)


@dataclass(frozen=True)
class Suspended:
    """No order is filled on a session without trade."""

    reason: str = "suspended"

    def allowed(
        self, market: MarketData, session: int, book: Book, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Nothing for suspended names."""
        return np.where(market.is_tradable[session, names], requested, 0.0)


@dataclass(frozen=True)
class LockedLimitUp:
    """No purchase on a session locked at the upper price limit."""

    reason: str = "limit_up"

    def allowed(
        self, market: MarketData, session: int, book: Book, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Sales only for locked names."""
        locked = market.one_price_up[session, names]
        return np.where(locked, np.minimum(requested, 0.0), requested)


@dataclass(frozen=True)
class LockedLimitDown:
    """No sale on a session locked at the lower price limit."""

    reason: str = "limit_down"

    def allowed(
        self, market: MarketData, session: int, book: Book, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Purchases only for locked names."""
        locked = market.one_price_down[session, names]
        return np.where(locked, np.maximum(requested, 0.0), requested)


@dataclass(frozen=True)
class Unsettled:
    """No sale of shares before the rulebook lets them go (T+1)."""

    reason: str = "t_plus_1"

    def allowed(
        self, market: MarketData, session: int, book: Book, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Sales of what was bought early enough."""
        day = market.sessions[session]
        wait = market.rulebook.sessions_before_sale(day, market.board[names])
        settled = book.quantity[names] - book.bought_since(session, names, wait)
        return np.maximum(requested, -np.maximum(settled, 0.0))


@dataclass(frozen=True)
class FlatCost:
    """The same share of the value traded for every order, purchases and sales alike."""

    rate: float

    def rates(
        self,
        market: MarketData,
        session: int,
        names: IntArray,
        is_sale: BoolArray,
        price: FloatArray,
    ) -> FloatArray:
        """The rate for each order."""
        return np.full(names.size, self.rate)


@dataclass(frozen=True)
class RulebookFees:
    """Stamp duty, transfer fee and commission of the day, and slippage on top.

    The minimum commission needs amounts in yuan, which an engine in units of capital has not.
    """

    slippage: float

    def rates(
        self,
        market: MarketData,
        session: int,
        names: IntArray,
        is_sale: BoolArray,
        price: FloatArray,
    ) -> FloatArray:
        """Fees by date, exchange and side."""
        day = market.sessions[session]
        fees = market.rulebook.fee_rates(day, market.exchange[names], is_sale, price)
        return fees + self.slippage


@dataclass(frozen=True)
class ExecutionPolicy:
    """One set of rules.

    Attributes
    ----------
    foresees_suspension
        Names suspended on the adjustment day are left out at the decision (looks ahead).
    sells_suspended
        A holding that gets suspended is sold at its last VWAP.
    retries
        Unfilled orders are tried again every session until the next adjustment, forced exits
        beyond it while the name stays frozen.
    fill_limits
        Judged in this order; each takes its share of the shortfall. Cash comes last.
    last_resort
        What gives way when turnover, industries and styles were not enough.
    benchmark_series
        `price`, or `total_return` (as given, else rebuilt from the index weights).
    """

    name: str
    foresees_suspension: bool
    sells_suspended: bool
    retries: bool
    fill_limits: tuple[FillLimit, ...]
    costs: CostModel
    last_resort: LastResort
    benchmark_series: Literal["price", "total_return"]


def execution_policy(scenario: Scenario) -> ExecutionPolicy:
    """Policy that a scenario names, with its costs."""
    rate = scenario.cost_rate
    costs = RulebookFees(rate) if scenario.fee_schedule == "rulebook" else FlatCost(rate)
    limits = (Delisted(), Suspended(), LockedLimitUp(), LockedLimitDown())
    if scenario.execution_policy == "paper":
        return ExecutionPolicy(
            name="paper",
            foresees_suspension=True,
            sells_suspended=True,
            retries=False,
            fill_limits=limits,
            costs=costs,
            last_resort="raise_cap",
            benchmark_series="price",
        )
    return ExecutionPolicy(
        name="basic",
        foresees_suspension=False,
        sells_suspended=False,
        retries=True,
        fill_limits=(*limits, Unsettled()),
        costs=costs,
        last_resort="cash",
        benchmark_series="total_return",
    )
