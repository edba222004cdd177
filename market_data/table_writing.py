"""Writing one landing table: exact types, order of the key, one file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq

from market_data.contract import LANDING_TABLES
from market_data.reading import LandingDirectory, SourceTable
from market_data.reading.typing import literal, quoted

# Rows of one security lie together, so that a row group holds few securities and a filter on
# the symbol, or a window over it, touches few groups.
ROW_GROUP_SIZE = 122_880


def write_table(directory: LandingDirectory, name: str, target: Path) -> None:
    """Write one table of an opened directory to `<target>/<name>.parquet`.

    The file has exactly the columns and types of the contract and is sorted by its key; zero
    rows if the source lacks the table.
    """
    file = target / f"{name}.parquet"
    if not directory.has(name):
        pq.write_table(LANDING_TABLES[name].empty(), file)
        return
    table = directory.tables[name]
    columns = ", ".join(quoted(column) for column in table.landing_columns)
    # Sorting twelve million rows takes longer than everything else, and most sources are sorted.
    order = "" if is_sorted(directory, table) else f" order by {_listed(table.contract.key)}"
    # What DuckDB knows about NULLs from statistics would decide whether a column is written as
    # required; without it the same rows give the same file, whatever they came from.
    directory.connection.execute("set disabled_optimizers = 'statistics_propagation'")
    directory.connection.execute(
        f"copy (select {columns} from {name}{order}) to {literal(str(file))} "
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP_SIZE})"
    )
    directory.connection.execute("reset disabled_optimizers")


def move_table(directory: LandingDirectory, name: str, target: Path) -> None:
    """Move a table that is as `write_table` would write it; write it anew if it is not."""
    table = directory.tables.get(name)
    if table is None or not _conforms(directory, table):
        write_table(directory, name, target)
    else:
        table.files.files[0].replace(target / f"{name}.parquet")


def _conforms(directory: LandingDirectory, table: SourceTable) -> bool:
    found = [(column.name, column.type) for column in table.columns.values()]
    wanted = [(column.name, column.type.value) for column in table.contract.columns]
    wanted += [(name, "DOUBLE") for name in table.extra_columns]
    return (
        found == wanted
        and not table.dropped
        and not table.files.is_csv
        and len(table.files.files) == 1
        and is_sorted(directory, table)
    )


def is_sorted(directory: LandingDirectory, table: SourceTable) -> bool:
    """Whether the rows of a table come in the order of its key."""
    key = table.contract.key
    current = ", ".join(quoted(name) for name in key)
    previous = ", ".join(f"lag({quoted(name)}) over () as {_previous(name)}" for name in key)
    query = (
        f"select count(*) from (select {current}, {previous} from {table.name}) "
        f"where {_descends(list(key))}"
    )
    return bool(directory.connection.execute(query).fetchall()[0][0] == 0)


def _descends(key: list[str]) -> str:
    """SQL condition: the key is below that of the row before."""
    name = key[0]
    below = f"{quoted(name)} < {_previous(name)}"
    if len(key) == 1:
        return below
    return f"({below} or ({quoted(name)} = {_previous(name)} and {_descends(key[1:])}))"


def _previous(name: str) -> str:
    return quoted(f"previous_{name}")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def file_sha256(file: Path) -> str:
    """SHA-256 of the content of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
