"""One table of a source, bound to its contract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from market_data.contract import ColumnContract, ColumnType, TableContract
from market_data.reading.files import TableFiles
from market_data.reading.typing import fits, quoted, typed_expression

SOURCE_SUFFIX = "__source"


@dataclass(frozen=True)
class SourceColumn:
    """A column as the source has it: its name there and its DuckDB type."""

    name: str
    type: str


@dataclass(frozen=True)
class SourceTable:
    """A readable table of a source.

    Attributes
    ----------
    contract, files
        What it should be and where it lies.
    scan
        DuckDB table expression over the files.
    row_count
        Rows in all files.
    columns
        Column of the contract (or kept numeric column) -> column of the source.
    non_null_counts
        Column of the contract -> number of values that are not NULL.
    dropped
        Columns of the source that do not land.
    sorted_copy
        Temporary Parquet file that `scan` reads, with the rows of the source in the order of the
        key; None if they came so, or are few.
    """

    contract: TableContract
    files: TableFiles
    scan: str
    row_count: int
    columns: dict[str, SourceColumn]
    non_null_counts: dict[str, int]
    dropped: tuple[str, ...]
    sorted_copy: Path | None = None

    @property
    def name(self) -> str:
        """Name in the contract."""
        return self.contract.name

    @property
    def missing_columns(self) -> tuple[ColumnContract, ...]:
        """Columns that have to be there and are not."""
        return tuple(
            column
            for column in self.contract.columns
            if not column.optional and column.name not in self.columns
        )

    @property
    def absent_columns(self) -> tuple[ColumnContract, ...]:
        """Optional columns that are not there, or hold nothing."""
        return tuple(
            column
            for column in self.contract.columns
            if column.optional and not self.non_null_counts.get(column.name)
        )

    @property
    def mistyped_columns(self) -> tuple[ColumnContract, ...]:
        """Columns whose type cannot be cast; a column of NULLs alone fits any type."""
        return tuple(
            column
            for column in self.contract.columns
            if column.name in self.columns
            and self.non_null_counts[column.name]
            and not self._fits(column)
        )

    @property
    def usable_columns(self) -> frozenset[str]:
        """Columns of the contract that rules may be checked on."""
        broken = {column.name for column in (*self.missing_columns, *self.mistyped_columns)}
        return frozenset(self.contract.by_name) - broken

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """Kept numeric columns beyond the contract, in the order of the source."""
        return tuple(name for name in self.columns if name not in self.contract.by_name)

    @property
    def landing_columns(self) -> tuple[str, ...]:
        """Columns as they land, in order."""
        return (*self.contract.by_name, *self.extra_columns)

    @property
    def sort_key(self) -> tuple[str, ...]:
        """Columns of the key that are there and of the right type; rules rely on their order."""
        return tuple(name for name in self.contract.key if name in self.usable_columns)

    def _fits(self, column: ColumnContract) -> bool:
        source_type = self.columns[column.name].type
        return fits(source_type, column.type, is_text_file=self.files.is_csv)

    def view_sql(self) -> str:
        """SELECT that gives every column typed, and as it came under `<name>__source`.

        Values that do not fit are NULL in the typed column.
        """
        typed = [
            f"{self._typed(column)} as {quoted(column.name)}" for column in self.contract.columns
        ]
        extra = [
            f"{self._cast(name, ColumnType.DOUBLE)} as {quoted(name)}"
            for name in self.extra_columns
        ]
        source = [
            f"{quoted(column.name)} as {quoted(name + SOURCE_SUFFIX)}"
            for name, column in self.columns.items()
        ]
        filled = [
            f"coalesce({quoted(column.name)}, case when is_suspended then "
            f"{column.suspended_value} end) as {quoted(column.name)}"
            for column in self.contract.columns
            if column.suspended_value
        ]
        inner = f"select {', '.join([*typed, *extra, *source])} from {self.scan}"
        if not filled or "is_suspended" not in self.usable_columns:
            return inner
        return f"select * replace ({', '.join(filled)}) from ({inner})"

    def _typed(self, column: ColumnContract) -> str:
        if column.name not in self.columns or not self._fits(column):
            return f"cast(null as {column.type.value})"
        return self._cast(column.name, column.type)

    def _cast(self, name: str, target: ColumnType) -> str:
        source = self.columns[name]
        return typed_expression(
            quoted(source.name), source.type, target, text_file=self.files.is_csv
        )


def match_columns(
    contract: TableContract,
    found: list[SourceColumn],
    renamed: dict[str, str],
    numeric: frozenset[str],
) -> tuple[dict[str, SourceColumn], tuple[str, ...]]:
    """Assign the columns of a source to those of the contract.

    Parameters
    ----------
    found
        Columns of the source; names are compared without regard to case.
    renamed
        Column of the source, in lower case -> column of the contract. A renamed column goes
        before one that bears the contract's name.
    numeric
        Columns of the source that hold numbers.

    Returns
    -------
    tuple
        Column of the contract (or kept numeric column) -> column of the source; and the names of
        the columns that do not land.
    """
    targets = set(renamed.values())
    assigned: dict[str, SourceColumn] = {}
    dropped: list[str] = []
    for column in found:
        lowered = column.name.lower()
        ours = renamed.get(lowered, lowered if lowered not in targets else None)
        kept = contract.keeps_numeric_columns and column.name in numeric
        if ours is None or ours in assigned or (ours not in contract.by_name and not kept):
            dropped.append(column.name)
        else:
            assigned[ours] = column
    return assigned, tuple(dropped)
