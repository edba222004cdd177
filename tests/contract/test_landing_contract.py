"""The contract itself, and the page that documents it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from market_data.contract import (
    LANDING_TABLES,
    ColumnContract,
    ColumnType,
    TableContract,
    contract_digest,
    empty_table,
)
from market_data.documentation import landing_contract_page

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_up_to_date() -> None:
    page = (ROOT / "docs" / "landing_contract.md").read_text(encoding="utf-8")
    assert page == landing_contract_page(), (
        "write docs/landing_contract.md anew: python -c 'from market_data.documentation import "
        'landing_contract_page as page; print(page(), end="")\''
    )


@pytest.mark.parametrize("name", LANDING_TABLES)
def test_an_empty_table_has_the_types_of_the_contract_in_duckdb(name: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.parquet"
    pq.write_table(empty_table(name), file)

    described = duckdb.sql(f"describe select * from read_parquet('{file}')").fetchall()

    contract = LANDING_TABLES[name]
    assert [(row[0], row[1]) for row in described] == [
        (column.name, column.type.value) for column in contract.columns
    ]
    assert duckdb.sql(f"select count(*) from read_parquet('{file}')").fetchall() == [(0,)]


@pytest.mark.parametrize("table", LANDING_TABLES.values(), ids=LANDING_TABLES)
def test_every_table_has_a_key_and_says_what_it_feeds(table: TableContract) -> None:
    assert table.key
    assert table.feeds
    assert table.description
    assert all(column.description for column in table.columns)


@pytest.mark.parametrize("table", LANDING_TABLES.values(), ids=LANDING_TABLES)
def test_numbers_have_units_and_nothing_else_has(table: TableContract) -> None:
    for column in table.columns:
        assert bool(column.unit) == column.type.is_numeric, column.name


def test_an_unknown_table_is_named_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"minute_bars.*daily_bars"):
        empty_table("minute_bars")


def test_a_key_column_may_be_neither_null_nor_absent() -> None:
    with pytest.raises(ValueError, match="neither NULL nor absent"):
        ColumnContract("symbol", ColumnType.TEXT, "Code.", key=True, nullable=True)
    with pytest.raises(ValueError, match="must take NULL"):
        ColumnContract("total_shares", ColumnType.WHOLE, "Shares.", optional=True)


def test_a_column_may_occur_once() -> None:
    column = ColumnContract("symbol", ColumnType.TEXT, "Code.", key=True)
    with pytest.raises(ValueError, match="twice"):
        TableContract("t", "A table.", "one row per symbol", True, (column, column), ())


def test_the_digest_follows_types(monkeypatch: pytest.MonkeyPatch) -> None:
    before = contract_digest()
    column = ColumnContract("trade_date", ColumnType.TEXT, "Session.", key=True)
    other = TableContract("trade_calendar", "Sessions.", "one row per session", True, (column,), ())
    monkeypatch.setattr(
        "market_data.contract.LANDING_TABLES", {**LANDING_TABLES, "trade_calendar": other}
    )
    assert contract_digest() != before
