"""Does the simulated market look like A-shares? Measures it against accepted bands.

Run as `ashare bench simulator`: simulates the `demo` market with three seeds, prints one table and
ends with exit code 1 if any figure lies outside its band.

The bands come from published daily data of 2014 to 2019. "Calm" leaves out the crisis of 2015-06-15
to 2016-02-29, "crisis in" does not. Returns are close over previous (ex-rights) close, on traded
sessions of names listed for more than 60 sessions; Rank ICs are Spearman correlations with the next
week's return over names listed for at least 120 sessions, traded at the week end and not under
special treatment. Figures outside their band are explained in docs/decisions/0019-calibration.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.simulator_parts.comovement import (
    beta_figures,
    correlation_figures,
    market_figures,
)
from benchmarks.simulator_parts.events import distribution_figures, treatment_figures
from benchmarks.simulator_parts.figure import Figure, render
from benchmarks.simulator_parts.indices import index_figures, review_figures
from benchmarks.simulator_parts.intraday import intraday_figures
from benchmarks.simulator_parts.limits import limit_figures, rule_figures
from benchmarks.simulator_parts.market import Market, load_market
from benchmarks.simulator_parts.returns import (
    clustering_figures,
    dispersion_figures,
    tail_figures,
)
from benchmarks.simulator_parts.risk_model import risk_model_figures
from benchmarks.simulator_parts.signals import signal_figures
from benchmarks.simulator_parts.suspensions import resumption_figures, suspension_figures
from benchmarks.simulator_parts.turnover import size_figures, turnover_figures, volume_figures
from market_data.simulator import SimulationConfig, simulate

SEEDS = (1, 2, 3)

MEASURES: tuple[Callable[[Market], list[Figure]], ...] = (
    rule_figures,
    dispersion_figures,
    market_figures,
    correlation_figures,
    risk_model_figures,
    signal_figures,
    clustering_figures,
    tail_figures,
    limit_figures,
    suspension_figures,
    resumption_figures,
    turnover_figures,
    volume_figures,
    size_figures,
    beta_figures,
    intraday_figures,
    index_figures,
    review_figures,
    distribution_figures,
    treatment_figures,
)


def measure(seed: int) -> list[Figure]:
    """Simulate the `demo` market with a seed and measure every figure."""
    with tempfile.TemporaryDirectory() as directory:
        landing, truth = Path(directory) / "landing", Path(directory) / "truth"
        simulate(SimulationConfig.for_size("demo", seed=seed), landing, truth)
        market = load_market(landing, truth)
    return [figure for function in MEASURES for figure in function(market)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0 if every figure of every seed lies in its band, 1 otherwise."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    chosen = parser.parse_args(arguments).seeds
    columns = {seed: measure(seed) for seed in chosen}
    print(render(columns))
    return 0 if all(figure.inside for rows in columns.values() for figure in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
