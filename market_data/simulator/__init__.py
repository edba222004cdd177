"""A simulated A-share market in the landing contract: deterministic, and with a known truth."""

from market_data.simulator.config import (
    INDEX_SYMBOLS,
    INDUSTRY_SCHEME,
    MarketSize,
    SimulationConfig,
)
from market_data.simulator.run import TRUTH_COLUMNS, SimulationSummary, simulate

__all__ = [
    "INDEX_SYMBOLS",
    "INDUSTRY_SCHEME",
    "TRUTH_COLUMNS",
    "MarketSize",
    "SimulationConfig",
    "SimulationSummary",
    "simulate",
]
