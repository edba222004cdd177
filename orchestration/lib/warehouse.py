"""Read-only access to the warehouse: the only way Python opens the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.lib.errors import UserError
from orchestration.lib.fingerprint import hash_text


class WarehouseNotBuiltError(UserError):
    """The database file is not there yet."""


@contextmanager
def read_only(database: Path, *, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connection that cannot write and is closed whatever happens.

    Raises
    ------
    WarehouseNotBuiltError
        If the file does not exist.
    """
    if not database.exists():
        raise WarehouseNotBuiltError(
            f"{database} does not exist: build it with `ashare run EXPERIMENT`"
        )
    connection = duckdb.connect(str(database), read_only=True)
    try:
        # Its own bar would write over the run's.
        connection.sql("set enable_progress_bar = false")
        if threads is not None:
            connection.sql(f"set threads = {threads}")
        yield connection
    finally:
        connection.close()


def query(database: Path, statement: str) -> pa.Table:
    """Result of one statement as an Arrow table."""
    with read_only(database) as connection:
        return connection.sql(statement).to_arrow_table()


def table_columns(database: Path, schema: str, table: str) -> list[str]:
    """Column names of a table, in order; empty if the table does not exist."""
    with read_only(database) as connection:
        rows = connection.execute(
            "select column_name from information_schema.columns"
            " where table_schema = ? and table_name = ? order by ordinal_position",
            [schema, table],
        ).fetchall()
    return [row[0] for row in rows]


def content_hash(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    where: str = "true",
) -> str:
    """Hash of the rows of a relation, whatever their order.

    The combination (count, exclusive or, sum modulo 2^64) of the engine's row hashes: one pass,
    no sort. Used to decide whether a partition's inputs changed, never for security.
    """
    row_hash = f"hash({', '.join(columns)})"
    statement = (
        f"select count(*), bit_xor({row_hash}),"
        f" sum({row_hash} % 1000000007)::varchar from {relation} where {where}"
    )
    row = connection.sql(statement).fetchall()[0]
    return hash_text(*columns, *(str(value) for value in row))
