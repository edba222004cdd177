"""Range scan and search on scores that are given by formulas."""

import itertools
from dataclasses import replace

import numpy as np
import optuna
import pytest
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState

from models_ml.folds import FoldRows
from models_ml.tuning import ParameterRange, SearchSpace, TuningBudget, TuningHost
from models_ml.tuning.claims import Claims
from models_ml.tuning.range_scan import RangeScan
from models_ml.tuning.search import Search, sampler_seed

NO_ROWS = np.empty(0, dtype=np.int64)
FOLDS = tuple(FoldRows(number, NO_ROWS, NO_ROWS, NO_ROWS) for number in range(1, 5))
X = ParameterRange("x", 0.0, 10.0, 5.0, precision=0.5)
Y = ParameterRange("y", 0.0, 10.0, 5.0, precision=0.5)
BUDGET = TuningBudget(
    name="test",
    fold_count=4,
    trial_count=12,
    max_rounds=1,
    scan_points=6,
    scan_passes=3,
    scan_parameter_count=None,
    scan_window="every",
    startup_trials=4,
    pruning_startup_trials=3,
    pruning_warmup_folds=2,
    pruning_percentile=50.0,
)

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Killed(BaseException):
    """The process dies here."""


class Landscape:
    """A valley in x at 3; y makes no difference but noise. Dies after so many folds."""

    def __init__(self, life=10**9):
        self.life = life
        self.asked = []

    def __call__(self, fold, parameters):
        if len(self.asked) >= self.life:
            raise Killed
        self.asked.append((fold.number, parameters["x"], parameters["y"]))
        level = 100.0 * fold.number
        place = [fold.number, int(1e6 * parameters["x"]), int(1e6 * parameters["y"])]
        noise = np.random.default_rng(place).standard_normal()
        return level + (parameters["x"] - 3.0) ** 2 + 0.05 * noise


def host(storage, heard=None):
    ticks = itertools.count()
    listen = (lambda trial: None) if heard is None else heard.append
    return TuningHost(storage, clock=lambda: float(next(ticks)), on_trial=listen)


def scan(landscape, storage, **changes):
    fields = {
        "space": SearchSpace("test", "xgboost", (X, Y)),
        "fixed": {"z": 1.0},
        "budget": BUDGET,
        "objective": "mse",
        "folds": FOLDS,
        "evaluate": landscape,
        "host": host(storage),
        "study_name": "scan",
    }
    return RangeScan(**{**fields, **changes}).run()


def search(landscape, storage, **changes):
    fields = {
        "space": SearchSpace("test", "xgboost", (X, Y)),
        "ranges": (X, Y),
        "fixed": {"z": 1.0},
        "budget": BUDGET,
        "objective": "mse",
        "folds": FOLDS,
        "evaluate": landscape,
        "host": host(storage),
        "study_name": "search",
        "seed_text": "window",
    }
    return Search(**{**fields, **changes}).run()


def told(trials):
    """All of a trial but its seconds."""
    return [replace(trial, seconds=0.0) for trial in trials]


def test_a_range_shrinks_to_its_valley_and_noise_keeps_the_default():
    result = scan(Landscape(), InMemoryStorage())
    (left,) = result.ranges
    assert left.name == "x"
    assert left.low <= 3.0 <= left.high
    assert left.high - left.low <= 3.0
    assert result.settled == {"y": 5.0}
    passes = {(trial.scanned_parameter, trial.scan_pass) for trial in result.trials}
    assert passes == {("x", 1), ("x", 2), ("x", 3), ("y", 1)}


def test_points_that_fall_behind_are_given_up_and_still_rows():
    result = scan(Landscape(), InMemoryStorage())
    first = [trial for trial in result.trials if trial.scan_pass == 1][:6]
    assert [trial.parameters["x"] for trial in first] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert first[-1].state == "pruned"
    assert len(first[-1].fold_scores) == 2
    assert all(trial.state == "complete" for trial in first if trial.is_best)
    assert sum(trial.is_best for trial in first) == 1


def test_the_scan_marks_a_best_point_on_an_end():
    beyond = replace(X, low=4.0, default=5.0)
    result = scan(Landscape(), InMemoryStorage(), space=SearchSpace("t", "xgboost", (beyond, Y)))
    best = [trial for trial in result.trials if trial.is_best and trial.scanned_parameter == "x"]
    assert best[0].edge_parameters == ("x",)


@pytest.mark.parametrize(("low", "edges"), [(4.0, ("x",)), (0.0, ())])
def test_the_best_trial_is_held_against_the_ends_of_the_space(low, edges):
    """The valley lies at 3: a search from 4 on ends on 4, which may be an end or a cut."""
    whole = replace(X, kind="int", low=low)
    searched = (whole.narrowed(4.0, 6.0, 5.0), Y)
    space = SearchSpace("test", "xgboost", (whole, Y))
    result = search(Landscape(), InMemoryStorage(), space=space, ranges=searched)
    (best,) = (trial for trial in result.trials if trial.is_best)
    assert best.parameters["x"] == 4
    assert tuple(name for name in best.edge_parameters if name == "x") == edges


def test_points_on_an_end_that_the_scan_cut_are_not_marked():
    result = scan(Landscape(), InMemoryStorage())
    marked = [trial for trial in result.trials if trial.edge_parameters]
    ends = {(X.low,), (X.high,)}
    assert all(tuple(trial.parameters.values()) in ends for trial in marked)


def test_parameters_beyond_the_count_keep_their_whole_range():
    budget = replace(BUDGET, scan_parameter_count=1)
    result = scan(Landscape(), InMemoryStorage(), budget=budget)
    assert result.ranges[1] == Y
    assert {trial.scanned_parameter for trial in result.trials} == {"x"}


def test_used_up_hours_end_the_scan_and_leave_one_trial():
    budget = replace(BUDGET, maximum_hours=1.0 / 3600.0)
    result = scan(Landscape(), InMemoryStorage(), budget=budget)
    assert {trial.scanned_parameter for trial in result.trials} == {"x"}
    found = search(Landscape(), InMemoryStorage(), budget=budget, spent_seconds=60.0)
    assert len(found.trials) == 1


def test_the_search_begins_with_the_defaults_and_marks_the_best():
    heard = []
    storage = InMemoryStorage()
    result = search(Landscape(), storage, host=host(storage, heard))
    assert result.trials[0].parameters == {"x": 5.0, "y": 5.0}
    assert len(result.trials) == len(heard) == 12
    complete = [trial for trial in result.trials if trial.state == "complete"]
    best = min(complete, key=lambda trial: trial.score)
    assert best.is_best
    assert sum(trial.is_best for trial in result.trials) == 1
    assert result.parameters == {"z": 1.0, **best.parameters}


def test_values_that_are_drawn_again_are_not_fitted_again():
    few = replace(X, choices=(0.0, 4.0, 10.0), default=4.0)
    landscape = Landscape()
    result = search(
        landscape,
        InMemoryStorage(),
        space=SearchSpace("test", "xgboost", (few,)),
        ranges=(few,),
        fixed={"y": 1.0},
    )
    assert len(result.trials) == 12
    assert len(landscape.asked) == len(set(landscape.asked)) <= 3 * len(FOLDS)
    by_value = {}
    for trial in result.trials:
        scores = by_value.setdefault(trial.parameters["x"], trial.fold_scores)
        shared = min(len(scores), len(trial.fold_scores))
        assert trial.fold_scores[:shared] == scores[:shared]


def test_where_nothing_is_left_to_search_one_trial_is_enough():
    landscape = Landscape()
    result = search(landscape, InMemoryStorage(), ranges=(), fixed={"x": 3.0, "y": 1.0})
    (only,) = result.trials
    assert only.is_best
    assert len(landscape.asked) == len(only.fold_scores) == 4
    assert result.parameters == {"x": 3.0, "y": 1.0}


def test_rank_ic_is_maximised():
    def hill(fold, parameters):
        return -Landscape()(fold, parameters)

    result = search(hill, InMemoryStorage(), objective="rank_ic")
    lowest = search(Landscape(), InMemoryStorage())
    best = next(trial for trial in result.trials if trial.is_best)
    assert best.score == max(t.score for t in result.trials if t.state == "complete")
    assert best.score > result.trials[0].score
    assert lowest.trials[0].score == -result.trials[0].score


def test_pruned_trials_have_fewer_folds_and_are_never_best():
    result = search(Landscape(), InMemoryStorage())
    pruned = [trial for trial in result.trials if trial.state == "pruned"]
    assert pruned
    assert all(2 <= len(trial.fold_scores) < 4 for trial in pruned)
    assert not any(trial.is_best for trial in pruned)


def test_another_window_draws_other_values():
    first = search(Landscape(), InMemoryStorage())
    second = search(Landscape(), InMemoryStorage(), seed_text="another")
    assert first.trials[1].parameters != second.trials[1].parameters
    assert sampler_seed("window", 1) != sampler_seed("window", 2)


@pytest.mark.parametrize("life", [0, 1, 3, 4, 7, 9, 14, 18, 25, 31])
def test_a_killed_search_ends_as_if_it_had_not_been(life):
    undisturbed = search(Landscape(), InMemoryStorage())
    storage = InMemoryStorage()
    before, after = Landscape(life), Landscape()
    with pytest.raises(Killed):
        search(before, storage)
    resumed = search(after, storage)
    assert told(resumed.trials) == told(undisturbed.trials)
    assert resumed.parameters == undisturbed.parameters
    assert not set(before.asked) & set(after.asked), "a fold that was done was done again"


@pytest.mark.parametrize("life", [0, 1, 5, 6, 13, 20, 30, 40, 55, 61])
def test_a_killed_scan_ends_as_if_it_had_not_been(life):
    undisturbed = scan(Landscape(), InMemoryStorage())
    storage = InMemoryStorage()
    before, after = Landscape(life), Landscape()
    with pytest.raises(Killed):
        scan(before, storage)
    resumed = scan(after, storage)
    assert told(resumed.trials) == told(undisturbed.trials)
    assert resumed.ranges == undisturbed.ranges
    assert len(before.asked) + len(after.asked) == sum(
        len(trial.fold_scores) for trial in undisturbed.trials
    )


def test_a_trial_killed_while_its_values_were_drawn_is_drawn_again():
    undisturbed = search(Landscape(), InMemoryStorage())
    storage = InMemoryStorage()
    with pytest.raises(Killed):
        search(Landscape(9), storage)
    study = optuna.load_study(study_name="search", storage=storage)
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    # What a kill between two values leaves: a trial under way with one of them.
    study.add_trial(
        optuna.create_trial(
            state=TrialState.RUNNING,
            params={"x": 9.0},
            distributions={"x": X.distribution},
            user_attrs={"position": 2},
        )
    )
    resumed = search(Landscape(), storage)
    assert told(resumed.trials) == told(undisturbed.trials)


def test_a_process_waits_for_the_trials_of_another_and_takes_over_when_it_dies():
    storage = InMemoryStorage()
    other = TuningHost(storage, clock=lambda: 0.0, owner="other")
    with pytest.raises(Killed):
        search(Landscape(9), storage, host=other)
    lives = itertools.repeat(True, 30)
    pauses = []
    mine = TuningHost(
        storage,
        clock=lambda: 0.0,
        owner="mine",
        is_alive=lambda owner: owner == "other" and next(lives, False),
        pause=lambda: pauses.append(1),
    )
    result = search(Landscape(), storage, host=mine)
    assert pauses
    assert [trial.trial for trial in result.trials] == list(range(12))
    assert all(len(trial.fold_scores) > 0 for trial in result.trials)


def test_work_belongs_to_the_first_living_process_that_claimed_it():
    storage, dead = InMemoryStorage(), set()

    def claims_of(owner):
        alive = lambda other: other not in {owner, *dead}  # noqa: E731
        return Claims.on("study", TuningHost(storage, lambda: 0.0, owner, alive))

    first, second, third = (claims_of(owner) for owner in ("first", "second", "third"))
    assert first.take("a")
    assert first.take("a")
    assert not second.take("a")
    assert second.take("b")
    dead.add("first")
    assert third.take("a")
    assert not second.take("a")
