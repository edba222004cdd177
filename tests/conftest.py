"""Fixtures that tests of several packages share; `fixtures.*` is importable from every test."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from fixtures.landing import valid_tables, write_directory


@pytest.fixture
def landing_tables() -> dict[str, pa.Table]:
    """Tables of a small valid landing directory, to be changed at will."""
    return valid_tables()


@pytest.fixture
def landing_directory(tmp_path: Path, landing_tables: dict[str, pa.Table]) -> Path:
    """A small valid landing directory."""
    return write_directory(landing_tables, tmp_path / "source")
