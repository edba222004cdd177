"""What a finished process used, from the operating system's own accounting.

python -m benchmarks.warehouse_parts.process FILE COMMAND... runs a command and writes its usage.
The system counts the memory of whoever starts a process as that of the process; so commands are
started by this module, which holds next to nothing, and not by a benchmark full of results.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


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
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "usage.json"
        finished = subprocess.run(
            [sys.executable, "-m", __name__, str(file), *command],
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            last = finished.stdout.splitlines()[-30:]
            raise RuntimeError(f"{' '.join(command)} failed:\n" + "\n".join(last))
        return Usage(**json.loads(file.read_text(encoding="utf-8")))


def _run_and_write(file: Path, command: Sequence[str]) -> int:
    started = time.monotonic()
    process = os.posix_spawnp(command[0], list(command), os.environ)
    _, status, used = os.wait4(process, 0)
    usage = Usage(
        wall_seconds=time.monotonic() - started,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_gigabytes=used.ru_maxrss / 1e6,
    )
    file.write_text(json.dumps(asdict(usage)), encoding="utf-8")
    return os.waitstatus_to_exitcode(status)


def median_usage(taken: Sequence[Usage]) -> Usage:
    """Medians of the times and the largest of the peaks."""
    return Usage(
        statistics.median(usage.wall_seconds for usage in taken),
        statistics.median(usage.cpu_seconds for usage in taken),
        max(usage.peak_gigabytes for usage in taken),
    )


if __name__ == "__main__":
    sys.exit(_run_and_write(Path(sys.argv[1]), sys.argv[2:]))
