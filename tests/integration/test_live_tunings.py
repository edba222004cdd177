"""Several living processes tune on one journal or one database."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from fixtures import live_tuning
from fixtures.live_tuning import BUDGET, KILLED

PATIENCE_SECONDS = 120

Outcome = tuple[list[int | None], list[Any]]
Run = Callable[[str, str, list[int]], Outcome]


@pytest.fixture(scope="module")
def run() -> Run:
    """Run processes at once, each with its life; their exit states and what they found."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["orchestration.lib.tuning"])

    def at_once(stage: str, place: str, lives: list[int]) -> Outcome:
        together, results = context.Barrier(len(lives)), context.SimpleQueue()
        processes = [
            context.Process(target=live_tuning.run, args=(stage, place, life, together, results))
            for life in lives
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(PATIENCE_SECONDS)
        found = []
        while not results.empty():
            found.append(results.get())
        return [process.exitcode for process in processes], found

    return at_once


@pytest.fixture(params=["journal", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the trials are kept."""
    if request.param == "journal":
        return str(tmp_path / "together.journal")
    return f"sqlite:///{tmp_path / 'together.db'}"


def test_a_scan_of_two_is_the_scan_of_one(run: Run, place: str, tmp_path: Path) -> None:
    _, [(alone, all_folds)] = run("scan", str(tmp_path / "alone.journal"), [-1])
    states, found = run("scan", place, [-1, -1])
    assert states == [0, 0]
    assert [trials for trials, _ in found] == [alone, alone]
    shares = [asked for _, asked in found]
    assert all(shares)
    # Every fold once, by one of them; equal parameters of two points may be asked for twice.
    assert sorted(shares[0] + shares[1]) == sorted(all_folds)


def test_a_search_of_two_does_each_trial_once(run: Run, place: str) -> None:
    states, found = run("search", place, [-1, -1])
    assert states == [0, 0]
    (first, first_asked), (second, second_asked) = found
    assert first == second
    assert [trial[0] for trial in first] == list(range(BUDGET.trial_count))
    assert dict(first[0][1]) == {"x": 5.0, "y": 5.0}
    assert sum(trial[-1] for trial in first) == 1
    assert first_asked
    assert second_asked
    assert not set(first_asked) & set(second_asked)
    assert len(first_asked) + len(second_asked) == sum(len(trial[2]) for trial in first)


@pytest.mark.parametrize("stage", ["scan", "search"])
def test_what_one_leaves_behind_is_done_by_one_of_the_others(
    run: Run, tmp_path: Path, stage: str
) -> None:
    place = str(tmp_path / "together.journal")
    assert run(stage, place, [1]) == ([KILLED], [])
    states, found = run(stage, place, [-1, -1])
    assert states == [0, 0]
    (first, _), (second, _) = found
    assert first == second
    if stage == "scan":
        _, [(alone, _)] = run(stage, str(tmp_path / "alone.journal"), [-1])
        assert first == alone
    else:
        assert [trial[0] for trial in first] == list(range(BUDGET.trial_count))
