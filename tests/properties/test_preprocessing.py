"""Preprocessing in SQL against its NumPy twin, on generated panels with every corner case."""

from __future__ import annotations

from dataclasses import dataclass
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
    "int_factor_week__corrected",
    "int_factor_week__scaled",
)
Expected = dict[tuple[str, object, str], tuple[pd.Index, Preprocessed]]
SIZE_FAMILY = {"log_total_cap", "log_float_cap", "nonlinear_size"}


@cache
def _families() -> dict[str, str]:
    rows = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)
    return {row.factor: row.family for row in rows}


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
) -> Expected:
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


def _compare(connection: duckdb.DuckDBPyConnection, expected: Expected, tolerance: float) -> None:
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


@dataclass(frozen=True)
class CoverageCase:
    """Coverage by rule set, week and factor, with the twin's findings and the raw inputs."""

    frame: pd.DataFrame
    expected: Expected
    tables: dict[str, pd.DataFrame]

    def values(self, rule_set: str, week_date: object, factor: str) -> np.ndarray:
        universe = self.tables["core.fct_universe_week"]
        week = universe[
            universe.in_universe
            & (universe.rule_set == rule_set)
            & (universe.week_date == week_date)
        ]
        table = self.tables[f"intermediate.int_factor__{_families()[factor]}"]
        of_week = table[table.week_date == week_date].set_index("symbol")[factor]
        values = of_week.loc[week.symbol].to_numpy(float)
        return np.where(np.isfinite(values), values, np.nan)


@pytest.fixture(scope="module")
def coverage() -> CoverageCase:
    tables = _panel(20, [50, 3, 40])
    connection = scratch_database(tables)
    build_models(connection, STEPS)
    build_models(
        connection, ["int_factor_week__fingerprinted", "dim_factor", "fct_factor_coverage"]
    )
    frame = connection.sql("select * from factors.fct_factor_coverage").df()
    frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
    frame = frame.set_index(["rule_set", "week_date", "factor"])
    return CoverageCase(frame, _expected(tables), tables)


def test_coverage_tells_what_the_twin_did(coverage: CoverageCase) -> None:
    assert len(coverage.frame) == len(coverage.expected)
    for key, (_, twin) in coverage.expected.items():
        row = coverage.frame.loc[key]
        assert row.share_present == pytest.approx(twin.share_present)
        assert row.share_clipped == pytest.approx(twin.share_clipped)
        assert row.share_filled == pytest.approx(1 - twin.share_present)
        assert row.is_mad_zero == twin.is_mad_zero, key
        assert row.is_constant == twin.is_constant, key


def test_coverage_names_the_first_of_equal_factors(coverage: CoverageCase) -> None:
    order = {factor: number for number, factor in enumerate(_families())}
    duplicates = coverage.frame[coverage.frame.is_duplicate_of.notna()]
    assert len(duplicates) > 0
    for (rule_set, week_date, factor), row in duplicates.iterrows():
        assert order[row.is_duplicate_of] < order[factor]
        np.testing.assert_array_equal(
            coverage.values(rule_set, week_date, factor),
            coverage.values(rule_set, week_date, row.is_duplicate_of),
        )


def test_equal_factors_are_all_found(coverage: CoverageCase) -> None:
    copies = coverage.frame[coverage.frame.share_present > 0].reset_index()
    for (rule_set, week_date), week in copies.groupby(["rule_set", "week_date"]):
        seen: set[bytes] = set()
        for factor in _families():
            row = week[week.factor == factor]
            if row.empty:
                continue
            values = coverage.values(rule_set, week_date, factor).tobytes()
            assert (values in seen) == row.is_duplicate_of.notna().iloc[0], factor
            seen.add(values)
