"""The small warehouse of results, built once for all tests that look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.sql.results_build import build_case
from tests.sql.results_case import ResultsCase


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResultsCase]:
    """Read it, or work on a copy of its database."""
    root = tmp_path_factory.mktemp("results")
    yield build_case(root)
    shutil.rmtree(root)
