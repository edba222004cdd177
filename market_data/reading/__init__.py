"""Reading a directory of raw tables in the contract's names and types."""

from __future__ import annotations

from market_data.reading.directory import (
    ExtraColumns,
    LandingDirectory,
    extra_columns,
    open_directory,
)
from market_data.reading.files import SourceMapping, TableFiles, locate_tables
from market_data.reading.sorting import write_parquet
from market_data.reading.table import SourceTable

__all__ = [
    "ExtraColumns",
    "LandingDirectory",
    "SourceMapping",
    "SourceTable",
    "TableFiles",
    "extra_columns",
    "locate_tables",
    "open_directory",
    "write_parquet",
]
