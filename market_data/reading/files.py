"""Which files of a directory hold which landing table, and how a user's names map onto ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from market_data.contract import LANDING_TABLES
from market_data.errors import MappingError, SourceError

PARQUET_SUFFIXES = (".parquet",)
CSV_SUFFIXES = (".csv", ".csv.gz")


@dataclass(frozen=True)
class SourceMapping:
    """How names of a source map onto the contract.

    Attributes
    ----------
    tables
        Table of the source -> table of the contract.
    columns
        Table of the contract (or of the source) -> {column of the source: column of the contract}.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for theirs, ours in self.tables.items():
            if ours not in LANDING_TABLES:
                raise MappingError(_unknown("table mapping", f"{theirs} -> {ours}", LANDING_TABLES))
        for name, columns in self.columns.items():
            self._check_columns(name, columns)

    def _check_columns(self, name: str, columns: Mapping[str, str]) -> None:
        table = self.tables.get(name, name)
        if table not in LANDING_TABLES:
            raise MappingError(_unknown("column mapping of table", name, LANDING_TABLES))
        contract = LANDING_TABLES[table]
        ours = list(columns.values())
        for theirs, our in columns.items():
            if our not in contract.by_name and not contract.keeps_numeric_columns:
                raise MappingError(
                    _unknown(f"column mapping of {table}", f"{theirs} -> {our}", contract.by_name)
                )
            if ours.count(our) > 1:
                raise MappingError(f"column mapping of {table}: {our} is the target of two columns")

    def table_sources(self, table: str) -> tuple[str, ...]:
        """Names under which the source may hold a landing table."""
        mapped = tuple(theirs for theirs, ours in self.tables.items() if ours == table)
        return mapped or (() if table in self.tables else (table,))

    def columns_of(self, table: str) -> dict[str, str]:
        """Column of the source, in lower case -> column of the contract."""
        return {
            theirs.lower(): ours
            for name, columns in self.columns.items()
            if self.tables.get(name, name) == table
            for theirs, ours in columns.items()
        }


def _unknown(where: str, what: str, known: Mapping[str, object]) -> str:
    return f"{where}: {what} is not in the landing contract, which has {', '.join(known)}"


@dataclass(frozen=True)
class TableFiles:
    """The files of one landing table.

    Attributes
    ----------
    table
        Name in the contract.
    label
        File or folder, relative to the directory, as shown to the user.
    files
        Parquet or CSV files, sorted by path; empty if the table is absent.
    is_csv
        Whether the files are text.
    rivals
        Further files or folders that claim to be the same table.
    """

    table: str
    label: str
    files: tuple[Path, ...] = ()
    is_csv: bool = False
    rivals: tuple[str, ...] = ()


def locate_tables(directory: Path, mapping: SourceMapping) -> dict[str, TableFiles]:
    """Find the files of every landing table.

    Raises
    ------
    SourceError
        If there is no such directory.
    """
    if not directory.is_dir():
        raise SourceError(f"{directory} is not a directory of landing tables")
    return {table: _locate(directory, table, mapping) for table in LANDING_TABLES}


def _locate(directory: Path, table: str, mapping: SourceMapping) -> TableFiles:
    found = [
        candidate
        for name in mapping.table_sources(table)
        for candidate in _candidates(directory, name, table)
    ]
    if not found:
        return TableFiles(table, f"{table}.parquet")
    rivals = tuple(candidate.label for candidate in found[1:])
    first = found[0]
    return TableFiles(table, first.label, first.files, first.is_csv, rivals)


def _candidates(directory: Path, name: str, table: str) -> list[TableFiles]:
    found: list[TableFiles] = []
    for suffixes, is_csv in ((PARQUET_SUFFIXES, False), (CSV_SUFFIXES, True)):
        for suffix in suffixes:
            file = directory / f"{name}{suffix}"
            if file.is_file():
                found.append(TableFiles(table, file.name, (file,), is_csv))
        inside = _files_inside(directory / name, suffixes)
        if inside:
            found.append(TableFiles(table, f"{name}/", inside, is_csv))
    return found


def _files_inside(folder: Path, suffixes: tuple[str, ...]) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            file
            for file in folder.rglob("*")
            if file.is_file() and file.name.lower().endswith(suffixes)
        )
    )


def unknown_files(directory: Path, located: Mapping[str, TableFiles]) -> tuple[str, ...]:
    """Parquet and CSV files, and folders of them, that are no landing table."""
    known = {
        name.rstrip("/") for files in located.values() for name in (files.label, *files.rivals)
    }
    suffixes = PARQUET_SUFFIXES + CSV_SUFFIXES
    return tuple(
        entry.name
        for entry in sorted(directory.iterdir())
        if entry.name not in known
        and (entry.name.lower().endswith(suffixes) or _files_inside(entry, suffixes))
    )
