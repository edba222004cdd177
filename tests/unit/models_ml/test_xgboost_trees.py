from dataclasses import replace

import numpy as np
import pytest

from models_ml.estimators import (
    FittedXGBoost,
    Resources,
    XGBoostForecaster,
    XGBoostParameters,
)
from models_ml.rules import StoppingRule, TrainingRules
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
PRACTITIONER = TrainingRules.practitioner()
SMALL = XGBoostParameters(max_rounds=25, min_child_weight=20.0, reg_lambda=10.0)


def fit(panel, rules=PRACTITIONER, hyper=SMALL, seed=777):
    split = split_weeks(panel, WINDOW, rules, "expanding")
    forecaster = XGBoostForecaster(hyper, seed=seed)
    return split, forecaster.fit(panel, split, rules, Resources(threads=1))


def test_rounds_never_pass_the_maximum(panel):
    rules = replace(PRACTITIONER, stopping=StoppingRule("rank_ic", patience=1000))
    split, model = fit(panel, rules)
    assert 1 <= model.boosting_rounds <= 25
    assert model.booster.num_boosted_rounds() == model.boosting_rounds


def test_without_refit_the_stopped_trees_are_the_model(panel):
    """Trees up to the best round are those of a run that ends there."""
    rules = replace(PRACTITIONER, refit=False)
    split, stopped = fit(panel, rules)
    hyper = replace(SMALL, max_rounds=stopped.boosting_rounds)
    _, short = fit(panel, replace(rules, stopping=StoppingRule("mse", patience=1000)), hyper)
    assert short.boosting_rounds == stopped.boosting_rounds
    np.testing.assert_array_equal(
        stopped.predict(panel, split.test_rows), short.predict(panel, split.test_rows)
    )


def test_refit_uses_all_training_rows_with_the_same_rounds(panel):
    split, refitted = fit(panel)
    _, stopped = fit(panel, replace(PRACTITIONER, refit=False))
    assert refitted.boosting_rounds == stopped.boosting_rounds
    changed = panel.target.copy()
    changed[split.purged_rows] += 5.0
    _, again = fit(replace(panel, target=changed))
    rows = split.test_rows
    assert (again.predict(panel, rows) != refitted.predict(panel, rows)).any()
    _, without = fit(replace(panel, target=changed), replace(PRACTITIONER, refit=False))
    np.testing.assert_array_equal(without.predict(panel, rows), stopped.predict(panel, rows))


def test_seed_decides(panel):
    split, model = fit(panel)
    _, same = fit(panel)
    _, other = fit(panel, seed=1)
    rows = split.test_rows
    np.testing.assert_array_equal(same.predict(panel, rows), model.predict(panel, rows))
    assert same.to_bytes() == model.to_bytes()
    assert (other.predict(panel, rows) != model.predict(panel, rows)).any()


def test_interaction_that_no_line_can_see_is_found(panel_of):
    panel = panel_of(stock_count=150)
    product = (panel.features[:, 0] * panel.features[:, 1]).astype(np.float64)
    rng = np.random.default_rng(8)
    target = 0.5 * product + rng.standard_normal(panel.row_count)
    crossed = panel.with_labels(target, target)
    split, model = fit(crossed, hyper=XGBoostParameters(max_rounds=120, eta=0.2, reg_lambda=10.0))
    forecast = model.predict(crossed, split.test_rows)
    assert np.corrcoef(forecast, product[split.test_rows])[0, 1] > 0.6


def test_missing_features_are_allowed(panel):
    features = panel.features.copy()
    features[::3, 0] = np.nan
    split, model = fit(replace(panel, features=features))
    assert np.isfinite(model.predict(replace(panel, features=features), split.test_rows)).all()


def test_stored_booster_forecasts_the_same_bits(panel):
    split, model = fit(panel)
    restored = FittedXGBoost.from_bytes(model.to_bytes())
    assert restored.feature_names == panel.feature_names
    assert restored.boosting_rounds == model.boosting_rounds
    np.testing.assert_array_equal(
        restored.predict(panel, split.test_rows), model.predict(panel, split.test_rows)
    )


def test_parameters_as_used_are_reported(panel):
    _, model = fit(panel)
    assert model.parameters["max_rounds"] == 25
    assert model.parameters["seed"] == 777
    assert model.parameters["eta"] == pytest.approx(XGBoostParameters().eta)
