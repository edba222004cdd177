"""Ranks of importances do not depend on rounding errors."""

from types import SimpleNamespace

import numpy as np

from models_ml.importance import feature_importance


def explained(values):
    names = tuple(f"factor_{at}" for at in range(len(values)))
    return SimpleNamespace(
        feature_names=names,
        importances=lambda panel, rows: {"gain": np.array(values)},
    )


def ranked(values):
    rows = np.arange(3)
    table = feature_importance(explained(values), SimpleNamespace(), rows, seed=1).to_pandas()
    return dict(zip(table.feature, table.importance, strict=True))


def test_what_arithmetic_leaves_is_nothing_and_in_order_of_names():
    found = ranked([1e-18, 0.5, 3e-18, 0.0, 1e-9])
    assert found == {"factor_1": 0.5, "factor_4": 1e-9, "factor_0": 0, "factor_2": 0, "factor_3": 0}
    assert list(found) == list(ranked([4e-18, 0.5, 1e-18, 2e-19, 1e-9]))


def test_a_model_that_reads_nothing_has_zeros():
    assert ranked([0.0, 0.0]) == {"factor_0": 0.0, "factor_1": 0.0}
