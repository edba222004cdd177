"""Row rules that follow from the contract of a column alone."""

from __future__ import annotations

from market_data.contract import ColumnContract, ColumnType
from market_data.contract.markdown import range_text
from market_data.reading import SourceTable
from market_data.reading.table import SOURCE_SUFFIX
from market_data.reading.typing import decimal_places, literal, not_finite_expression, quoted
from market_data.validation.report import Severity
from market_data.validation.rules import RowRule

# Prices stored as 32-bit floats miss the cent by up to 6e-5 yuan at 1,000 yuan.
_CENT_TOLERANCE = 0.001


def column_rules(table: SourceTable) -> list[RowRule]:
    """Rules on conversion, NULL, range and allowed values for every usable column of a table."""
    return [
        rule
        for column in table.contract.columns
        if column.name in table.usable_columns and column.name in table.columns
        for rule in _rules_of(table, column)
    ]


def _rules_of(table: SourceTable, column: ColumnContract) -> list[RowRule]:
    source_type = table.columns[column.name].type
    source = quoted(column.name + SOURCE_SUFFIX)
    not_finite = (
        not_finite_expression(source, source_type, text_file=table.files.is_csv)
        if column.type.is_numeric
        else None
    )
    rules = [
        _conversion(table, column, source, source_type, not_finite),
        _null(table, column, source),
        _suspended_value(table, column, source),
        _not_finite(table, column, not_finite),
        _range(table, column),
        _allowed(table, column),
    ]
    number = f"try_cast({source} as double)"
    if table.files.is_csv or decimal_places(source_type) > 0:
        rules.append(_whole(table, column, number))
    if table.files.is_csv or decimal_places(source_type) > 2:
        rules.append(_cents(table, column, number))
    return [rule for rule in rules if rule is not None]


def _conversion(
    table: SourceTable,
    column: ColumnContract,
    source: str,
    source_type: str,
    not_finite: str | None,
) -> RowRule | None:
    if source_type == column.type.value and not table.files.is_csv:
        return None
    exempt = f" and not coalesce({not_finite}, false)" if not_finite else ""
    return RowRule(
        table.name,
        (column.name,),
        "wrong_type",
        f"{source} is not null and {quoted(column.name)} is null{exempt}",
        f"the value is no {column.type.value}",
        f"write {_expected(column)}",
        shown=(f"{source} as {quoted(column.name)}",),
    )


def _expected(column: ColumnContract) -> str:
    if column.type is ColumnType.DATE:
        return "dates as DATE, as timestamps at midnight, or in text files as YYYY-MM-DD"
    if column.type is ColumnType.BOOLEAN:
        return "true or false"
    return f"numbers that a {column.type.value} holds, in {column.unit or 'plain units'}"


def _null(table: SourceTable, column: ColumnContract, source: str) -> RowRule | None:
    if column.nullable:
        return None
    what = "a key column" if column.key else "the column"
    return RowRule(
        table.name,
        (column.name,),
        "null_value",
        f"{source} is null and {quoted(column.name)} is null",
        f"NULL in {what}, which must always have a value",
        "fill the value in or leave the row out",
    )


def _suspended_value(table: SourceTable, column: ColumnContract, source: str) -> RowRule | None:
    if not column.suspended_value:
        return None
    return RowRule(
        table.name,
        (column.name,),
        "null_on_suspended_row",
        f"is_suspended and {source} is null",
        f"NULL on a suspended row; lands as {column.suspended_value}",
        "nothing has to be done",
        severity=Severity.WARNING,
        needs=("is_suspended",),
        shown=(f"{source} as {quoted(column.name)}", "close"),
    )


def _not_finite(
    table: SourceTable, column: ColumnContract, not_finite: str | None
) -> RowRule | None:
    if not_finite is None:
        return None
    return RowRule(
        table.name,
        (column.name,),
        "not_finite",
        not_finite,
        "a not-a-number or an infinity" + ("; lands as NULL" if column.nullable else ""),
        "store unknown values as NULL" if column.nullable else "give a number in every row",
        severity=Severity.WARNING if column.nullable else Severity.ERROR,
        shown=(f"{quoted(column.name + SOURCE_SUFFIX)} as {quoted(column.name)}",),
    )


def _range(table: SourceTable, column: ColumnContract) -> RowRule | None:
    name = quoted(column.name)
    outside = []
    if column.minimum is not None:
        outside.append(f"{name} {'<=' if column.exclusive_minimum else '<'} {column.minimum!r}")
    if column.maximum is not None:
        outside.append(f"{name} > {column.maximum!r}")
    if not outside:
        return None
    return RowRule(
        table.name,
        (column.name,),
        "out_of_range",
        " or ".join(outside),
        f"{column.name} must be {range_text(column)} ({column.unit})",
        "correct the value; check its sign and its unit",
    )


def _allowed(table: SourceTable, column: ColumnContract) -> RowRule | None:
    if column.type is not ColumnType.TEXT:
        return None
    name = quoted(column.name)
    if not column.allowed:
        return RowRule(
            table.name,
            (column.name,),
            "empty_text",
            f"trim({name}) = ''",
            "an empty text",
            "write NULL where the column takes it, otherwise fill the value in",
        )
    return RowRule(
        table.name,
        (column.name,),
        "value_not_allowed",
        f"{name} not in ({', '.join(literal(value) for value in column.allowed)})",
        "a value that the contract does not know",
        f"use one of {', '.join(column.allowed)}",
    )


def _whole(table: SourceTable, column: ColumnContract, number: str) -> RowRule | None:
    if column.type is not ColumnType.WHOLE:
        return None
    return RowRule(
        table.name,
        (column.name,),
        "not_whole",
        f"isfinite({number}) and {number} <> round({number})",
        f"a fraction in a count of {column.unit}",
        f"give raw {column.unit}, neither adjusted nor in lots",
        shown=(f"{quoted(column.name + SOURCE_SUFFIX)} as {quoted(column.name)}",),
    )


def _cents(table: SourceTable, column: ColumnContract, number: str) -> RowRule | None:
    if column.type is not ColumnType.PRICE:
        return None
    return RowRule(
        table.name,
        (column.name,),
        "finer_than_a_cent",
        f"isfinite({number}) and abs({number} - round({number}, 2)) > {_CENT_TOLERANCE}",
        "a price between two cents; lands rounded to the cent",
        "check that prices are raw and not adjusted",
        severity=Severity.WARNING,
        shown=(f"{quoted(column.name + SOURCE_SUFFIX)} as {quoted(column.name)}",),
    )
