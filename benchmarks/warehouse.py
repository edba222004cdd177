"""What does the warehouse cost at the size of the paper, and beside pandas, polars and qlib?

Run as `ashare bench warehouse`. Simulates markets of the `paper` size's dates with a quarter, half
and all of its 5,000 names, builds each from raw tables to the training panel (`practitioner`, all
factors), adds one week to the largest, and preprocesses its factors again in pandas and polars from
the same Parquet file. References and ours run in turn; medians are printed. Markets are kept in
`--home` and used again.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.warehouse_parts.build import BuildFigures, build, table_bytes
from benchmarks.warehouse_parts.market import Market, simulated_market
from benchmarks.warehouse_parts.measure import Measure
from benchmarks.warehouse_parts.preprocessing import PreprocessingFigures, preprocess_in_turn
from benchmarks.warehouse_parts.scaling import cost_exponent
from orchestration.lib.paths import ashare_home
from orchestration.lib.warehouse import read_only

PARTS = ("preprocessing",)
SHARES = (0.25, 0.5, 1.0)
PUBLIC = ("core", "factors", "risk", "ml")


def full_builds(markets: Sequence[Market], advance: Progress) -> list[BuildFigures]:
    """Build every market without its last week, from nothing."""
    task = advance.add_task("builds", total=len(markets))
    full: list[BuildFigures] = []
    for market in markets:
        _remove_build(market)
        full.append(build(market, market.a_week_before))
        advance.advance(task)
    return full


def build_measures(
    markets: Sequence[Market], full: Sequence[BuildFigures], week: BuildFigures
) -> list[Measure]:
    """Figures of the largest build, of the week after it, and how cost grows over the sizes."""
    figures = full[-1]
    rows = [_row_count(market) for market in markets]
    measures = [
        Measure("bars", rows[-1] / 1e6, None, "million"),
        Measure("raw to training panel, wall", figures.usage.wall_seconds, None, "s"),
        Measure("raw to training panel, processor", figures.usage.cpu_seconds, None, "s"),
        Measure("raw to training panel, peak memory", figures.usage.peak_gigabytes, None, "GB"),
        *(
            Measure(f"statements: {part}", seconds, None, "s")
            for part, seconds in figures.statement_seconds.items()
        ),
        Measure(
            "one more week, wall",
            week.usage.wall_seconds,
            figures.usage.wall_seconds,
            "s",
            "one more week: the reference is the full build",
        ),
        Measure(
            "one more week, statements",
            sum(week.statement_seconds.values()),
            sum(figures.statement_seconds.values()),
            "s",
            "one more week: the reference is the full build",
        ),
    ]
    if len(markets) > 1:
        measures += [
            Measure(
                f"growth of cost: {name}", cost_exponent(rows, costs), None, "exponent", "<= 1.1"
            )
            for name, costs in _costs(full).items()
        ]
    return measures


def _costs(builds: Sequence[BuildFigures]) -> dict[str, list[float]]:
    parts = builds[0].statement_seconds
    costs = {part: [figures.statement_seconds[part] for figures in builds] for part in parts}
    costs["whole build, processor"] = [figures.usage.cpu_seconds for figures in builds]
    return {name: values for name, values in costs.items() if min(values) > 0}


def preprocessing_measures(market: Market, repetitions: int, advance: Progress) -> list[Measure]:
    """SQL against pandas and polars."""
    task = advance.add_task("preprocessing", total=4 * repetitions)
    figures = preprocess_in_turn(market, repetitions, lambda _: advance.advance(task))
    return [
        Measure("preprocessing: stock-weeks", figures.rows / 1e6, None, "million"),
        Measure("preprocessing: factors", figures.factors, None, ""),
        *_against(figures, "SQL, one thread"),
        *_against(figures, "SQL, two threads"),
    ]


def _against(figures: PreprocessingFigures, ours: str) -> Iterable[Measure]:
    for name in ("pandas", "polars"):
        worst = figures.worst_difference[name]
        note = f"exposures of {name} differ from those of the SQL by up to {worst:.0e}"
        mine, theirs = figures.usage[ours], figures.usage[name]
        label = f"preprocessing: {ours} / {name}"
        yield Measure(f"{label}, wall", mine.wall_seconds, theirs.wall_seconds, "s", note)
        yield Measure(f"{label}, processor", mine.cpu_seconds, theirs.cpu_seconds, "s", note)
        yield Measure(
            f"{label}, peak memory", mine.peak_gigabytes, theirs.peak_gigabytes, "GB", note
        )


def render(measures: Iterable[Measure]) -> Table:
    """One line per figure."""
    table = Table(title="Warehouse")
    table.add_column("figure")
    for heading in ("ours", "reference", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    for measure in measures:
        table.add_row(
            measure.name,
            f"{measure.ours:,.2f}",
            "" if measure.reference is None else f"{measure.reference:,.2f}",
            "" if measure.ratio is None else f"{measure.ratio:.2f}",
            measure.unit,
        )
    return table


def _remove_build(market: Market) -> None:
    market.paths.warehouse.unlink(missing_ok=True)


def _row_count(market: Market) -> int:
    with read_only(market.paths.warehouse) as connection:
        return int(connection.sql("select count(*) from core.fct_bar_daily").fetchall()[0][0])


def machine() -> str:
    """Processor count, memory and versions, one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} processors, {memory:.0f} GB, Python {platform.python_version()},"
        f" DuckDB {duckdb.__version__}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen parts and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--parts", nargs="*", choices=PARTS, default=list(PARTS), help="beside the builds"
    )
    parser.add_argument("--shares", type=float, nargs="+", default=list(SHARES))
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--home", type=Path, default=ashare_home(None) / "bench_warehouse")
    options = parser.parse_args(arguments)
    console = Console()
    measures: list[Measure] = []
    with Progress(console=Console(stderr=True)) as progress:
        markets = [simulated_market(options.home, share) for share in sorted(options.shares)]
        full = full_builds(markets, progress)
        largest = markets[-1]
        sizes = table_bytes(largest.paths.warehouse, PUBLIC)
        # Before the week is added: intermediates then hold the weeks around it only.
        if "preprocessing" in options.parts:
            measures += preprocessing_measures(largest, options.repetitions, progress)
        task = progress.add_task("one more week", total=1)
        week = build(largest, largest.complete)
        progress.advance(task)
    measures = [*build_measures(markets, full, week), *measures]
    console.print(machine())
    console.print(render(measures))
    for note in dict.fromkeys(measure.note for measure in measures if measure.note):
        console.print(note)
    for table, size in sizes.items():
        console.print(f"{table:<40}{size / 1e6:>10,.0f} MB on disk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
