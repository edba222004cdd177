"""From long frames to dense arrays: one conversion, one set of error messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.arrays import BoolArray, DateArray, FloatArray, IntArray
from optimizer.columns import TableColumns
from optimizer.errors import InputError


@dataclass(frozen=True)
class Frame:
    """A named table whose columns come out as arrays of known types."""

    name: str
    table: Any

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, column: str) -> bool:
        """Whether the column is there."""
        return column in self.table.column_names

    def where_equal(self, column: str, value: str) -> Frame:
        """Rows whose text column has this value."""
        chosen = pc.equal(self.table.column(column).cast(pa.string()), value)
        return Frame(self.name, self.table.filter(chosen))

    def text(self, column: str) -> list[str]:
        """Distinct values of a text column, sorted, without NULL."""
        values = pc.unique(self.table.column(column).cast(pa.string())).to_pylist()
        return sorted(value for value in values if value is not None)

    def dates(self, column: str, missing: np.datetime64 | None = None) -> DateArray:
        """Column as days; NULL becomes `missing`, or is refused where none is given."""
        values = self.table.column(column)
        if values.null_count and missing is None:
            raise InputError(f"{self.name}.{column}: {values.null_count} rows without a date")
        days = values.cast(pa.date32())
        if missing is not None:
            days = pc.fill_null(days, pa.scalar(missing.astype(object), pa.date32()))
        return np.asarray(days.to_numpy(), dtype="datetime64[D]")

    def numbers(self, column: str) -> FloatArray:
        """Column as float64, NULL as NaN."""
        values = self.table.column(column).cast(pa.float64())
        return np.asarray(values.to_numpy(), dtype=np.float64)

    def flags(self, column: str) -> BoolArray:
        """Column as booleans, NULL as False."""
        values = pc.fill_null(self.table.column(column).cast(pa.bool_()), False)
        return np.asarray(values.to_numpy(), dtype=np.bool_)

    def codes(self, column: str, values: tuple[str, ...]) -> IntArray:
        """Position of each row's text in `values`; -1 where it is not among them or NULL."""
        encoded = self.table.column(column).cast(pa.string()).combine_chunks()
        encoded = encoded.dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.unify_dictionaries().combine_chunks()
        position = {value: index for index, value in enumerate(values)}
        lookup = np.array(
            [position.get(value, -1) for value in encoded.dictionary.to_pylist()] + [-1],
            dtype=np.intp,
        )
        indices = pc.fill_null(encoded.indices, len(lookup) - 1)
        return lookup[np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.intp)]


def take_frames(frames: Mapping[str, Any], tables: Mapping[str, TableColumns]) -> dict[str, Frame]:
    """Frames of the tables, with their required and optional columns.

    Parameters
    ----------
    frames
        Table name to pandas frame or Arrow table; more columns than needed are ignored.

    Raises
    ------
    InputError
        Naming every table and column that is missing.
    """
    faults = [f"no frame for {name}" for name in tables if name not in frames]
    taken: dict[str, Frame] = {}
    for name, columns in tables.items():
        if name not in frames:
            continue
        present = set(_column_names(frames[name]))
        faults += [f"{name} lacks {column}" for column in columns.required if column not in present]
        wanted = [c for c in (*columns.required, *columns.optional) if c in present]
        taken[name] = Frame(name, _arrow(frames[name], wanted))
    if faults:
        raise InputError(
            f"the frames of the back-test are incomplete: {'; '.join(faults)};"
            " optimizer.columns lists what is read"
        )
    return taken


def positions(axis: DateArray, values: DateArray) -> IntArray:
    """Position of each date on a sorted axis, -1 where it is not on it."""
    if not axis.size:
        return np.full(values.size, -1, dtype=np.intp)
    found = np.searchsorted(axis, values)
    found[found == axis.size] = 0
    return np.where(axis[found] == values, found, -1).astype(np.intp)


def refuse_duplicates(frame: Frame, rows: IntArray, columns: IntArray, width: int) -> None:
    """Raise if a cell of a [rows, columns] array would be written twice."""
    cells = np.sort(rows * width + columns)
    repeated = int((cells[1:] == cells[:-1]).sum())
    if repeated:
        raise InputError(
            f"{frame.name}: {repeated} rows repeat a key; expected one row per key: filter the"
            " frame to one run and one rule set"
        )


def _column_names(frame: Any) -> list[str]:
    return list(frame.column_names) if isinstance(frame, pa.Table) else list(frame.columns)


def _arrow(frame: Any, columns: list[str]) -> Any:
    if isinstance(frame, pa.Table):
        return frame.select(columns)
    return pa.Table.from_pandas(frame[columns], preserve_index=False)
