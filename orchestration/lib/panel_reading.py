"""The training panel from the warehouse into one matrix, a half-year at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from models_ml.panel import Panel, factor_columns, panel_columns
from orchestration.lib.warehouse import read_only

TABLE = "ml.fct_training_panel"
# Pages of the database that may stay in memory beside the matrix.
PAGE_MEMORY = "256MB"


def load_panel(
    database: Path, rule_set: str, *, last_week: str | None = None, features: bool = True
) -> Panel:
    """Panel of a rule set, features at single precision.

    Sorting half-year by half-year keeps what the database holds at a time small: the matrix
    itself is the only thing that grows with the years.

    Parameters
    ----------
    database
        The warehouse or its published copy.
    rule_set
        Rows of this rule set.
    last_week
        ISO date of the last week_date to read; None: all.
    features
        False leaves the factors out: for whoever only needs weeks and labels.
    """
    where = f"rule_set = '{rule_set}'"
    if last_week is not None:
        where += f" and week_date <= '{last_week}'"
    with read_only(database) as connection:
        connection.sql(f"set memory_limit = '{PAGE_MEMORY}'")
        schema = connection.sql(f"select * from {TABLE} limit 0").to_arrow_table().schema
        names = factor_columns(schema) if features else ()
        counts = connection.sql(
            f"select half_year_window, count(*) from {TABLE} where {where} group by 1 order by 1"
        ).fetchall()
        halves = [half for half, _ in counts]
        rows = sum(count for _, count in counts)
        chunks = _chunks(connection, panel_columns(names), where, halves)
        return Panel.from_chunks(chunks, rows, names)


def _chunks(
    connection: duckdb.DuckDBPyConnection, columns: list[str], where: str, halves: list[str]
) -> Iterator[pa.Table]:
    listed = ", ".join(f'"{column}"' for column in columns)
    for half in halves:
        yield connection.sql(
            f"select {listed} from {TABLE} where {where} and half_year_window = '{half}'"
            " order by week_date, symbol"
        ).to_arrow_table()
