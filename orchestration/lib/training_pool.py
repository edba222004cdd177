"""Training windows side by side, each in a process of its own and stored when it is done.

Small nets and the fits of a tuning leave a processor idle whatever their threads are: two windows
at a time on a thread each use both. Processes are started afresh and map the panels from a file, as
back-tests do the market. They write results, trials and the journal just as a run of one window
does, so that with as many threads a fit nothing but the time depends on how many there are.

Nor do they open the warehouse: whatever needs no forecast can be built in it meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context

from models_ml.records import TrainingRecord
from orchestration.lib.errors import UserError
from orchestration.lib.forecasting import complete_partition
from orchestration.lib.process_pool import process_pool
from orchestration.lib.progress import PipeReporter, relay_notes
from orchestration.lib.window_plan import WindowPartition, WindowTask
from orchestration.lib.workspace import Workspace


class TrainingProcessError(UserError):
    """A process that trained windows is gone."""


@contextmanager
def windows_in_training(
    workspace: Workspace, partitions: Iterable[WindowPartition]
) -> Iterator[threading.Event]:
    """Train windows in `resources.training_processes` processes for the length of the block.

    `trained_window` then waits for a window instead of training it. With one process nothing is
    started. Combinations are left to whoever asks for them: by then their members are there.

    An error ends the block once the windows under way are stored; an interrupt ends them at once,
    and what their tunings have tried stays.

    Yields
    ------
    threading.Event
        To be set by whoever shows the training: before, nobody hears of what happens in a window.
    """
    shows_notes = threading.Event()
    tasks = [each for each in partitions if isinstance(each.task, WindowTask)]
    count = min(workspace.experiment.resources.training_processes, len(tasks))
    side_by_side = _processes(workspace, tasks, count, shows_notes) if count > 1 else nullcontext()
    try:
        with side_by_side:
            yield shows_notes
    finally:
        workspace.panels.clear()


@contextmanager
def _processes(
    workspace: Workspace, tasks: list[WindowPartition], count: int, shows_notes: threading.Event
) -> Iterator[None]:
    heard, told = get_context("spawn").Pipe(duplex=False)
    listener = threading.Thread(
        target=relay_notes, args=(heard, workspace.reporter, shows_notes), daemon=True
    )
    listener.start()
    try:
        with workspace.training_windows.scratch() as directory:
            workspace.panels.share(_panels_of(tasks), directory)
            handed_over = workspace.for_process(PipeReporter(told))
            with process_pool(count, _start, (handed_over,)) as pool:
                for each in tasks:
                    workspace.in_training[each.key] = pool.submit(_train, each)
                try:
                    yield
                except Exception:
                    workspace.reporter.say(
                        "a step failed: windows under way are brought to their end (Ctrl-C ends"
                        " them at once), then it is said which and why"
                    )
                    raise
    finally:
        workspace.in_training.clear()
        told.close()
        listener.join()


def _panels_of(tasks: list[WindowPartition]) -> list[tuple[str, str]]:
    """Rule sets of features and of labels that windows learn from, each pair once."""
    return sorted(
        {
            (each.task.universe_rule_set, each.task.label_rule_set)
            for each in tasks
            if isinstance(each.task, WindowTask)
        }
    )


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
            "a process that trained windows was killed, most likely for want of memory. Run again"
            " with a lower resources.training_processes; windows and trials that were done are kept"
        ) from None


_worker: dict[str, Workspace] = {}


def _start(workspace: Workspace) -> None:
    _worker["this"] = workspace


def _train(partition: WindowPartition) -> TrainingRecord:
    return complete_partition(_worker["this"], partition)
