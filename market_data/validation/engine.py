"""Checks a directory of raw tables against the landing contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from market_data.contract import LANDING_TABLES
from market_data.reading import LandingDirectory, SourceMapping, SourceTable, open_directory
from market_data.reading.typing import quoted
from market_data.validation.column_rules import column_rules
from market_data.validation.cross_rules import QUERY_RULES
from market_data.validation.report import Fault, Severity, ValidationReport
from market_data.validation.row_rules import ROW_RULES
from market_data.validation.rules import QueryRule, RowRule
from market_data.validation.sampling import EXAMPLES, fetch_examples, fetch_rows
from market_data.validation.structure import structural_faults, summarise_tables


def validate_directory(path: Path, mapping: SourceMapping | None = None) -> ValidationReport:
    """Check a directory of landing tables against the contract.

    Every rule is checked that can be: a fault hides another one only where a rule needs a
    column that is missing or of the wrong type.

    Parameters
    ----------
    path
        Directory with one Parquet file, folder of Parquet files, or CSV file per table.
    mapping
        How names of the source map onto the contract.

    Raises
    ------
    SourceError
        If there is no such directory.
    """
    with open_directory(path, mapping) as directory:
        return validate_opened(directory)


def declared_rules() -> tuple[RowRule | QueryRule, ...]:
    """Rules between columns, rows and tables; those of single columns follow the contract."""
    return (*ROW_RULES, *QUERY_RULES)


def validate_opened(directory: LandingDirectory) -> ValidationReport:
    """Check a directory that is open already."""
    faults = [
        *structural_faults(directory),
        *(fault for table in directory.tables.values() for fault in _row_faults(directory, table)),
        *(fault for rule in QUERY_RULES for fault in _query_faults(directory, rule)),
    ]
    order = {name: position for position, name in enumerate(LANDING_TABLES)}
    faults.sort(
        key=lambda fault: (fault.severity is Severity.WARNING, order.get(fault.table, len(order)))
    )
    return ValidationReport(directory.path, summarise_tables(directory), tuple(faults))


def _row_faults(directory: LandingDirectory, table: SourceTable) -> Iterator[Fault]:
    """Count all row rules of a table in one pass, then look up examples of the broken ones."""
    rules = [
        rule
        for rule in (*column_rules(table), *ROW_RULES)
        if rule.table == table.name
        and table.usable_columns.issuperset((*rule.columns, *rule.needs))
    ]
    if not rules or not directory.has(table.name):
        return
    counts = ", ".join(f"count(*) filter (where {rule.predicate})" for rule in rules)
    query = f"select {counts} from {table.name}"
    for rule, count in zip(rules, directory.connection.execute(query).fetchall()[0], strict=True):
        if count:
            yield _row_fault(directory, table, rule, int(count))


def _row_fault(directory: LandingDirectory, table: SourceTable, rule: RowRule, count: int) -> Fault:
    shown = rule.shown or tuple(quoted(column) for column in rule.columns)
    return Fault(
        rule.severity,
        table.files.label,
        table.name,
        ", ".join(rule.columns),
        rule.name,
        rule.problem,
        rule.remedy,
        count,
        fetch_examples(directory, table, rule.predicate, shown),
    )


def _query_faults(directory: LandingDirectory, rule: QueryRule) -> Iterator[Fault]:
    if not all(_usable(directory, *need.split(".")) for need in rule.needs):
        return
    counted = f"select {rule.weight} from ({rule.query})"
    count = directory.connection.execute(counted).fetchall()[0][0]
    if not count:
        return
    yield Fault(
        rule.severity,
        directory.located[rule.table].label,
        rule.table,
        ", ".join(rule.columns),
        rule.name,
        rule.problem,
        rule.remedy,
        int(count),
        fetch_rows(directory, f"select * from ({rule.query}) order by all limit {EXAMPLES}"),
    )


def _usable(directory: LandingDirectory, table: str, column: str) -> bool:
    return directory.has(table) and column in directory.tables[table].usable_columns
