"""A small clean market, shared by the tests of all gates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from fixtures.faults.model import open_market
from fixtures.simulated_market import run_market

from market_data.ingest import land
from market_data.simulator import SimulationConfig

SMALL = {
    "start_date": date(2020, 6, 1),
    "stocks_at_start": 24,
    "stocks_at_end": 28,
    "index_sizes": (5, 7, 9),
}


@pytest.fixture(scope="session")
def clean_landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landing directory of a clean market: twenty months of thirty securities, all tables."""
    home = tmp_path_factory.mktemp("clean")
    market = run_market(SimulationConfig.for_size("tiny", **SMALL), home / "simulated")
    land(f"parquet:{market.summary.landing_dir}", home / "landing", home / "truth")
    return home / "landing"


@pytest.fixture(scope="session")
def clean_market(clean_landing: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The clean market in a database, with the macros of the faults."""
    with open_market(clean_landing) as connection:
        yield connection
