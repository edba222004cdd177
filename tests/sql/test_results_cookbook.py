"""The analysts' cookbook: every query runs on the public tables as their contracts declare them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.lib.paths import DBT_PROJECT_DIR, PROJECT_ROOT

START_HERE = (PROJECT_ROOT / "docs" / "start_here.md").read_text()
QUERIES = sorted((DBT_PROJECT_DIR / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database with every public table: schema, columns and types of its contract."""
    with duckdb.connect() as connection:
        marts = DBT_PROJECT_DIR / "models" / "marts"
        for file in sorted(marts.rglob("*.yml")):
            schema = file.relative_to(marts).parts[0]
            for model in yaml.safe_load(file.read_text()).get("models", []):
                columns = ", ".join(
                    f'"{column["name"]}" {column["data_type"]}' for column in model["columns"]
                )
                connection.sql(f"create schema if not exists {schema}")
                connection.sql(f"create table {schema}.{model['name']} ({columns})")
        for schema in ("rules", "paper"):
            connection.sql(f"create schema {schema}")
            file = DBT_PROJECT_DIR / "seeds" / schema / f"_{schema}__seeds.yml"
            for seed in yaml.safe_load(file.read_text())["seeds"]:
                types = seed["config"]["column_types"].items()
                columns = ", ".join(f'"{name}" {kind}' for name, kind in types)
                connection.sql(f"create table {schema}.{seed['name']} ({columns})")
        yield connection


def test_the_cookbook_is_large_enough() -> None:
    assert len(QUERIES) >= 10


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_query_runs_on_the_public_tables(published: duckdb.DuckDBPyConnection, file: Path) -> None:
    relation = published.sql(file.read_text())
    assert len(relation.columns) == len(set(relation.columns)) > 1
    relation.fetchall()


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_query_starts_with_its_question_and_is_plain_sql(file: Path) -> None:
    text = file.read_text()
    comment = " ".join(line for line in text.splitlines() if line.startswith("-- "))
    assert text.startswith("-- ")
    assert "?" in comment
    # Typed into `ashare sql` as it stands: no templates, one statement.
    assert not any(mark in text for mark in ("{{", "{%", "{#"))
    assert len(duckdb.extract_statements(text)) == 1


def test_start_here_names_tables_that_exist(published: duckdb.DuckDBPyConnection) -> None:
    named = set(
        re.findall(r"`((?:core|factors|risk|ml|results|ops|rules|paper)\.[a-z_0-9]+)", START_HERE)
    )
    tables = published.sql(
        "select schema_name || '.' || table_name from duckdb_tables()"
    ).fetchall()
    assert len(named) > 20
    assert named <= {row[0] for row in tables}


def test_start_here_lists_every_query_under_its_question() -> None:
    listed = set(re.findall(r"\| `([a-z_]+\.sql)` \|", START_HERE))
    assert listed == {file.name for file in QUERIES}
