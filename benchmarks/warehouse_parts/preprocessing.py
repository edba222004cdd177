"""Preprocessing in SQL against the same in pandas and in polars, on the same Parquet file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.warehouse_parts.market import Market
from benchmarks.warehouse_parts.preprocessing_worker import KEYS, NOT_FACTORS
from benchmarks.warehouse_parts.process import Usage, median_usage, run_measured
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.warehouse import read_only

# How the work is done and on how many threads a statement of the warehouse runs. The warehouse
# itself runs statements on one thread each, so that sums are always taken in the same order.
RUNS = {
    "SQL, one thread": ("warehouse", 1),
    "SQL, two threads": ("warehouse", 2),
    "pandas": ("pandas", 1),
    "polars": ("polars", 2),
}


@dataclass(frozen=True)
class PreprocessingFigures:
    """Medians over the repetitions.

    Attributes
    ----------
    rows, factors
        Size of the input.
    usage
        By name of `RUNS`.
    worst_difference
        Largest absolute difference of any exposure to that of the SQL, by name.
    """

    rows: int
    factors: int
    usage: dict[str, Usage]
    worst_difference: dict[str, float]


def preprocess_in_turn(
    market: Market, repetitions: int, advance: Callable[[str], object]
) -> PreprocessingFigures:
    """Run all in turn, `repetitions` times."""
    folder = market.home / "preprocessing"
    folder.mkdir(exist_ok=True)
    source = folder / "raw_factors.parquet"
    with read_only(market.paths.warehouse) as connection:
        selected = "intermediate.int_factor__selected"
        connection.execute(f"copy (from {selected}) to '{source}' (format parquet)")
        (rows,) = connection.sql(f"select count(*) from {selected}").fetchall()[0]
        columns = connection.table(selected).columns
    names = [name for name in columns if name not in NOT_FACTORS]
    usages: dict[str, list[Usage]] = {name: [] for name in RUNS}
    outputs = {name: folder / f"{name.replace(', ', '_').replace(' ', '_')}" for name in RUNS}
    for _ in range(repetitions):
        for name, (how, threads) in RUNS.items():
            usages[name].append(_run(how, source, outputs[name], market, threads))
            advance(name)
    reference = f"read_parquet('{outputs['polars']}')"
    return PreprocessingFigures(
        rows,
        len(names),
        {name: median_usage(taken) for name, taken in usages.items()},
        {
            "pandas": _worst(
                outputs["SQL, one thread"], f"read_parquet('{outputs['pandas']}')", names
            ),
            "polars": _worst(outputs["SQL, one thread"], reference, names),
        },
    )


def _run(how: str, source: Path, target: Path, market: Market, threads: int) -> Usage:
    compiled = market.paths.dbt_target / "compiled" / "ashare"
    return run_measured(
        [
            *(sys.executable, "-m", "benchmarks.warehouse_parts.preprocessing_worker"),
            *(how, str(source), str(target), str(compiled), str(threads)),
        ],
        {"PYTHONPATH": str(PROJECT_ROOT), "POLARS_MAX_THREADS": str(threads)},
    )


def _worst(database: Path, reference: str, names: list[str]) -> float:
    """Largest difference of any exposure; rows that only one side has count as infinite."""
    with duckdb.connect(":memory:", config={"memory_limit": "7GB"}) as connection:
        connection.execute(f"attach '{database}' as ours (read_only)")
        ours = "ours.factors.fct_factor_exposure"
        sizes = [
            connection.sql(f"select count(*) from {table}").fetchall()[0][0]
            for table in (ours, reference)
        ]
        keys = " and ".join(f"o.{key} = r.{key}" for key in KEYS[:3])
        worst = ", ".join(f"max(abs(o.{name} - r.{name}))" for name in names)
        matched, *differences = connection.sql(
            f"select count(*), {worst} from {ours} as o join {reference} as r on {keys}"
        ).fetchall()[0]
    return max(differences) if sizes == [matched, matched] else float("inf")
