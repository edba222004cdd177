"""What a validation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """Errors refuse a directory, warnings are counted and let it pass."""

    ERROR = "error"
    WARNING = "warning"


class TableState(StrEnum):
    """How a landing table was found."""

    PRESENT = "present"
    EMPTY = "empty"
    ABSENT = "absent"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Fault:
    """One rule that a table breaks.

    Attributes
    ----------
    file
        File or folder, relative to the directory.
    table, column
        Names of the contract; `column` is empty where the whole table is meant, and lists
        several, separated by commas, where a rule compares them.
    rule
        Short name of the rule, stable from version to version.
    problem, remedy
        What is wrong, and what to do about it.
    row_count
        Offending rows; None where the fault is not one of rows (a missing or unreadable file).
    examples
        The first three offending rows in the order of the key, as {column: value}.
    """

    severity: Severity
    file: str
    table: str
    column: str
    rule: str
    problem: str
    remedy: str
    row_count: int | None = None
    examples: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class TableSummary:
    """How one landing table was found.

    Attributes
    ----------
    name, file, state, row_count
        `file` is relative to the directory.
    columns_absent
        Optional columns that are absent or hold nothing.
    columns_dropped
        Columns of the source that do not land.
    switched_off
        What cannot be built without the table or the absent columns.
    """

    name: str
    file: str
    state: TableState
    row_count: int = 0
    columns_absent: tuple[str, ...] = ()
    columns_dropped: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()


@dataclass(frozen=True)
class ValidationReport:
    """Everything that was found in a directory: all faults, not the first one.

    Attributes
    ----------
    path
        The directory.
    tables
        One summary per table of the contract, in its order.
    faults
        Errors before warnings, within each in the order of the contract.
    """

    path: Path
    tables: tuple[TableSummary, ...]
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """Faults that refuse the directory."""
        return tuple(fault for fault in self.faults if fault.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Faults that are counted only."""
        return tuple(fault for fault in self.faults if fault.severity is Severity.WARNING)

    @property
    def ok(self) -> bool:
        """Whether the directory may be used."""
        return not self.errors
