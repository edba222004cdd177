"""Data tests catch what lies behind `ashare validate`; a clean market passes every one of them.

dbt compiles once; per fault the models upstream of the named test are built in a scratch database.
"""

from __future__ import annotations

import re

import duckdb
import pytest
from fixtures.faults.catalogue import WAREHOUSE_FAULTS
from fixtures.faults.model import InjectedFault, injected, names
from fixtures.rulebook import load_seeds
from twins.compiled_models import compiled_nodes, compiled_tests, models_upstream

LANDING_FILE = re.compile(r"read_parquet\('[^']*/(\w+)\.parquet'\)")
DBT_SEVERITY = {"error": "error", "warning": "warn"}


@pytest.fixture(scope="module")
def warehouse(clean_market: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The clean market with the rulebook, and every tested model built from it."""
    load_seeds(clean_market)
    _build(clean_market, {model for fault in WAREHOUSE_FAULTS for model in _models(fault)}, ())
    return clean_market


def _models(fault: InjectedFault) -> list[str]:
    return models_upstream(compiled_tests()[fault.check])


def _build(
    connection: duckdb.DuckDBPyConnection, models: set[str], faulty: tuple[str, ...]
) -> None:
    """Build models in the order of their dependence, reading some landing tables from `main`."""
    ordered = dict.fromkeys(name for fault in WAREHOUSE_FAULTS for name in _models(fault))
    for name in ordered:
        if name in models:
            node = compiled_nodes()[name]
            statement = LANDING_FILE.sub(
                lambda match: f"{'main' if match[1] in faulty else 'clean'}.{match[1]}",
                node["compiled_code"],
            )
            connection.execute(f"create schema if not exists {node['schema']}")
            connection.execute(f"create or replace table {node['schema']}.{name} as {statement}")


def _failures(connection: duckdb.DuckDBPyConnection, test: str) -> int:
    node = compiled_tests()[test]
    counted = f"select {node['config']['fail_calc']} from ({node['compiled_code']})"
    return int(connection.sql(counted).fetchall()[0][0])


@pytest.mark.parametrize("fault", WAREHOUSE_FAULTS, ids=names(WAREHOUSE_FAULTS))
def test_fault_is_caught_and_the_clean_market_is_not(
    fault: InjectedFault, warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert (
        compiled_tests()[fault.check]["config"]["severity"].lower() == DBT_SEVERITY[fault.severity]
    )
    assert _failures(warehouse, fault.check) == 0

    warehouse.execute("begin")
    try:
        injected(warehouse, fault)
        _build(warehouse, set(_models(fault)), fault.tables)
        assert _failures(warehouse, fault.check) > 0
    finally:
        warehouse.execute("rollback")
