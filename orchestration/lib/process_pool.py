"""Processes that are started afresh and end with their work, an interrupt or their parent."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from typing import Any


@contextmanager
def process_pool(
    count: int, initializer: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """So many processes for the length of the block.

    An error ends the block once the work under way is done, the rest is given up; an interrupt ends
    the processes at once.

    Parameters
    ----------
    initializer, arguments
        What every process calls first, if anything.
    """
    pool = ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(initializer, *arguments),
    )
    try:
        try:
            yield pool
        except (Exception, GeneratorExit):
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    except BaseException as error:
        # In the block, or while its work under way was waited for.
        if not isinstance(error, Exception | GeneratorExit):
            for process in active_children():
                process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(initializer: Callable[..., None] | None, *arguments: Any) -> None:
    # The parent hears the keyboard and ends its processes itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if initializer is not None:
        initializer(*arguments)


def _end_with_parent() -> None:
    """A killed run must not leave processes behind that wait for work."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
