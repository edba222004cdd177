"""How many scenario-days does the back-test's engine trade a second, beside a plain pandas loop?

Run as `ashare bench backtest [--names N] [--sessions T] [--holdings K]`. A seeded market with
suspensions, limits, volumes and distributions is traded towards given targets (every fifth session,
7.5 % of the names replaced; no optimiser) under the rules of the practitioner: lots, volume cap,
limits at the fill, fees with their minimum, impact, cash, orders tried again. The same rules are
written a second time as one would with pandas. Both give the net asset value of every session,
compared to 1e-9. Processor time, one thread, the least of some runs. What back-tests of a market
share (rules by day, obstacles, usual trading) is worked out in a run before, whose time is printed,
and so is that of a run that also builds the tables of fills, reasons and positions.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from benchmarks.backtest_parts.market import Case, make_case
from benchmarks.backtest_parts.plain import PlainBacktest
from optimizer.arrays import FloatArray
from optimizer.backtest import record_session
from optimizer.execution.book import Basis, Book, OrderBatch
from optimizer.execution.engine import trade_session
from optimizer.execution.holdings import pass_night, raw_close_of_all
from optimizer.execution.policy import ExecutionPolicy, execution_policy
from optimizer.inputs import MarketData
from optimizer.ledger import Ledger
from optimizer.scenario import Scenario

GOAL = 10_000.0
CAPITAL = 1e8
Result = TypeVar("Result")


def engine_values(
    market: MarketData,
    targets: dict[int, FloatArray],
    policy: ExecutionPolicy,
    *,
    daily_only: bool = True,
) -> FloatArray:
    """Net asset value in units of the capital from the first decision on; targets are [N].

    Builds the tables of a back-test, those of fills, reasons and positions unless `daily_only`.
    """
    book = Book.of_cash(len(market.symbols), CAPITAL)
    ledger = Ledger(market, CAPITAL, daily_only=daily_only)
    first = min(targets)
    basis = Basis(first + 1, raw_close_of_all(market, first), CAPITAL)
    batches: list[OrderBatch] = []
    values = []
    for session in range(first, market.sessions.size):
        fills, paid = [], 0.0
        if session > first:
            paid = pass_night(market, session, book, batches, basis, policy)
            fills, batches = trade_session(market, session, book, batches, policy, basis)
        for fill in fills:
            ledger.record_fills(session, fill)
        nav = record_session(ledger, market, session, book, fills, paid)
        values.append(nav / CAPITAL)
        if session in targets:
            basis = Basis(session + 1, raw_close_of_all(market, session), nav)
            batches = [_orders(book, basis, targets[session])]
    ledger.tables(np.ones(len(values)))
    return np.array(values)


def _orders(book: Book, basis: Basis, target: FloatArray) -> OrderBatch:
    names = np.flatnonzero((target > 0.0) | (book.shares > 0.0))
    weight, none = target[names], np.zeros(names.size, dtype=np.bool_)
    return OrderBatch(basis, names, weight, basis.shares(weight, names), none, none)


def timed(work: Callable[[], Result], repetitions: int) -> tuple[float, Result]:
    """Least processor time of some runs in seconds, and the last result."""
    taken = []
    for _ in range(repetitions):
        started = time.process_time()
        result = work()
        taken.append(time.process_time() - started)
    return min(taken), result


def compare(case: Case, repetitions: int) -> bool:
    """Print speeds, their ratio and how far the values lie apart; true if goal and values hold."""
    market = MarketData.from_frames(case.frames)
    position = {symbol: place for place, symbol in enumerate(market.symbols)}
    targets = {}
    for session, weights in case.targets.items():
        targets[session] = np.zeros(len(market.symbols))
        targets[session][[position[symbol] for symbol in weights.index]] = weights.to_numpy()
    policy = execution_policy(_scenario())
    first, _ = timed(lambda: engine_values(market, targets, policy), 1)
    seconds, values = timed(lambda: engine_values(market, targets, policy), repetitions)
    in_full, _ = timed(
        lambda: engine_values(market, targets, policy, daily_only=False), repetitions
    )
    plain = PlainBacktest(case, CAPITAL)
    plain_seconds, plain_values = timed(plain.run, 1)
    days = values.size - 1
    apart = float(np.abs(values - np.array(plain_values)).max())
    print(f"engine          {days / seconds:12,.0f} scenario-days/s ({days} sessions)")
    print(f"with all tables {days / in_full:12,.0f} scenario-days/s")
    print(f"first run       {days / first:12,.0f} scenario-days/s")
    print(f"pandas loop     {days / plain_seconds:12,.0f} scenario-days/s")
    print(f"ratio           {plain_seconds / seconds:12,.0f}")
    print(f"values apart    {apart:12.1e} of the capital (goal 1e-9)")
    print(f"goal            {GOAL:12,.0f} scenario-days/s")
    return apart <= 1e-9 and days / seconds >= GOAL


def _scenario() -> Scenario:
    values = {"rule_set": "practitioner", "model": "m", "benchmark": "I", "num_stock": 1}
    dates = {"first_trade_date": "2022-01-01", "last_trade_date": "2030-12-31"}
    return Scenario.from_mapping({**values, **dates, "capital_cny": CAPITAL})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--names", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--holdings", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=3)
    chosen = parser.parse_args(arguments)
    case = make_case(chosen.names, chosen.sessions, chosen.holdings)
    return 0 if compare(case, chosen.repetitions) else 1


if __name__ == "__main__":
    sys.exit(main())
