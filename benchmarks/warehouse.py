"""What does the warehouse cost at the size of the paper, and beside pandas, polars and qlib?

Run as `ashare bench warehouse`. Simulates markets of the `paper` size's dates with a quarter, half
and all of its 5,000 names, builds each from raw tables to the training panel (`practitioner`, all
factors), and adds one week to the largest, `--repetitions` times from the same state. In the
largest it builds the factors alone, some of them in pandas too, and preprocesses in pandas and
polars from the same Parquet file. A smaller market is for qlib: the same features of the same bars,
and loading the same panel. References and ours run in turn; medians are printed. Markets are kept
in `--home` and used again.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.warehouse_parts.against_qlib import QlibFigures, against_qlib
from benchmarks.warehouse_parts.agreement import Agreement
from benchmarks.warehouse_parts.build import (
    BuildFigures,
    build,
    one_more_week,
    table_bytes,
)
from benchmarks.warehouse_parts.factors import factor_figures
from benchmarks.warehouse_parts.features_worker import PANDAS_FACTORS
from benchmarks.warehouse_parts.market import Market, simulated_market
from benchmarks.warehouse_parts.measure import Measure
from benchmarks.warehouse_parts.preprocessing import PreprocessingFigures, preprocess_in_turn
from benchmarks.warehouse_parts.process import Usage, median_usage
from benchmarks.warehouse_parts.qlib_environment import QlibUnavailableError
from benchmarks.warehouse_parts.qlib_features import FEATURES
from benchmarks.warehouse_parts.scaling import cost_exponent
from orchestration.lib.paths import ashare_home
from orchestration.lib.warehouse import read_only

PARTS = ("factors", "preprocessing", "qlib")
SHARES = (0.25, 0.5, 1.0)
# Of the names of the `paper` size; qlib then takes half a minute of processor time per repetition.
QLIB_SHARE = 0.1
Show = Callable[[list[Measure]], None]
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


def build_measures(markets: Sequence[Market], full: Sequence[BuildFigures]) -> list[Measure]:
    """Figures of the largest build, and how cost grows over the sizes."""
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
    ]
    if len(markets) > 1:
        measures += [
            Measure(
                f"growth of cost: {name}", cost_exponent(rows, costs), None, "exponent", "<= 1.1"
            )
            for name, costs in _costs(full).items()
        ]
    return measures


def week_measures(full: BuildFigures, weeks: Sequence[BuildFigures]) -> list[Measure]:
    """One more week, the median of its repetitions, beside the full build."""
    note = f"one more week: median of {len(weeks)}; the reference is the full build"
    usage = median_usage([week.usage for week in weeks])
    statements = statistics.median(sum(week.statement_seconds.values()) for week in weeks)
    every = sum(full.statement_seconds.values())
    return [
        *_usages("one more week", usage, full.usage, note),
        Measure("one more week, statements", statements, every, "s", note),
    ]


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
        label = f"preprocessing: {ours} / {name}"
        yield from _usages(label, figures.usage[ours], figures.usage[name], note)


def factor_measures(market: Market, repetitions: int, advance: Progress) -> list[Measure]:
    """Factor models alone, and a subset of their factors against pandas."""
    task = advance.add_task("factors", total=1 + 2 * repetitions)
    figures = factor_figures(market, repetitions, lambda: advance.advance(task))
    note = (
        f"factors against pandas: {len(PANDAS_FACTORS)} of them ({', '.join(PANDAS_FACTORS)}),"
        f" which differ by up to {figures.worst_difference:.0e} of their deviation"
    )
    return [
        Measure("factors: stock-weeks", figures.rows / 1e6, None, "million"),
        Measure("factors: weeks", figures.weeks, None, ""),
        Measure("factors: all, wall", figures.usage.wall_seconds, None, "s", "goal: 300 s"),
        Measure("factors: all, processor", figures.usage.cpu_seconds, None, "s"),
        Measure("factors: all, peak memory", figures.usage.peak_gigabytes, None, "GB"),
        *(
            Measure(f"factors: {name}", seconds, None, "s")
            for name, seconds in figures.slowest.items()
        ),
        *_usages(
            f"{len(PANDAS_FACTORS)} factors / pandas",
            figures.subset["ours"],
            figures.subset["pandas"],
            note,
        ),
    ]


def qlib_measures(home: Path, repetitions: int, advance: Progress) -> list[Measure]:
    """Features and panel of a smaller market against qlib."""
    task = advance.add_task("qlib", total=1 + 5 * repetitions)
    market = simulated_market(home, QLIB_SHARE)
    _remove_build(market)
    build(market, market.a_week_before)
    advance.advance(task)
    figures = against_qlib(market, home / "qlib", repetitions, lambda: advance.advance(task))
    ours, theirs, start = (figures.features[name] for name in ("ours", "qlib", "start"))
    return [
        Measure("qlib: bars", figures.bars / 1e6, None, "million", _agreement_note(figures)),
        *_usages(f"qlib: {len(FEATURES)} features", ours, theirs),
        Measure(
            "qlib: features, processor without its start",
            ours.cpu_seconds,
            theirs.cpu_seconds - start.cpu_seconds,
            "s",
            "qlib in one process (kernels=1), no cache on disk; ours ends in a database file",
        ),
        Measure("qlib: rows of the panel", figures.panel_rows / 1e6, None, "million"),
        *_usages(
            "qlib: load panel, process",
            figures.loading["ours"].process,
            figures.loading["qlib"].process,
            f"panel of {figures.panel_features} features into float32 arrays, ours from the"
            " database file, qlib's from a pickled handler",
        ),
        Measure(
            "qlib: load panel, without imports, processor",
            figures.loading["ours"].cpu_seconds,
            figures.loading["qlib"].cpu_seconds,
            "s",
        ),
    ]


def _agreement_note(figures: QlibFigures) -> str:
    total = sum(figures.agreements.values(), Agreement())
    strictly = total.equal_strictly / max(total.compared, 1)
    below = {
        name: f"{found.share:.2%}"
        for name, found in figures.agreements.items()
        if found.share < 0.9999
    }
    others = ", ".join(f"{name} {share}" for name, share in below.items()) or "none"
    return (
        f"values equal to 1e-5 where every session of the window was traded: {total.share:.3%} of"
        f" {total.compared / 1e6:.1f} million ({strictly:.2%} where values near zero are held to"
        f" 1e-5 of themselves: qlib keeps float32); below 99.99 %: {others}; windows with a session"
        f" without trade or before the listing: {total.incomplete / 1e6:.1f} million, of which"
        f" {total.incomplete_equal / max(total.incomplete, 1):.0%} are equal"
    )


def _usages(label: str, ours: Usage, theirs: Usage, note: str = "") -> Iterable[Measure]:
    yield Measure(f"{label}, wall", ours.wall_seconds, theirs.wall_seconds, "s", note)
    yield Measure(f"{label}, processor", ours.cpu_seconds, theirs.cpu_seconds, "s", note)
    yield Measure(f"{label}, peak memory", ours.peak_gigabytes, theirs.peak_gigabytes, "GB", note)


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


def measure_parts(options: argparse.Namespace, progress: Progress, show: Show) -> dict[str, int]:
    """Measure the chosen parts in the largest market; each is shown as soon as it is there.

    Returns
    -------
    Bytes on disk by table.
    """
    markets = [simulated_market(options.home, share) for share in sorted(options.shares)]
    full = full_builds(markets, progress)
    largest = markets[-1]
    show(build_measures(markets, full))
    sizes = table_bytes(largest.paths.warehouse, PUBLIC)
    # Before the week is added: intermediates then hold the weeks around it only.
    if "factors" in options.parts:
        show(factor_measures(largest, options.repetitions, progress))
    if "preprocessing" in options.parts:
        show(preprocessing_measures(largest, options.repetitions, progress))
    weeks = list(
        progress.track(
            one_more_week(largest, options.repetitions),
            total=options.repetitions,
            description="one more week",
        )
    )
    show(week_measures(full[-1], weeks))
    return sizes


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen parts; 1 if qlib was asked for and cannot be had."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--parts", nargs="*", choices=PARTS, default=list(PARTS), help="beside the builds"
    )
    parser.add_argument("--shares", type=float, nargs="*", default=list(SHARES))
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--home", type=Path, default=ashare_home(None) / "bench_warehouse")
    options = parser.parse_args(arguments)
    console, measures, status = Console(width=110), [], 0

    def show(part: list[Measure]) -> None:
        measures.extend(part)
        print(*(_line(measure) for measure in part), sep="\n", file=sys.stderr)

    with Progress(console=Console(stderr=True)) as progress:
        sizes = measure_parts(options, progress, show) if options.shares else {}
        if "qlib" in options.parts:
            try:
                show(qlib_measures(options.home, options.repetitions, progress))
            except QlibUnavailableError as error:
                print(f"qlib cannot be measured here: {error}", file=sys.stderr)
                status = 1
    console.print(machine())
    console.print(render(measures))
    for note in dict.fromkeys(measure.note for measure in measures if measure.note):
        console.print(note)
    for table, size in sizes.items():
        console.print(f"{table:<40}{size / 1e6:>10,.0f} MB on disk")
    return status


def _line(measure: Measure) -> str:
    reference = "" if measure.reference is None else f" against {measure.reference:,.2f}"
    return f"{measure.name}: {measure.ours:,.2f}{reference} {measure.unit}"


if __name__ == "__main__":
    sys.exit(main())
