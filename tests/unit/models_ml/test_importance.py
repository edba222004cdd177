"""Ranks of importances do not depend on rounding errors."""

from types import SimpleNamespace

import numpy as np

from models_ml.importance import feature_importance


def ranked(values):
    names = tuple(f"factor_{at}" for at in range(len(values)))
    model = SimpleNamespace(
        feature_names=names, importances=lambda panel, rows: {"gain": np.array(values)}
    )
    table = feature_importance(model, SimpleNamespace(), np.arange(3), seed=1).to_pandas()
    assert table.importance_rank.tolist() == list(range(1, len(values) + 1))
    assert dict(zip(table.feature, table.importance, strict=True)) == dict(
        zip(names, values, strict=True)
    )
    return table.feature.tolist()


def test_what_arithmetic_leaves_of_nothing_is_in_order_of_names():
    expected = ["factor_1", "factor_4", "factor_0", "factor_2", "factor_3"]
    assert ranked([1e-18, 0.5, 3e-18, 0.0, 1e-8]) == expected
    assert ranked([0.0, 0.5, 1e-18, 2e-19, 1e-8]) == expected


def test_columns_that_say_the_same_are_in_order_of_names():
    same = 0.1 + 0.2
    assert (
        ranked([0.3, same, 0.4]) == ranked([same, 0.3, 0.4]) == ["factor_2", "factor_0", "factor_1"]
    )


def test_a_model_that_reads_nothing_has_ranks_all_the_same():
    assert ranked([0.0, 0.0]) == ["factor_0", "factor_1"]
