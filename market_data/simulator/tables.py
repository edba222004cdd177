"""From the simulated market to Parquet files of the landing contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from market_data.contract import LANDING_TABLES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
DateArray = NDArray[np.datetime64]

_CENTS_PER_YUAN_DIGITS = 2


class TableFile:
    """A Parquet file written in blocks under a temporary name and renamed when complete.

    Parameters
    ----------
    path
        Final path.
    schema
        Columns and types.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self._temporary = path.with_name(f".{path.name}.partial")
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> TableFile:
        """Open the temporary file."""
        self._writer = pq.ParquetWriter(
            self._temporary, self.schema, compression="zstd", store_decimal_as_integer=True
        )
        return self

    def write(self, columns: dict[str, pa.Array]) -> None:
        """Append a block; `columns` holds every column of the schema."""
        if self._writer is None:
            raise RuntimeError(f"{self.path} is written to before it was opened")
        table = pa.Table.from_arrays(
            [columns[name] for name in self.schema.names], schema=self.schema
        )
        self._writer.write_table(table)
        self.rows += table.num_rows

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, and put the file in place unless an error ended the block."""
        if self._writer is not None:
            self._writer.close()
        if kind is None:
            self._temporary.replace(self.path)
        else:
            self._temporary.unlink(missing_ok=True)


def landing_file(directory: Path, table: str) -> TableFile:
    """File of a landing table with the contract's schema."""
    return TableFile(directory / f"{table}.parquet", LANDING_TABLES[table].arrow_schema())


def write_landing_table(directory: Path, table: str, columns: dict[str, pa.Array]) -> int:
    """Write a landing table in one go; optional columns that are missing become NULL.

    Returns
    -------
    int
        Rows written.
    """
    rows = len(next(iter(columns.values())))
    with landing_file(directory, table) as file:
        absent = {
            item.name: pa.nulls(rows, item.type) for item in file.schema if item.name not in columns
        }
        file.write(columns | absent)
    return file.rows


def price_array(cents: IntArray) -> pa.Array:
    """DECIMAL(9,2) from whole cents, exactly.

    The 16-byte little-endian integers of the type are filled directly: a cast would first
    multiply by a hundred.
    """
    words = np.zeros((cents.size, 2), dtype="<i8")
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    return pa.Array.from_buffers(
        pa.decimal128(9, _CENTS_PER_YUAN_DIGITS), cents.size, [None, pa.py_buffer(words.tobytes())]
    )


def date_array(dates: DateArray) -> pa.Array:
    """DATE; NaT becomes NULL."""
    return pa.array(dates.astype("datetime64[D]"), type=pa.date32())


def double_array(values: FloatArray) -> pa.Array:
    """DOUBLE; NaN becomes NULL."""
    return pa.array(values, type=pa.float64(), mask=np.isnan(values))


def pick(texts: Sequence[str], which: IntArray) -> pa.Array:
    """VARCHAR column of `texts[which]`."""
    return pa.array(texts, type=pa.string()).take(pa.array(which))


def text_array(texts: Iterable[str]) -> pa.Array:
    """VARCHAR column."""
    return pa.array(list(texts), type=pa.string())
