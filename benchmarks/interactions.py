"""Do trees beat a linear model where products of characteristics are paid, and nowhere else?

Run as `ashare bench interactions [--seed N]`. Simulates two markets with the same seed, one that
pays for styles one by one and one that pays for products of them alone (`interactions=true`),
builds each up to the training panel of all factors and trains ridge, XGBoost and LightGBM, untuned,
in every window. Trees beat ridge if their weekly out-of-sample Rank IC less that of ridge has a
Newey-West t (lag 1) beyond the one-sided level of 1 %; they have to on the second market and must
not on the first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.null import TINY
from models_ml.arrays import Floats
from models_ml.canaries import out_of_sample_rank_ic
from models_ml.metrics import newey_west_t
from models_ml.rules import TrainingRules
from models_ml.specs import Library, ModelSpec
from models_ml.windows import half_year_windows
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.panel_build import attainable_rank_ic, build_panel, read_whole_panel
from orchestration.lib.paths import ExperimentPaths

# Two years of test windows behind two years of training.
SIZE = "simulated:demo"
WINDOWS = half_year_windows("2018H1", "2019H2")
RULES = TrainingRules.practitioner()
TREES: tuple[Library, ...] = ("xgboost", "lightgbm")
MODELS: tuple[Library, ...] = ("ridge", *TREES)
LEVEL = 0.01


@dataclass(frozen=True)
class Result:
    """Weekly out-of-sample Rank IC of every model on one market, and of its truth."""

    rank_ic: dict[Library, Floats]
    attainable: Floats

    def p_value(self, trees: Library) -> float:
        """One-sided p-value of trees being better than ridge."""
        difference = self.rank_ic[trees] - self.rank_ic["ridge"]
        difference = difference[np.isfinite(difference)]
        return float(stats.t.sf(newey_west_t(difference, lag=1), len(difference) - 1))


def market(seed: int, *, interactions: bool) -> Experiment:
    """The market under `practitioner` rules."""
    source = f"{SIZE}?seed={seed}&interactions={str(interactions).lower()}"
    return load_experiment(str(TINY)).model_copy(
        update={"source": source, "rule_sets": ("practitioner",)}
    )


def compare(experiment: Experiment, home: Path) -> Result:
    """Build a market's panel from scratch and train every model on it."""
    paths = ExperimentPaths(home)
    build_panel(experiment, paths)
    panel = read_whole_panel(paths, "practitioner")
    rank_ic = {
        library: out_of_sample_rank_ic(panel, ModelSpec(library), WINDOWS, RULES, threads=2)
        for library in MODELS
    }
    truth = attainable_rank_ic(paths, panel, WINDOWS, "expected_return_vwap_1w")
    return Result(rank_ic, truth)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per market and model; exit status 1 if trees win where they should not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args(arguments)
    as_expected = True
    print(f"{'paid':<10}{'model':<10}{'rank ic':>9}{'share':>8}{'p above ridge':>15}")
    for paid, interactions in (("products", True), ("styles", False)):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as home:
            result = compare(market(options.seed, interactions=interactions), Path(home))
        attainable = float(np.nanmean(result.attainable))
        print(f"{paid:<10}{'truth':<10}{attainable:9.4f}")
        for name, weekly in result.rank_ic.items():
            mean = float(np.nanmean(weekly))
            cell = ""
            if name in TREES:
                p_value = result.p_value(name)
                cell = f"{p_value:15.4f}"
                as_expected &= (p_value < LEVEL) == interactions
            print(f"{paid:<10}{name:<10}{mean:9.4f}{mean / attainable:8.2f}{cell}")
        print(f"{paid:<10}{time.monotonic() - started:.0f} seconds", flush=True)
    print("as expected" if as_expected else "NOT as expected")
    return 0 if as_expected else 1


if __name__ == "__main__":
    sys.exit(main())
