"""A directory of raw tables, opened in DuckDB as one typed view per landing table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from market_data.contract import LANDING_TABLES, TableContract
from market_data.errors import SourceError
from market_data.reading.files import SourceMapping, TableFiles, locate_tables, unknown_files
from market_data.reading.sorting import is_sorted, write_parquet
from market_data.reading.table import SOURCE_SUFFIX, SourceColumn, SourceTable, match_columns
from market_data.reading.typing import is_numeric, literal, quoted

# Large enough to group twelve million bars by key without spilling much, small beside the
# machine; what does not fit goes to a temporary folder.
MEMORY_LIMIT = "1500MB"
# Tables up to this size are read once and kept in memory; larger ones are read by every query.
SMALL_TABLE_ROWS = 200_000


@dataclass(frozen=True)
class UnreadableFile:
    """A file that DuckDB cannot read, and what it says about it."""

    table: str
    label: str
    reason: str


@dataclass(frozen=True)
class ExtraColumns:
    """Columns that a source has beyond the contract of a table.

    Attributes
    ----------
    label
        File or folder of the table, relative to the directory.
    is_there
        Whether the source has the table.
    kept
        Numeric columns, by the names under which they land, in the order of the source.
    dropped
        Columns that do not land.
    """

    label: str
    is_there: bool
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class LandingDirectory:
    """Raw tables under the names and in the types of the contract.

    Every table of `tables` is a table or view of `connection` under its contract name, and its
    rows come in the order of its key.
    """

    path: Path
    mapping: SourceMapping
    connection: duckdb.DuckDBPyConnection
    located: dict[str, TableFiles]
    tables: dict[str, SourceTable]
    unreadable: tuple[UnreadableFile, ...]
    unknown: tuple[str, ...]

    def has(self, table: str) -> bool:
        """Whether the table is there, readable, and not empty."""
        return table in self.tables and self.tables[table].row_count > 0


@contextmanager
def open_directory(path: Path, mapping: SourceMapping | None = None) -> Iterator[LandingDirectory]:
    """Open a directory of Parquet or CSV tables.

    Text files are first turned into a temporary Parquet file, so that they are parsed once.

    Raises
    ------
    SourceError
        If there is no such directory.
    """
    names = mapping or SourceMapping()
    located = locate_tables(path, names)
    with tempfile.TemporaryDirectory(prefix="landing_") as scratch:
        connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT})
        try:
            connection.execute(f"set temp_directory = {literal(scratch)}")
            connection.execute("set enable_progress_bar = false")
            opener = _Opener(connection, Path(scratch), names)
            opened, unreadable = opener.open_all(path, located)
            tables = {name: opener.show_in_order(table) for name, table in opened.items()}
            unknown = unknown_files(path, located)
            yield LandingDirectory(path, names, connection, located, tables, unreadable, unknown)
        finally:
            connection.close()


def extra_columns(path: Path, table: str, mapping: SourceMapping | None = None) -> ExtraColumns:
    """Columns of one table beyond its contract, without reading the rows of a Parquet file.

    Raises
    ------
    SourceError
        If there is no such directory, or the file cannot be read.
    """
    names = mapping or SourceMapping()
    files = locate_tables(path, names)[table]
    if not files.files:
        return ExtraColumns(files.label, is_there=False)
    contract = LANDING_TABLES[table]
    with duckdb.connect() as connection:
        opener = _Opener(connection, path, names)
        scan = _scan(files.files, files.is_csv)
        try:
            columns, dropped = opener.match(contract, scan, files.is_csv)
        except duckdb.Error as error:
            raise SourceError(
                f"{path / files.label} cannot be read: {_first_line(error)}; write it again"
            ) from error
    kept = tuple(name for name in columns if name not in contract.by_name)
    return ExtraColumns(files.label, is_there=True, kept=kept, dropped=dropped)


@dataclass(frozen=True)
class _Opener:
    connection: duckdb.DuckDBPyConnection
    scratch: Path
    mapping: SourceMapping

    def open_all(
        self, root: Path, located: dict[str, TableFiles]
    ) -> tuple[dict[str, SourceTable], tuple[UnreadableFile, ...]]:
        tables: dict[str, SourceTable] = {}
        unreadable: list[UnreadableFile] = []
        for name, files in located.items():
            if not files.files:
                continue
            faults = self._unreadable_files(root, files)
            if not faults:
                try:
                    tables[name] = self._open(LANDING_TABLES[name], files)
                except duckdb.Error as error:
                    faults = [UnreadableFile(name, files.label, _first_line(error))]
            unreadable.extend(faults)
        return tables, tuple(unreadable)

    def show_in_order(self, table: SourceTable) -> SourceTable:
        """Create the table or view of the contract's name, its rows in the order of its key."""
        order = ", ".join(quoted(name) for name in table.sort_key)
        if table.row_count <= SMALL_TABLE_ROWS:
            by_key = f" order by {order}" if order else ""
            self.connection.execute(f"create table {table.name} as {table.view_sql()}{by_key}")
            return table
        self.connection.execute(f"create view {table.name} as {table.view_sql()}")
        if not order or is_sorted(self.connection, table.name, table.sort_key):
            return table
        copy = self.scratch / f"{table.name}_sorted.parquet"
        columns = ", ".join(
            f"{quoted(name + SOURCE_SUFFIX)} as {quoted(column.name)}"
            for name, column in table.columns.items()
        )
        query = f"select {columns} from {table.name} order by {order}"
        write_parquet(self.connection, query, copy)
        table = replace(table, scan=_scan((copy,), is_csv=False), sorted_copy=copy)
        self.connection.execute(f"create or replace view {table.name} as {table.view_sql()}")
        return table

    def _unreadable_files(self, root: Path, files: TableFiles) -> list[UnreadableFile]:
        faults = []
        for file in files.files:
            try:
                self.connection.execute(f"describe select * from {_scan((file,), files.is_csv)}")
            except duckdb.Error as error:
                label = file.relative_to(root).as_posix()
                faults.append(UnreadableFile(files.table, label, _first_line(error)))
        return faults

    def _open(self, contract: TableContract, files: TableFiles) -> SourceTable:
        scan = _scan(files.files, files.is_csv)
        if files.is_csv:
            copy = self.scratch / f"{contract.name}.parquet"
            self.connection.execute(
                f"copy (select * from {scan}) to {_path_literal(copy)} (format parquet)"
            )
            scan = _scan((copy,), is_csv=False)
        columns, dropped = self.match(contract, scan, files.is_csv)
        row_count, counts = self._read_through(scan, columns)
        return SourceTable(contract, files, scan, row_count, columns, counts, dropped)

    def match(
        self, contract: TableContract, scan: str, is_csv: bool
    ) -> tuple[dict[str, SourceColumn], tuple[str, ...]]:
        """Columns of a scan by their names in the contract, and those that do not land."""
        described = self.connection.execute(f"describe select * from {scan}").fetchall()
        found = [SourceColumn(str(row[0]), str(row[1])) for row in described]
        renamed = self.mapping.columns_of(contract.name)
        return match_columns(contract, found, renamed, self._numeric(scan, found, is_csv))

    def _numeric(self, scan: str, found: list[SourceColumn], is_csv: bool) -> frozenset[str]:
        """Names of the columns that hold numbers; in a text file the values tell."""
        if not is_csv:
            return frozenset(column.name for column in found if is_numeric(column.type))
        names = [quoted(column.name) for column in found]
        failures = ", ".join(f"count({n}) - count(try_cast({n} as double))" for n in names)
        row = self.connection.execute(f"select {failures} from {scan}").fetchall()[0]
        return frozenset(column.name for column, bad in zip(found, row, strict=True) if not bad)

    def _read_through(
        self, scan: str, columns: dict[str, SourceColumn]
    ) -> tuple[int, dict[str, int]]:
        """Count rows, and values per column.

        The hashes force every page to be decoded, so that a file that is damaged behind an
        intact footer shows here and not in the middle of a rule.
        """
        measures = [
            f"count({quoted(column.name)}), max(hash({quoted(column.name)}))"
            for column in columns.values()
        ]
        query = f"select {', '.join(['count(*)', *measures])} from {scan}"
        row = self.connection.execute(query).fetchall()[0]
        return int(row[0]), dict(zip(columns, map(int, row[1::2]), strict=True))


def _scan(files: tuple[Path, ...], is_csv: bool) -> str:
    paths = "[" + ", ".join(_path_literal(file) for file in files) + "]"
    if is_csv:
        return f"read_csv({paths}, all_varchar = true, header = true, union_by_name = true)"
    return f"read_parquet({paths}, union_by_name = true)"


def _path_literal(path: Path) -> str:
    """Quote a path; brackets, stars and question marks would otherwise be read as patterns."""
    escaped = "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(path.absolute()))
    return literal(escaped)


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0]
