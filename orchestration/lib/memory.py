"""Memory of this process and of the programs it ran."""

from __future__ import annotations

import resource
import sys

# Linux counts kilobytes, macOS bytes.
UNIT = 1024 if sys.platform != "darwin" else 1


def peak_memory_mb() -> float:
    """Largest resident memory so far of this process or of a finished child, in megabytes."""
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return peak * UNIT / 1e6
