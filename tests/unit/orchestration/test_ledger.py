"""The journal survives a kill in the middle of a line."""

from pathlib import Path

from orchestration.lib.ledger import (
    Ledger,
    PartitionEvent,
    RunCompleted,
    RunStarted,
    retained_runs,
)


def partition(run_id: str, attempt: int, key: str) -> PartitionEvent:
    return PartitionEvent(
        run_id, attempt, "training_window", key, f"label {key}", "computed", 1.5, "2020-01-01"
    )


def test_events_come_back_in_order(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    written = [
        RunStarted("r1", 1, "2020-01-01", {"experiment": "demo"}),
        partition("r1", 1, "a"),
        RunCompleted("r1", 1, "2020-01-02"),
    ]
    for event in written:
        ledger.append(event)
    assert ledger.events() == written


def test_a_torn_line_is_passed_over_and_the_next_event_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    ledger = Ledger(file)
    ledger.append(partition("r1", 1, "a"))
    whole = file.read_bytes()
    ledger.append(partition("r1", 1, "b"))
    torn = file.read_bytes()[: len(whole) + 25]
    file.write_bytes(torn)
    ledger.append(partition("r1", 2, "c"))
    assert ledger.events() == [partition("r1", 1, "a"), partition("r1", 2, "c")]


def test_attempts_are_counted_per_run(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    assert ledger.next_attempt("r1") == 1
    ledger.append(RunStarted("r1", 1, "2020-01-01", {}))
    ledger.append(RunStarted("r2", 1, "2020-01-01", {}))
    assert ledger.next_attempt("r1") == 2
    assert ledger.latest_attempt("r1") == 1
    assert ledger.latest_attempt("r3") == 0


def test_retained_runs_are_the_newest_completed_and_the_current_one() -> None:
    events = [RunCompleted(run, 1, "2020-01-01") for run in ("r1", "r2", "r3", "r2")]
    assert retained_runs(events, "r4", 2) == ["r2", "r4"]
    assert retained_runs(events, "r4", 3) == ["r3", "r2", "r4"]
    assert retained_runs(events, "r4", 1) == ["r4"]
    assert retained_runs(events, "r2", 2) == ["r3", "r2"]


def test_runs_made_from_other_tables_are_not_retained() -> None:
    made_from = {"r1": "before", "r2": "before", "r3": "after", "r4": "after"}
    events = [
        RunStarted(run, 1, "2020-01-01", {"market_tables_key": key})
        for run, key in made_from.items()
    ]
    completed = [RunCompleted(run, 1, "2020-01-01") for run in ("r1", "r2", "r3")]
    assert retained_runs([*events, *completed], "r4", 3) == ["r3", "r4"]
    assert retained_runs([*events, *completed], "r5", 3) == ["r5"]
