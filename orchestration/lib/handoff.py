"""Files that Python hands to dbt: checked against their schema, replaced whole.

dbt reads every file as `<directory>/<name>.parquet` through a view, and a view over a missing
file fails. So all files exist from the start of a run, with zero rows where there is nothing to
say, and each is replaced whole: written under a temporary name, then renamed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import types

from orchestration.lib.handoff_schemas import HANDOFF


class HandoffSchemaError(ValueError):
    """A table does not have the columns and types agreed for its file."""


def handoff_schema(name: str) -> pa.Schema:
    """Agreed columns of a file, in order; a field that is not nullable may hold no NULL.

    Raises
    ------
    HandoffSchemaError
        If no file of that name is agreed.
    """
    for files in HANDOFF.values():
        if name in files:
            return files[name]
    known = ", ".join(sorted(file for files in HANDOFF.values() for file in files))
    raise HandoffSchemaError(f"no hand-off file is called {name!r}; the agreed ones are {known}")


def empty_handoff_files(directory_by_kind: Mapping[str, Path]) -> list[Path]:
    """Write a zero-row file for every agreed file that does not exist yet.

    Parameters
    ----------
    directory_by_kind
        Directory of each kind in `HANDOFF`; created if absent.

    Returns
    -------
    list of Path
        The files written; existing ones are left alone, so a restart keeps earlier results.

    Raises
    ------
    HandoffSchemaError
        If a kind is unknown.
    """
    unknown = sorted(set(directory_by_kind) - set(HANDOFF))
    if unknown:
        raise HandoffSchemaError(f"unknown kinds of hand-off {unknown}; agreed are {list(HANDOFF)}")
    return [
        write_handoff(directory, name, schema.empty_table())
        for kind, directory in directory_by_kind.items()
        for name, schema in HANDOFF[kind].items()
        if not (directory / f"{name}.parquet").exists()
    ]


def write_handoff(directory: Path, name: str, table: pa.Table) -> Path:
    """Check a table against its agreed schema and replace its file by it, atomically.

    Columns may come in any order and in a type that converts without loss (64-bit offsets,
    narrower integers, nanosecond or zoned times); the file always has the agreed order and types.

    Parameters
    ----------
    directory
        Where the file goes; created if absent.
    name
        Name of the file without its suffix, one of those in `HANDOFF`.
    table
        Rows to hand over. Missing values are NULL: NaN and infinities are refused.

    Returns
    -------
    Path
        `<directory>/<name>.parquet`.

    Raises
    ------
    HandoffSchemaError
        Naming every column that is missing, unknown, of a wrong type, NULL or not finite.
    """
    conformed = conform(name, table)
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{name}.parquet"
    temporary = directory / f".{name}.{os.getpid()}.partial"
    try:
        pq.write_table(conformed, temporary, compression="zstd")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def conform(name: str, table: pa.Table) -> pa.Table:
    """Bring a table into the agreed order and types, or name all its faults in one error.

    Raises
    ------
    HandoffSchemaError
        As for `write_handoff`.
    """
    schema = handoff_schema(name)
    expected, found = set(schema.names), list(table.column_names)
    faults = [f"column {column} is missing" for column in schema.names if column not in found]
    faults += [f"column {column} is not agreed" for column in found if column not in expected]
    faults += [f"column {column} occurs twice" for column in expected if found.count(column) > 1]
    columns: list[pa.ChunkedArray] = []
    for field in schema:
        if found.count(field.name) != 1:
            continue
        try:
            columns.append(_conform_column(field, table.column(field.name)))
        except (HandoffSchemaError, pa.ArrowInvalid) as error:
            faults.append(f"column {field.name}: {error}")
    if faults:
        raise HandoffSchemaError(
            f"{name}.parquet: "
            + "; ".join(faults)
            + ". Agreed columns: orchestration/lib/*_output_schemas.py"
        )
    return pa.table(columns, schema=schema)


def _conform_column(field: pa.Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not _converts(column.type, field.type):
        raise HandoffSchemaError(f"expected {field.type}, found {column.type}")
    converted = column.cast(field.type)
    if types.is_date(field.type) and not _same(converted, column):
        raise HandoffSchemaError("expected whole days, found times of day")
    if not field.nullable and converted.null_count:
        raise HandoffSchemaError(f"{converted.null_count} NULL where a value is required")
    if types.is_floating(field.type):
        wild = pc.sum(pc.invert(pc.is_finite(converted))).as_py() or 0
        if wild:
            raise HandoffSchemaError(f"{wild} values are NaN or infinite; a missing one is NULL")
    return converted


def _same(converted: pa.ChunkedArray, original: pa.ChunkedArray) -> bool:
    unchanged = pc.all(pc.equal(converted.cast(original.type), original)).as_py()
    return unchanged is not False


def _converts(found: pa.DataType, expected: pa.DataType) -> bool:
    """Whether values of one type may stand for the other; `cast` then checks each value."""
    if types.is_null(found) or found == expected:
        return True
    if types.is_dictionary(found):
        return _converts(found.value_type, expected)
    if types.is_string(expected):
        return bool(types.is_large_string(found) or types.is_string_view(found))
    if types.is_floating(expected) or types.is_integer(expected):
        return bool(types.is_integer(found) or types.is_floating(found) or types.is_decimal(found))
    if types.is_date(expected):
        return bool(types.is_date(found) or types.is_timestamp(found))
    return bool(types.is_timestamp(expected) and types.is_timestamp(found))
