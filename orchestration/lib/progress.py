"""What a person sees while a long run works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from threading import Event
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

# Characters of a note between processes: far below what a pipe takes in one piece.
NOTE_LENGTH = 200


class Reporter(Protocol):
    """Receives progress of the step under way."""

    def start(self, step: str, total: int | None = None) -> None:
        """Begin a step of so many parts, or of unknown length."""

    def advance(self, detail: str = "") -> None:
        """One part of the current step is done."""

    def note(self, detail: str) -> None:
        """Something happened within the part under way."""

    def say(self, line: str) -> None:
        """Something worth a line of its own."""

    def finish(self) -> None:
        """The current step is done."""


class SilentReporter:
    """Says nothing: for tests and for the scheduler, whose own log tells the story."""

    def start(self, step: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, detail: str = "") -> None:
        """Say nothing."""

    def note(self, detail: str) -> None:
        """Say nothing."""

    def say(self, line: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""


class PipeReporter(SilentReporter):
    """Sends notes to the process that shows them.

    Several processes may write to one pipe, without a lock that a killed one would keep: few bytes
    go in whole.
    """

    def __init__(self, told: Connection) -> None:
        self._told = told

    def note(self, detail: str) -> None:
        """Send the detail, cut to what goes in whole."""
        self._told.send(detail[:NOTE_LENGTH])


def relay_notes(heard: Connection, reporter: Reporter, shown: Event) -> None:
    """Show notes, once they are to be shown, until nobody is left who could send one."""
    with suppress(EOFError):
        while True:
            detail = heard.recv()
            if shown.is_set():
                reporter.note(detail)


class TerminalReporter:
    """One progress bar on standard error, one line per finished step."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}", style="dim"),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._step = ""
        self._started = 0.0

    @contextmanager
    def live(self) -> Iterator[TerminalReporter]:
        """Show the bar for the length of the block."""
        with self._progress:
            yield self

    def start(self, step: str, total: int | None = None) -> None:
        """Show a bar for the step."""
        self._step, self._started = step, time.monotonic()
        self._task = self._progress.add_task(f"{step:<38}", total=total, detail="")

    def advance(self, detail: str = "") -> None:
        """Move the bar by one part."""
        if self._task is not None:
            self._progress.update(self._task, advance=1, detail=detail[:40])

    def note(self, detail: str) -> None:
        """Show the detail beside the bar."""
        if self._task is not None:
            self._progress.update(self._task, detail=detail[:40])

    def say(self, line: str) -> None:
        """Print the line above the bar."""
        self._console.print(f"  {line}", markup=False, highlight=False)

    def finish(self) -> None:
        """Replace the bar by a line with the time the step took."""
        if self._task is None:
            return
        self._progress.remove_task(self._task)
        self._task = None
        seconds = time.monotonic() - self._started
        self._console.print(f"  [green]done[/green] {self._step:<44} {seconds:7.1f} s")
