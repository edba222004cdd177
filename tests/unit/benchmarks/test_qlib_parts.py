"""Pure functions of the comparison with qlib."""

from __future__ import annotations

import re

import numpy as np
import pytest

from benchmarks.warehouse_parts.agreement import Agreement, agreement
from benchmarks.warehouse_parts.qlib_data import bin_values
from benchmarks.warehouse_parts.qlib_features import FEATURES
from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR


def test_a_file_begins_with_the_session_and_leaves_gaps_missing() -> None:
    values = bin_values(np.array([7, 8, 10]), np.array([1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(values, np.array([7, 1, 2, np.nan, 4], dtype=np.float32))
    assert values.dtype == np.dtype("<f4")


def test_values_are_equal_relative_to_themselves_or_to_the_typical_size() -> None:
    ours = np.array([1.0, 1.0, 1e-6, np.nan, np.nan, 2.0, 3.0])
    theirs = np.array([1.000001, 1.1, 1.1e-6, np.nan, 5.0, 2.0, 4.0])
    is_complete = np.array([True, True, True, True, True, False, False])
    found = agreement(ours, theirs, is_complete, size=1.0)
    assert found == Agreement(
        compared=4,
        equal=2,
        equal_strictly=1,
        one_sided=1,
        incomplete=2,
        incomplete_equal=1,
    )
    assert found.share == 0.5
    assert agreement(ours, theirs, is_complete, size=0.0).equal == 1


def test_counts_of_factors_add_up() -> None:
    assert Agreement(1, 2, 3, 4, 5, 6) + Agreement(1, 1, 1, 1, 1, 1) == Agreement(2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_is_a_factor_of_bars_and_reads_as_far_back(name: str) -> None:
    catalogue = {row.factor: row for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE)}
    assert catalogue[name].inputs == "bars"
    sessions = int(re.fullmatch(r"(\d+) sessions", catalogue[name].look_back)[1])
    assert FEATURES[name].sessions in {sessions, sessions + 1}
