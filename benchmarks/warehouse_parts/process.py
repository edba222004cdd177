"""What a finished process used, from the operating system's own accounting."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Resources of one process and the children it waited for.

    Attributes
    ----------
    wall_seconds, cpu_seconds
        Elapsed time; user and system time of all threads.
    peak_gigabytes
        Largest resident set of any single process among them.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_gigabytes: float


def run_measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        With the last lines of its output, if the exit status is not 0.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n" + "\n".join(output.splitlines()[-30:]))
    return Usage(
        wall_seconds=time.monotonic() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_gigabytes=usage.ru_maxrss / 1e6,
    )


def median_usage(taken: Sequence[Usage]) -> Usage:
    """Medians of the times and the largest of the peaks."""
    return Usage(
        statistics.median(usage.wall_seconds for usage in taken),
        statistics.median(usage.cpu_seconds for usage in taken),
        max(usage.peak_gigabytes for usage in taken),
    )
