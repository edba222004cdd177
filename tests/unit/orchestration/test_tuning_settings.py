"""Spaces and budgets as files, and what an experiment makes of them."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from models_ml.folds import plan_folds
from models_ml.specs import ModelSpec, rounds_parameter
from models_ml.split_bars import fold_bars
from models_ml.tuning import ADAPTERS
from orchestration.lib.drawing import svg
from orchestration.lib.experiment import Experiment, ExperimentError, load_experiment
from orchestration.lib.paths import BUDGETS_DIR, SPACES_DIR
from orchestration.lib.projection import measure_rate, probe_spec, task_work
from orchestration.lib.split_figures import draw_bars
from orchestration.lib.tuning_settings import (
    SpaceFile,
    TuningFileError,
    known_names,
    tuning_plan,
)
from orchestration.lib.window_plan import _key, _scan_key, model_tasks, window_tasks

CONTENT = {
    "name": "mine",
    "description": "A test",
    "source": "simulated:tiny",
    "market": {"industry_scheme": "SIM1"},
    "forecast": {
        "first_window": "2018H1",
        "last_window": "2019H2",
        "models": [
            {"library": "xgboost", "tuning": {"budget": "modest", "space": "practitioner"}},
            {"library": "xgboost"},
        ],
    },
}
HASHES = {"practitioner": {"2017H2": "a", "2018H1": "b", "2018H2": "c", "2019H1": "d"}}


def experiment(**model):
    models = [{"library": "xgboost", **model}] if model else CONTENT["forecast"]["models"]
    return Experiment.model_validate(
        {**CONTENT, "forecast": {**CONTENT["forecast"], "models": models}}
    )


@pytest.mark.parametrize("space", known_names(SPACES_DIR))
@pytest.mark.parametrize("budget", known_names(BUDGETS_DIR))
def test_every_file_gives_a_plan_of_known_parameters(space, budget):
    for library, adapter in ADAPTERS.items():
        plan = tuning_plan(library, space, budget)
        searched, fixed = plan.fixed_parameters({})
        defaults = {each.name: each.value(each.default) for each in searched.ranges}
        adapter.parameter_set.from_mapping({**fixed, **defaults})
        assert (plan.space.name, plan.budget.name) == (space, budget)


def test_both_libraries_have_the_same_number_of_parameters_in_the_wide_space():
    spaces = [tuning_plan(library, "practitioner", "modest") for library in ("xgboost", "lightgbm")]
    assert len({len(plan.space.ranges) for plan in spaces}) == 1


@pytest.mark.parametrize("space", known_names(SPACES_DIR))
def test_spaces_leave_no_parameter_to_the_defaults_of_the_estimators(space):
    """Those suit untuned models: a search with an L2 of 1000 beside it would be another search."""
    for library, adapter in ADAPTERS.items():
        plan = tuning_plan(library, space, "smoke")
        searched = {each.name for each in plan.space.ranges}
        named = searched | {*plan.space.fixed, rounds_parameter(library)}
        neutral = {
            name: value
            for name, value in adapter.parameter_set().to_mapping().items()
            if name not in named
        }
        assert set(neutral.values()) <= {1.0}, neutral


def test_budgets_are_those_of_the_method():
    smoke, modest, paper = (
        tuning_plan("xgboost", "paper", name).budget for name in ("smoke", "modest", "paper")
    )
    assert (smoke.fold_count, smoke.trial_count, smoke.max_rounds) == (2, 3, 60)
    assert (smoke.scan_parameter_count, smoke.scan_points) == (1, 3)
    assert (modest.fold_count, modest.trial_count, modest.max_rounds) == (3, 8, 200)
    assert modest.scan_window == "first"
    assert (paper.fold_count, paper.scan_points, paper.maximum_hours) == (10, 10, 4.0)


def test_the_ten_fold_budget_scans_as_the_paper_does_without_a_limit_of_hours():
    ten_fold, paper = (
        tuning_plan("xgboost", "paper", name).budget for name in ("ten_fold", "paper")
    )
    assert ten_fold.maximum_hours is None
    same = {"name": "paper", "trial_count": paper.trial_count, "maximum_hours": 4.0}
    assert replace(ten_fold, **same) == paper


def test_budgets_of_nets_are_those_of_the_method():
    smoke, modest, paper = (
        tuning_plan("gru", "paper", name) for name in ("smoke", "modest", "paper")
    )
    assert (smoke.budget.trial_count, smoke.budget.max_rounds) == (1, 3)
    assert (smoke.space.fixed["hidden_size"], smoke.scan_evaluations) == (16, 0)
    assert modest.budget.max_rounds == 15
    assert {each.name: each.high for each in modest.space.ranges}["hidden_size"] == 64
    assert (paper.budget.trial_count, paper.budget.fold_count) == (5, 10)


def test_the_space_of_nets_is_table_8():
    for library in ("rnn", "lstm", "gru"):
        ranges = {each.name: each for each in tuning_plan(library, "paper", "paper").space.ranges}
        assert ranges["hidden_size"].choices == tuple(range(32, 321, 32))
        assert ranges["learning_rate"].choices == (0.0001, 0.001, 0.005, 0.01, 0.03, 0.05)
        assert ranges["batch_size"].choices == tuple(2**power for power in range(8, 15))
        assert ranges["dropout_rate"].choices == (0.1, 0.15, 0.2, 0.25, 0.3)
        assert len(ranges) == 4


def test_a_net_is_projected_at_its_largest_size():
    tuned = {"library": "gru", "tuning": {"budget": "modest", "space": "paper"}}
    task = window_tasks(experiment(**tuned))[0]
    assert probe_spec(task).parameters == {"hidden_size": 64, "max_epochs": 2}
    plain = window_tasks(experiment(library="gru", parameters={"hidden_size": 7}))[0]
    assert probe_spec(plain).parameters == {"hidden_size": 7, "max_epochs": 2}
    tuning, final = task_work(task, 1000.0)
    assert tuning.fits == 3 * (8 + task.tuning.scan_evaluations)
    assert final.row_rounds == 2 * 1000 * 15


@pytest.mark.parametrize(
    ("library", "largest"),
    [
        ("xgboost", {"max_depth": 6, "max_bin": 256, "colsample_bytree": 0.6, "subsample": 1.0}),
        ("lightgbm", {"num_leaves": 512, "max_depth": 64, "max_bin": 255, "min_data_in_leaf": 2}),
    ],
)
def test_trees_are_projected_at_the_largest_of_their_space(library, largest):
    tuned = {"library": library, "loss": "rank_ic", "tuning": {"budget": "paper", "space": "paper"}}
    probe = probe_spec(window_tasks(experiment(**tuned))[0])
    assert probe.loss == "rank_ic"
    assert largest.items() <= probe.parameters.items()
    assert probe.parameters["max_rounds"] == 10
    # What the experiment sets itself is not tuned, and an untuned model has no space.
    own = {"max_depth": 3}
    set_here = probe_spec(window_tasks(experiment(**tuned, parameters=own))[0])
    assert set_here.parameters == {**probe.parameters, **own}
    plain = probe_spec(window_tasks(experiment(library=library, parameters=own))[0])
    assert plain.parameters == {**own, "max_rounds": 10}


def test_larger_trees_have_a_dearer_rate():
    small, large = (
        ModelSpec("lightgbm", parameters={"num_leaves": leaves, "max_rounds": 10, **deep})
        for leaves, deep in ((4, {}), (255, {"min_data_in_leaf": 2, "max_depth": -1}))
    )
    assert measure_rate(large, 1) > measure_rate(small, 1) > 0.0


@pytest.mark.parametrize("name", ["paper", "practitioner"])
def test_both_libraries_cover_the_grid_of_losses_and_training_modes(name):
    """Every column of tables 5 and 6 has a model, and all of them the same budget."""
    tasks = [task for task in model_tasks(load_experiment(name)) if task.tuning is not None]
    covered = {
        (task.spec.library, task.spec.loss, task.spec.window_mode)
        for task in tasks
        if task.spec.library in ("xgboost", "lightgbm")
    }
    grid = itertools.product(("xgboost", "lightgbm"), ("mse", "rank_ic"), ("expanding", "fixed_2y"))
    assert covered == set(grid)


def test_a_model_may_begin_later_than_the_experiment():
    late = {"library": "gru", "first_window": "2019H1"}
    tuned = {**late, "tuning": {"budget": "modest", "space": "practitioner"}}
    tasks = window_tasks(experiment(**tuned))
    assert [task.window.label for task in tasks] == ["2019H1", "2019H2"]
    assert {task.scan_window.label for task in tasks} == {"2019H1"}
    assert window_tasks(experiment(**late).with_window("2018H2")) == ()
    with pytest.raises(ValueError, match="after last_window 2019H2"):
        experiment(library="gru", first_window="2020H1")
    with pytest.raises(ValueError, match="is no half-year window"):
        experiment(library="gru", first_window="2019")
    with pytest.raises(ValueError, match="xgboost learns from all rows at once"):
        experiment(library="xgboost", order="random")


def test_a_combination_needs_its_members_in_every_window():
    forecast = {
        **CONTENT["forecast"],
        "models": [{"library": "gru", "first_window": "2019H1"}, {"library": "ridge"}],
        "ensembles": [
            {"name": "both", "members": ["gru-mse-expanding-s777", "ridge-mse-expanding"]}
        ],
    }
    with pytest.raises(ValueError, match="not trained in every window"):
        Experiment.model_validate({**CONTENT, "forecast": forecast})


def test_faults_of_a_file_are_said():
    with pytest.raises(TuningFileError, match="there are: paper, practitioner"):
        tuning_plan("xgboost", "wide", "smoke")
    with pytest.raises(TuningFileError, match="says nothing of ridge"):
        tuning_plan("ridge", "paper", "smoke")
    bad = {"low": 0.0, "high": 1.0, "default": 2.0, "precision": 0.1}
    with pytest.raises(ValueError, match="low <= default <= high for eta"):
        SpaceFile.model_validate(
            {"name": "x", "description": "x", "libraries": {"xgboost": {"tuned": {"eta": bad}}}}
        )


def test_an_experiment_names_files_that_exist():
    with pytest.raises(ValueError, match=r"no 'huge' in experiments/tuning_budgets"):
        experiment(tuning={"budget": "huge", "space": "paper"})


def test_keys_tell_tuned_from_untuned():
    names = list(dict.fromkeys(task.spec.name for task in window_tasks(experiment())))
    assert names == ["xgboost-mse-expanding-modest-s777", "xgboost-mse-expanding-s777"]


def test_two_models_with_one_key_are_refused():
    models = [{"library": "xgboost"}, {"library": "xgboost", "parameters": {"eta": 0.1}}]
    content = {**CONTENT, "forecast": {**CONTENT["forecast"], "models": models}}
    with pytest.raises(ExperimentError, match="two models .* 'xgboost-mse-expanding-s777'"):
        window_tasks(Experiment.model_validate(content))


def test_a_library_that_cannot_be_tuned_is_refused_when_the_run_is_planned():
    models = [{"library": "ridge", "tuning": {"budget": "smoke", "space": "practitioner"}}]
    content = {**CONTENT, "forecast": {**CONTENT["forecast"], "models": models}}
    with pytest.raises(
        ExperimentError, match="ridge cannot be tuned, only gru, lightgbm, lstm, rnn, xgboost"
    ):
        window_tasks(Experiment.model_validate(content))


def test_a_window_alone_has_the_keys_it_has_among_all():
    """One window's partition and scan are found again when all windows are run."""
    everything = experiment(tuning={"budget": "modest", "space": "paper"})
    alone = everything.with_window("2019H1")
    (task,) = window_tasks(alone)
    same = next(each for each in window_tasks(everything) if each.label == task.label)
    assert task == same
    assert _key(task, HASHES, "code") == _key(same, HASHES, "code")
    assert alone.configuration_hash() != everything.configuration_hash()
    with pytest.raises(ExperimentError, match="none of the experiment's"):
        everything.with_window("2021H1")


@pytest.mark.parametrize(("budget", "scans"), [("modest", 1), ("smoke", 4)])
def test_windows_share_a_scan_as_the_budget_says(budget, scans):
    tasks = window_tasks(experiment(tuning={"budget": budget, "space": "paper"}))
    assert len({_scan_key(task, HASHES, "code") for task in tasks}) == scans
    assert len({_key(task, HASHES, "code") for task in tasks}) == 4


def test_a_changed_space_changes_the_key():
    first, second = (
        window_tasks(experiment(tuning={"budget": "smoke", "space": space}))[0]
        for space in ("paper", "practitioner")
    )
    assert first.label == second.label
    assert _key(first, HASHES, "c") != _key(second, HASHES, "c")


def test_work_is_counted_by_hand():
    task = window_tasks(experiment(tuning={"budget": "smoke", "space": "practitioner"}))[0]
    tuning, final = task_work(task, 900.0)
    # 3 points and 3 trials, 2 folds that train on 1/3 and 5/9 of the rows; two final fits.
    assert tuning.fits == 6 * 2
    assert tuning.row_rounds == pytest.approx(6 * 900.0 * (1 / 3 + 5 / 9) * 60)
    assert (final.fits, final.row_rounds) == (2, 2 * 900.0 * 60)


def test_pictures_have_a_bar_per_part(panel_bars):
    picture = svg(draw_bars(panel_bars))
    assert picture.startswith("<svg")
    assert picture == svg(draw_bars(panel_bars))


@pytest.fixture
def panel_bars():
    return fold_bars(plan_folds(np.datetime64("2014-01-03") + 7 * np.arange(100), 3))
