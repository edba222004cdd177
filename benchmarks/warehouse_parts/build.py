"""Raw tables to training panel by dbt: time of each part, memory, bytes on disk, one more week."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.warehouse_parts.market import UPSTREAM, Market
from benchmarks.warehouse_parts.process import Usage, run_measured
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.warehouse import read_only

# Parts of the build by folder of the models.
PARTS: Mapping[str, tuple[str, ...]] = {
    "bars, universe, labels": (
        "intermediate/calendar", "intermediate/bars", "intermediate/universe",
        "intermediate/index_weights", "intermediate/labels", "intermediate/market",
        "marts/core", "marts/ml/fct_label",
    ),
    "factors": (
        "intermediate/factors", "intermediate/fundamentals", "marts/factors/fct_factor_raw",
    ),
    "styles": ("intermediate/styles", "marts/risk"),
    "preprocessing": ("intermediate/preprocessing", "marts/factors"),
    "panel": ("intermediate/panel", "marts/ml"),
}  # fmt: skip
BLOCK_BYTES = 262_144


@dataclass(frozen=True)
class BuildFigures:
    """One build.

    Attributes
    ----------
    usage
        Of landing, planning and dbt together.
    statement_seconds
        Time of the statements of each part; each runs on one thread.
    """

    usage: Usage
    statement_seconds: Mapping[str, float]


def build(market: Market, landing: Path) -> BuildFigures:
    """Build the market's warehouse from a landing directory, in a process of its own."""
    usage = run_measured(
        [sys.executable, "-m", "benchmarks.warehouse_parts.build", str(market.home), str(landing)],
        {"PYTHONPATH": str(PROJECT_ROOT)},
    )
    results = json.loads((market.paths.dbt_target / "run_results.json").read_text())
    manifest = json.loads((market.paths.dbt_target / "manifest.json").read_text())
    seconds = dict.fromkeys([*PARTS, "other"], 0.0)
    for result in results["results"]:
        path = manifest["nodes"][result["unique_id"]]["path"]
        seconds[_part(path)] += result["execution_time"]
    return BuildFigures(usage, seconds)


def one_more_week(market: Market, repetitions: int) -> Iterator[BuildFigures]:
    """Add the last week to the build of the weeks before it, as often as asked.

    Every repetition begins from the same files, which are kept beside the warehouse meanwhile.
    """
    kept = market.home / "warehouse_before"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(market.paths.root, kept)
    try:
        for repetition in range(repetitions):
            if repetition:
                shutil.rmtree(market.paths.root)
                shutil.copytree(kept, market.paths.root)
            yield build(market, market.complete)
    finally:
        shutil.rmtree(kept)


def table_bytes(database: Path, schemas: Iterable[str]) -> dict[str, int]:
    """Bytes of the blocks that each table of the schemas occupies in the database file."""
    sizes = {}
    with read_only(database) as connection:
        for schema in schemas:
            for (name,) in connection.sql(
                f"select table_name from duckdb_tables() where schema_name = '{schema}'"
            ).fetchall():
                sizes[f"{schema}.{name}"] = _blocks(connection, f"{schema}.{name}") * BLOCK_BYTES
    return sizes


def _blocks(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    (count,) = connection.sql(
        f"select count(distinct block_id) from pragma_storage_info('{table}') where block_id >= 0"
    ).fetchall()[0]
    return int(count)


def _part(path: str) -> str:
    for part, folders in PARTS.items():
        if any(path.startswith(folder) for folder in folders):
            return part
    return "other"


def main(home: Path, landing: Path) -> None:
    """Build once; called in a process of its own."""
    from orchestration.lib.panel_build import build_panel

    market = Market(home, share=0.0)
    build_panel(market.experiment(landing), market.paths, UPSTREAM)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
