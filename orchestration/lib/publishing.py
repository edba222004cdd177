"""The copy that analysts open: tables only, commented, swapped in whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

PUBLIC_SCHEMAS = ("core", "factors", "risk", "ml", "results", "ops", "rules", "paper")
# Readers of the 1.5 series open the published file too.
STORAGE_VERSION = "v1.5.0"


def publish(
    warehouse: Path,
    database: Path,
    tables_dir: Path,
    *,
    on_table: Callable[[str], None] = lambda table: None,
) -> dict[str, int]:
    """Copy every public table into a new database file and to Parquet, then swap them in.

    Readers that have the old file open keep it; whoever opens the path later sees the new one.

    Returns
    -------
    dict
        `schema.table` to number of rows.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    tables_dir.mkdir(parents=True, exist_ok=True)
    temporary = database.with_suffix(f".{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    connection = duckdb.connect()
    try:
        # Its own bar would write over the run's.
        connection.sql("set enable_progress_bar = false")
        connection.sql(f"attach '{warehouse}' as warehouse (read_only)")
        connection.sql(f"attach '{temporary}' as copy (storage_version '{STORAGE_VERSION}')")
        tables = _public_tables(connection)
        counts = {}
        # A copy into the database keeps one processor busy, one to Parquet another.
        with ThreadPoolExecutor(1) as beside:
            for schema, table, statement, _ in tables:
                file = beside.submit(_write_parquet, connection.cursor(), schema, table, tables_dir)
                counts[f"{schema}.{table}"] = _copy_table(connection, schema, table, statement)
                file.result()
                on_table(f"{schema}.{table}")
        _copy_comments(
            connection, {(schema, table): comment for schema, table, _, comment in tables}
        )
        connection.sql("detach copy")
    finally:
        connection.close()
        if not temporary.exists():
            temporary.with_suffix(".tmp.wal").unlink(missing_ok=True)
    temporary.replace(database)
    _remove_stale(tables_dir, {f"{schema}.{table}" for schema, table, *_ in tables})
    return counts


def _public_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str | None]]:
    schemas = ", ".join(f"'{schema}'" for schema in PUBLIC_SCHEMAS)
    rows: Sequence[tuple[str, str, str, str | None]] = connection.sql(
        "select schema_name, table_name, sql, comment from duckdb_tables()"
        f" where database_name = 'warehouse' and schema_name in ({schemas})"
        " order by schema_name, table_name"
    ).fetchall()
    return list(rows)


def _copy_table(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, statement: str
) -> int:
    connection.sql(f'create schema if not exists copy."{schema}"')
    # The statement keeps constraints; it names the table without its database.
    head, _, body = statement.partition("(")
    if "CREATE TABLE" not in head.upper():
        raise ValueError(f"unexpected definition of {schema}.{table}: {head!r}")
    connection.sql(f'create table copy."{schema}"."{table}" ({body}')
    connection.sql(
        f'insert into copy."{schema}"."{table}" select * from warehouse."{schema}"."{table}"'
    )
    row = connection.sql(f'select count(*) from copy."{schema}"."{table}"').fetchall()[0]
    return int(row[0])


def _copy_comments(
    connection: duckdb.DuckDBPyConnection, comments: Mapping[tuple[str, str], str | None]
) -> None:
    columns = connection.sql(
        "select schema_name, table_name, column_name, comment from duckdb_columns()"
        " where database_name = 'warehouse' and comment is not null"
    ).fetchall()
    connection.begin()
    for (schema, table), comment in comments.items():
        if comment:
            connection.sql(f'comment on table copy."{schema}"."{table}" is {_literal(comment)}')
    for schema, table, column, comment in columns:
        if (schema, table) in comments:
            connection.sql(
                f'comment on column copy."{schema}"."{table}"."{column}" is {_literal(comment)}'
            )
    connection.commit()


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, tables_dir: Path
) -> None:
    final = tables_dir / f"{schema}.{table}.parquet"
    temporary = final.with_suffix(".tmp")
    connection.sql(
        f'copy warehouse."{schema}"."{table}" to \'{temporary}\' (format parquet, codec zstd)'
    )
    temporary.replace(final)


def _remove_stale(tables_dir: Path, published: set[str]) -> None:
    for file in tables_dir.glob("*.parquet"):
        if file.stem not in published:
            file.unlink()


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
