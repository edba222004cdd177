"""Do recurrent nets find what only five weeks together tell, and models of one week not?

Run as `ashare bench memory [--models ...] [--seeds ...] [--factors all]`. Simulates markets that
pay for what the last five weeks say together (`memory=true`), builds each up to the training panel
and trains every model, untuned, in every window. Trees and ridge see the factors of one week, nets
those of five. The signal shows in `vwap_to_close_1w`; models get the family of that factor, among
which it has to be found, or all factors.

A net finds it if its weekly out-of-sample Rank IC less that of each model of one week has a
Newey-West t (lag 1), over the weeks of all markets, beyond the one-sided level of 1 %. A model of
one week does not find it if its mean Rank IC stays below a quarter of the attainable.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
from scipy import stats

from benchmarks.null import NETS, TINY
from models_ml.arrays import Floats
from models_ml.canaries import out_of_sample_rank_ic
from models_ml.metrics import newey_west_t
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import Library, ModelSpec, ParameterValue
from models_ml.windows import half_year_windows
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.panel_build import attainable_rank_ic, build_panel, read_whole_panel
from orchestration.lib.paths import DBT_PROJECT_DIR, ExperimentPaths

# Two years of test windows behind two years of training.
SIZE = "simulated:demo"
WINDOWS = half_year_windows("2018H1", "2019H2")
RULES = TrainingRules.practitioner()
SEEDS = (5, 6, 7)
FAMILY = "price_volume"
LIBRARIES: tuple[str, ...] = get_args(Library)
NET_PARAMETERS: Mapping[str, ParameterValue] = {
    "hidden_size": 32,
    "learning_rate": 0.005,
    "batch_size": 512,
    "dropout_rate": 0.0,
    "max_epochs": 12,
}
LEVEL = 0.01
# Price limits and delistings can be told from one week; the signal itself cannot.
LARGEST_SHARE = 0.25


@dataclass(frozen=True)
class Result:
    """Weekly out-of-sample Rank IC of every model over the weeks of all markets, and the truth.

    Weeks without a value are NaN.
    """

    rank_ic: Mapping[str, Floats]
    attainable: Floats

    def share(self, model: str) -> float:
        """Mean Rank IC as a share of the attainable."""
        return float(np.nanmean(self.rank_ic[model]) / np.nanmean(self.attainable))

    def p_value(self, model: str, other: str) -> float:
        """One-sided p-value of a model being better than another one, paired by week."""
        difference = self.rank_ic[model] - self.rank_ic[other]
        difference = difference[np.isfinite(difference)]
        return float(stats.t.sf(newey_west_t(difference, lag=1), len(difference) - 1))

    def as_expected(self, model: str) -> bool:
        """Whether a net beats every model of one week, and such a model finds nothing."""
        if model not in NETS:
            return self.share(model) < LARGEST_SHARE
        return all(
            self.p_value(model, other) < LEVEL for other in self.rank_ic if other not in NETS
        )

    @classmethod
    def pooled(cls, results: Sequence[Result]) -> Result:
        """The weeks of several markets one after the other."""
        return cls(
            {
                name: np.concatenate([each.rank_ic[name] for each in results])
                for name in results[0].rank_ic
            },
            np.concatenate([each.attainable for each in results]),
        )


def market(seed: int) -> Experiment:
    """The market under `practitioner` rules."""
    return load_experiment(str(TINY)).model_copy(
        update={"source": f"{SIZE}?seed={seed}&memory=true", "rule_sets": ("practitioner",)}
    )


def model_of(library: Library) -> ModelSpec:
    """The model of a library that is compared."""
    return ModelSpec(library, parameters=NET_PARAMETERS if library in NETS else {})


def of_family(panel: Panel, family: str) -> Panel:
    """The panel with the factors of one family alone; all of them for `all`.

    Raises
    ------
    ValueError
        If the panel has no factor of the family.
    """
    if family == "all":
        return panel
    known = {
        each.factor for each in read_catalogue(DBT_PROJECT_DIR / CATALOGUE) if each.family == family
    }
    chosen = [at for at, name in enumerate(panel.feature_names) if name in known]
    if not chosen:
        raise ValueError(f"the panel has no factor of the family {family!r}")
    return replace(
        panel,
        features=np.ascontiguousarray(panel.features[:, chosen]),
        feature_names=tuple(panel.feature_names[at] for at in chosen),
    )


def compare(
    experiment: Experiment, home: Path, libraries: Sequence[Library], family: str
) -> Result:
    """Build a market's panel from scratch and train a model of every library on it."""
    paths = ExperimentPaths(home)
    build_panel(experiment, paths)
    panel = of_family(read_whole_panel(paths, "practitioner"), family)
    rank_ic = {}
    for library in libraries:
        started = time.monotonic()
        rank_ic[library] = out_of_sample_rank_ic(
            panel, model_of(library), WINDOWS, RULES, threads=2
        )
        mean, seconds = np.nanmean(rank_ic[library]), time.monotonic() - started
        print(f"  {library:<10}{mean:9.4f}{seconds:9.0f} seconds", flush=True)
    truth = attainable_rank_ic(paths, panel, WINDOWS, "expected_return_vwap_1w")
    return Result(rank_ic, truth)


def report(result: Result) -> bool:
    """Print a line per model; whether all are as expected."""
    single = [name for name in result.rank_ic if name not in NETS]
    heads = "".join(f"{'p above ' + name:>19}" for name in single)
    print(f"{'model':<10}{'rank ic':>9}{'share':>8}{heads}")
    print(f"{'truth':<10}{np.nanmean(result.attainable):9.4f}")
    for name, weekly in result.rank_ic.items():
        cells = "".join(
            f"{result.p_value(name, other):19.4f}" if name != other else f"{'':19}"
            for other in single
        )
        verdict = "" if result.as_expected(name) else "  NOT as expected"
        print(f"{name:<10}{np.nanmean(weekly):9.4f}{result.share(name):8.2f}{cells}{verdict}")
    return all(result.as_expected(name) for name in result.rank_ic)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the Rank IC of every model; exit status 1 if one is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--models", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--factors", default=FAMILY, help="a family of the catalogue, or all")
    options = parser.parse_args(arguments)
    results = []
    for seed in options.seeds:
        print(f"market {seed}", flush=True)
        with tempfile.TemporaryDirectory() as home:
            results.append(compare(market(seed), Path(home), options.models, options.factors))
    return 0 if report(Result.pooled(results)) else 1


if __name__ == "__main__":
    sys.exit(main())
