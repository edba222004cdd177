"""Do the forecasters stay silent on a market without expected premia?

Run as `ashare bench null`. Simulates the `tiny` market with `signal=0` under fixed seeds, builds it
up to the training panel and trains models in every window: ridge and every library of trees with
each of its losses, or what `--models` names, such as `lightgbm`, `xgboost_rank_ic` or `gru`; the
recurrent nets, which take longer, by name only. A market counts as a rejection of a model if its
mean out-of-sample Rank IC lies outside what the same model gives on randomised labels (sign flips
by week, which keep the co-movement of stocks) at a nominal 5 %. The number of rejections has to lie
inside the central 99 % of the binomial distribution. Markets are independent and small, so that
several processes judge one each.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

from scipy.stats import binom

from models_ml.canaries import RandomisationTest, randomisation_test
from models_ml.rules import TrainingRules
from models_ml.specs import Library, Loss, ModelSpec, ParameterValue
from models_ml.windows import half_year_windows
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.panel_build import build_panel, read_whole_panel
from orchestration.lib.paths import PROJECT_ROOT, ExperimentPaths

TINY = PROJECT_ROOT / "tests" / "fixtures" / "experiments" / "tiny.yml"
SEEDS = tuple(range(101, 121))
RANDOMISATIONS = 19
NOMINAL = 0.05
NETS = frozenset({"rnn", "lstm", "gru"})
# Untuned and small: what has to be silent is silent with any parameters.
TREE_PARAMETERS: Mapping[str, ParameterValue] = {"max_rounds": 60}
NET_PARAMETERS: Mapping[str, ParameterValue] = {"hidden_size": 16, "max_epochs": 5}


def model_of(library: Library, loss: Loss) -> ModelSpec:
    """The model of a library and a loss that is judged."""
    if library == "ridge":
        return ModelSpec(library, loss)
    return ModelSpec(
        library, loss, parameters=NET_PARAMETERS if library in NETS else TREE_PARAMETERS
    )


MODELS = {
    library if loss == "mse" else f"{library}_{loss}": model_of(library, loss)
    for library, loss in product(get_args(Library), get_args(Loss))
}
DEFAULT_MODELS = tuple(name for name, spec in MODELS.items() if spec.library not in NETS)


def tiny_market(seed: int, signal: float) -> Experiment:
    """The tiny experiment under `practitioner` rules on another market."""
    experiment = load_experiment(str(TINY))
    return experiment.model_copy(
        update={
            "source": f"simulated:tiny?seed={seed}&signal={signal:g}",
            "rule_sets": ("practitioner",),
        }
    )


def judge_market(
    experiment: Experiment,
    home: Path,
    models: Sequence[str] = DEFAULT_MODELS,
    threads: int = 2,
) -> dict[str, RandomisationTest]:
    """Rank IC of some models against randomised labels, on a market built from scratch."""
    paths = ExperimentPaths(home)
    build_panel(experiment, paths)
    panel = read_whole_panel(paths, "practitioner")
    windows = half_year_windows(experiment.forecast.first_window, experiment.forecast.last_window)
    return {
        name: randomisation_test(
            panel,
            MODELS[name],
            windows,
            TrainingRules.practitioner(),
            seeds=range(RANDOMISATIONS),
            method="sign_flip",
            threads=threads,
        )
        for name in models
    }


def judge_seed(
    seed: int, models: Sequence[str], threads: int
) -> tuple[dict[str, RandomisationTest], float]:
    """Judge the market without premia of a seed; also the seconds that it took."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        found = judge_market(tiny_market(seed, 0.0), Path(home), models, threads)
    return found, time.monotonic() - started


def judged(
    seeds: Sequence[int], models: Sequence[str], processes: int
) -> Iterator[tuple[dict[str, RandomisationTest], float]]:
    """Judge the markets of the seeds, in their order, in several processes."""
    threads = max(1, (os.cpu_count() or 1) // processes)
    judge = partial(judge_seed, models=models, threads=threads)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge, seeds)


def rejections(tests: Iterable[Mapping[str, RandomisationTest]]) -> dict[str, int]:
    """Markets in which each model seems to know something at the nominal level."""
    counts: Counter[str] = Counter()
    for market in tests:
        counts.update({name: int(test.t_p_value < NOMINAL) for name, test in market.items()})
    return dict(counts)


def binomial_band(markets: int, coverage: float = 0.99) -> tuple[int, int]:
    """Smallest and largest plausible number of rejections."""
    low, high = binom.interval(coverage, markets, NOMINAL)
    return int(low), int(high)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per market and the verdict; exit status 1 if a model is not silent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(DEFAULT_MODELS))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    seeds: list[int] = options.seeds
    models: list[str] = options.models
    print(f"{'seed':>5}" + "".join(f"{name + ' ic':>20}{'p':>7}" for name in models) + "  seconds")
    tests = []
    for seed, (found, seconds) in zip(seeds, judged(seeds, models, options.processes), strict=True):
        tests.append(found)
        cells = "".join(
            f"{found[name].observed:20.4f}{found[name].t_p_value:7.2f}" for name in models
        )
        print(f"{seed:>5}{cells}{seconds:9.0f}", flush=True)
    low, high = binomial_band(len(seeds))
    counts = rejections(tests)
    for name, count in counts.items():
        verdict = "inside" if low <= count <= high else "OUTSIDE"
        print(f"{name}: {count} rejections in {len(seeds)} markets, {verdict} {low}..{high}")
    return 0 if all(low <= count <= high for count in counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
