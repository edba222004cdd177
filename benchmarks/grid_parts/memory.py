"""Memory of a process and its children, pages that they share counted once."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

INTERVAL_SECONDS = 0.5


class MemoryWatch:
    """Largest sum of proportional set sizes seen during the block, in megabytes (Linux)."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL_SECONDS):
            self.peak_mb = max(self.peak_mb, proportional_mb(os.getpid()))


def proportional_mb(process: int) -> float:
    """Proportional set size of a process and its descendants; 0 for one that is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = [
            int(child)
            for task in tasks
            for child in (task / "children").read_text(encoding="ascii").split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own * 1024 / 1e6 + sum(map(proportional_mb, children))
