"""The key of a back-test changes with every table that the back-test reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from optimizer.columns import RULE_TABLES
from orchestration.lib.scenario_plan import market_hash
from tests.unit.optimizer.conftest import HandMarket

FLAT = {"A": [10.0] * 12, "B": [20.0] * 12}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A warehouse of hand-made tables."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        for name, frame in HandMarket(FLAT, {4: {"A": 0.1}}).frames().items():
            connection.sql(f"create schema if not exists {name.split('.')[0]}")
            connection.register("given_frame", frame)
            connection.sql(f"create table {name} as select * from given_frame")
    return file


def changed(database: Path, statement: str) -> bool:
    before = market_hash(database)
    with duckdb.connect(str(database)) as connection:
        connection.sql(statement)
    return market_hash(database) != before


@pytest.mark.parametrize("table", RULE_TABLES)
def test_a_changed_rule_changes_the_key(database: Path, table: str) -> None:
    statement = f"update {table} set valid_from = valid_from - interval 1 day where rowid = 0"
    assert changed(database, statement)


def test_a_changed_flag_changes_the_key_and_a_changed_source_text_does_not(database: Path) -> None:
    assert not changed(database, "update rules.stamp_duty set source = 'elsewhere'")
    assert changed(
        database, "update core.fct_bar_daily set is_one_price_limit_up = true where rowid = 0"
    )
