"""Windows that other processes train: what reaches whoever waits for them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Timer

import dagster as dg
import pytest

from orchestration.lib.experiment import Resources
from orchestration.lib.panel_reading import PanelCache
from orchestration.lib.pipeline import failure_report, was_interrupted
from orchestration.lib.process_pool import process_pool
from orchestration.lib.training_pool import (
    TrainingProcessError,
    trained_window,
    windows_in_training,
)
from orchestration.lib.window_plan import WindowPartition, window_tasks
from orchestration.lib.workspace import Workspace
from tests.integration.conftest import TINY


@pytest.fixture(autouse=True)
def no_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to share: whoever trains looks for the warehouse."""
    monkeypatch.setattr(PanelCache, "share", lambda *_: 0)


@pytest.fixture
def keyboard() -> Iterator[None]:
    """Python's own answer to an interrupt; a shell starts jobs in the background without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def workspace(home: Path, processes: int) -> Workspace:
    """The tiny experiment without a warehouse: every window fails at once."""
    opened = Workspace.open(str(TINY), home=home)
    resources = Resources(training_processes=processes)
    return replace(opened, experiment=opened.experiment.model_copy(update={"resources": resources}))


def partitions(place: Workspace) -> list[WindowPartition]:
    return [WindowPartition(task, task.label) for task in window_tasks(place.experiment)]


def test_threads_are_shared_among_the_training_processes() -> None:
    assert Resources(threads=8).fit_threads == 8
    assert Resources(threads=8, training_processes=3).fit_threads == 2
    assert Resources(threads=2, training_processes=4).fit_threads == 1
    assert Resources(threads=2, training_processes=2, training_threads=2).fit_threads == 2


def test_one_process_starts_no_other(tmp_path: Path) -> None:
    place = workspace(tmp_path, 1)
    with windows_in_training(place, partitions(place)):
        assert place.in_training == {}
        assert active_children() == []


def test_combinations_are_left_to_whoever_asks(tmp_path: Path) -> None:
    place = workspace(tmp_path, 2)
    with windows_in_training(place, partitions(place)):
        trained = set(place.in_training)
        assert len(active_children()) == 2
    labels = {each.label for each in partitions(place)}
    assert trained < labels
    assert any("mean-rank" in label for label in labels - trained)
    assert place.in_training == {}
    assert active_children() == []
    # What was shared is gone.
    assert list(place.training_windows.root.iterdir()) == []


def test_an_error_in_a_process_is_that_of_the_window(tmp_path: Path) -> None:
    place = workspace(tmp_path, 2)
    first = partitions(place)[0]
    with (
        windows_in_training(place, partitions(place)),
        pytest.raises(FileNotFoundError, match=r"warehouse\.duckdb"),
    ):
        trained_window(place, first)


def test_a_killed_process_says_what_to_do(tmp_path: Path) -> None:
    place = workspace(tmp_path, 2)
    first = partitions(place)[0]
    with windows_in_training(place, partitions(place)):
        for process in active_children():
            process.kill()
        with pytest.raises(TrainingProcessError, match=r"lower resources\.training_processes"):
            trained_window(place, first)


def test_an_interrupt_ends_the_processes_at_once(tmp_path: Path) -> None:
    place = workspace(tmp_path, 2)
    seen: list[BaseProcess] = []

    def interrupted() -> None:
        with windows_in_training(place, partitions(place)):
            seen.extend(active_children())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(seen) == 2
    # Ended by the signal, not by having worked through what was asked.
    assert {process.exitcode for process in seen} == {-15}


@pytest.mark.usefixtures("keyboard")
def test_an_interrupt_ends_what_an_error_waits_for() -> None:
    seen: list[BaseProcess] = []

    def failed() -> None:
        with process_pool(1) as pool:
            asleep = pool.submit(time.sleep, 600.0)
            while not asleep.running():
                time.sleep(0.01)
            seen.extend(active_children())
            Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
            raise ValueError("a step failed")

    with pytest.raises(KeyboardInterrupt):
        failed()
    deadline = time.monotonic() + 60.0
    while any(process.is_alive() for process in seen):
        assert time.monotonic() < deadline, "the process works on"
        time.sleep(0.05)


def test_a_report_holds_no_traceback_of_another_process() -> None:
    @dg.asset
    def asked() -> None:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(int, "none").result()

    result = dg.materialize([asked], raise_on_error=False)
    assert not result.success
    report = failure_report(result)
    assert report == ("step asked: ValueError: invalid literal for int() with base 10: 'none'")


@pytest.mark.usefixtures("keyboard")
def test_an_interrupted_step_is_no_failure() -> None:
    @dg.asset
    def asked() -> None:
        signal.raise_signal(signal.SIGINT)

    @dg.asset
    def failed() -> None:
        raise ValueError("none")

    assert was_interrupted(dg.materialize([asked], raise_on_error=False))
    assert not was_interrupted(dg.materialize([failed], raise_on_error=False))
