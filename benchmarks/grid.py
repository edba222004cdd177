"""How long does the study's grid of back-tests take, in one process, in several, through cvxpy?

Run as `ashare bench grid [--rebalances N] [--names N] [--processes N] [--sample N]`. The grid of
table 14: six bands, three numbers of names, two models, 490 rebalances, hence 17,640 linear
programs, each back-test valued day by day, with every order, fill and dual stored. The market is
seeded: a thousand constituents, 3,000 names at first, 5,000 at last. Fewer rebalances give a
projection, which is said. One process runs a sample of the same back-tests and must store the same
bits; cvxpy solves a sample of the same decisions with the solver it chooses.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.grid_parts.market import INDEX, market_of_arrays, signals_of_arrays
from benchmarks.grid_parts.memory import MemoryWatch
from optimizer.decision import Beliefs, eligible, weekly_data
from optimizer.execution.policy import execution_policy
from optimizer.expected_return import Skill
from optimizer.inputs import MarketData
from optimizer.problem.weekly import build_weekly_problem
from optimizer.scenario import Scenario
from optimizer.schedule import plan_rebalances
from optimizer.signals import Signals
from optimizer.solve.convex import compile_problem
from orchestration.lib.backtest_pool import Task, run_tasks
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.scenario_partition import ScenarioPartition
from orchestration.lib.shared_arrays import attach, share

MODELS = ("xgboost", "gru")
BANDS, COUNTS = (0.1, 0.2, 0.3, 0.4, 0.5, 1.0), (100, 200, 300)
REBALANCES, NAMES = 490, 5000
GOAL_MINUTES, GOAL_MEMORY_MB = 8.0, 4000.0
# Times of one run differ from those of the next: kept out of the comparison of bits.
TIMED = "seconds"


def grid_tasks(market: MarketData, directory: Path) -> list[Task]:
    """The 36 back-tests, and the forecasts of both models written to be shared."""
    files = {}
    for seed, model in enumerate(MODELS):
        files[model] = directory / model
        share((signals_of_arrays(market, model, seed), Skill.none()), files[model])
    return [
        Task(ScenarioPartition(scenario, f"k{number:02d}", scenario.label), files[scenario.model])
        for number, scenario in enumerate(grid_scenarios(market))
    ]


def grid_scenarios(market: MarketData) -> list[Scenario]:
    """Table 14, model by model."""
    return [
        Scenario.from_mapping(
            {
                "rule_set": "paper",
                "model": model,
                "benchmark": INDEX,
                "barra_limit": band,
                "num_stock": count,
                "first_trade_date": market.sessions[0].astype(object),
                "last_trade_date": market.sessions[-1].astype(object),
            }
        )
        for model, band, count in itertools.product(MODELS, BANDS, COUNTS)
    ]


def processor_seconds() -> float:
    """Of this process and its finished children."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def run_grid(
    tasks: list[Task], market: Path, store: PartitionStore, processes: int
) -> tuple[float, float]:
    """Wall-clock and processor seconds of the back-tests, start of the processes included."""
    started, spent = time.monotonic(), processor_seconds()
    for number, done in enumerate(run_tasks(tasks, market, store, processes), start=1):
        print(f"  {number}/{len(tasks)} {done.partition.label}: {done.seconds:.1f} s", flush=True)
    return time.monotonic() - started, processor_seconds() - spent


def same_bits(tasks: list[Task], first: PartitionStore, second: PartitionStore) -> bool:
    """Whether two stores hold the same tables, times aside."""
    for task in tasks:
        key = task.partition.key
        for file in sorted(first.directory(key).glob("*.parquet")):
            one, other = first.read(key, file.stem), second.read(key, file.stem)
            columns = [column for column in one.column_names if column != TIMED]
            if not one.select(columns).equals(other.select(columns)):
                return False
    return True


def cvxpy_seconds(market: MarketData, signals: Signals, scenario: Scenario, count: int) -> float:
    """Median processor seconds of a decision through cvxpy, from equal weights before."""
    policy = execution_policy(scenario)
    plan = plan_rebalances(market, signals, scenario)
    taken = []
    for rebalance in plan[1 :: max(len(plan) // count, 1)][:count]:
        candidates = eligible(market, signals, scenario, policy, rebalance)
        held = np.zeros(candidates.size)
        held[np.flatnonzero(candidates)[: scenario.num_stock]] = 1.0 / scenario.num_stock
        _, data = weekly_data(
            market,
            signals,
            scenario,
            policy,
            rebalance,
            held,
            candidates,
            is_first=False,
            beliefs=Beliefs(),
        )
        started = time.process_time()
        compiled, _, _ = compile_problem(build_weekly_problem(data, scenario.limits))
        compiled.solve()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def measure(options: argparse.Namespace, directory: Path) -> bool:
    """Print times and memory; true if the goals are met."""
    file = directory / "market"
    with MemoryWatch() as memory:
        size = share((market_of_arrays(options.names, options.rebalances), None), file)
        market: MarketData = attach(file)[0]
        tasks = grid_tasks(market, directory)
        store = PartitionStore(directory / "pool")
        seconds, spent = run_grid(tasks, file, store, options.processes)
    scale = REBALANCES / options.rebalances
    word = "took" if options.rebalances == REBALANCES else "is projected to take"
    minutes = seconds * scale / 60.0
    programs = len(tasks) * options.rebalances
    print(
        f"{len(tasks)} back-tests, {programs:,} programs, {options.names:,} names,"
        f" {options.processes} processes: {seconds:.0f} s, of processor time {spent:.0f} s"
        f" ({1e3 * spent / programs:.1f} ms for each program with its days); the study's grid"
        f" {word} {minutes:.1f} minutes (goal {GOAL_MINUTES:g});"
        f" {size / 1e6:,.0f} MB of market shared, peak {memory.peak_mb:,.0f} MB in all processes"
        f" (goal {GOAL_MEMORY_MB:,.0f})",
        flush=True,
    )
    alone = PartitionStore(directory / "alone")
    sample = tasks[:: max(len(tasks) // options.sample, 1)][: options.sample]
    single, spent = run_grid(sample, file, alone, 1)
    equal = same_bits(sample, store, alone)
    projected = single / len(sample) * len(tasks) * scale / 60.0
    print(
        f"one process: {len(sample)} of them took {single:.0f} s, of processor time {spent:.0f} s,"
        f" the grid {projected:.1f} minutes;"
        f" stored tables {'equal bit by bit' if equal else 'DIFFER'}",
        flush=True,
    )
    with threadpool_limits(1):
        scenario = tasks[0].partition.scenario
        each = cvxpy_seconds(market, attach(tasks[0].signals)[0], scenario, options.sample)
    programs = len(tasks) * REBALANCES
    print(
        f"cvxpy, median of {options.sample} decisions: {1e3 * each:.0f} ms of processor time;"
        f" {programs:,} programs alone would take {each * programs / 60.0:.0f} minutes",
        flush=True,
    )
    return equal and minutes <= GOAL_MINUTES and memory.peak_mb <= GOAL_MEMORY_MB


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit status 1 if a goal is missed or the bits differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rebalances", type=int, default=REBALANCES, help="490 in the study")
    parser.add_argument("--names", type=int, default=NAMES, help="at least 1,700")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--sample", type=int, default=4, help="back-tests and decisions compared")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="ashare-grid-") as directory:
        return 0 if measure(options, Path(directory)) else 1


if __name__ == "__main__":
    sys.exit(main())
