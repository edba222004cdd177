"""Tuning with real boosters: what it reads, what it shares, and what it gives back."""

import time
from dataclasses import replace

import numpy as np
import optuna
import pyarrow as pa
import pytest
from optuna.storages import InMemoryStorage

from models_ml.estimators import Resources, XGBoostForecaster, XGBoostParameters
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.split_bars import fold_bars, window_bars
from models_ml.train import train_window
from models_ml.tuning import (
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
from models_ml.tuning import xgboost_folds as module
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


def test_a_hopeless_default_is_replaced_and_every_trial_is_a_row(panel):
    result = tuned(panel)
    assert result.trials.schema.equals(TRIAL_SCHEMA)
    assert result.trials.num_rows == 5 + 3
    assert result.spec.name == "xgboost-mse-expanding-test-s777"
    assert result.spec.parameters["eta"] > 0.02
    assert result.spec.parameters["max_rounds"] == 12
    before = train_window(panel, replace(SPEC, parameters={"max_rounds": 12}), WINDOW, RULES)
    after = train_window(panel, result.spec, WINDOW, RULES)
    assert after.record.out_of_sample_rank_ic > before.record.out_of_sample_rank_ic


def test_a_poisoned_future_changes_nothing(panel):
    """Neither the window's rows nor labels that were unknown at its first week are read."""
    first_week = panel.week_dates[WINDOW.contains(panel.week_dates)][0]
    future = (panel.week_dates >= first_week) | (panel.label_known_at > first_week)
    poisoned = replace(
        panel,
        features=np.where(future[:, None], np.float32(1e6), panel.features),
        target=np.where(future, -1e6, panel.target),
        raw_label=np.where(future, -1e6, panel.raw_label),
    )
    clean, again = tuned(panel), tuned(poisoned)
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
    original = module.quantile_matrix

    def counted(*arguments, **options):
        built.append(options["reference"] is not None if "reference" in options else False)
        return original(*arguments, **options)

    monkeypatch.setattr(module, "quantile_matrix", counted)
    tuned(panel)
    assert built == [False] + [True] * 6


@pytest.mark.parametrize("loss", ["mse", "rank_ic"])
def test_a_fold_forecasts_what_the_forecaster_does_on_its_own_bins(panel, loss):
    tuner = tuner_of(panel)
    fold = tuner.folds[0]
    # Few distinct values: the bins are the same whichever rows they come from.
    coarse = replace(panel, features=np.round(panel.features).clip(-2, 2))
    hyper = XGBoostParameters(
        eta=0.3, max_depth=3, min_child_weight=5.0, reg_lambda=1.0, max_bin=64, max_rounds=20
    )
    spec = replace(SPEC, loss=loss)
    prepared = module.XGBoostAdapter().prepare(coarse, tuner.folds, spec, RULES, Resources(1))
    split = replace(
        tuner.split,
        fit_rows=fold.train,
        stop_rows=fold.valid,
        purged_rows=np.empty(0, dtype=np.int64),
    )
    alone = XGBoostForecaster(hyper, seed=777, loss=loss).fit(
        coarse, split, replace(RULES, refit=False), Resources(1)
    )
    shared = prepared.forecast(fold, hyper.to_mapping())
    np.testing.assert_allclose(shared, alone.predict(coarse, fold.test), rtol=1e-6)


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
    table = panel_table(panel)
    cuts = [0, 60 * 26, 60 * 27, table.num_rows]
    chunks = [table.slice(a, b - a) for a, b in zip(cuts, cuts[1:], strict=False)]
    names = list(panel.feature_names)
    whole = Panel.from_arrow(table, names)
    pieces = Panel.from_chunks(iter(chunks), table.num_rows, names)
    for field in ("features", "week_dates", "target", "label_known_at", "symbol_codes"):
        np.testing.assert_array_equal(getattr(whole, field), getattr(pieces, field))
    with pytest.raises(ValueError, match="rows in all chunks"):
        Panel.from_chunks(iter(chunks[:2]), table.num_rows, names)
    with pytest.raises(ValueError, match="rows in all chunks"):
        Panel.from_chunks(iter(chunks), 10, names)


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
