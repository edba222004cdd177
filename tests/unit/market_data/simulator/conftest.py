"""Simulated markets that the tests of the simulator share."""

from __future__ import annotations

from datetime import date

import pytest
from fixtures.simulated_market import SimulatedMarket, run_market

from market_data.simulator import SimulationConfig


@pytest.fixture(scope="session")
def tiny_market(tmp_path_factory: pytest.TempPathFactory) -> SimulatedMarket:
    """The `tiny` market with its default seed."""
    return run_market(SimulationConfig.for_size("tiny"), tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def small_config() -> SimulationConfig:
    """A market of seconds: 40 to 60 names over eight months that end in the light regime."""
    return SimulationConfig.for_size(
        "tiny",
        start_date=date(2021, 6, 1),
        end_date=date(2022, 1, 28),
        stocks_at_start=40,
        stocks_at_end=60,
        index_sizes=(8, 10, 12),
    )
