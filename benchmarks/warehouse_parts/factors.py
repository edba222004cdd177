"""Factor models alone, built again in a finished warehouse, and some of them against pandas."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.warehouse_parts.features_worker import PANDAS_FACTORS
from benchmarks.warehouse_parts.market import Market
from benchmarks.warehouse_parts.process import Usage, median_usage, run_measured
from orchestration.lib.dbt import dbt_vars, run_dbt, vars_argument
from orchestration.lib.experiment import Experiment
from orchestration.lib.paths import PROJECT_ROOT, ExperimentPaths
from orchestration.lib.warehouse import read_only

# Of these folders, what raw factors are made of: those that a user supplies are not.
FOLDERS = ("factors", "fundamentals")
SELECTION = " ".join(
    (*(f"path:models/intermediate/{each},+fct_factor_raw" for each in FOLDERS), "fct_factor_raw")
)
SLOWEST_SHOWN = 5


@dataclass(frozen=True)
class FactorFigures:
    """Factors of every week from the finished daily bars and statements.

    Attributes
    ----------
    usage
        Of one dbt run of all factor models, dbt's start included.
    rows, weeks
        Stock-weeks and weeks of `fct_factor_raw`.
    slowest
        Seconds of the slowest statements by model.
    subset
        Usage by `ours` and `pandas` of the factors of `PANDAS_FACTORS`.
    worst_difference
        Largest difference of a factor of the subset, relative to its standard deviation.
    """

    usage: Usage
    rows: int
    weeks: int
    slowest: dict[str, float]
    subset: dict[str, Usage]
    worst_difference: float


def factor_figures(
    market: Market, repetitions: int, advance: Callable[[], object]
) -> FactorFigures:
    """Build all factor models once; the subset in turn with pandas, `repetitions` times."""
    usage = run_measured(
        [sys.executable, "-m", "benchmarks.warehouse_parts.factors", str(market.home)],
        {"PYTHONPATH": str(PROJECT_ROOT)},
    )
    slowest = slowest_statements(market.paths.dbt_target / "run_results.json", SLOWEST_SHOWN)
    advance()
    with read_only(market.paths.warehouse) as connection:
        rows, weeks = connection.sql(
            "select count(*), count(distinct week_date) from factors.fct_factor_raw"
        ).fetchall()[0]
    folder = market.home / "factors"
    folder.mkdir(exist_ok=True)
    taken: dict[str, list[Usage]] = {"ours": [], "pandas": []}
    for _ in range(repetitions):
        for name, runs in taken.items():
            runs.append(_run_subset(name, market, folder))
            advance()
    return FactorFigures(
        usage,
        rows,
        weeks,
        slowest,
        {name: median_usage(runs) for name, runs in taken.items()},
        _worst_difference(folder),
    )


def slowest_statements(run_results: Path, count: int) -> dict[str, float]:
    """Names and seconds of the models that took longest, the longest first."""
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    ordered = sorted(results, key=lambda result: -result["execution_time"])
    return {
        result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"]
        for result in ordered[:count]
    }


def _run_subset(name: str, market: Market, folder: Path) -> Usage:
    how, target = ("pandas", "pandas.parquet") if name == "pandas" else ("warehouse", "ours.duckdb")
    return run_measured(
        [
            *(sys.executable, "-m", "benchmarks.warehouse_parts.features_worker", how),
            *(str(market.paths.warehouse), str(folder / target)),
            *(str(market.paths.dbt_target / "compiled" / "ashare"), *PANDAS_FACTORS),
        ],
        {"PYTHONPATH": str(PROJECT_ROOT), "OMP_NUM_THREADS": "1"},
    )


def _worst_difference(folder: Path) -> float:
    """Infinite if one side has a value that the other lacks."""
    one_sided = " + ".join(
        f"count(*) filter (where (o.{name} is null) <> (p.{name} is null or isnan(p.{name})))"
        for name in PANDAS_FACTORS
    )
    worst = ", ".join(
        f"max(abs(o.{name} - p.{name})) / stddev(o.{name})" for name in PANDAS_FACTORS
    )
    with duckdb.connect(":memory:", config={"memory_limit": "7GB"}) as connection:
        connection.execute(f"attach '{folder / 'ours.duckdb'}' as ours (read_only)")
        missing, *differences = connection.sql(
            f"select {one_sided}, {worst} from ours.features as o"
            f" full join read_parquet('{folder / 'pandas.parquet'}') as p"
            " on o.symbol = p.symbol and o.week_date = cast(p.trade_date as date)"
        ).fetchall()[0]
    return float("inf") if missing else max(differences)


def build_factors(experiment: Experiment, paths: ExperimentPaths) -> None:
    """Build all factor models once more in a finished warehouse."""
    variables = vars_argument(dbt_vars(experiment, paths))
    run_dbt(["run", "--full-refresh", "--select", SELECTION, *variables], experiment, paths)


def main(home: Path) -> None:
    """Build the factor models once; called in a process of its own."""
    market = Market(home, share=0.0)
    build_factors(market.experiment(market.a_week_before), market.paths)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
