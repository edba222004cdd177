"""Rows in the order of their table's key, and the Parquet files that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from market_data.reading.typing import literal, quoted

# Rows of one security lie together, so that a row group holds few securities and a filter on
# the symbol, or a window over it, touches few groups.
ROW_GROUP_SIZE = 122_880


def is_sorted(connection: duckdb.DuckDBPyConnection, relation: str, key: Sequence[str]) -> bool:
    """Whether the rows of a relation come in the order of a key; a NULL is before everything."""
    current = ", ".join(quoted(name) for name in key)
    previous = ", ".join(f"lag({quoted(name)}) over () as {_previous(name)}" for name in key)
    query = (
        f"select count(*) from (select {current}, {previous} from {relation}) "
        f"where {_descends(list(key))}"
    )
    return bool(connection.execute(query).fetchall()[0][0] == 0)


def _descends(key: list[str]) -> str:
    """SQL condition: the key is below that of the row before."""
    name = key[0]
    below = f"{quoted(name)} < {_previous(name)}"
    if len(key) == 1:
        return below
    return f"({below} or ({quoted(name)} = {_previous(name)} and {_descends(key[1:])}))"


def _previous(name: str) -> str:
    return quoted(f"previous_{name}")


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query to a file in their order; equal rows give equal files."""
    # What DuckDB knows about NULLs from statistics would decide whether a column is written as
    # required; without it the same rows give the same file, whatever they came from.
    connection.execute("set disabled_optimizers = 'statistics_propagation'")
    connection.execute(
        f"copy ({query}) to {literal(str(file))} "
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP_SIZE})"
    )
    connection.execute("reset disabled_optimizers")
