"""Usage of a command is its own, whatever the process that asks for it holds."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks.warehouse_parts.process import run_measured


def test_memory_of_the_benchmark_is_not_counted() -> None:
    held = np.ones(50_000_000)
    usage = run_measured([sys.executable, "-c", "sum(range(3_000_000))"])
    assert held.nbytes / 1e9 > 0.3
    assert 0.0 < usage.peak_gigabytes < 0.1
    assert 0.0 < usage.cpu_seconds < 10.0
    assert usage.wall_seconds > 0.0


def test_a_failing_command_shows_what_it_said() -> None:
    with pytest.raises(RuntimeError, match="no such market"):
        run_measured([sys.executable, "-c", "raise SystemExit('no such market')"])
