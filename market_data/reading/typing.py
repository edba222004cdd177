"""From the type a column comes in to the type of the contract, as DuckDB expressions."""

from __future__ import annotations

import math
import re

from market_data.contract import ColumnType

_INTEGERS = re.compile(r"^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$")
_DECIMAL = re.compile(r"^DECIMAL\(\d+,\s*(\d+)\)$")
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_TIMESTAMPS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a string."""
    return "'" + text.replace("'", "''") + "'"


def is_float(source_type: str) -> bool:
    """Whether a DuckDB type can hold a not-a-number or an infinity."""
    return source_type in _FLOATS


def is_numeric(source_type: str) -> bool:
    """Whether a DuckDB type is a number."""
    return bool(
        source_type in _FLOATS or _INTEGERS.match(source_type) or _DECIMAL.match(source_type)
    )


def decimal_places(source_type: str) -> float:
    """Digits behind the point that a DuckDB type can hold: 0 of whole numbers, inf of floats."""
    if source_type in _FLOATS:
        return math.inf
    decimal = _DECIMAL.match(source_type)
    return int(decimal.group(1)) if decimal else 0


def fits(source_type: str, target: ColumnType, *, is_text_file: bool) -> bool:
    """Whether a column of this type may land as `target` at all.

    In a text file everything is text, so there only the values can tell.
    """
    if is_text_file or source_type == target.value:
        return True
    if target.is_numeric:
        return is_numeric(source_type)
    return target is ColumnType.DATE and source_type in _TIMESTAMPS


def typed_expression(source: str, source_type: str, target: ColumnType, *, text_file: bool) -> str:
    """SQL that casts the column `source` (already quoted); NULL where the value does not fit.

    Not-a-numbers and infinities become NULL.
    """
    if target is ColumnType.TEXT:
        return source
    if target is ColumnType.BOOLEAN:
        return f"try_cast({source} as boolean)"
    if target is ColumnType.DATE:
        return _date_expression(source, source_type, text_file=text_file)
    number = f"try_cast({source} as double)" if text_file else source
    cast = f"try_cast({number} as {target.value})"
    if text_file or is_float(source_type):
        return f"case when isfinite({number}) then {cast} end"
    return cast


def _date_expression(source: str, source_type: str, *, text_file: bool) -> str:
    if text_file:
        compact = f"cast(try_strptime({source}, '%Y%m%d') as date)"
        return f"coalesce(try_cast({source} as date), {compact})"
    if source_type == "DATE":
        return source
    midnight = f"{source} = date_trunc('day', {source})"
    return f"case when {midnight} then cast({source} as date) end"


def not_finite_expression(source: str, source_type: str, *, text_file: bool) -> str | None:
    """SQL that is true for a not-a-number or an infinity; None where there can be none."""
    if text_file:
        return f"not isfinite(try_cast({source} as double))"
    return f"not isfinite({source})" if is_float(source_type) else None
