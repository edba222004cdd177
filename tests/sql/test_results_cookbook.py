"""The analysts' cookbook: every query runs on the public tables as their contracts declare them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml
from twins.compiled_models import build_models, scratch_database

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


def test_one_select_gives_the_cost_of_the_size_band_in_basis_points_per_week() -> None:
    weeks = pd.to_datetime(["2020-01-06", "2020-01-13"])
    prices = pd.DataFrame(
        [
            (weeks[0], "style:size:upper", "style", 0.0004),
            (weeks[0], "style:size:lower", "style", 0.0),
            (weeks[1], "style:size:upper", "style", 0.0),
            (weeks[1], "style:size:lower", "style", 0.001),
            (weeks[1], "style:beta:upper", "style", 0.5),
            (weeks[1], "industry:bank:upper", "industry", 0.002),
            (weeks[1], "turnover", "turnover", 0.003),
            (weeks[1], "name_cap:A", "name_cap", 0.01),
        ],
        columns=["rebalance_date", "constraint_name", "constraint_group", "dual"],
    ).assign(relaxation_step=0, is_active=True, slack=0.0, violation=0.0)
    scenario = {"barra_limit": 0.5, "industry_limit": 0.02, "turnover_limit": 0.15}
    scenario |= {"tracking_error_limit": 0.05}
    given = {
        "staging.stg_optimizer_output__shadow_price": pd.concat(
            [prices.assign(scenario_id=name) for name in ("returns", "scores")]
        ),
        "core.dim_trade_date": pd.DataFrame({"trade_date": weeks, "previous_trade_date": weeks}),
        "results.dim_scenario": pd.DataFrame(
            [
                {"scenario_id": "returns", "rule_set": "practitioner", **scenario},
                {"scenario_id": "scores", "rule_set": "paper", **scenario},
            ]
        ),
    }
    (select,) = re.findall(r"`(select scenario_id,\s[^`]*size:upper[^`]*)`", START_HERE)
    with scratch_database(given) as connection:
        build_models(connection, ["fct_shadow_price"])
        # 4 basis points per unit x 0.5 in one week, 10 x 0.5 in the other; scores have no unit.
        costs = dict(connection.sql(select).fetchall())
        assert costs["returns"] == pytest.approx((2.0 + 5.0) / 2)
        assert costs["scores"] is None
        others = dict(
            connection.sql(
                "select constraint_name, cost_per_rebalance_bps from results.fct_shadow_price"
                " where scenario_id = 'returns' and constraint_name not like 'style:size%'"
            ).fetchall()
        )
    assert others["industry:bank:upper"] == pytest.approx(0.4)
    assert others["turnover"] == pytest.approx(4.5)
    assert others["name_cap:A"] is None
