"""Queries typed by an analyst, and results that fit a terminal."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from rich.table import Table

from orchestration.lib.errors import UserError
from orchestration.lib.warehouse import read_only


class StatementError(UserError):
    """The database refused the statement."""


def run_statement(database: Path, statement: str) -> pa.Table:
    """Result of one read-only statement.

    Raises
    ------
    StatementError
        With the database's own words.
    """
    with read_only(database) as connection:
        try:
            relation = connection.sql(statement)
        except duckdb.Error as error:
            raise StatementError(str(error)) from error
        if relation is None:
            raise StatementError("the statement returns no rows; this command answers queries")
        return relation.to_arrow_table()


def as_table(result: pa.Table, max_rows: int, width: int) -> Table:
    """Table for the terminal: as many columns as fit, what is left out is said."""
    shown_columns = _columns_that_fit(result, max_rows, width)
    table = Table(show_header=True, header_style="bold", box=None, pad_edge=False)
    for name in shown_columns:
        numeric = pa.types.is_floating(result.schema.field(name).type) or pa.types.is_integer(
            result.schema.field(name).type
        )
        table.add_column(name, justify="right" if numeric else "left", no_wrap=True)
    for row in result.slice(0, max_rows).select(shown_columns).to_pylist():
        table.add_row(*(format_value(row[name]) for name in shown_columns))
    table.caption = _caption(result, max_rows, shown_columns)
    table.caption_justify = "left"
    return table


def as_csv(result: pa.Table) -> str:
    """Every row as comma-separated values with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(result.column_names)
    for row in result.to_pylist():
        writer.writerow("" if value is None else value for value in row.values())
    return buffer.getvalue()


def format_value(value: Any) -> str:
    """Short text of a value: six significant digits, ISO dates, empty for NULL."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _columns_that_fit(result: pa.Table, max_rows: int, width: int) -> list[str]:
    used = 0
    shown: list[str] = []
    head = result.slice(0, max_rows)
    for name in result.column_names:
        cells = [format_value(value) for value in head.column(name).to_pylist()]
        used += max([len(name), *(len(cell) for cell in cells)]) + 2
        if used > width and shown:
            break
        shown.append(name)
    return shown


def _caption(result: pa.Table, max_rows: int, shown: list[str]) -> str:
    parts = [f"{min(result.num_rows, max_rows):,} of {result.num_rows:,} rows"]
    hidden = result.num_columns - len(shown)
    if hidden:
        parts.append(f"{hidden} more columns do not fit: select fewer, or use --csv")
    return "; ".join(parts)
