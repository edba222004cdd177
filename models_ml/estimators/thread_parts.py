"""Parts of one piece of work in threads of their own, results in the order of the parts."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import torch

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_threads(work: Callable[[Part], Result], parts: Sequence[Part], threads: int) -> list[Result]:
    """Do some work on every part, so many at a time; torch uses one thread in each.

    Parameters
    ----------
    work
        Called once per part; lets others run while it computes, as torch does.
    parts
        What it is called with.
    threads
        1 works in the calling thread.
    """
    if threads == 1 or len(parts) <= 1:
        return [work(part) for part in parts]
    return list(_pool(threads).map(work, parts))


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay: torch and its library keep workspaces by thread."""
    return ThreadPoolExecutor(threads, "parts", initializer=torch.set_num_threads, initargs=(1,))


# Threads are not there after a fork.
os.register_at_fork(after_in_child=_pool.cache_clear)
