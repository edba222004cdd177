import json

import pytest

from models_ml.estimators import create_forecaster
from models_ml.specs import ModelSpec


def test_readable_keys():
    assert ModelSpec("xgboost").name == "xgboost-mse-expanding-s777"
    assert ModelSpec("ridge", window_mode="fixed_2y").name == "ridge-mse-fixed_2y"
    assert ModelSpec("lightgbm", "rank_ic").name == "lightgbm-rank_ic-expanding-s777"
    assert ModelSpec("xgboost", seed=1, name="shallow").name == "shallow"


def test_json_round_trip():
    spec = ModelSpec("xgboost", seed=5, parameters={"max_depth": 3, "eta": 0.1})
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_order_of_parameters_does_not_matter():
    first = ModelSpec("xgboost", parameters={"max_depth": 3, "eta": 0.1})
    second = ModelSpec("xgboost", parameters={"eta": 0.1, "max_depth": 3})
    assert first.to_json() == second.to_json()
    assert list(json.loads(first.to_json())["parameters"]) == ["eta", "max_depth"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("library", "prophet"), ("loss", "mae"), ("window_mode", "sliding")],
)
def test_values_outside_the_lists_are_refused(field, value):
    with pytest.raises(ValueError, match=f"{field} to be one of .*{value}"):
        ModelSpec(**{"library": "ridge", field: value})


def test_misspelt_parameter_is_refused():
    with pytest.raises(ValueError, match=r"parameters of xgboost among .*found \['max_dept'\]"):
        create_forecaster(ModelSpec("xgboost", parameters={"max_dept": 3}))
    with pytest.raises(ValueError, match=r"found \['alpha'\]"):
        create_forecaster(ModelSpec("ridge", parameters={"alpha": 1.0}))


def test_impossible_parameters_are_refused():
    with pytest.raises(ValueError, match="max_rounds"):
        create_forecaster(ModelSpec("xgboost", parameters={"max_rounds": 0}))
    with pytest.raises(ValueError, match="max_rounds"):
        create_forecaster(ModelSpec("lightgbm", parameters={"max_rounds": 0}))
    with pytest.raises(ValueError, match="penalty_min"):
        create_forecaster(ModelSpec("ridge", parameters={"penalty_min": 0.0}))


def test_nets_show_a_shuffled_order_between_budget_and_seed():
    assert ModelSpec("gru").key == "gru-mse-expanding-s777"
    assert ModelSpec("gru", order="random").key == "gru-mse-expanding-random-s777"
    tuned = ModelSpec("rnn", "rank_ic", "fixed_2y", tuning="smoke", order="random")
    assert tuned.key == "rnn-rank_ic-fixed_2y-smoke-random-s777"
    assert ModelSpec.from_json(tuned.to_json()) == tuned
    with pytest.raises(ValueError, match="order to be one of .*random"):
        ModelSpec("xgboost", order="random")


def test_impossible_nets_are_refused():
    for bad in ({"hidden_size": 0}, {"dropout_rate": 1.0}, {"early_stop": 0}):
        with pytest.raises(ValueError, match="expected positive hidden_size"):
            create_forecaster(ModelSpec("lstm", parameters=bad))
