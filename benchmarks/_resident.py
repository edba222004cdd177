"""How much memory a piece of work holds at its height, by the figures of Linux.

A process begins with the largest size of the one that started it in `getrusage`: what is counted
here is its own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_PROCESS = Path("/proc/self")
# Makes the largest size so far that of now.
_FORGET_PEAK = "5"


def with_added_bytes(work: Callable[[], Result]) -> tuple[Result, int]:
    """Do some work in this process.

    Returns
    -------
    tuple
        What the work returns, and the most that the process held beyond what it held before, in
        bytes.

    Raises
    ------
    RuntimeError
        If the system is not Linux.
    """
    before = _status("VmRSS")
    (_PROCESS / "clear_refs").write_text(_FORGET_PEAK, encoding="ascii")
    result = work()
    return result, _status("VmHWM") - before


def _status(field: str) -> int:
    file = _PROCESS / "status"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for line in lines:
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {field} in {file}: this part needs Linux")
