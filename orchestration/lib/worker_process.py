"""What every process of a pool does: end when nobody waits for it any more."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait


def watch_parent() -> None:
    """End this process when its parent ends, and leave a keyboard's interrupt to the parent.

    A killed run must not leave processes behind that wait for work.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
