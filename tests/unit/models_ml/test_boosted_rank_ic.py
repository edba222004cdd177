"""The loss rank_ic through the libraries' own calls: what they ask, and what their trees follow."""

from dataclasses import replace

import numpy as np
import pytest
import xgboost as xgb

from models_ml.estimators import Resources, create_forecaster
from models_ml.losses import RankICLoss
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow

# Whole rows and columns, no penalty: the value of a leaf is the mean of its gradients.
PLAIN = {
    "xgboost": {"min_child_weight": 20.0, "reg_lambda": 0.0, "subsample": 1.0, "eta": 0.1,
                "colsample_bytree": 1.0},
    "lightgbm": {"min_data_in_leaf": 20, "lambda_l2": 0.0, "bagging_fraction": 1.0,
                 "feature_fraction": 1.0, "learning_rate": 0.1},
}  # fmt: skip
ETA, ROUNDS = 0.1, 8
FORMS = {"paper": "pooled", "practitioner": "weekly"}
CASES = pytest.mark.parametrize("library", sorted(PLAIN))
RULE_SETS = pytest.mark.parametrize("rule_set", sorted(FORMS))


class Heard:
    """An objective that keeps what the library asked and what it was told."""

    def __init__(self, objective):
        self.objective = objective
        self.calls = []

    def __call__(self, forecast):
        terms = self.objective(forecast)
        self.calls.append((np.array(forecast, dtype=np.float64), terms[0]))
        return terms


def boosted(panel, library, rule_set, monkeypatch):
    """Fit a few trees as any fit begins; the loss, the calls, forecasts by round, leaves."""
    rules = TrainingRules.of(rule_set)
    rows = split_weeks(panel, TestWindow("2016H1"), rules, "expanding").fit_rows
    spec = ModelSpec(library, "rank_ic", parameters=PLAIN[library] | {"max_rounds": ROUNDS})
    forecaster, resources = create_forecaster(spec), Resources(threads=1)
    heard = []

    def start(task):
        heard.append(Heard(task.objective))
        return type(forecaster).start(forecaster, replace(task, objective=heard[0]))

    monkeypatch.setitem(forecaster.__dict__, "start", start)
    train = forecaster.bin_rows(panel, rows, resources)(rows)
    booster = forecaster._begin(panel, rows, (train, None), rules, resources)
    for _ in range(ROUNDS):
        assert booster.add_tree()
    model, features = booster.fitted(ROUNDS).booster, panel.take(rows)
    forecasts = [np.zeros(len(rows))]
    forecasts += [booster.forecast(features, rounds) for rounds in range(1, ROUNDS + 1)]
    if library == "xgboost":
        names = list(panel.feature_names)
        leaves = model.predict(xgb.DMatrix(features, feature_names=names), pred_leaf=True)
    else:
        leaves = model.predict(features, pred_leaf=True)
    loss = RankICLoss.of(FORMS[rule_set], panel.week_dates[rows], panel.target[rows])
    return loss, heard[0].calls, forecasts, leaves


@CASES
@RULE_SETS
def test_a_library_asks_at_its_own_forecast_and_fits_the_answer(
    panel, library, rule_set, monkeypatch
):
    """Short as it is, the fit leaves its start: later trees are steps along the exact gradient."""
    loss, calls, forecasts, leaves = boosted(panel, library, rule_set, monkeypatch)
    rule = TrainingRules.of(rule_set).rank_ic
    starting = {"paper": 1, "practitioner": ROUNDS // 2}[rule_set]
    assert len(calls) == ROUNDS
    for tree, (asked, told) in enumerate(calls):
        np.testing.assert_allclose(asked, forecasts[tree], rtol=0, atol=1e-6)
        terms = (
            loss.start_terms() if tree < starting else loss.boosting_terms(asked, step=rule.step)
        )
        np.testing.assert_array_equal(told, terms[0])
        moved = forecasts[tree + 1] - forecasts[tree]
        for leaf in np.unique(leaves[:, tree]):
            rows = leaves[:, tree] == leaf
            assert moved[rows].mean() == pytest.approx(-ETA * told[rows].mean(), abs=1e-5)
    steps = [np.std(forecasts[tree + 1] - forecasts[tree]) for tree in range(ROUNDS)]
    assert min(steps) > 1e-5


@CASES
@RULE_SETS
def test_what_a_library_is_told_agrees_with_finite_differences(
    panel, library, rule_set, monkeypatch
):
    """At the forecasts of the last call, one factor per name turns the slope into the terms."""
    loss, calls, _, _ = boosted(panel, library, rule_set, monkeypatch)
    asked, told = calls[-1]
    rng = np.random.default_rng(1)
    step = 1e-5 * np.std(asked)
    slopes, expected = [], []
    for row in rng.choice(len(asked), 12, replace=False):
        moved = np.zeros(len(asked))
        moved[row] = step
        slope = (loss.value(asked + moved) - loss.value(asked - moved)) / (2.0 * step)
        slopes.append(slope * loss.names[loss.group_of[row]])
        expected.append(told[row])
    factor = np.dot(slopes, expected) / np.dot(slopes, slopes)
    assert factor > 0.0
    np.testing.assert_allclose(factor * np.array(slopes), expected, rtol=0, atol=2e-4)
    assert np.abs(expected).max() > 0.01
