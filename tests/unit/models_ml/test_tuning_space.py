"""Ranges, spaces and budgets: points, ends, and what they refuse."""

import pytest

from models_ml.tuning import ParameterRange, SearchSpace, TuningBudget, TuningPlan

ETA = ParameterRange("eta", 0.01, 1.0, 0.1, precision=2.0, scale="log")
DEPTH = ParameterRange("max_depth", 1, 6, 4, precision=1, kind="int")
SHARE = ParameterRange("subsample", 0.0, 1.0, 0.5, precision=0.25)


def budget(**changes):
    fields = {
        "name": "test",
        "fold_count": 3,
        "trial_count": 4,
        "max_rounds": 10,
        "scan_points": 3,
        "scan_passes": 2,
        "scan_parameter_count": None,
        "scan_window": "every",
        "startup_trials": 2,
        "pruning_startup_trials": 2,
        "pruning_warmup_folds": 1,
        "pruning_percentile": 50.0,
    }
    return TuningBudget(**{**fields, **changes})


def test_points_run_from_low_to_high_on_their_scale():
    assert SHARE.points(5) == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert ETA.points(3) == pytest.approx((0.01, 0.1, 1.0))
    assert (ETA.points(10)[0], ETA.points(10)[-1]) == (0.01, 1.0)


def test_integers_come_once_each():
    assert DEPTH.points(10) == (1, 2, 3, 4, 5, 6)
    assert all(isinstance(value, int) for value in DEPTH.points(3))


def test_a_range_is_resolved_at_its_precision():
    assert not SHARE.is_resolved
    assert SHARE.narrowed(0.5, 0.75, 0.6).is_resolved
    assert not ETA.is_resolved
    assert ETA.narrowed(0.1, 0.2, 0.1).is_resolved


def test_a_narrowed_range_keeps_its_default_inside():
    assert SHARE.narrowed(0.6, 0.9, 0.5).default == 0.6


@pytest.mark.parametrize(
    ("each", "value", "expected"),
    [
        (DEPTH, 6, True),
        (DEPTH, 5, False),
        (SHARE, 0.985, True),
        (SHARE, 0.5, False),
        (ETA, 0.0105, True),
        # A hundredth of the width, but a fifth of the logarithmic one.
        (ETA, 0.02, False),
    ],
)
def test_edges(each, value, expected):
    assert each.is_at_edge(value) is expected


def test_a_default_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="low <= default <= high for eta"):
        ParameterRange("eta", 0.1, 0.2, 0.3, precision=0.1)
    with pytest.raises(ValueError, match="positive low"):
        ParameterRange("eta", 0.0, 0.2, 0.1, precision=0.1, scale="log")


def test_a_parameter_is_tuned_or_fixed_but_not_both():
    with pytest.raises(ValueError, match="each parameter once"):
        SearchSpace("test", "xgboost", (ETA,), {"eta": 0.1})


def test_parameters_of_the_experiment_win():
    plan = TuningPlan(SearchSpace("test", "xgboost", (ETA, DEPTH), {"gamma": 0.0}), budget())
    space, fixed = plan.fixed_parameters({"max_depth": 3, "gamma": 1.0})
    assert [each.name for each in space.ranges] == ["eta"]
    assert fixed == {"max_rounds": 10, "max_depth": 3, "gamma": 1.0}


def test_points_of_the_scan_are_counted():
    plan = TuningPlan(SearchSpace("test", "xgboost", (ETA, DEPTH)), budget(scan_points=10))
    assert plan.scan_evaluations == 2 * 10 + 2 * 6
    first = TuningPlan(plan.space, budget(scan_parameter_count=1, scan_passes=1))
    assert first.scan_evaluations == 3


def test_hours_are_spent_at_their_end():
    assert not budget().is_spent(1e9)
    assert not budget(maximum_hours=1.0).is_spent(3599.0)
    assert budget(maximum_hours=1.0).is_spent(3600.0)


SIZE = ParameterRange(
    "hidden_size", 32, 128, 64, precision=32, kind="int", choices=(32, 64, 96, 128)
)


def test_choices_are_the_only_values():
    assert SIZE.points(10) == (32, 64, 96, 128)
    assert SIZE.points(2) == (32, 128)
    narrow = SIZE.narrowed(64, 96, 64)
    assert narrow.points(10) == (64, 96)
    assert narrow.distribution.choices == (64, 96)
    assert all(isinstance(value, int) for value in narrow.points(10))
    assert narrow.is_at_edge(96)
    assert not SIZE.is_at_edge(96)
    with pytest.raises(ValueError, match="low, default and high of hidden_size among"):
        ParameterRange("hidden_size", 32, 120, 64, precision=32, choices=(32, 64, 128))


def test_a_limit_moves_an_end_or_fixes_the_value():
    space = SearchSpace("test", "gru", (SIZE, SHARE), {"early_stop": 10})
    limited = space.at_most({"hidden_size": 100, "max_depth": 1})
    assert [(each.name, each.high) for each in limited.ranges] == [
        ("hidden_size", 96),
        ("subsample", 1.0),
    ]
    fixed = space.at_most({"hidden_size": 16})
    assert [each.name for each in fixed.ranges] == ["subsample"]
    assert fixed.fixed == {"early_stop": 10, "hidden_size": 16}
    assert space.at_most({}) == space


def test_epochs_limit_nets_and_rounds_trees():
    for library, limit in (("gru", "max_epochs"), ("xgboost", "max_rounds")):
        plan = TuningPlan(SearchSpace("test", library, (SHARE,)), budget())
        assert plan.fixed_parameters({})[1] == {limit: 10}
        assert plan.fixed_parameters({limit: 3})[1] == {limit: 3}
