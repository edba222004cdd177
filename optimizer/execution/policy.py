"""Rules of execution: a policy is a small set of switches and parts of one engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from optimizer.arrays import FloatArray, IntArray
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
        self, market: MarketData, session: int, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """What may be filled of the requested quantities (purchases positive), [orders]."""
        ...


class CostModel(Protocol):
    """Cost of trading."""

    def rates(self, market: MarketData, session: int, names: IntArray) -> FloatArray:
        """Share of the value traded, [orders]."""
        ...


@dataclass(frozen=True)
class Delisted:
    """No order is filled where there is no listing."""

    reason: str = "delisted"

    def allowed(
        self, market: MarketData, session: int, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Nothing for names without a bar."""
        return np.where(market.is_listed[session, names], requested, 0.0)


@dataclass(frozen=True)
class Suspended:
    """No order is filled on a session without trade."""

    reason: str = "suspended"

    def allowed(
        self, market: MarketData, session: int, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Nothing for suspended names."""
        return np.where(market.is_tradable[session, names], requested, 0.0)


@dataclass(frozen=True)
class LockedLimitUp:
    """No purchase on a session locked at the upper price limit."""

    reason: str = "limit_up"

    def allowed(
        self, market: MarketData, session: int, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Sales only for locked names."""
        locked = market.one_price_up[session, names]
        return np.where(locked, np.minimum(requested, 0.0), requested)


@dataclass(frozen=True)
class LockedLimitDown:
    """No sale on a session locked at the lower price limit."""

    reason: str = "limit_down"

    def allowed(
        self, market: MarketData, session: int, names: IntArray, requested: FloatArray
    ) -> FloatArray:
        """Purchases only for locked names."""
        locked = market.one_price_down[session, names]
        return np.where(locked, np.maximum(requested, 0.0), requested)


@dataclass(frozen=True)
class FlatCost:
    """The same share of the value traded for every order, purchases and sales alike."""

    rate: float

    def rates(self, market: MarketData, session: int, names: IntArray) -> FloatArray:
        """The rate for each order."""
        return np.full(names.size, self.rate)


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
    """Policy that a scenario names, with its cost rate."""
    limits = (Delisted(), Suspended(), LockedLimitUp(), LockedLimitDown())
    if scenario.execution_policy == "paper":
        return ExecutionPolicy(
            name="paper",
            foresees_suspension=True,
            sells_suspended=True,
            retries=False,
            fill_limits=limits,
            costs=FlatCost(scenario.cost_rate),
            last_resort="raise_cap",
            benchmark_series="price",
        )
    return ExecutionPolicy(
        name="basic",
        foresees_suspension=False,
        sells_suspended=False,
        retries=True,
        fill_limits=limits,
        costs=FlatCost(scenario.cost_rate),
        last_resort="cash",
        benchmark_series="total_return",
    )
