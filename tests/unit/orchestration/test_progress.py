"""Notes of other processes reach the one that shows them."""

from __future__ import annotations

from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event

from orchestration.lib.progress import NOTE_LENGTH, PipeReporter, SilentReporter, relay_notes

SHOWN = Event()
SHOWN.set()


class Heard(SilentReporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, detail: str) -> None:
        self.notes.append(detail)


def tell(told: Connection, name: str, count: int) -> None:
    """What a process says of its work."""
    reporter = PipeReporter(told)
    reporter.start("a step that another process shows")
    for number in range(count):
        reporter.note(f"{name} {number} " + "." * NOTE_LENGTH)


def test_notes_of_several_processes_come_whole_and_in_order() -> None:
    context = get_context("spawn")
    heard, told = context.Pipe(duplex=False)
    processes = [
        context.Process(target=tell, args=(told, name, 300)) for name in ("first", "second")
    ]
    for process in processes:
        process.start()
    told.close()
    reporter = Heard()
    # Comes back once both have ended.
    relay_notes(heard, reporter, SHOWN)
    assert len(reporter.notes) == 600
    for name in ("first", "second"):
        of_one = [note for note in reporter.notes if note.startswith(name)]
        assert of_one == [
            f"{name} {number} {'.' * NOTE_LENGTH}"[:NOTE_LENGTH] for number in range(300)
        ]


def test_notes_are_shown_beside_their_own_step_alone() -> None:
    heard, told = get_context("spawn").Pipe(duplex=False)
    tell(told, "early", 3)
    told.close()
    reporter = Heard()
    relay_notes(heard, reporter, Event())
    assert reporter.notes == []
