"""Training windows side by side, each in a process of its own and stored when it is done.

Small nets and the fits of a tuning leave a processor idle whatever their threads are: two windows
at a time on a thread each use both. Processes are started afresh, as for back-tests; each reads the
panel for itself. They write results, trials and the journal just as a run of one window does, so
that nothing but the time depends on how many there are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from multiprocessing.queues import SimpleQueue

from models_ml.records import TrainingRecord
from orchestration.lib.errors import UserError
from orchestration.lib.forecasting import complete_partition
from orchestration.lib.progress import Reporter, SilentReporter
from orchestration.lib.window_plan import WindowPartition, WindowTask
from orchestration.lib.worker_process import watch_parent
from orchestration.lib.workspace import Workspace


class TrainingProcessError(UserError):
    """A process that trained windows is gone."""


@contextmanager
def windows_in_training(
    workspace: Workspace, partitions: Iterable[WindowPartition]
) -> Iterator[None]:
    """Train windows in `resources.training_processes` processes for the length of the block.

    `trained_window` then waits for a window instead of training it. With one process nothing is
    started. Combinations are left to whoever asks for them: by then their members are there.

    An error ends the block once the windows under way are stored; an interrupt ends them at once,
    and what their tunings have tried stays.
    """
    tasks = [each for each in partitions if isinstance(each.task, WindowTask)]
    count = min(workspace.experiment.resources.training_processes, len(tasks))
    if count <= 1:
        yield
        return
    context = get_context("spawn")
    notes: SimpleQueue[str | None] = context.SimpleQueue()
    listener = threading.Thread(target=_pass_on, args=(notes, workspace.reporter), daemon=True)
    listener.start()
    handed_over = workspace.for_process(_NoteSender(notes))
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_start, initargs=(handed_over,)
    )
    try:
        for each in tasks:
            workspace.in_training[each.key] = pool.submit(_train, each)
        yield
    except BaseException as error:
        if not isinstance(error, Exception):
            for process in active_children():
                process.terminate()
        raise
    finally:
        workspace.in_training.clear()
        pool.shutdown(wait=True, cancel_futures=True)
        notes.put(None)
        listener.join()


def trained_window(workspace: Workspace, partition: WindowPartition) -> TrainingRecord:
    """Train a window, or wait for the process that does.

    Raises
    ------
    TrainingProcessError
        If a process was killed.
    """
    future = workspace.in_training.get(partition.key)
    if future is None:
        return complete_partition(workspace, partition)
    try:
        return future.result()
    except BrokenProcessPool:
        raise TrainingProcessError(
            "a process that trained windows was killed, most likely for want of memory: each holds"
            " the training panel. Run again with a lower resources.training_processes; windows and"
            " trials that were done are kept"
        ) from None


class _NoteSender(SilentReporter):
    """Sends what happens within a window to the process that shows it."""

    def __init__(self, notes: SimpleQueue[str | None]) -> None:
        self._notes = notes

    def note(self, detail: str) -> None:
        self._notes.put(detail)


def _pass_on(notes: SimpleQueue[str | None], reporter: Reporter) -> None:
    while (detail := notes.get()) is not None:
        reporter.note(detail)


_worker: dict[str, Workspace] = {}


def _start(workspace: Workspace) -> None:
    _worker["this"] = workspace
    watch_parent()


def _train(partition: WindowPartition) -> TrainingRecord:
    return complete_partition(_worker["this"], partition)
