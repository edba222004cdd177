import json
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pyarrow as pa
import pytest

from models_ml.estimators import Resources, XGBoostParameters
from models_ml.metrics import mean_squared_error, weekly_rank_ic
from models_ml.records import RECORD_SCHEMA
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.splits import split_weeks
from models_ml.train import PREDICTION_SCHEMA, train_window
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
PRACTITIONER = TrainingRules.practitioner()
RIDGE = ModelSpec("ridge")
TREES = ModelSpec(
    "xgboost", parameters={"max_rounds": 20, "min_child_weight": 20.0, "reg_lambda": 10.0}
)
BOTH = pytest.mark.parametrize("spec", [RIDGE, TREES], ids=["ridge", "xgboost"])


def forecast_of(result):
    return result.predictions["prediction"].to_numpy()


@BOTH
def test_predictions_cover_the_window(panel, spec):
    result = train_window(panel, spec, WINDOW, PRACTITIONER)
    assert result.predictions.schema.equals(PREDICTION_SCHEMA)
    assert result.predictions.num_rows == 26 * 60
    assert result.predictions["prediction"].null_count == 0
    first = result.predictions.slice(0, 1).to_pylist()[0]
    assert (first["symbol"], str(first["week_date"])) == ("600000.SH", "2016-01-01")


@BOTH
def test_record_is_what_the_same_routine_gives(panel, spec):
    result = train_window(panel, spec, WINDOW, PRACTITIONER)
    split = split_weeks(panel, WINDOW, PRACTITIONER, "expanding")
    record = result.record
    parts = {
        "in_sample": split.in_sample_rows,
        "fit": split.fit_rows,
        "stop": split.stop_rows,
        "out_of_sample": split.test_rows,
    }
    for part, rows in parts.items():
        forecast = result.model.predict(panel, rows)
        weekly = weekly_rank_ic(panel.week_dates[rows], forecast, panel.raw_label[rows])
        assert getattr(record, f"{part}_rank_ic") == weekly.mean, part
        error = mean_squared_error(forecast, panel.target[rows])
        assert getattr(record, f"{part}_mse") == error, part
    assert record.train_row_count == 102 * 60
    assert record.fit_row_count == 81 * 60
    assert record.stop_row_count == 20 * 60
    assert record.test_row_count == 26 * 60
    assert record.degenerate_week_count == 0
    assert str(record.train_last_week) == "2015-12-11"


def test_record_becomes_a_row_of_its_file(panel):
    record = train_window(panel, TREES, WINDOW, PRACTITIONER).record
    table = pa.Table.from_pylist([record.as_row()], schema=RECORD_SCHEMA)
    row = table.to_pylist()[0]
    assert list(row) == RECORD_SCHEMA.names
    assert str(row["window_start"]) == "2016-01-01"
    assert str(row["window_end"]) == "2016-06-30"
    assert 1 <= row["boosting_rounds"] <= 20
    assert json.loads(row["parameters"])["max_rounds"] == 20
    ridge = train_window(panel, RIDGE, WINDOW, PRACTITIONER).record
    assert ridge.boosting_rounds is None
    assert json.loads(ridge.parameters)["penalty"] > 0


@BOTH
def test_planted_signal_is_recovered(panel, spec):
    """Labels correlate .3 with the truth: no forecast of raw ranks can do much better."""
    record = train_window(panel, spec, WINDOW, PRACTITIONER).record
    assert 0.1 < record.out_of_sample_rank_ic < 0.33


@BOTH
def test_second_run_gives_the_same_bits(panel, spec):
    first = train_window(panel, spec, WINDOW, PRACTITIONER, resources=Resources(2))
    second = train_window(panel, spec, WINDOW, PRACTITIONER, resources=Resources(2))
    np.testing.assert_array_equal(forecast_of(first), forecast_of(second))
    assert first.record == second.record
    assert first.model_files == second.model_files


@BOTH
def test_windows_share_no_state(panel_of, spec):
    """A window trained alone equals the same window trained after another one."""
    panel = panel_of(week_count=150)
    alone = train_window(panel, spec, TestWindow("2016H2"), PRACTITIONER)
    train_window(panel, spec, WINDOW, PRACTITIONER)
    after = train_window(panel, spec, TestWindow("2016H2"), PRACTITIONER)
    np.testing.assert_array_equal(forecast_of(alone), forecast_of(after))


@BOTH
def test_poisoned_future_changes_nothing(panel, spec):
    """Whatever was not known at the window's first week_date may be anything, even missing."""
    expected = forecast_of(train_window(panel, spec, WINDOW, PRACTITIONER))
    unknown = panel.label_known_at > panel.weeks[104]
    assert unknown.sum() == 27 * 60
    for poison in (1e6, -1e6, np.nan):
        poisoned = panel.with_labels(
            np.where(unknown, poison, panel.target), np.where(unknown, poison, panel.raw_label)
        )
        found = forecast_of(train_window(poisoned, spec, WINDOW, PRACTITIONER))
        np.testing.assert_array_equal(found, expected)


@BOTH
def test_rows_after_the_window_change_nothing(panel, panel_of, spec):
    expected = forecast_of(train_window(panel, spec, WINDOW, PRACTITIONER))
    longer = panel_of(week_count=160)
    head = np.arange(panel.row_count)
    replaced = replace(
        longer,
        features=np.concatenate([panel.features, longer.features[len(head) :]]),
        target=np.concatenate([panel.target, longer.target[len(head) :]]),
        raw_label=np.concatenate([panel.raw_label, longer.raw_label[len(head) :]]),
    )
    found = forecast_of(train_window(replaced, spec, WINDOW, PRACTITIONER))
    np.testing.assert_array_equal(found, expected[: len(found)])


def test_paper_rules_show_their_foresight(panel):
    """With VWAP labels the week before the window trains unknown: poison there must show."""
    rules = TrainingRules.paper()
    result = train_window(panel, RIDGE, WINDOW, rules)
    assert result.record.uses_future
    unknown = (panel.label_known_at > panel.weeks[104]) & (panel.week_dates < panel.weeks[104])
    changed = np.where(unknown, -panel.target, panel.target)
    found = train_window(panel.with_labels(changed, panel.raw_label), RIDGE, WINDOW, rules)
    assert (forecast_of(found) != forecast_of(result)).any()


def test_forecasts_without_any_split_are_counted_as_degenerate(panel):
    stump = ModelSpec("xgboost", parameters={"max_rounds": 3, "min_child_weight": 1e9})
    record = train_window(panel, stump, WINDOW, PRACTITIONER).record
    assert record.degenerate_week_count == 26
    assert record.out_of_sample_rank_ic is None
    assert record.out_of_sample_mse is not None


def test_card_tells_what_the_model_is(panel):
    result = train_window(panel, TREES, WINDOW, PRACTITIONER)
    card = json.loads(json.dumps(result.model_card))
    assert card["model"] == "xgboost-mse-expanding-s777"
    assert card["features"] == list(panel.feature_names)
    assert card["package"] == "xgboost"
    assert card["package_version"] == version("xgboost")
    assert card["parameters"] == json.loads(result.record.parameters)
    # What the specification sets, and every other parameter by its name.
    assert TREES.parameters.items() <= card["parameters"].items()
    assert set(card["parameters"]) == {*XGBoostParameters().to_mapping(), "seed"}
    assert card["rules"]["embargo_weeks"] == 1
    assert card["train_last_week"] == "2015-12-11"
    assert list(result.model_files) == ["model.ubj"]
