"""Writing one landing table: exact types, order of the key, one file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq

from market_data.contract import LANDING_TABLES
from market_data.reading import LandingDirectory, SourceTable, write_parquet
from market_data.reading.table import SOURCE_SUFFIX
from market_data.reading.typing import quoted


def write_table(directory: LandingDirectory, name: str, target: Path) -> None:
    """Write one table of an opened directory to `<target>/<name>.parquet`.

    The file has exactly the columns and types of the contract and is sorted by its key; zero
    rows if the source lacks the table. A temporary copy that is such a file is moved, and the
    table cannot be read afterwards.
    """
    file = target / f"{name}.parquet"
    if not directory.has(name):
        pq.write_table(LANDING_TABLES[name].empty(), file)
        return
    table = directory.tables[name]
    if table.sorted_copy is not None and _conforms(directory, table):
        table.sorted_copy.replace(file)
        return
    columns = ", ".join(quoted(column) for column in table.landing_columns)
    write_parquet(directory.connection, f"select {columns} from {name}", file)


def _conforms(directory: LandingDirectory, table: SourceTable) -> bool:
    """Whether what the source has is what lands: columns, types, order and values."""
    found = [(column.name, column.type) for column in table.columns.values()]
    wanted = [(column.name, column.type.value) for column in table.contract.columns]
    wanted += [(name, "DOUBLE") for name in table.extra_columns]
    if found != wanted or table.dropped:
        return False
    converted = " or ".join(
        f"{quoted(name)} is distinct from {quoted(name + SOURCE_SUFFIX)}"
        for name in table.landing_columns
    )
    query = f"select exists (select 1 from {table.name} where {converted})"
    return not directory.connection.execute(query).fetchall()[0][0]


def file_sha256(file: Path) -> str:
    """SHA-256 of the content of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
