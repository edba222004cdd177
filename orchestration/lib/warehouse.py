"""Read-only access to the warehouse: the only way Python opens the database.

What a killed dbt wrote is the one exception (`replay_log`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from market_data.reading.typing import literal
from orchestration.lib.errors import UserError
from orchestration.lib.fingerprint import hash_text


class WarehouseNotBuiltError(UserError):
    """The database file is not there yet."""


class WarehouseUnreadableError(UserError):
    """A killed process left the database file in a state that DuckDB does not read."""


class WarehouseInUseError(UserError):
    """Another process has the database file open for writing."""


# What DuckDB says of a file that another process writes.
_HOLDER = re.compile(r"Conflicting lock is held in .*\(PID (\d+)\)")


@contextmanager
def read_only(database: Path, *, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connection that cannot write and is closed whatever happens.

    Raises
    ------
    WarehouseNotBuiltError
        If the file does not exist.
    WarehouseInUseError
        If another process writes it.
    WarehouseUnreadableError
        If a killed process left a log that only `replay_log` reads.
    """
    if not database.exists():
        raise WarehouseNotBuiltError(
            f"{database} does not exist: build it with `ashare run EXPERIMENT`"
        )
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        _refuse_writer(database, error)
        if "replaying WAL" not in str(error):
            raise
        raise WarehouseUnreadableError(
            f"{database} was being written when its writer was killed: run the experiment again"
        ) from error
    try:
        # Its own bar would write over the run's.
        connection.sql("set enable_progress_bar = false")
        if threads is not None:
            connection.sql(f"set threads = {threads}")
        yield connection
    finally:
        connection.close()


def replay_log(database: Path) -> None:
    """Finish what a killed process left in the write-ahead log beside a database, if it left one.

    Opened by its path, DuckDB reads the log before the functions that it ships are there, and a log
    that names one of them in the check of a table shuts the database to every later run.
    Attached to a connection in which they are, it is read.

    Raises
    ------
    WarehouseInUseError
        If another process writes the database.
    WarehouseUnreadableError
        If the log cannot be read this way either.
    """
    log = database.with_name(f"{database.name}.wal")
    if not log.exists():
        return
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(str(database))} as killed")
            connection.execute("checkpoint killed")
    except duckdb.Error as error:
        _refuse_writer(database, error)
        raise WarehouseUnreadableError(
            f"{log} was left by a killed process and cannot be read: {error}\nremedy: delete it and"
            f" {database.name}, then run again; the warehouse is built anew, trained windows and"
            " back-tests are kept"
        ) from error


def _refuse_writer(database: Path, error: duckdb.Error) -> None:
    if holder := _HOLDER.search(str(error)):
        raise WarehouseInUseError(
            f"{database} is being written by process {holder[1]}: wait for it, or end it, and try"
            " again"
        ) from error


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
