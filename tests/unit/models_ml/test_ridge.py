from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from models_ml.estimators import FittedRidge, Resources, RidgeForecaster, RidgeParameters
from models_ml.estimators.ridge import standardise_within_weeks
from models_ml.metrics import weekly_rank_ic
from models_ml.rules import RankICRule, StoppingRule, TrainingRules
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
RULES = TrainingRules.practitioner()


def fit(panel, rules=RULES, loss="mse", **parameters):
    split = split_weeks(panel, WINDOW, rules, "expanding")
    forecaster = RidgeForecaster(RidgeParameters.from_mapping(parameters), loss)
    return split, forecaster.fit(panel, split, rules, Resources())


def reference(panel, rows, penalty):
    """Scikit-learn's ridge on the weekly standardised target; its penalty is not per row."""
    target, _, _ = standardise_within_weeks(panel.target[rows], panel.week_dates[rows])
    model = Ridge(alpha=penalty * len(rows), solver="cholesky")
    return model.fit(panel.features[rows].astype(np.float64), target)


@pytest.mark.parametrize("penalty", [1e-3, 0.1, 10.0])
def test_coefficients_are_scikit_learns(panel, penalty):
    split, model = fit(panel, penalty_min=penalty, penalty_max=penalty, penalty_count=1)
    expected = reference(panel, split.train_rows, penalty)
    weeks = panel.week_dates[split.train_rows]
    _, centre, scale = standardise_within_weeks(panel.target[split.train_rows], weeks)
    np.testing.assert_allclose(model.coefficients, scale * expected.coef_, rtol=1e-9, atol=1e-12)
    assert model.intercept == pytest.approx(centre + scale * expected.intercept_, abs=1e-12)


@pytest.mark.parametrize("score", ["mse", "rank_ic"])
def test_penalty_is_the_best_of_the_grid_on_the_stopping_weeks(panel_of, score):
    panel = panel_of(signal=0.1, seed=11)
    rules = replace(RULES, stopping=StoppingRule(score=score, patience=1))
    split, model = fit(panel, rules)
    rows = split.stop_rows
    target, _, _ = standardise_within_weeks(panel.target[rows], panel.week_dates[rows])
    scores = []
    for penalty in RidgeParameters().grid:
        forecast = reference(panel, split.fit_rows, penalty).predict(panel.features[rows])
        if score == "mse":
            scores.append(-np.mean((forecast - target) ** 2))
        else:
            weeks, label = panel.week_dates[rows], panel.raw_label[rows]
            scores.append(weekly_rank_ic(weeks, forecast, label).mean)
    assert model.penalty == RidgeParameters().grid[int(np.argmax(scores))]


def test_forecasts_are_in_units_of_the_target(panel):
    """A target in per cent gives forecasts in per cent."""
    _, model = fit(panel)
    _, in_pct = fit(replace(panel, target=100.0 * panel.target + 3.0))
    rows = np.arange(50)
    expected = 100.0 * model.predict(panel, rows) + 3.0
    np.testing.assert_allclose(in_pct.predict(panel, rows), expected, rtol=1e-9)


@pytest.mark.parametrize("form", ["weekly", "pooled"])
def test_under_rank_ic_the_target_is_the_ranked_label(panel, form):
    rules = replace(RULES, rank_ic=RankICRule(form=form))
    split, model = fit(panel, rules, "rank_ic", penalty_min=0.5, penalty_max=0.5, penalty_count=1)
    rows = split.train_rows
    frame = pd.DataFrame({"week": panel.week_dates[rows], "label": panel.target[rows]})
    weeks = frame.groupby("week" if form == "weekly" else np.zeros(len(rows))).label
    rank = weeks.rank()
    centred = rank - rank.groupby(weeks.ngroup()).transform("mean")
    spread = centred.groupby(weeks.ngroup()).transform(lambda week: week.std(ddof=0))
    expected = Ridge(alpha=0.5 * len(rows), solver="cholesky").fit(
        panel.features[rows].astype(np.float64), centred / spread
    )
    np.testing.assert_allclose(model.coefficients, expected.coef_, rtol=1e-9, atol=1e-12)


def test_ranks_are_robust_where_errors_are_wild(panel_of):
    """One label in a hundred is absurd: squared error follows it, ranks hardly do."""
    panel = panel_of(signal=0.3, stock_count=200)
    wild = panel.target.copy()
    wild[::97] *= 1e4
    planted = np.arange(1, 7) / np.linalg.norm(np.arange(1, 7))
    match = {}
    for loss in ("mse", "rank_ic"):
        _, model = fit(replace(panel, target=wild), loss=loss)
        match[loss] = model.coefficients @ planted / np.linalg.norm(model.coefficients)
    assert match["rank_ic"] > 0.95
    assert match["rank_ic"] > match["mse"] + 0.05


def test_planted_weights_are_found(panel_of):
    _, model = fit(panel_of(signal=0.6, stock_count=200))
    planted = np.arange(1, 7) / np.linalg.norm(np.arange(1, 7))
    found = model.coefficients / np.linalg.norm(model.coefficients)
    assert found @ planted > 0.99


def test_missing_features_count_as_the_weekly_mean(panel):
    features = panel.features.copy()
    features[::7, 2] = np.nan
    with_gaps = replace(panel, features=features)
    filled = replace(panel, features=np.nan_to_num(features, nan=0.0))
    split, model = fit(with_gaps)
    _, expected = fit(filled)
    np.testing.assert_array_equal(
        model.predict(with_gaps, split.test_rows), expected.predict(filled, split.test_rows)
    )


def test_collinear_and_constant_features_are_no_obstacle(panel):
    features = panel.features.copy()
    features[:, 1], features[:, 2] = features[:, 0], 0.0
    _, model = fit(replace(panel, features=features))
    assert np.isfinite(model.coefficients).all()
    assert model.coefficients[2] == pytest.approx(0.0, abs=1e-12)
    assert model.coefficients[0] == pytest.approx(model.coefficients[1])


def test_standardise_within_weeks():
    weeks = np.array(["2016-01-08"] * 3 + ["2016-01-15"] * 2 + ["2016-01-22"], dtype="M8[D]")
    values, centre, scale = standardise_within_weeks(np.array([1.0, 2, 3, 5, 5, 9]), weeks)
    np.testing.assert_allclose(values, [-1, 0, 1, 0, 0, 0])
    assert centre == pytest.approx((2 + 5 + 9) / 3)
    assert scale == pytest.approx(1 / 3)


def test_json_restores_the_same_bits(panel):
    split, model = fit(panel)
    restored = FittedRidge.from_bytes(model.to_bytes())
    assert restored.feature_names == panel.feature_names
    assert restored.parameters == model.parameters
    np.testing.assert_array_equal(
        restored.predict(panel, split.test_rows), model.predict(panel, split.test_rows)
    )


def test_forecasting_no_rows(panel):
    _, model = fit(panel)
    assert model.predict(panel, np.array([], dtype=np.int64)).shape == (0,)
