"""What a contract is made of: columns, tables, and their Arrow and Markdown forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa


class ColumnType(StrEnum):
    """DuckDB type a column has once it has landed."""

    TEXT = "VARCHAR"
    DATE = "DATE"
    BOOLEAN = "BOOLEAN"
    PRICE = "DECIMAL(9,2)"
    WHOLE = "BIGINT"
    DOUBLE = "DOUBLE"
    FLOAT = "FLOAT"

    @property
    def is_numeric(self) -> bool:
        """Whether any numeric type of a source may be cast to this one."""
        return self in _NUMERIC

    @property
    def arrow(self) -> pa.DataType:
        """The same type in Arrow."""
        return _ARROW[self]


_NUMERIC = frozenset({ColumnType.PRICE, ColumnType.WHOLE, ColumnType.DOUBLE, ColumnType.FLOAT})

_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.DATE: pa.date32(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.PRICE: pa.decimal128(9, 2),
    ColumnType.WHOLE: pa.int64(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.FLOAT: pa.float32(),
}


@dataclass(frozen=True)
class ColumnContract:
    """One column of a landing table.

    Attributes
    ----------
    name, type, description, unit
        `unit` is empty for names, codes, dates and flags.
    key
        Part of the table's key: never NULL, and the combination is unique.
    nullable
        NULL is a value that the rest of the project understands. A not-a-number or an infinity
        counts as NULL.
    optional
        The column may be absent; it then lands as NULL throughout.
    minimum, exclusive_minimum, maximum
        Range of a numeric column, in `unit`; `exclusive_minimum` shuts the lower end out.
    allowed
        The values a text column may take; empty: any text but the empty one.
    suspended_value
        SQL expression that stands in for NULL on a suspended row of `daily_bars`; empty: none.
    feeds
        What is built from the column, hence what an absent optional column switches off.
    known_on
        Date column of the same row on which the value becomes known; empty: with its row.
    until_known
        SQL expression of what stood in the place of such a value before.
    """

    name: str
    type: ColumnType
    description: str
    unit: str = ""
    key: bool = False
    nullable: bool = False
    optional: bool = False
    minimum: float | None = None
    exclusive_minimum: bool = False
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    suspended_value: str = ""
    feeds: tuple[str, ...] = ()
    known_on: str = ""
    until_known: str = "null"

    def __post_init__(self) -> None:
        if self.key and (self.nullable or self.optional):
            raise ValueError(f"column {self.name}: a key column can be neither NULL nor absent")
        if self.optional and not self.nullable:
            raise ValueError(f"column {self.name}: a column that may be absent must take NULL")
        if self.known_on and not self.nullable and self.until_known == "null":
            raise ValueError(f"column {self.name}: nothing says what it held before it was known")


@dataclass(frozen=True)
class TableContract:
    """One landing table.

    Attributes
    ----------
    name, description
    grain
        What one row is, in words.
    required
        A run is refused without it. A table that is not required may be absent or empty.
    columns
        In the order in which they land.
    known_by
        Date columns; the first that is not NULL says since when a row is known. A row without
        any is never known. Empty: published ahead of time, every row is known on any day.
    keeps_numeric_columns
        Columns beyond those of the contract are kept, as DOUBLE, where they are numeric; in all
        other tables they are dropped with a note.
    feeds
        What is built from the table, hence what its absence switches off.
    """

    name: str
    description: str
    grain: str
    required: bool
    columns: tuple[ColumnContract, ...]
    known_by: tuple[str, ...]
    keeps_numeric_columns: bool = False
    feeds: tuple[str, ...] = ()
    by_name: dict[str, ColumnContract] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise ValueError(f"table {self.name}: a column occurs twice in its contract")
        dated = {*self.known_by, *(column.known_on for column in self.columns)} - {""}
        for name in sorted(dated):
            if name not in by_name or by_name[name].type is not ColumnType.DATE:
                raise ValueError(f"table {self.name}: {name} is no date column of it")
        object.__setattr__(self, "by_name", by_name)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns, in order."""
        return tuple(column.name for column in self.columns if column.key)

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the table as it lands."""
        return pa.schema([(column.name, column.type.arrow) for column in self.columns])

    def empty(self) -> pa.Table:
        """Zero rows with the contract's types."""
        return self.arrow_schema().empty_table()
