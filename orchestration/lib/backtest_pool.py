"""Back-tests in several processes over one copy of the market; each is stored when it is done.

Processes are started afresh, not forked: the scheduler, DuckDB and the progress bar have threads,
and a fork keeps their locks without them. The market is mapped from a file, so that it is in memory
once. One thread of linear algebra in every process: sums come out the same whatever the number of
processes is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from optimizer.backtest import run_backtest
from optimizer.decision import Beliefs
from optimizer.errors import InputError
from optimizer.expected_return import Skill
from optimizer.inputs import MarketData
from optimizer.risk.market_risk import MarketRisk
from optimizer.signals import Signals
from orchestration.lib.ledger import now
from orchestration.lib.memory import peak_memory_mb
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.process_pool import process_pool
from orchestration.lib.scenario_partition import ScenarioPartition
from orchestration.lib.shared_arrays import attach


@dataclass(frozen=True)
class Task:
    """One back-test: what it is, and the file of the forecasts it trades on and their record."""

    partition: ScenarioPartition
    signals: Path


@dataclass(frozen=True)
class Finished:
    """What became of a back-test.

    Attributes
    ----------
    reason
        Why there is no result; only scenarios of the study may lack one.
    peak_memory_mb
        Of the process so far, pages of the mapped market that it has read included.
    """

    partition: ScenarioPartition
    seconds: float
    peak_memory_mb: float
    reason: str | None = None


def run_tasks(
    tasks: list[Task], market: Path, store: PartitionStore, processes: int
) -> Iterator[Finished]:
    """Run back-tests, at most so many at a time, and yield each as it is done.

    Parameters
    ----------
    market
        File that `shared_arrays.share` wrote of the market and the risk model, None for none.
    store
        Where results go; a result is there whole before its task is yielded.

    Raises
    ------
    InputError, OptimizerError
        Of the first back-test that fails; the others under way are completed and stored.
    """
    count = min(processes, len(tasks))
    if count <= 1:
        _start(market, store.root)
        yield from map(_perform, tasks)
        return
    with process_pool(count, _start, (market, store.root)) as pool:
        for future in as_completed([pool.submit(_perform, task) for task in tasks]):
            yield future.result()


@dataclass
class _Worker:
    """What a process keeps between back-tests."""

    market: MarketData
    risk: MarketRisk | None
    store: PartitionStore
    forecasts_file: Path | None = None
    forecasts: tuple[Signals, Skill] | None = None

    def read_forecasts(self, file: Path) -> tuple[Signals, Skill]:
        """Forecasts of a file and their record; tasks of one model follow each other."""
        if self.forecasts is None or self.forecasts_file != file:
            self.forecasts, self.forecasts_file = attach(file), file
        return self.forecasts


_worker: dict[str, _Worker] = {}


def _start(market: Path, root: Path) -> None:
    arrays, risk = attach(market)
    _worker["this"] = _Worker(arrays, risk, PartitionStore(root))


def _perform(task: Task) -> Finished:
    worker, partition = _worker["this"], task.partition
    started = time.monotonic()
    try:
        signals, skill = worker.read_forecasts(task.signals)
        with threadpool_limits(1):
            result = run_backtest(
                worker.market, signals, partition.scenario, beliefs=Beliefs(skill, worker.risk)
            )
    except InputError as error:
        if not partition.may_lack_data:
            raise
        return Finished(partition, time.monotonic() - started, peak_memory_mb(), str(error))
    seconds = time.monotonic() - started
    card: dict[str, Any] = {
        "label": partition.label,
        "scenario": partition.scenario.model_dump(mode="json"),
        "benchmark_series": result.benchmark_series,
        "seconds": seconds,
        "completed_at": now().isoformat(),
    }
    worker.store.write(partition.key, result.tables(), card)
    return Finished(partition, seconds, peak_memory_mb())
