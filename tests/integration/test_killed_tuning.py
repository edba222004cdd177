"""A tuning run that is killed at any moment ends in the trials of one that is not."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from fixtures import killed_tuning
from fixtures.killed_tuning import KILLED, Death

MOMENTS = {"xgboost": 10, "gru": 4}
PATIENCE_SECONDS = 120

Tune = Callable[[str, Path, Death | None], tuple[int | None, Any]]


@pytest.fixture(scope="module")
def tune() -> Tune:
    """Tune in a new process; its exit status, and what it found if it came to the end."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    # What every process needs is loaded once, by the server that they are forked from.
    context.set_forkserver_preload(["orchestration.lib.tuning"])

    def run(library: str, journal: Path, death: Death | None) -> tuple[int | None, Any]:
        results = context.SimpleQueue()
        arguments = (library, journal, death, results)
        process = context.Process(target=killed_tuning.tune, args=arguments)
        process.start()
        process.join(PATIENCE_SECONDS)
        return process.exitcode, None if results.empty() else results.get()

    return run


def folds_done(journal: Path) -> int:
    return journal.read_bytes().count(b'"intermediate_value"')


@pytest.mark.parametrize(("library", "moments"), MOMENTS.items())
def test_kills_leave_no_trace(tune: Tune, tmp_path: Path, library: str, moments: int) -> None:
    status, (undisturbed, writes) = tune(library, tmp_path / "undisturbed.journal", None)
    assert status == 0
    assert {trial["stage"] for trial in undisturbed[0]} == {"range_scan", "optuna"}
    folds = folds_done(tmp_path / "undisturbed.journal")
    before = set()
    for moment in range(moments):
        journal = tmp_path / f"{moment}.journal"
        death = Death(write=1 + moment * (writes - 2) // (moments - 1), is_torn=moment % 2 == 1)
        assert tune(library, journal, death) == (KILLED, None), death
        before.add(folds_done(journal))
        assert tune(library, journal, None)[1][0] == undisturbed, death
        # No fold that was kept is done again.
        assert folds_done(journal) == folds, death
    # Two moments may lie between the same folds: claims and attributes are writes too.
    assert len(before) >= moments - 1
    assert min(before) == 0
    assert max(before) >= folds - 1
