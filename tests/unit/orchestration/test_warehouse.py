"""Python reads the warehouse, never writes it."""

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.warehouse import (
    WarehouseNotBuiltError,
    content_hash,
    query,
    read_only,
    table_columns,
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.sql("create table t as select range as a, range / 7 as b from range(100)")
    return path


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseNotBuiltError, match="ashare run"),
        read_only(tmp_path / "none.duckdb"),
    ):
        pass


def test_writing_is_refused(database: Path) -> None:
    with read_only(database) as connection, pytest.raises(duckdb.InvalidInputException):
        connection.sql("insert into t values (1, 2)")


def test_the_file_is_released_after_an_error(database: Path) -> None:
    with pytest.raises(duckdb.CatalogException):
        query(database, "select * from nonesuch")
    with duckdb.connect(str(database)) as connection:
        connection.sql("insert into t values (1000, 2.0)")


def test_content_hash_ignores_the_order_of_rows_and_sees_every_value(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.sql("create table reordered as select * from t order by b desc")
        connection.sql(
            "create table changed as select a, case a when 50 then b + 1e-15 else b end as b from t"
        )
        original = content_hash(connection, "t", ["a", "b"])
        hashes = {
            name: content_hash(connection, f"(select * from {name}) as rows_of", ["a", "b"])
            for name in ("t", "reordered", "changed")
        }
    assert hashes["t"] == hashes["reordered"]
    assert hashes["t"] != hashes["changed"]
    assert hashes["t"] == original


def test_columns_in_order(database: Path) -> None:
    assert table_columns(database, "main", "t") == ["a", "b"]
    assert table_columns(database, "main", "nonesuch") == []
