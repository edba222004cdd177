"""Preprocessing in SQL against its NumPy twin, on generated panels with every corner case."""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins.compiled_models import build_models, scratch_database
from twins.factor_panel import family_tables, universe_rows
from twins.preprocessing import Preprocessed, preprocess

from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR

STEPS = (
    "int_factor__joined",
    "int_factor__selected",
    "int_factor_week__located",
    "int_factor_week__spread",
    "int_factor_week__bounded",
    "int_factor_industry_week__summed",
    "int_factor_week__counted",
    "int_factor_industry_week__filled",
    "int_factor_week__regressed",
    "int_factor_week__scaled",
)
SIZE_FAMILY = {"log_total_cap", "log_float_cap", "nonlinear_size"}


@cache
def _families() -> dict[str, str]:
    rows = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)
    return {row.factor: row.family for row in rows if row.is_computed}


def _catalogue_frame() -> pd.DataFrame:
    return pd.DataFrame([vars(row) for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE)])


def _panel(seed: int, stock_counts: list[int]) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    universe = universe_rows(stock_counts, rng)
    return {
        "core.fct_universe_week": universe,
        **family_tables(universe, _families(), rng),
        "seeds.factor_catalogue": _catalogue_frame(),
    }


def _week_values(tables: dict[str, pd.DataFrame], week: pd.DataFrame) -> dict[str, pd.DataFrame]:
    keys = week[["symbol", "week_date"]]
    return {
        family: keys.merge(tables[f"intermediate.int_factor__{family}"], how="left")
        for family in set(_families().values())
    }


def _expected(
    tables: dict[str, pd.DataFrame],
) -> dict[tuple[str, object, str], tuple[pd.Index, Preprocessed]]:
    universe = tables["core.fct_universe_week"]
    expected = {}
    for (rule_set, week_date), week in universe[universe.in_universe].groupby(
        ["rule_set", "week_date"]
    ):
        families = _week_values(tables, week)
        for factor, family in _families().items():
            values = families[family][factor]
            is_practitioner = rule_set == "practitioner"
            expected[rule_set, week_date, factor] = (
                pd.Index(week.symbol),
                preprocess(
                    values.to_numpy(float),
                    week.industry_code.to_numpy(str),
                    week.neutralisation_cap_cny.to_numpy(float),
                    clips_at_percentiles=is_practitioner,
                    neutralises_cap=not (is_practitioner and factor in SIZE_FAMILY),
                ),
            )
    return expected


def _compare(connection: duckdb.DuckDBPyConnection, expected: dict, tolerance: float) -> None:
    frame = connection.sql("select * from factors.fct_factor_exposure").df()
    frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
    weeks = {
        key: week.set_index("symbol") for key, week in frame.groupby(["rule_set", "week_date"])
    }
    for (rule_set, week_date, factor), (symbols, twin) in expected.items():
        found = weeks[rule_set, week_date].loc[symbols, factor].to_numpy(float)
        np.testing.assert_allclose(
            found, twin.exposures, rtol=tolerance, atol=tolerance, err_msg=f"{rule_set} {factor}"
        )


@given(
    seed=st.integers(0, 2**32 - 1),
    stock_counts=st.lists(st.integers(1, 60), min_size=2, max_size=4),
)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_sql_agrees_with_the_twin_before_and_after_storing(
    seed: int, stock_counts: list[int]
) -> None:
    tables = _panel(seed, stock_counts)
    expected = _expected(tables)
    connection = scratch_database(tables)
    build_models(connection, STEPS)
    build_models(connection, ["fct_factor_exposure"], in_double=True)
    _compare(connection, expected, tolerance=1e-9)
    build_models(connection, ["fct_factor_exposure"])
    _compare(connection, expected, tolerance=1e-6)


@pytest.fixture(scope="module")
def coverage() -> tuple[pd.DataFrame, dict]:
    tables = _panel(20, [50, 3, 40])
    connection = scratch_database(tables)
    build_models(connection, STEPS)
    build_models(
        connection, ["int_factor_week__fingerprinted", "dim_factor", "fct_factor_coverage"]
    )
    frame = connection.sql("select * from factors.fct_factor_coverage").df()
    frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
    return frame.set_index(["rule_set", "week_date", "factor"]), _expected(tables)


def test_coverage_tells_what_the_twin_did(coverage: tuple[pd.DataFrame, dict]) -> None:
    frame, expected = coverage
    assert len(frame) == len(expected)
    for key, (_, twin) in expected.items():
        row = frame.loc[key]
        assert row.share_present == pytest.approx(twin.share_present)
        assert row.share_clipped == pytest.approx(twin.share_clipped)
        assert row.share_filled == pytest.approx(1 - twin.share_present)
        assert row.is_mad_zero == twin.is_mad_zero, key
        assert row.is_constant == twin.is_constant, key


def test_coverage_names_the_first_of_equal_factors(coverage: tuple[pd.DataFrame, dict]) -> None:
    frame, expected = coverage
    duplicates = frame[frame.is_duplicate_of.notna()]
    assert len(duplicates) > 0
    for (rule_set, week_date, factor), row in duplicates.iterrows():
        first = expected[rule_set, week_date, row.is_duplicate_of][1]
        np.testing.assert_allclose(
            expected[rule_set, week_date, factor][1].exposures, first.exposures, atol=1e-9
        )
