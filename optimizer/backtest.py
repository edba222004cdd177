"""Run one scenario: decide, trade, value, session by session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from optimizer.baselines import EQUAL_INDEX, EQUAL_UNIVERSE, INDEX
from optimizer.benchmark import benchmark_level
from optimizer.decision import Beliefs, Decision, decide
from optimizer.execution.book import Basis, Book, OrderBatch
from optimizer.execution.engine import Fills, carried_exits, trade_session
from optimizer.execution.holdings import pass_night, raw_close_of_all, value_book
from optimizer.execution.policy import ExecutionPolicy, execution_policy
from optimizer.inputs import MarketData
from optimizer.ledger import SAME_WEIGHT, DayValue, Ledger
from optimizer.scenario import Scenario
from optimizer.schedule import last_session, plan_rebalances
from optimizer.signals import Signals
from optimizer.trading_kernels import COST_PARTS

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BacktestResult:
    """Arrow tables of one back-test; columns are those of `optimizer.ledger.TABLES`.

    Attributes
    ----------
    target_weight, order, fill, fill_reason
        Wanted, sent, done, and why not. Weights are in units of the decision: its close and its
        net asset value. Money is in units of initial capital, but for columns in `_cny`.
    position
        Every holding after every close.
    nav_daily
        From the first decision (nav 1, all cash) to the last session; `turnover` is two-way, over
        the net asset value of the session before.
    shadow_price, solution
        Duals, slacks and certificate of every decision.
    benchmark_series
        `price`, `total_return` or `rebuilt_total_return`.
    """

    target_weight: Any
    order: Any
    fill: Any
    fill_reason: Any
    position: Any
    nav_daily: Any
    shadow_price: Any
    solution: Any
    benchmark_series: str

    def tables(self) -> dict[str, Any]:
        """Tables by name."""
        return {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name != "benchmark_series"
        }


def run_backtest(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    *,
    policy: ExecutionPolicy | None = None,
    beliefs: Beliefs | None = None,
    progress: Progress | None = None,
) -> BacktestResult:
    """Back-test a scenario.

    Orders are sized after the close before each adjustment day and filled at that day's
    volume-weighted average price under the scenario's execution policy.

    Parameters
    ----------
    policy
        Rules of execution; those that the scenario names by default.
    beliefs
        Record of the forecasts and risk model; the prior and none by default.
    progress
        Called after every adjustment with the number done and the number in all.

    Raises
    ------
    InputError
        If data the scenario needs are missing.
    OptimizerError
        If a decision has no solution or its certificate fails.
    """
    plan = plan_rebalances(market, signals, scenario)
    policy = policy or execution_policy(scenario)
    first, last = plan[0].decision, last_session(market, scenario)
    if scenario.model == INDEX:
        return _index_itself(market, scenario, policy.switches.benchmark_series, first, last)
    by_decision = {rebalance.decision: rebalance for rebalance in plan}
    book = Book.of_cash(len(market.symbols), scenario.capital_cny)
    # A thousand names bought alike say nothing that their values do not.
    daily_only = scenario.model in (EQUAL_UNIVERSE, EQUAL_INDEX)
    ledger = Ledger(market, scenario.capital_cny, daily_only=daily_only)
    batches: list[OrderBatch] = []
    basis = Basis(plan[0].adjustment, raw_close_of_all(market, first), book.cash)
    done = 0
    for session in range(first, last + 1):
        fills: list[Fills] = []
        dividends = 0.0
        if session > first:
            dividends = pass_night(market, session, book, batches, basis, policy)
            fills, batches = trade_session(market, session, book, batches, policy, basis)
        for fill in fills:
            ledger.record_fills(session, fill)
        nav = record_session(ledger, market, session, book, fills, dividends)
        rebalance = by_decision.get(session)
        if rebalance is None:
            continue
        close = raw_close_of_all(market, session)
        weights = book.shares * np.nan_to_num(close) / nav
        decision = decide(
            market,
            signals,
            scenario,
            policy,
            rebalance,
            weights,
            is_first=session == first,
            beliefs=beliefs,
        )
        ledger.record_decision(decision)
        basis = Basis(rebalance.adjustment, close, nav)
        batches = _new_orders(decision, basis, book, batches)
        done += 1
        if progress is not None:
            progress(done, len(plan))
    level, series = benchmark_level(
        market, scenario.benchmark, policy.switches.benchmark_series, first, last
    )
    return BacktestResult(**ledger.tables(level), benchmark_series=series)


def _index_itself(
    market: MarketData, scenario: Scenario, series: str, first: int, last: int
) -> BacktestResult:
    """The benchmark as if it could be held without a trade or a cost."""
    level, name = benchmark_level(market, scenario.benchmark, series, first, last)
    ledger = Ledger(market, 1.0)
    free = np.zeros(len(COST_PARTS))
    for session, nav in zip(range(first, last + 1), level, strict=True):
        ledger.record_day(DayValue(session, float(nav), 0.0, 0.0, free, 0.0, 0))
    return BacktestResult(**ledger.tables(level), benchmark_series=name)


def record_session(
    ledger: Ledger,
    market: MarketData,
    session: int,
    book: Book,
    fills: list[Fills],
    dividends: float,
) -> float:
    """Value the book after the close and record it; the net asset value in yuan."""
    valued = value_book(market, session, book)
    ledger.record_positions(session, valued)
    ledger.record_day(
        DayValue(
            session=session,
            nav=valued.nav,
            cash=book.cash,
            dividends=dividends,
            costs=sum((fill.costs.sum(axis=1) for fill in fills), np.zeros(len(COST_PARTS))),
            traded_value=sum(float(fill.value.sum()) for fill in fills),
            holding_count=int(valued.names.size),
        )
    )
    return valued.nav


def _new_orders(
    decision: Decision, basis: Basis, book: Book, batches: list[OrderBatch]
) -> list[OrderBatch]:
    """Orders after a decision: forced exits carried over frozen names, then the new targets.

    Holdings whose target equals what is held take part without an order, so that the fills of an
    adjustment day show the whole portfolio.
    """
    data = decision.data
    carried = carried_exits(batches, decision.names[data.frozen])
    taken = np.concatenate([batch.names for batch in carried]) if carried else np.empty(0, np.intp)
    wanted = (decision.target > 0.0) | (data.before > 0.0)
    shown = np.flatnonzero(wanted & ~np.isin(decision.names, taken))
    names, target = decision.names[shown], decision.target[shown]
    same = np.abs(target - data.before[shown]) <= SAME_WEIGHT
    shares = np.where(same, book.shares[names], basis.shares(target, names))
    fresh = OrderBatch(
        basis=basis,
        names=names,
        target_weight=target,
        target_shares=shares,
        is_exit=data.exits[shown],
        is_frozen=data.frozen[shown],
    )
    return [*carried, fresh]
