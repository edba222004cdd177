"""Fingerprints of directories of tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from fixtures.landing import write_directory
from fixtures.tampering import changed

from market_data.errors import SourceError
from market_data.ingest import source_fingerprint


def test_it_follows_content_and_not_place(
    landing_directory: Path, landing_tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    before = source_fingerprint(f"parquet:{landing_directory}")
    copy = shutil.copytree(landing_directory, tmp_path / "copy")
    assert source_fingerprint(f"parquet:{copy}") == before

    (copy / "notes.txt").write_text("no table")
    assert source_fingerprint(f"parquet:{copy}") == before

    bars = changed(landing_tables["daily_bars"], {0: {"volume": 100_001}})
    write_directory({"daily_bars": bars}, copy)
    assert source_fingerprint(f"parquet:{copy}") != before


def test_it_follows_the_tables_that_are_there(landing_directory: Path) -> None:
    before = source_fingerprint(f"parquet:{landing_directory}")
    (landing_directory / "dividends.parquet").unlink()
    assert source_fingerprint(f"parquet:{landing_directory}") != before


def test_it_follows_the_mapping(landing_directory: Path) -> None:
    source = f"parquet:{landing_directory}"
    plain = source_fingerprint(source)
    columns = source_fingerprint(source, mapping={"instruments": {"name": "board"}})
    tables = source_fingerprint(source, table_mapping={"bars": "daily_bars"})
    assert len({plain, columns, tables}) == 3


def test_a_directory_that_is_not_there_has_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a directory"):
        source_fingerprint(f"parquet:{tmp_path / 'nowhere'}")
