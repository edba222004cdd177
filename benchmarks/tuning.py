"""What do shared bins and pruning save in tuning, and what does loading a panel cost in memory?

Run as `ashare bench tuning [--rows N] [--part speed --library lightgbm]`. One window of a synthetic
panel (seeded, 123 features) is tuned twice in alternation by the same range scan and search: with
folds that share one binning and with pruning, and as the obvious loop (a DMatrix, or Datasets of
LightGBM, per fold and trial, nothing given up).
Processor time is printed beside wall time: on a busy machine it is the one to compare. Then, in
processes of their own, the panel goes from a warehouse file into the booster's matrix, chunk by
chunk and, as a reference, through pandas.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import optuna
import pandas as pd
import xgboost as xgb

from benchmarks._resident import with_added_bytes
from models_ml.arrays import Floats
from models_ml.estimators import (
    LightGBMForecaster,
    LightGBMParameters,
    Resources,
    XGBoostForecaster,
    XGBoostParameters,
)
from models_ml.estimators.lightgbm_trees import binned_rows
from models_ml.folds import FoldRows
from models_ml.full_panel import full_panel
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec, ParameterValue
from models_ml.tuning import Scan, TuningBudget, TuningHost, TuningPlan, WindowTuner, tune_window
from models_ml.tuning.adapters import PreparedFolds
from models_ml.windows import TestWindow
from orchestration.lib.panel_reading import load_panel
from orchestration.lib.tuning_settings import tuning_plan

WINDOW = TestWindow("2016H1")
FEATURES = 123
STOCKS = 1500
SIGNAL = 0.08
SPEED_GOAL, MEMORY_GOAL = 4.0, 2.5
NEVER = 1_000_000


@dataclass(frozen=True)
class ObviousFolds:
    """A new DMatrix for every fit."""

    panel: Panel
    seed: int
    rules: TrainingRules
    resources: Resources

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, forecast test."""
        forecaster = XGBoostForecaster(XGBoostParameters.from_mapping(parameters), seed=self.seed)
        train, valid, test = (self._matrix(rows) for rows in (fold.train, fold.valid, fold.test))
        booster, rounds = forecaster.fit_binned(
            self.panel, (fold.train, fold.valid), (train, valid), self.rules, self.resources
        )
        return np.asarray(booster.fitted(rounds).booster.predict(test), dtype=np.float64)

    def _matrix(self, rows: np.ndarray) -> xgb.DMatrix:
        return xgb.DMatrix(
            self.panel.features[rows],
            label=self.panel.target[rows],
            nthread=self.resources.threads,
            feature_names=list(self.panel.feature_names),
        )


class ObviousLightGBMFolds(ObviousFolds):
    """New Datasets for every fit."""

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, forecast test."""
        forecaster = LightGBMForecaster(LightGBMParameters.from_mapping(parameters), seed=self.seed)
        max_bin = forecaster.hyper.max_bin
        train = binned_rows(self.panel, fold.train, max_bin, self.resources)
        valid = binned_rows(self.panel, fold.valid, max_bin, self.resources, reference=train)
        booster, rounds = forecaster.fit_binned(
            self.panel, (fold.train, fold.valid), (train, valid), self.rules, self.resources
        )
        return booster.forecast(self.panel.features[fold.test], rounds)


OBVIOUS = {"xgboost": ObviousFolds, "lightgbm": ObviousLightGBMFolds}


class ObviousTuner(WindowTuner):
    """The same tuning by the obvious loop."""

    @property
    def _prepared(self) -> PreparedFolds:
        folds = OBVIOUS[self.spec.library]
        return folds(self.panel, self.spec.seed, self.rules, self.resources)


@dataclass(frozen=True)
class Measurement:
    """One tuning."""

    name: str
    trials: int
    fold_fits: int
    seconds: float
    processor_seconds: float
    best_score: float
    best_folds: tuple[float, ...]

    @property
    def trials_per_hour(self) -> float:
        """Points and trials per hour of wall time."""
        return 3600.0 * self.trials / self.seconds


def synthetic_panel(rows: int, seed: int) -> Panel:
    """Weeks before and in 2016H1; a linear signal with some interaction in ten of 123 features."""
    rng = np.random.default_rng(seed)
    stocks = min(STOCKS, max(40, rows // 150))
    week_count = rows // stocks
    count = week_count * stocks
    features = rng.standard_normal((count, FEATURES), dtype=np.float32)
    signal = features[:, :10].sum(axis=1) / np.sqrt(10.0) + features[:, 0] * features[:, 1]
    label = SIGNAL * signal / np.sqrt(2.0) + rng.standard_normal(count)
    last = np.datetime64(WINDOW.start, "D") + 7
    return full_panel(
        features,
        label,
        last - 7 * np.arange(week_count)[::-1],
        label_days=10,
        raw_label=0.05 * label,
        tradable=rng.random(count) > 0.03,
    )


def bench_plan(arguments: argparse.Namespace) -> TuningPlan:
    """The practitioner space under a budget of ten folds that ends within the hour."""
    plan = tuning_plan(arguments.library, "practitioner", "paper")
    budget = replace(
        plan.budget,
        name="bench",
        fold_count=arguments.folds,
        trial_count=arguments.trials,
        max_rounds=arguments.rounds,
        scan_points=5,
        scan_passes=1,
        scan_parameter_count=1,
        startup_trials=4,
        pruning_startup_trials=2,
        maximum_hours=None,
    )
    return TuningPlan(plan.space, budget)


def without_pruning(budget: TuningBudget) -> TuningBudget:
    """The same budget, nothing given up."""
    return replace(budget, pruning_startup_trials=NEVER, pruning_warmup_folds=NEVER)


def measure(name: str, tuner: WindowTuner) -> Measurement:
    """Tune once, in memory."""
    host = TuningHost(optuna.storages.InMemoryStorage(), time.monotonic)
    started, processor = time.perf_counter(), time.process_time()
    tuned = tune_window(tuner, host, "search", Scan(tuner, host, "scan"))
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    trials = tuned.trials.to_pylist()
    best = next(row for row in trials if row["stage"] == "optuna" and row["is_best"])
    return Measurement(
        name=name,
        trials=len(trials),
        fold_fits=sum(len(json.loads(row["fold_scores"])) for row in trials),
        seconds=seconds,
        processor_seconds=used,
        best_score=best["score"],
        best_folds=tuple(json.loads(best["fold_scores"])),
    )


def compare_speed(arguments: argparse.Namespace) -> bool:
    """Tune in alternation and print; true if the goals are met."""
    panel = synthetic_panel(arguments.rows, seed=1)
    plan = bench_plan(arguments)
    print(
        f"{arguments.library}, {panel.row_count:,} rows x {FEATURES}, "
        f"{plan.budget.fold_count} folds, threads {arguments.threads}"
    )
    print(f"{'':<10}{'trials':>7}{'fits':>6}{'seconds':>9}{'processor':>10}{'trials/h':>10}  best")
    pairs = []
    for repeat in range(arguments.repeats):
        spec = ModelSpec(arguments.library, tuning="bench", seed=777 + repeat)
        shared = (panel, spec, WINDOW, TrainingRules.practitioner())
        resources = Resources(arguments.threads)
        ours = measure("shared", WindowTuner(*shared, plan, resources))
        loop = replace(plan, budget=without_pruning(plan.budget))
        reference = measure("loop", ObviousTuner(*shared, loop, resources))
        for each in (ours, reference):
            print(
                f"{each.name:<10}{each.trials:>7}{each.fold_fits:>6}{each.seconds:>9.1f}"
                f"{each.processor_seconds:>10.1f}{each.trials_per_hour:>10.0f}"
                f"  {each.best_score:.5f}",
                flush=True,
            )
        pairs.append((ours, reference))
    return judge_speed(pairs)


def judge_speed(pairs: Sequence[tuple[Measurement, Measurement]]) -> bool:
    """Print the ratios and the paired difference of the best scores against its fold noise."""
    wall = np.median([loop.seconds / ours.seconds for ours, loop in pairs])
    used = np.median([loop.processor_seconds / ours.processor_seconds for ours, loop in pairs])
    print(f"speed: {wall:.2f} x by wall time, {used:.2f} x by processor time (goal {SPEED_GOAL} x)")
    ours, loop = pairs[0]
    difference = np.asarray(ours.best_folds) - np.asarray(loop.best_folds)
    noise = 2.0 * difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else 0.0
    same = bool(abs(difference.mean()) <= noise or difference.mean() <= 0.0)
    print(f"best score: {difference.mean():+.5f} against the loop, fold noise {noise:.5f} (two "
          f"standard errors): {'the same' if same else 'NOT the same'}")  # fmt: skip
    return same and bool(used >= SPEED_GOAL)


def write_warehouse(panel: Panel, database: Path) -> None:
    """Store a panel as ml.fct_training_panel."""
    frame = pd.DataFrame(panel.features, columns=list(panel.feature_names))
    frame.insert(0, "rule_set", "practitioner")
    frame.insert(1, "symbol", panel.symbols_of(np.arange(panel.row_count)))
    frame.insert(2, "week_date", panel.week_dates)
    weeks = pd.DatetimeIndex(panel.week_dates)
    half = np.where(weeks.month < 7, "H1", "H2")
    frame.insert(3, "half_year_window", weeks.year.astype(str) + half)
    labels = pd.DataFrame(
        {
            "fwd_target_1w": panel.target,
            "fwd_return_1w_cum": panel.raw_label,
            "label_known_at_1w": panel.label_known_at,
            "label_tradable_1w": panel.tradable,
            "uses_future": panel.uses_future,
        }
    )
    frame = pd.concat([frame, labels], axis=1)
    with duckdb.connect(str(database)) as connection:
        connection.sql("create schema ml")
        connection.sql("create table ml.fct_training_panel as select * from frame")


def compare_memory(arguments: argparse.Namespace) -> bool:
    """Load in two processes and print their peaks; true if the goal is met."""
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory) / "warehouse.duckdb"
        panel = synthetic_panel(arguments.rows, seed=1)
        matrix = panel.features.nbytes
        write_warehouse(panel, database)
        ratios = {}
        for how in ("chunks", "pandas"):
            command = [sys.executable, "-m", "benchmarks.tuning", "--load", how, str(database)]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            ratios[how] = int(text) / matrix
            print(f"memory, {how:<7}: peak {int(text) / 1e6:7.0f} MB over the interpreter, "
                  f"{ratios[how]:.2f} x the float32 matrix")  # fmt: skip
    print(f"goal {MEMORY_GOAL} x")
    return ratios["chunks"] <= MEMORY_GOAL


def load(how: str, database: Path) -> None:
    """Load the panel into the booster's matrix."""
    if how == "chunks":
        panel = load_panel(database, "practitioner")
        rows = np.flatnonzero(panel.tradable)
        XGBoostForecaster().bin_rows(panel, rows, Resources(threads=2))(rows)
    else:
        with duckdb.connect(str(database), read_only=True) as connection:
            frame = connection.sql(
                "select * from ml.fct_training_panel order by week_date, symbol"
            ).df()
        frame = frame[frame["label_tradable_1w"]]
        names = [name for name in frame.columns if name.startswith("factor_")]
        xgb.DMatrix(frame[names], label=frame["fwd_target_1w"], nthread=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit status 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--part", choices=("all", "speed", "memory"), default="all")
    parser.add_argument("--library", choices=sorted(OBVIOUS), default="xgboost", help="of speed")
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if parsed.load:
        _, added = with_added_bytes(partial(load, parsed.load[0], Path(parsed.load[1])))
        print(added)
        return 0
    met = []
    if parsed.part in ("all", "memory"):
        met.append(compare_memory(parsed))
    if parsed.part in ("all", "speed"):
        met.append(compare_speed(parsed))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
