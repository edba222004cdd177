"""The command `ashare`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="A SQL-first warehouse and research platform for factor strategies on China A-shares.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
scenario_app = typer.Typer(
    help="Back-tests added to an experiment by queries; the next run makes them.",
    no_args_is_help=True,
)
app.add_typer(scenario_app, name="scenario")
console = Console()
errors = Console(stderr=True)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Directory of all experiments ($ASHARE_HOME, data/).")
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", help="Replaces the source: simulated[:SIZE] or parquet:DIR."),
]


ExperimentArgument = Annotated[str, typer.Argument(help="Name in experiments/, or a .yml file.")]
WindowOption = Annotated[
    str | None,
    typer.Option("--window", help="One half-year alone, for example 2016H1: a run of its own."),
]


class MarketSize(StrEnum):
    """Sizes of the simulated market."""

    TINY = "tiny"
    DEMO = "demo"
    PAPER = "paper"


class FigureFormat(StrEnum):
    """Kinds of files that figures are written as."""

    PNG = "png"
    SVG = "svg"


@app.command()
def run(
    experiment: ExperimentArgument,
    source: SourceOption = None,
    window: WindowOption = None,
    home: HomeOption = None,
) -> None:
    """Run an experiment: only what is not up to date is done."""
    from orchestration.lib.experiment_run import run_experiment
    from orchestration.lib.progress import TerminalReporter
    from orchestration.lib.workspace import Workspace

    reporter = TerminalReporter(errors)
    workspace = Workspace.open(
        experiment, source=source, window=window, home=home, reporter=reporter
    )
    with reporter.live():
        outcome = run_experiment(workspace)
    from orchestration.lib.summary import render_summary

    for line in outcome.notes:
        console.print(line)
    console.print(render_summary(workspace.paths))


@app.command()
def plan(
    experiment: ExperimentArgument,
    source: SourceOption = None,
    window: WindowOption = None,
    home: HomeOption = None,
) -> None:
    """Print what training an experiment would take, before it is started."""
    from orchestration.lib.projection import project_training, render_projection
    from orchestration.lib.workspace import Workspace

    workspace = Workspace.open(experiment, source=source, window=window, home=home)
    console.print(render_projection(project_training(workspace)))


@app.command()
def validate(
    directory: Annotated[Path, typer.Argument(help="Directory of landing tables.")],
) -> None:
    """Check landing tables against the contract and print every fault."""
    from market_data.validation import render, validate_directory

    report = validate_directory(directory)
    console.print(render(report), markup=False, highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="Directory for landing/ and truth/.")],
    size: Annotated[MarketSize, typer.Option(help="Size of the market.")] = MarketSize.DEMO,
    seed: Annotated[int | None, typer.Option(help="Seed of the market.")] = None,
    signal: Annotated[float | None, typer.Option(help="Scale of expected premia; 0: none.")] = None,
    interactions: Annotated[
        bool, typer.Option("--interactions", help="Pay for products of characteristics alone.")
    ] = False,
    memory: Annotated[
        bool, typer.Option("--memory", help="Pay for what five weeks together tell, alone.")
    ] = False,
) -> None:
    """Write a simulated market in the landing contract."""
    from market_data.simulator import SimulationConfig
    from market_data.simulator import simulate as simulate_market
    from orchestration.lib.progress import TerminalReporter

    overrides = {
        "seed": seed,
        "signal": signal,
        "interactions": interactions,
        "memory": memory,
    }
    config = SimulationConfig.for_size(
        size.value, **{name: value for name, value in overrides.items() if value is not None}
    )
    reporter = TerminalReporter(errors)
    with reporter.live():
        reporter.start(f"simulating {size}")
        summary = simulate_market(config, out / "landing", out / "truth")
        reporter.finish()
    console.print(f"{summary}", markup=False)


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One SQL statement; - reads standard input.")],
    experiment: Annotated[str, typer.Option("--experiment", "-e")] = "demo",
    home: HomeOption = None,
    rows: Annotated[int, typer.Option(help="Rows to print at most.")] = 40,
    csv: Annotated[bool, typer.Option("--csv", help="Print every row as CSV.")] = False,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="Query the warehouse that a run stopped in.")
    ] = False,
) -> None:
    """Query the published copy of an experiment (read-only)."""
    from orchestration.lib.sql_console import as_csv, as_table, run_statement
    from orchestration.lib.workspace import experiment_paths

    text = sys.stdin.read() if statement == "-" else statement
    paths = experiment_paths(experiment, home)
    result = run_statement(paths.warehouse if unpublished else paths.published_database, text)
    if csv:
        typer.echo(as_csv(result), nl=False)
    else:
        console.print(as_table(result, rows, console.width))


@scenario_app.command("add")
def scenario_add(
    statement: Annotated[
        str, typer.Option("--sql", help="Query on the published copy; - reads standard input.")
    ],
    experiment: Annotated[str, typer.Option("--experiment", "-e")] = "demo",
    home: HomeOption = None,
) -> None:
    """Add one back-test per row of a query.

    Columns are rule_set, model, benchmark and num_stock, and as needed barra_limit (NULL: no band),
    turnover_limit, industry_limit, cost_rate, first_trade_date, last_trade_date.
    """
    from orchestration.lib.scenario_console import add_by_query
    from orchestration.lib.workspace import Workspace

    workspace = Workspace.open(experiment, home=home)
    text = sys.stdin.read() if statement == "-" else statement
    added, present = add_by_query(workspace, text)
    console.print(
        f"{added} scenarios added, {present} were there already; `ashare run {experiment}` makes"
        " their back-tests",
        markup=False,
        soft_wrap=True,
    )


@scenario_app.command("list")
def scenario_list(
    experiment: Annotated[str, typer.Option("--experiment", "-e")] = "demo",
    home: HomeOption = None,
) -> None:
    """Show the back-tests that queries added."""
    from orchestration.lib.scenario_console import added_scenarios
    from orchestration.lib.sql_console import as_table
    from orchestration.lib.workspace import Workspace

    rows = added_scenarios(Workspace.open(experiment, home=home))
    console.print(as_table(rows, rows.num_rows, console.width) if rows.num_rows else "none")


@scenario_app.command("clear")
def scenario_clear(
    experiment: Annotated[str, typer.Option("--experiment", "-e")] = "demo",
    home: HomeOption = None,
) -> None:
    """Remove the back-tests that queries added from the experiment's inputs."""
    from orchestration.lib.scenario_console import clear_scenarios
    from orchestration.lib.workspace import Workspace

    console.print(f"{clear_scenarios(Workspace.open(experiment, home=home))} scenarios removed")


@app.command()
def summary(experiment: ExperimentArgument = "demo", home: HomeOption = None) -> None:
    """Print the summary of the last run again."""
    from orchestration.lib.summary import render_summary
    from orchestration.lib.workspace import experiment_paths

    console.print(render_summary(experiment_paths(experiment, home)))


@app.command()
def report(experiment: ExperimentArgument = "demo", home: HomeOption = None) -> None:
    """Draw the report of the last run again, from the published tables."""
    from orchestration.lib.report import write_report
    from orchestration.lib.workspace import experiment_paths

    console.print(f"open {write_report(experiment_paths(experiment, home))}")


@app.command()
def figures(
    experiment: ExperimentArgument = "demo",
    kind: Annotated[FigureFormat, typer.Option("--format", help="Kind of file.")] = (
        FigureFormat.PNG
    ),
    out: Annotated[
        Path | None, typer.Option("--out", help="Directory (published/figures of the experiment).")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write the study's figures and a page with captions, from the published tables."""
    from orchestration.lib.figure_files import write_figures
    from orchestration.lib.workspace import experiment_paths

    paths = experiment_paths(experiment, home)
    written = write_figures(paths, out or paths.published_figures, kind.value)
    for line in (*(str(file) for file in written.files), *written.absences):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"open {written.page}", soft_wrap=True)


@app.command()
def reproduce(
    run_id: Annotated[str, typer.Argument(help="As in ops.fct_run.")],
    into: Annotated[Path, typer.Option("--into", help="Empty directory for the repetition.")],
    home: HomeOption = None,
) -> None:
    """Do a recorded run again elsewhere and compare every result table with the first time."""
    from orchestration.lib.experiment_run import run_experiment
    from orchestration.lib.progress import TerminalReporter
    from orchestration.lib.reproduction import (
        changed_versions,
        compare_results,
        find_run,
        fresh_workspace,
    )

    recorded = find_run(run_id, home)
    reporter = TerminalReporter(errors)
    workspace = fresh_workspace(recorded, into, reporter)
    for line in changed_versions(recorded):
        console.print(f"other version of {line}", markup=False)
    with reporter.live():
        run_experiment(workspace)
    published = (paths.published_database for paths in (recorded.paths, workspace.paths))
    compared = compare_results(run_id, *published)
    for table in compared:
        line = f"{table.table:<32}{table.row_count:>9} rows  {table.verdict}"
        console.print(line, markup=False, highlight=False)
    raise typer.Exit(0 if all(table.agrees for table in compared) else 1)


@app.command()
def prove(
    experiment: ExperimentArgument,
    at: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day known, the end of a week; repeatable."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="Directory to keep the last cut copy in.")
    ] = None,
    upstream_only: Annotated[
        bool, typer.Option("--upstream-only", help="Stop at the training panel: no retraining.")
    ] = False,
    source: SourceOption = None,
    home: HomeOption = None,
) -> None:
    """Prove that nothing looks ahead: cut the raw tables at a day, rebuild, compare every row.

    Without --at three weeks spread over the test windows are taken. Each costs a build and, unless
    --upstream-only is given, a training of every window begun by then.
    """
    from orchestration.lib.progress import TerminalReporter
    from orchestration.lib.proof_run import render_proof, run_proofs
    from orchestration.lib.workspace import Workspace

    reporter = TerminalReporter(errors)
    workspace = Workspace.open(experiment, source=source, home=home, reporter=reporter)
    days = [day.date() for day in at or []]
    holds = True
    with temporary_directory(into) as place, reporter.live():
        for proof in run_proofs(workspace, days, place, results=not upstream_only):
            for line in render_proof(proof):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            holds = holds and proof.holds
    raise typer.Exit(0 if holds else 1)


@app.command(context_settings={"ignore_unknown_options": True})
def bench(
    name: Annotated[str | None, typer.Argument(help="One benchmark; none lists them.")] = None,
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed to it.")] = None,
) -> None:
    """Run a benchmark of benchmarks/."""
    from orchestration.lib.benchmarks import list_benchmarks, run_benchmark

    if name is None:
        for title, purpose in list_benchmarks().items():
            console.print(f"[bold]{title:<12}[/bold] {purpose}")
        return
    raise typer.Exit(run_benchmark(name, arguments or []))


@app.command()
def docs(experiment: ExperimentArgument = "demo", home: HomeOption = None) -> None:
    """Write the data dictionary and lineage as one HTML page."""
    from orchestration.lib.dbt import write_documentation
    from orchestration.lib.workspace import Workspace

    workspace = Workspace.open(experiment, home=home)
    console.print(f"open {write_documentation(workspace.experiment, workspace.paths)}")


@app.command()
def dev(
    experiment: ExperimentArgument = "demo",
    source: SourceOption = None,
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port of the web page.")] = 3000,
) -> None:
    """Open the asset graph of an experiment in Dagster's web page."""
    from orchestration.lib.instance import development_environment
    from orchestration.lib.workspace import Workspace

    workspace = Workspace.open(experiment, source=source, home=home)
    environment = development_environment(workspace, experiment, source)
    command = ["dagster", "dev", "-m", "orchestration.definitions", "-p", str(port)]
    program = Path(sys.executable).parent / "dagster"
    os.execve(program, command, {**os.environ, **environment})


@contextmanager
def temporary_directory(chosen: Path | None) -> Iterator[Path]:
    """The chosen directory, or one that is gone afterwards."""
    if chosen is not None:
        yield chosen.resolve()
        return
    with TemporaryDirectory(prefix="ashare-") as place:
        yield Path(place)


def main() -> None:
    """Run the command line; faults that a user can mend are said without a trace."""
    from market_data.errors import MarketDataError
    from orchestration.lib.errors import UserError

    # Threads that wait for others sleep instead of spinning: on a machine that does more than one
    # thing this halves the processor time of the boosting libraries, which read it when loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except (UserError, MarketDataError) as error:
        errors.print(f"[bold red]error[/bold red] {type(error).__name__}")
        errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
