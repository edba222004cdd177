"""Tuning with real boosters: what it reads, what it shares, and what it gives back."""

import time
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import optuna
import pyarrow as pa
import pytest
from optuna.storages import InMemoryStorage

from models_ml.estimators import Resources, create_forecaster, xgboost_trees
from models_ml.panel import Panel, places_in_order
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.split_bars import fold_bars, window_bars
from models_ml.train import train_window
from models_ml.tuning import (
    ADAPTERS,
    TRIAL_SCHEMA,
    ParameterRange,
    Scan,
    SearchSpace,
    TuningBudget,
    TuningHost,
    TuningPlan,
    WindowTuner,
    tune_window,
)
from models_ml.windows import TestWindow

optuna.logging.set_verbosity(optuna.logging.WARNING)
WINDOW = TestWindow("2016H1")
RULES = TrainingRules.practitioner()
SPACE = SearchSpace(
    "test",
    "xgboost",
    (
        ParameterRange("eta", 0.005, 0.5, 0.005, precision=2.0, scale="log"),
        ParameterRange("max_depth", 1, 4, 3, precision=1, kind="int"),
    ),
    {"min_child_weight": 20.0, "reg_lambda": 10.0, "max_bin": 16},
)
BUDGET = TuningBudget("test", 3, 3, 12, 5, 1, 1, "every", 2, 2, 1, 50.0)
SPEC = ModelSpec("xgboost", tuning="test")
LEAVES = SearchSpace(
    "test",
    "lightgbm",
    (
        ParameterRange("learning_rate", 0.005, 0.5, 0.005, precision=2.0, scale="log"),
        # Upwards and downwards: bins must not have lost features for want of rows per leaf.
        ParameterRange("min_data_in_leaf", 5, 200, 100, precision=2.0, kind="int", scale="log"),
    ),
    {"num_leaves": 8, "lambda_l2": 10.0, "max_bin": 15, "feature_fraction_bynode": 0.8},
)
CASES = {
    "xgboost": {"spec": SPEC, "plan": TuningPlan(SPACE, BUDGET)},
    "lightgbm": {
        "spec": ModelSpec("lightgbm", tuning="test"),
        "plan": TuningPlan(LEAVES, BUDGET),
    },
}
STEP = {"xgboost": "eta", "lightgbm": "learning_rate"}
LIBRARIES = pytest.mark.parametrize("library", sorted(CASES))


def tuner_of(panel, **changes):
    fields = {
        "panel": panel,
        "spec": SPEC,
        "window": WINDOW,
        "rules": RULES,
        "plan": TuningPlan(SPACE, BUDGET),
        "resources": Resources(1),
    }
    return WindowTuner(**{**fields, **changes})


def tuned(panel, **changes):
    tuner = tuner_of(panel, **changes)
    host = TuningHost(InMemoryStorage(), time.monotonic)
    return tune_window(tuner, host, "search", Scan(tuner, host, "scan"))


def without_seconds(trials):
    return trials.drop_columns(["seconds"])


@LIBRARIES
def test_a_hopeless_default_is_replaced_and_every_trial_is_a_row(panel, library):
    spec = CASES[library]["spec"]
    result = tuned(panel, **CASES[library])
    assert result.trials.schema.equals(TRIAL_SCHEMA)
    assert result.trials.num_rows == 5 + 3
    assert result.spec.name == f"{library}-mse-expanding-test-s777"
    assert result.spec.parameters[STEP[library]] > 0.02
    assert result.spec.parameters["max_rounds"] == 12
    before = train_window(panel, replace(spec, parameters={"max_rounds": 12}), WINDOW, RULES)
    after = train_window(panel, result.spec, WINDOW, RULES)
    assert after.record.out_of_sample_rank_ic > before.record.out_of_sample_rank_ic


@LIBRARIES
def test_a_poisoned_future_changes_nothing(panel, library):
    """Neither the window's rows nor labels that were unknown at its first week are read."""
    first_week = panel.week_dates[WINDOW.contains(panel.week_dates)][0]
    future = (panel.week_dates >= first_week) | (panel.label_known_at > first_week)
    poisoned = replace(
        panel,
        features=np.where(future[:, None], np.float32(1e6), panel.features),
        target=np.where(future, -1e6, panel.target),
        raw_label=np.where(future, -1e6, panel.raw_label),
    )
    clean, again = tuned(panel, **CASES[library]), tuned(poisoned, **CASES[library])
    assert without_seconds(again.trials).equals(without_seconds(clean.trials))
    assert again.spec == clean.spec


def test_the_tuning_says_when_its_last_label_was_known(panel):
    rows = tuned(panel).trials.to_pylist()
    assert {row["tuned_on_window_start"] for row in rows} == {WINDOW.start}
    first_week = panel.week_dates[WINDOW.contains(panel.week_dates)][0]
    assert {row["known_at"] for row in rows} <= {
        day for day in panel.label_known_at.tolist() if day <= first_week.item()
    }


def test_bins_are_built_once_for_all_trials(panel, monkeypatch):
    built = []
    original = xgboost_trees.quantile_matrix

    def counted(*arguments, **options):
        built.append(options["reference"] is not None if "reference" in options else False)
        return original(*arguments, **options)

    monkeypatch.setattr(xgboost_trees, "quantile_matrix", counted)
    tuned(panel)
    assert built == [False] + [True] * 6


def test_lightgbm_bins_once_for_each_number_of_bins(panel, monkeypatch):
    """Every data set that is made from raw values goes through the library's matrix routine."""
    binned = []
    original = lgb.Dataset._Dataset__init_from_np2d

    def counted(data_set, mat, **options):
        binned.append(len(mat))
        return original(data_set, mat=mat, **options)

    monkeypatch.setattr(lgb.Dataset, "_Dataset__init_from_np2d", counted)
    tuner = tuner_of(panel, **CASES["lightgbm"])
    host = TuningHost(InMemoryStorage(), time.monotonic)
    tune_window(tuner, host, "search", Scan(tuner, host, "scan"))
    parts = [part for fold in tuner.folds for part in (fold.train, fold.test)]
    assert binned == [len(np.unique(np.concatenate(parts)))]
    prepared = ADAPTERS["lightgbm"].prepare(panel, tuner.folds, tuner.spec, RULES, Resources(1))
    for max_bin in (15, 31, 15):
        prepared.forecast(tuner.folds[0], {"max_bin": max_bin, "max_rounds": 2})
    assert len(binned) == 1 + 2


FOLD_PARAMETERS = {
    "xgboost": {"eta": 0.3, "max_depth": 3, "min_child_weight": 5.0, "reg_lambda": 1.0},
    "lightgbm": {
        **{"learning_rate": 0.3, "max_depth": 3, "min_data_in_leaf": 5, "lambda_l2": 1.0},
        "bagging_fraction": 0.5,
    },
}


@LIBRARIES
@pytest.mark.parametrize("loss", ["mse", "rank_ic"])
def test_a_fold_forecasts_what_the_forecaster_does_on_its_own_bins(panel, library, loss):
    tuner = tuner_of(panel)
    fold = tuner.folds[0]
    # Few distinct values: the bins are the same whichever rows they come from.
    coarse = replace(panel, features=np.round(panel.features).clip(-2, 2))
    parameters = {**FOLD_PARAMETERS[library], "max_bin": 63, "max_rounds": 20}
    spec = ModelSpec(library, loss, tuning="test", parameters=parameters)
    prepared = ADAPTERS[library].prepare(coarse, tuner.folds, spec, RULES, Resources(1))
    split = replace(
        tuner.split,
        fit_rows=fold.train,
        stop_rows=fold.valid,
        purged_rows=np.empty(0, dtype=np.int64),
    )
    rules = replace(RULES, refit=False)
    alone = create_forecaster(spec).fit(coarse, split, rules, Resources(1))
    shared = prepared.forecast(fold, parameters)
    np.testing.assert_allclose(shared, alone.predict(coarse, fold.test), rtol=1e-6)
    np.testing.assert_array_equal(prepared.forecast(fold, parameters), shared)
    assert np.ptp(shared) > 0.0


def test_another_window_may_scan(panel):
    earlier = tuner_of(panel, window=TestWindow("2015H2"))
    tuner = tuner_of(panel)
    host = TuningHost(InMemoryStorage(), time.monotonic)
    result = tune_window(tuner, host, "search", Scan(earlier, host, "scan"))
    starts = {(row["stage"], row["tuned_on_window_start"]) for row in result.trials.to_pylist()}
    assert starts == {("range_scan", earlier.window.start), ("optuna", WINDOW.start)}


def test_what_cannot_be_tuned_is_said(panel):
    with pytest.raises(ValueError, match="library that can be tuned"):
        tuned(panel, spec=ModelSpec("ridge", tuning="test"))
    wrong = replace(SPACE, fixed={"learning_rat": 0.1})
    with pytest.raises(ValueError, match="learning_rat"):
        tuned(panel, plan=TuningPlan(wrong, BUDGET))
    many = replace(BUDGET, fold_count=80)
    with pytest.raises(ValueError, match="tune with fewer folds"):
        tuned(panel, plan=TuningPlan(SPACE, many))


def test_bars_are_the_weeks_of_the_splits(panel):
    tuner = tuner_of(panel)
    fit, stop, test = window_bars(panel, [tuner.split])
    assert (fit.line, fit.part, test.part) == ("2016H1", "train", "test")
    assert fit.first_week == panel.weeks[0]
    assert fit.last_week < stop.first_week
    assert stop.last_week < test.first_week
    bars = fold_bars(tuner.fold_plan)
    assert [bar.line for bar in bars] == ["fold 1"] * 3 + ["fold 2"] * 3 + ["fold 3"] * 3
    assert bars[-1].last_week == tuner.fold_plan.weeks[-1]


def test_chunks_make_the_panel_that_one_table_makes(panel):
    """Whatever the order of the rows: each goes to its place."""
    table = panel_table(panel)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    cuts = [0, 60 * 26, 60 * 27, table.num_rows]
    chunks = [shuffled.slice(a, b - a) for a, b in zip(cuts, cuts[1:], strict=False)]
    names = list(panel.feature_names)
    places = places_in_order(shuffled.select(["week_date", "symbol"]))
    whole = Panel.from_arrow(table, names)
    pieces = Panel.from_chunks(iter(chunks), places, names)
    for field in ("features", "week_dates", "target", "label_known_at", "symbol_codes"):
        np.testing.assert_array_equal(getattr(whole, field), getattr(pieces, field))
    with pytest.raises(ValueError, match="rows in all chunks"):
        Panel.from_chunks(iter(chunks[:2]), places, names)
    with pytest.raises(ValueError, match="rows in all chunks"):
        Panel.from_chunks(iter(chunks), places[:10], names)
    with pytest.raises(ValueError, match="into order"):
        Panel.from_chunks(iter(chunks), np.roll(places, 1), names)


def panel_table(panel):
    rows = np.arange(panel.row_count)
    columns = {name: panel.features[:, at] for at, name in enumerate(panel.feature_names)}
    return pa.table(
        {
            "symbol": panel.symbols_of(rows),
            "week_date": panel.week_dates,
            **columns,
            "fwd_target_1w": panel.target,
            "fwd_return_1w_cum": panel.raw_label,
            "label_known_at_1w": panel.label_known_at,
            "label_tradable_1w": panel.tradable,
            "uses_future": panel.uses_future,
        }
    )
