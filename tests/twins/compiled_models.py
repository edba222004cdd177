"""The project's SQL in a scratch database: dbt compiles once, single models run on given tables."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.lib.paths import DBT_PROJECT_DIR

VARIABLES = {"rule_sets": ["paper", "practitioner"]}


@functools.cache
def compiled_manifest() -> dict[str, dict[str, Any]]:
    """Nodes of the project by unique id: models and data tests with their compiled SQL."""
    with tempfile.TemporaryDirectory(prefix="ashare-compiled-") as target:
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "dbt.cli.main", "compile"),
                *("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
                *("--target-path", target, "--log-path", target),
                *("--vars", json.dumps(VARIABLES), "--select"),
                *("resource_type:model", "resource_type:test"),
            ],
            env={**os.environ, "ASHARE_DBT_TARGET": "lint"},
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise AssertionError(finished.stdout[-4000:] + finished.stderr[-2000:])
        manifest = json.loads((Path(target) / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = manifest["nodes"]
    return nodes


@functools.cache
def compiled_nodes() -> dict[str, dict[str, Any]]:
    """Models by name, with their compiled SQL and the models they read."""
    return _by_name("model")


@functools.cache
def compiled_tests() -> dict[str, dict[str, Any]]:
    """Data tests by name, with their compiled SQL and the models they read."""
    return _by_name("test")


def _by_name(resource_type: str) -> dict[str, dict[str, Any]]:
    return {
        node["name"]: node
        for node in compiled_manifest().values()
        if node["resource_type"] == resource_type
    }


def models_upstream(node: Mapping[str, Any]) -> list[str]:
    """Names of the models that a node reads, directly or not; each after those it reads."""
    found: dict[str, None] = {}

    def visit(unique_id: str) -> None:
        model = compiled_manifest().get(unique_id)
        if model is None or model["resource_type"] != "model" or model["name"] in found:
            return
        for parent in model["depends_on"]["nodes"]:
            visit(parent)
        found[model["name"]] = None

    for parent in node["depends_on"]["nodes"]:
        visit(parent)
    return list(found)


def scratch_database(given: Mapping[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    """A database in memory that holds the given frames as `schema.table`."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    for name, frame in given.items():
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        connection.register("given_frame", frame)
        connection.execute(f"create table {name} as select * from given_frame")
        connection.unregister("given_frame")
    return connection


def build_models(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], *, in_double: bool = False
) -> None:
    """Create the named models, in the order given, as tables.

    With `in_double` the wide facts keep the double they were computed in.
    """
    for name in names:
        node = compiled_nodes()[name]
        statement = node["compiled_code"]
        if in_double:
            statement = statement.replace(" as float)", " as double)")
        connection.execute(f"create schema if not exists {node['schema']}")
        connection.execute(f"create or replace table {node['schema']}.{name} as {statement}")


def model_columns(name: str) -> list[str]:
    """Columns that the contract of a public model lists, in order."""
    return list(compiled_nodes()[name]["columns"])
