"""Faults of files, tables and columns as wholes, before any rule looks at a row."""

from __future__ import annotations

from collections.abc import Iterator

from market_data.contract import LANDING_TABLES, ColumnContract
from market_data.reading import LandingDirectory, SourceTable
from market_data.reading.table import SOURCE_SUFFIX
from market_data.reading.typing import quoted
from market_data.validation.report import Fault, Severity, TableState, TableSummary
from market_data.validation.sampling import fetch_examples


def summarise_tables(directory: LandingDirectory) -> tuple[TableSummary, ...]:
    """State of every landing table, in the order of the contract."""
    return tuple(_summarise(directory, name) for name in LANDING_TABLES)


def _summarise(directory: LandingDirectory, name: str) -> TableSummary:
    contract, files = LANDING_TABLES[name], directory.located[name]
    if not files.files:
        return TableSummary(name, files.label, TableState.ABSENT, switched_off=contract.feeds)
    if name not in directory.tables:
        return TableSummary(name, files.label, TableState.UNREADABLE, switched_off=contract.feeds)
    table = directory.tables[name]
    if table.row_count == 0:
        return TableSummary(
            name,
            files.label,
            TableState.EMPTY,
            columns_dropped=table.dropped,
            switched_off=contract.feeds,
        )
    absent = table.absent_columns
    return TableSummary(
        name,
        files.label,
        TableState.PRESENT,
        table.row_count,
        tuple(column.name for column in absent),
        table.dropped,
        tuple(phrase for column in absent for phrase in column.feeds),
    )


def structural_faults(directory: LandingDirectory) -> Iterator[Fault]:
    """Faults of missing, ambiguous, unreadable, empty, and wrongly shaped tables."""
    yield from _file_faults(directory)
    for table in directory.tables.values():
        if table.row_count == 0 and table.contract.required:
            yield _whole_table(
                table.files.label,
                table.name,
                "empty_table",
                "the table has no rows",
                f"provide {table.contract.grain}",
                row_count=0,
            )
        yield from (_missing_column(directory, table, column) for column in table.missing_columns)
        yield from (_mistyped(directory, table, column) for column in table.mistyped_columns)
        yield from _unmatched_mapping(directory, table)


def _file_faults(directory: LandingDirectory) -> Iterator[Fault]:
    for fault in directory.unreadable:
        yield _whole_table(
            fault.label,
            fault.table,
            "unreadable_file",
            f"the file cannot be read: {fault.reason}",
            "write or copy the file again; it may have been cut off",
        )
    for name, files in directory.located.items():
        contract = LANDING_TABLES[name]
        if not files.files and contract.required:
            yield _whole_table(
                files.label,
                name,
                "missing_table",
                f"a required table is missing: {contract.description}",
                f"provide {name}.parquet, a folder {name}/ of Parquet files, or {name}.csv",
            )
        if files.rivals:
            yield _whole_table(
                files.label,
                name,
                "ambiguous_table",
                f"the table is there more than once: also as {', '.join(files.rivals)}",
                "keep one of them",
            )
    for entry in directory.unknown:
        yield Fault(
            Severity.WARNING,
            entry,
            "",
            "",
            "unknown_table",
            "no table of the contract; it is ignored",
            "rename it, or map it in the experiment file, if it is a landing table",
        )


def _whole_table(
    file: str, table: str, rule: str, problem: str, remedy: str, *, row_count: int | None = None
) -> Fault:
    return Fault(Severity.ERROR, file, table, "", rule, problem, remedy, row_count)


def _missing_column(
    directory: LandingDirectory, table: SourceTable, column: ColumnContract
) -> Fault:
    return Fault(
        Severity.ERROR,
        table.files.label,
        table.name,
        column.name,
        "missing_column",
        f"a required column is missing; the file has {', '.join(_names(table))}",
        f"add it as {column.type.value}: {column.description}",
        table.row_count,
        fetch_examples(directory, table, "true", ()),
    )


def _names(table: SourceTable) -> list[str]:
    return [*(column.name for column in table.columns.values()), *table.dropped]


def _mistyped(directory: LandingDirectory, table: SourceTable, column: ColumnContract) -> Fault:
    source = table.columns[column.name]
    shown = quoted(column.name + SOURCE_SUFFIX)
    return Fault(
        Severity.ERROR,
        table.files.label,
        table.name,
        column.name,
        "wrong_type",
        f"the column is {source.type}, expected {column.type.value}",
        f"store it as {column.type.value}"
        + (" or as any other number" if column.type.is_numeric else ""),
        table.non_null_counts[column.name],
        fetch_examples(
            directory, table, f"{shown} is not null", (f"{shown} as {quoted(column.name)}",)
        ),
    )


def _unmatched_mapping(directory: LandingDirectory, table: SourceTable) -> Iterator[Fault]:
    found = {name.lower() for name in _names(table)}
    for theirs, ours in directory.mapping.columns_of(table.name).items():
        if theirs not in found:
            yield Fault(
                Severity.ERROR,
                table.files.label,
                table.name,
                ours,
                "mapped_column_missing",
                f"the mapping reads {ours} from {theirs}, which the file does not have",
                f"correct the column mapping of {table.name}",
                table.row_count,
            )
