"""One run of the tiny market, shared by all tests that look at its tables."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.lib.ledger import Ledger, PartitionEvent
from orchestration.lib.paths import PROJECT_ROOT, ExperimentPaths
from orchestration.lib.warehouse import query

TINY = PROJECT_ROOT / "tests" / "fixtures" / "experiments" / "tiny.yml"
PATIENCE_SECONDS = 900
ASHARE = str(Path(sys.executable).with_name("ashare"))


@dataclass(frozen=True)
class FinishedRun:
    """A completed run of the command line."""

    paths: ExperimentPaths
    output: str

    def sql(self, statement: str) -> pa.Table:
        """Result of a query on the published copy."""
        return query(self.paths.published_database, statement)


def ashare(home: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    finished = subprocess.run(
        [ASHARE, *arguments],
        env={**os.environ, "ASHARE_HOME": str(home), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and finished.returncode != 0:
        raise AssertionError(
            f"ashare {' '.join(arguments)} exited {finished.returncode}:\n"
            f"{finished.stdout[-3000:]}\n{finished.stderr[-6000:]}"
        )
    return finished


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run under way, in a process group of its own, killed at the end of the block."""
    process = subprocess.Popen(
        [ASHARE, *arguments],
        env={**os.environ, "ASHARE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.wait()


def kill_when(home: Path, experiment: Path, reached: Callable[[], bool]) -> None:
    """Start a run and kill it, with all its children, once a condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with started(home, "run", str(experiment)) as process:
        while not reached():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline, "the condition was never reached"
            time.sleep(0.05)


def events(paths: ExperimentPaths) -> list[PartitionEvent]:
    """What the journal says of partitions."""
    ledger = Ledger(paths.state / "ledger.jsonl")
    return [event for event in ledger.events() if isinstance(event, PartitionEvent)]


def windows(paths: ExperimentPaths) -> list[PartitionEvent]:
    """What the journal says of training windows."""
    return [event for event in events(paths) if event.kind == "training_window"]


def computed(paths: ExperimentPaths, kind: str) -> list[str]:
    """Labels of the partitions that were computed, not found."""
    return [
        event.label for event in events(paths) if event.state == "computed" and event.kind == kind
    ]


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The tiny experiment, run once through the command line."""
    home = tmp_path_factory.mktemp("home")
    finished = ashare(home, "run", str(TINY))
    return FinishedRun(ExperimentPaths(home / "tiny"), finished.stdout)
