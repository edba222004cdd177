"""The journal of work done: what each run asked for, computed, reused, and how long it took."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

PartitionKind = Literal["training_window", "backtest"]
StudyKind = Literal["range_scan", "search"]


def now() -> datetime:
    """The current time, without a zone, in UTC: what the warehouse stores."""
    return datetime.now(tz=UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class PartitionEvent:
    """A partition that a run needed: computed by it, or found complete.

    `fit_count` is the number of its fits, `trial_count` that of the configurations they tried;
    None in journals of earlier versions, where `fit_count` stood for both. Fits of its tuning are
    a `StudyEvent` of their own.
    """

    run_id: str
    attempt: int
    kind: str
    partition_key: str
    label: str
    state: Literal["computed", "reused"]
    seconds: float
    completed_at: str
    fit_count: int = 1
    trial_count: int | None = None


@dataclass(frozen=True)
class StudyEvent:
    """One stage of a tuning: begun, or done.

    `kind` is `range_scan` or `search`, `partition_key` what its storage goes by: a scan may serve
    several windows. The counts are None until it is done; of one that was killed they are read
    from its storage.
    """

    run_id: str
    kind: StudyKind
    partition_key: str
    label: str
    study_name: str
    at: str
    fit_count: int | None = None
    trial_count: int | None = None


@dataclass(frozen=True)
class StepEvent:
    """A step of a run and its duration."""

    run_id: str
    attempt: int
    step: str
    seconds: float
    peak_memory_mb: float
    completed_at: str


@dataclass(frozen=True)
class RunStarted:
    """The start of one attempt at a run; an attempt that was killed has no end."""

    run_id: str
    attempt: int
    started_at: str
    record: dict[str, Any]


@dataclass(frozen=True)
class RunCompleted:
    """The end of one attempt at a run."""

    run_id: str
    attempt: int
    completed_at: str


Event = PartitionEvent | StudyEvent | StepEvent | RunStarted | RunCompleted
EVENT_TYPES: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (PartitionEvent, StudyEvent, StepEvent, RunStarted, RunCompleted)
}


class Ledger:
    """An append-only file, one event a line; a line cut short by a kill is passed over."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def append(self, event: Event) -> None:
        """Write one event and make sure it is on disk."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"event": type(event).__name__, **asdict(event)}, default=str)
        torn = self._file.exists() and self._file.read_bytes()[-1:] not in (b"", b"\n")
        with self._file.open("a", encoding="utf-8") as handle:
            handle.write(("\n" if torn else "") + line + "\n")
            handle.flush()

    def events(self) -> list[Event]:
        """Every event, oldest first."""
        if not self._file.exists():
            return []
        parsed = (_parse(line) for line in self._file.read_text(encoding="utf-8").splitlines())
        return [event for event in parsed if event is not None]

    def next_attempt(self, run_id: str) -> int:
        """Number of the coming attempt at a run, from 1."""
        return 1 + sum(
            isinstance(event, RunStarted) and event.run_id == run_id for event in self.events()
        )

    def latest_attempt(self, run_id: str) -> int:
        """Number of the attempt under way or done last; 0 if there was none."""
        return self.next_attempt(run_id) - 1


def retained_runs(events: Iterable[Event], current: str, count: int) -> list[str]:
    """Runs whose results are kept: the current one and the newest completed ones before it.

    A run made from other tables than the current one is left out: its predictions would be judged
    by a universe and labels that it never saw.
    """
    events = list(events)
    made_from = {
        event.run_id: event.record.get("market_tables_key")
        for event in events
        if isinstance(event, RunStarted)
    }
    completed: list[str] = []
    for event in events:
        if isinstance(event, RunCompleted) and event.run_id != current:
            if event.run_id in completed:
                completed.remove(event.run_id)
            completed.append(event.run_id)
    alike = [run for run in completed if made_from.get(run) == made_from.get(current)]
    earlier = alike[max(0, len(alike) - count + 1) :] if count > 1 else []
    return [*earlier, current]


def _parse(line: str) -> Event | None:
    try:
        content = json.loads(line)
    except json.JSONDecodeError:
        return None  # the last line of a killed run
    kind = content.pop("event")
    return EVENT_TYPES[kind](**content)
