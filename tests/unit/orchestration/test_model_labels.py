"""Short names of models: as short as they can be, and never two alike."""

from __future__ import annotations

import pandas as pd

from orchestration.lib.model_labels import labelled, model_labels


def test_what_all_models_share_is_left_out() -> None:
    assert model_labels(["xgboost-mse-expanding-s777", "ridge-mse-expanding"]) == {
        "xgboost-mse-expanding-s777": "xgboost",
        "ridge-mse-expanding": "ridge",
    }


def test_two_models_of_one_library_are_told_apart() -> None:
    keys = [
        "xgboost-mse-expanding-s777",
        "xgboost-rank_ic-expanding-s777",
        "xgboost-mse-fixed_2y-s777",
        "xgboost-mse-expanding-smoke-s777",
        "xgboost-mse-expanding-s1",
    ]
    labels = model_labels(keys)
    assert len(set(labels.values())) == len(keys)
    assert labels[keys[1]] == "xgboost Rank IC expanding s777"
    assert "smoke" in labels[keys[3]]
    assert model_labels(keys[:2])[keys[1]] == "xgboost Rank IC"


def test_labels_that_would_be_alike_keep_every_token() -> None:
    keys = ["xgboost-mse-expanding-s777", "xgboost-mse-expanding", "ridge-mse-expanding"]
    labels = model_labels(keys)
    assert len(set(labels.values())) == 3
    assert labels["ridge-mse-expanding"] == "ridge"


def test_rows_of_back_tests_say_model_and_settings() -> None:
    rows = pd.DataFrame(
        {
            "rule_set": ["paper", "paper"],
            "model": ["ridge-mse-expanding", "ridge-mse-fixed_2y"],
            "settings": [", barra 0.3", ", barra none"],
        }
    )
    found = labelled(rows)
    assert found["scenario"].tolist() == [
        "ridge expanding, barra 0.3",
        "ridge two years, barra none",
    ]
    assert found["series"].tolist() == ["paper ridge expanding", "paper ridge two years"]
