"""Fixtures that tests of several packages share; `fixtures.*` is importable from every test."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest
from fixtures.landing import valid_tables, write_directory

# As the command line does: test processes share the cores, and waiting threads would fill them.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture
def landing_tables() -> dict[str, pa.Table]:
    """Tables of a small valid landing directory, to be changed at will."""
    return valid_tables()


@pytest.fixture
def landing_directory(tmp_path: Path, landing_tables: dict[str, pa.Table]) -> Path:
    """A small valid landing directory."""
    return write_directory(landing_tables, tmp_path / "source")
