"""What both boosting libraries do alike: losses, rounds, bits, importances."""

from dataclasses import replace

import numpy as np
import pytest

from models_ml.estimators import Resources, create_forecaster, lightgbm_trees, xgboost_trees
from models_ml.importance import IMPORTANCE_SCHEMA, SAMPLE_ROWS, feature_importance
from models_ml.rules import StoppingRule, TrainingRules
from models_ml.serialisation import read_model
from models_ml.specs import ModelSpec
from models_ml.splits import split_weeks
from models_ml.train import train_window
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
PRACTITIONER = TrainingRules.practitioner()
SMALL = {
    "xgboost": {"max_rounds": 60, "min_child_weight": 20.0, "reg_lambda": 10.0},
    "lightgbm": {"max_rounds": 60, "min_data_in_leaf": 20, "lambda_l2": 10.0},
}
LIBRARIES = pytest.mark.parametrize("library", sorted(SMALL))
CASES = pytest.mark.parametrize(
    ("library", "loss", "rules"),
    [
        ("xgboost", "rank_ic", "paper"),
        ("xgboost", "rank_ic", "practitioner"),
        ("lightgbm", "mse", "practitioner"),
        ("lightgbm", "rank_ic", "paper"),
        ("lightgbm", "rank_ic", "practitioner"),
    ],
)


def spec_of(library, loss="mse", seed=777, **parameters):
    return ModelSpec(library, loss, seed=seed, parameters=SMALL[library] | parameters)


def fit(panel, spec, rules=PRACTITIONER):
    split = split_weeks(panel, WINDOW, rules, "expanding")
    return split, create_forecaster(spec).fit(panel, split, rules, Resources(threads=1))


@CASES
def test_planted_signal_is_recovered_with_the_same_bits(panel, library, loss, rules):
    """Labels correlate .3 with the truth: no forecast of raw ranks can do much better."""
    rules = TrainingRules.of(rules)
    spec = spec_of(library, loss)
    result = train_window(panel, spec, WINDOW, rules)
    again = train_window(panel, spec, WINDOW, rules)
    assert 0.1 < result.record.out_of_sample_rank_ic < 0.4
    assert again.model_files == result.model_files
    assert again.record == result.record
    assert again.predictions == result.predictions
    assert again.importances == result.importances
    errors = {name: value for name, value in result.record.as_row().items() if "_mse" in name}
    assert len(errors) == 4
    assert all((value is None) == (loss == "rank_ic") for value in errors.values())
    assert result.model_card["specification"]["loss"] == loss
    assert result.model_card["resources"]["threads"] == 1


@LIBRARIES
def test_rank_ic_sees_the_order_of_labels_alone(panel, library):
    """Any rising function of the labels of a week trains the same trees."""
    spec = spec_of(library, "rank_ic")
    split, model = fit(panel, spec)
    curved = panel.with_labels(np.exp(panel.target), panel.raw_label)
    _, same = fit(curved, spec)
    assert same.to_bytes() == model.to_bytes()
    _, squared_error = fit(curved, spec_of(library))
    rows = split.test_rows
    assert (squared_error.predict(panel, rows) != model.predict(panel, rows)).any()


@LIBRARIES
def test_seed_decides(panel, library):
    split, model = fit(panel, spec_of(library, "rank_ic"))
    _, other = fit(panel, spec_of(library, "rank_ic", seed=1))
    rows = split.test_rows
    assert (other.predict(panel, rows) != model.predict(panel, rows)).any()


@LIBRARIES
def test_without_refit_the_stopped_trees_are_the_model(panel, library):
    # One tree to start: a longer start would be cut short by fewer rounds.
    rules = replace(
        PRACTITIONER,
        refit=False,
        stopping=StoppingRule("rank_ic", 5, 2),
        rank_ic=replace(PRACTITIONER.rank_ic, start_trees=1),
    )
    split, stopped = fit(panel, spec_of(library, "rank_ic", max_rounds=200), rules)
    short_spec = spec_of(library, "rank_ic", max_rounds=stopped.boosting_rounds)
    _, short = fit(panel, short_spec, replace(rules, stopping=StoppingRule("rank_ic", 1000, 1000)))
    assert short.boosting_rounds == stopped.boosting_rounds < 200
    np.testing.assert_array_equal(
        stopped.predict(panel, split.test_rows), short.predict(panel, split.test_rows)
    )


@LIBRARIES
def test_a_fit_finds_its_bins_once(panel, library, monkeypatch):
    """Fit, stop and refit share the bins of all training rows."""
    found = []
    forecaster = type(create_forecaster(spec_of(library)))
    original = forecaster.bin_rows

    def heard(self, panel, rows, resources):
        found.append(rows)
        return original(self, panel, rows, resources)

    monkeypatch.setattr(forecaster, "bin_rows", heard)
    split, _ = fit(panel, spec_of(library))
    assert [rows.tolist() for rows in found] == [split.train_rows.tolist()]


@LIBRARIES
def test_bins_of_drawn_rows_are_nearly_those_of_all(panel, library, monkeypatch):
    """Forecasts of bins from a tenth of the rows: others, and little else than the same."""
    spec = spec_of(library)
    split, model = fit(panel, spec)
    whole = model.predict(panel, split.test_rows)
    few = len(split.train_rows) // 10 // 64
    monkeypatch.setattr(xgboost_trees, "ROWS_PER_BIN", few)
    monkeypatch.setattr(lightgbm_trees, "ROWS_PER_BIN", few)
    drawn = fit(panel, spec)[1].predict(panel, split.test_rows)
    again = fit(panel, spec)[1].predict(panel, split.test_rows)
    np.testing.assert_array_equal(drawn, again)
    assert (drawn != whole).any()
    assert np.corrcoef(drawn, whole)[0, 1] > 0.9


def test_lightgbm_draws_rows_anew_only_where_the_rules_say_so(panel):
    """As printed, bagging_fraction is set and bagging_freq is not: the fraction does nothing."""
    half, whole = (spec_of("lightgbm", bagging_fraction=share) for share in (0.5, 1.0))
    printed = replace(PRACTITIONER, resample_rows=False)
    rows = split_weeks(panel, WINDOW, printed, "expanding").test_rows

    def forecast(spec, rules):
        return fit(panel, spec, rules)[1].predict(panel, rows)

    np.testing.assert_array_equal(forecast(half, printed), forecast(whole, printed))
    assert (forecast(half, PRACTITIONER) != forecast(whole, PRACTITIONER)).any()


def test_lightgbm_stops_where_no_split_is_left(panel):
    split, model = fit(panel, spec_of("lightgbm", min_data_in_leaf=100_000))
    assert np.ptp(model.predict(panel, split.test_rows)) == 0.0
    restored = read_model(model.format, model.to_bytes())
    assert len(restored.predict(panel, split.test_rows[:0])) == 0


def test_lightgbm_allows_missing_features(panel):
    features = panel.features.copy()
    features[::3, 0] = np.nan
    split, model = fit(replace(panel, features=features), spec_of("lightgbm"))
    assert np.isfinite(model.predict(replace(panel, features=features), split.test_rows)).all()


@LIBRARIES
def test_importances_of_trees(panel, library):
    """Shares of the gain; SHAP values that add up to the forecast."""
    split, model = fit(panel, spec_of(library))
    rows = split.test_rows
    table = feature_importance(model, panel, rows, seed=1).to_pandas()
    assert table.columns.tolist() == IMPORTANCE_SCHEMA.names
    assert sorted(set(table.importance_kind)) == ["gain", "mean_abs_shap"]
    for _, part in table.groupby("importance_kind"):
        assert part.feature.tolist() == list(model.feature_names)
        # The largest weight of the truth.
        assert part.feature[part.importance.idxmax()] == "factor_5"
    assert table.importance[table.importance_kind == "gain"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("library", ["ridge", *sorted(SMALL)])
def test_a_feature_alone_has_all_the_importance(panel, library):
    features = panel.features.copy()
    features[:, 1:] = 0.0
    only = replace(panel, features=features)
    spec = ModelSpec(library, parameters=SMALL.get(library, {}))
    split, model = fit(only, spec)
    rows = split.test_rows
    table = feature_importance(model, only, rows, seed=1).to_pandas()
    others = table[table.feature != "factor_0"]
    assert others.importance.abs().max() < 1e-12
    first = table[table.feature == "factor_0"].set_index("importance_kind").importance
    forecast = model.predict(only, rows)
    if library == "ridge":
        assert first["abs_coefficient_std"] == pytest.approx(forecast.std(), rel=1e-5)
    else:
        assert first["gain"] == pytest.approx(1.0)
        # One feature explains all of a forecast's distance from its mean over the training rows.
        assert first["mean_abs_shap"] == pytest.approx(
            np.abs(forecast - forecast.mean()).mean(), rel=0.2
        )


def test_importances_of_many_rows_come_from_a_seeded_sample(panel_of):
    panel = panel_of(stock_count=100)
    split, model = fit(panel, ModelSpec("ridge"))
    rows = split.train_rows
    assert len(rows) > SAMPLE_ROWS
    first, same, other = (feature_importance(model, panel, rows, seed) for seed in (1, 1, 2))
    assert first == same
    assert first != other
