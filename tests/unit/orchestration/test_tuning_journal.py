"""Trials survive the death of their process: kill -9, a torn line, a lock that was held."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import optuna
from optuna.trial import TrialState

from models_ml.folds import FoldRows
from models_ml.tuning import ParameterRange, SearchSpace, TuningBudget, TuningHost
from models_ml.tuning.search import Search
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.tuning import is_alive, open_journal, process_name

NO_ROWS = np.empty(0, dtype=np.int64)
FOLDS = tuple(FoldRows(number, NO_ROWS, NO_ROWS, NO_ROWS) for number in (1, 2, 3))
BUDGET = TuningBudget("test", 3, 5, 1, 3, 1, 1, "every", 3, 2, 1, 50.0)
PATIENCE_SECONDS = 120


def valley(fold, parameters):
    return fold.number + (parameters["x"] - 3.0) ** 2


def search(storage, evaluate=valley):
    ticks = itertools.count()
    host = TuningHost(storage, lambda: float(next(ticks)), owner=process_name(), is_alive=is_alive)
    ranges = (ParameterRange("x", 0.0, 10.0, 5.0, precision=0.5),)
    space = SearchSpace("test", "xgboost", ranges)
    return Search(space, ranges, {}, BUDGET, "mse", FOLDS, evaluate, host, "search", "window").run()


def slow_valley(fold, parameters):
    time.sleep(0.2)
    return valley(fold, parameters)


def told(result):
    return [(trial.parameters, trial.fold_scores, trial.state) for trial in result.trials]


def test_a_search_killed_by_the_system_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "search.journal"
    script = (
        "from tests.unit.orchestration.test_tuning_journal import *\n"
        f"search(open_journal(Path({str(file)!r})), slow_valley)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not file.exists() or file.read_bytes().count(b'"intermediate_value"') < 4:
        assert process.poll() is None, "the search ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    study = optuna.load_study(study_name="search", storage=open_journal(file))
    before = [trial for trial in study.trials if trial.state == TrialState.COMPLETE]
    assert 0 < len(before) < BUDGET.trial_count
    asked = []

    def counted(fold, parameters):
        asked.append((fold.number, parameters["x"]))
        return valley(fold, parameters)

    resumed = search(open_journal(file), counted)
    undisturbed = search(optuna.storages.InMemoryStorage())
    assert told(resumed) == told(undisturbed)
    done = {(fold, trial.params["x"]) for trial in before for fold in (1, 2, 3)}
    assert not done & set(asked)


def test_a_torn_line_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "search.journal"
    expected = told(search(open_journal(file)))
    whole = file.read_bytes()
    file.write_bytes(whole[: whole.rstrip(b"\n").rfind(b"\n") + 20])
    assert not file.read_bytes().endswith(b"\n")
    assert told(search(open_journal(file))) == expected
    assert file.read_bytes().endswith(b"\n")


def test_who_is_alive() -> None:
    machine, _, _ = process_name().rpartition(":")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_alive(process_name())
    assert not is_alive(f"{machine}:{ended.pid}")
    assert not is_alive("")
    assert is_alive(f"{machine}:{os.getppid()}")
    assert is_alive("another-machine:1")
