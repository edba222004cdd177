"""Casting of source columns to the types of the contract."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import duckdb
import pytest

from market_data.contract import ColumnType
from market_data.reading.typing import decimal_places, fits, quoted, typed_expression


def cast(value: str, source_type: str, target: ColumnType, *, text_file: bool = False) -> object:
    """Value of `cast(value as source_type)` once it has landed as `target`."""
    expression = typed_expression("x", source_type, target, text_file=text_file)
    query = f"select {expression} from (select cast({value} as {source_type}) as x)"
    return duckdb.sql(query).fetchall()[0][0]


@pytest.mark.parametrize(
    ("value", "source_type", "target", "expected"),
    [
        ("9.72", "DOUBLE", ColumnType.PRICE, Decimal("9.72")),
        ("1781.99", "FLOAT", ColumnType.PRICE, Decimal("1781.99")),
        ("9", "TINYINT", ColumnType.PRICE, Decimal("9.00")),
        ("9.724", "DECIMAL(9,3)", ColumnType.PRICE, Decimal("9.72")),
        ("1e9", "DOUBLE", ColumnType.PRICE, None),
        ("'nan'", "DOUBLE", ColumnType.PRICE, None),
        ("'inf'", "FLOAT", ColumnType.DOUBLE, None),
        ("5135466496", "FLOAT", ColumnType.WHOLE, 5135466496),
        ("18446744073709551615", "UBIGINT", ColumnType.WHOLE, None),
        ("'2020-01-02 00:00:00'", "TIMESTAMP_NS", ColumnType.DATE, dt.date(2020, 1, 2)),
        ("'2020-01-02 15:00:00'", "TIMESTAMP", ColumnType.DATE, None),
        ("NULL", "TIMESTAMP", ColumnType.DATE, None),
        ("true", "BOOLEAN", ColumnType.BOOLEAN, True),
    ],
)
def test_parquet_values(value: str, source_type: str, target: ColumnType, expected: object) -> None:
    assert cast(value, source_type, target) == expected


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("000001.SZ", ColumnType.TEXT, "000001.SZ"),
        ("9.72", ColumnType.PRICE, Decimal("9.72")),
        ("1.5e3", ColumnType.WHOLE, 1500),
        ("nan", ColumnType.DOUBLE, None),
        ("-", ColumnType.DOUBLE, None),
        ("2020-01-02", ColumnType.DATE, dt.date(2020, 1, 2)),
        ("20200102", ColumnType.DATE, dt.date(2020, 1, 2)),
        ("2020-02-30", ColumnType.DATE, None),
        ("False", ColumnType.BOOLEAN, False),
        ("1", ColumnType.BOOLEAN, True),
        ("maybe", ColumnType.BOOLEAN, None),
    ],
)
def test_text_values(text: str, target: ColumnType, expected: object) -> None:
    assert cast(f"'{text}'", "VARCHAR", target, text_file=True) == expected


@pytest.mark.parametrize(
    ("source_type", "target", "expected"),
    [
        ("HUGEINT", ColumnType.WHOLE, True),
        ("UTINYINT", ColumnType.DOUBLE, True),
        ("DECIMAL(18,4)", ColumnType.PRICE, True),
        ("BOOLEAN", ColumnType.WHOLE, False),
        ("VARCHAR", ColumnType.DOUBLE, False),
        ("INTERVAL", ColumnType.WHOLE, False),
        ("INTEGER", ColumnType.BOOLEAN, False),
        ("INTEGER", ColumnType.TEXT, False),
        ("TIMESTAMP WITH TIME ZONE", ColumnType.DATE, False),
        ("TIMESTAMP_MS", ColumnType.DATE, True),
    ],
)
def test_which_types_fit(source_type: str, target: ColumnType, expected: bool) -> None:
    assert fits(source_type, target, is_text_file=False) is expected


def test_how_many_decimal_places_a_type_holds() -> None:
    assert decimal_places("DOUBLE") == math.inf
    assert decimal_places("DECIMAL(9,2)") == 2
    assert decimal_places("DECIMAL(18,0)") == 0
    assert decimal_places("BIGINT") == 0


def test_quotes_in_names_are_doubled() -> None:
    name = 'a"b'
    assert duckdb.sql(f"select 1 as {quoted(name)}").columns == [name]
