"""Do a recorded run again and compare its result tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from pydantic import ValidationError

from orchestration.lib.errors import UserError
from orchestration.lib.experiment import Experiment
from orchestration.lib.ledger import Ledger, RunStarted
from orchestration.lib.paths import ExperimentPaths, ashare_home, experiments_below
from orchestration.lib.progress import Reporter, SilentReporter
from orchestration.lib.workspace import Workspace, code_hash, package_versions

# Tables of the latest run repeat others, and how many trials there were is not a matter of one run;
# times differ between any two runs.
_LEFT_OUT = ("mart_latest_", "mart_deflated_sharpe")
_TIMES = ("seconds", "completed_at")


class ReproductionError(UserError):
    """A run cannot be done again as it was; the message says what is different."""


@dataclass(frozen=True)
class RecordedRun:
    """A run as the journal of its experiment has it."""

    run_id: str
    paths: ExperimentPaths
    record: dict[str, Any]

    @property
    def experiment(self) -> Experiment:
        """The experiment as it was configured.

        Raises
        ------
        ReproductionError
            If this version of the code no longer reads the configuration.
        """
        try:
            return Experiment.model_validate(self.record["configuration"])
        except ValidationError as error:
            raise ReproductionError(
                f"the configuration of run {self.run_id} is not one that this version reads:"
                f" {error}\ncheck out the commit that made the run"
            ) from error


@dataclass(frozen=True)
class TableComparison:
    """One result table of two runs: rows of the first, and rows only one of them has."""

    table: str
    row_count: int
    only_recorded: int
    only_repeated: int

    @property
    def agrees(self) -> bool:
        """Whether both have the same rows, to the last digit."""
        return self.only_recorded == self.only_repeated == 0

    @property
    def verdict(self) -> str:
        """Readable result."""
        if self.agrees:
            return "equal"
        return f"{self.only_recorded} rows not repeated, {self.only_repeated} rows new"


def find_run(run_id: str, home: Path | None = None) -> RecordedRun:
    """Look a run up in the journals below the home directory.

    Raises
    ------
    ReproductionError
        If no journal has it; the message lists the runs there are.
    """
    known: list[str] = []
    for paths in experiments_below(ashare_home(home)):
        starts = [event for event in Ledger(paths.ledger).events() if isinstance(event, RunStarted)]
        matching = [event for event in starts if event.run_id == run_id]
        if matching:
            return RecordedRun(run_id, paths, matching[-1].record)
        known += [f"{event.run_id} ({event.record['experiment']})" for event in starts]
    raise ReproductionError(
        f"no run {run_id} below {ashare_home(home)}; there are:"
        f" {', '.join(dict.fromkeys(known)) or 'none'}"
    )


def changed_inputs(run: RecordedRun) -> list[str]:
    """What makes the run impossible to repeat: other code, other data; empty if nothing does."""
    found = code_hash()
    changes = []
    if found != run.record["code_hash"]:
        changes.append(f"code: recorded {run.record['code_hash']}, found {found}")
    data = Workspace(run.experiment, run.paths).data_hash
    if data != run.record["data_hash"]:
        changes.append(f"data: recorded {run.record['data_hash']}, found {data}")
    return changes


def changed_versions(run: RecordedRun) -> list[str]:
    """Libraries whose version is not the recorded one."""
    found = package_versions()
    recorded: dict[str, str] = run.record["versions"]
    return [
        f"{package}: recorded {recorded.get(package, 'none')}, found {found.get(package, 'none')}"
        for package in sorted(recorded.keys() | found.keys())
        if recorded.get(package) != found.get(package)
    ]


def fresh_workspace(run: RecordedRun, into: Path, reporter: Reporter | None = None) -> Workspace:
    """Workspace of the recorded experiment below a directory of its own.

    Raises
    ------
    ReproductionError
        If code or data are not those of the record, the directory holds something, or the
        published copy no longer has the run.
    """
    changes = changed_inputs(run)
    if changes:
        raise ReproductionError(
            f"run {run.run_id} of {run.record['experiment']} cannot be repeated:\n  "
            + "\n  ".join(changes)
            + "\ncheck out the commit and restore the source that made it"
        )
    if into.exists() and any(into.iterdir()):
        raise ReproductionError(f"{into} is not empty: a repetition needs a directory of its own")
    _refuse_unpublished(run)
    experiment = run.experiment
    paths = ExperimentPaths.of(experiment.name, into)
    return Workspace(experiment, paths, reporter or SilentReporter())


def compare_results(run_id: str, recorded: Path, repeated: Path) -> list[TableComparison]:
    """Rows of a run in the result tables of two published copies.

    Parameters
    ----------
    recorded, repeated
        Database files. Columns that hold times are left out, and tables that have neither a run
        nor a scenario in their key.
    """
    with duckdb.connect() as connection:
        for alias, file in (("recorded", recorded), ("repeated", repeated)):
            connection.sql(f"attach '{file}' as {alias} (read_only)")
        columns = {alias: _result_columns(connection, alias) for alias in ("recorded", "repeated")}
        if columns["recorded"].keys() != columns["repeated"].keys():
            odd = columns["recorded"].keys() ^ columns["repeated"].keys()
            raise ReproductionError(f"tables that only one of the runs has: {', '.join(odd)}")
        return [
            _compare(connection, run_id, table, names)
            for table, names in columns["recorded"].items()
        ]


def _refuse_unpublished(run: RecordedRun) -> None:
    file = run.paths.published_database
    if file.exists():
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute(
                "select count(*) from ops.fct_run where run_id = ?", [run.run_id]
            ).fetchall()
        if found[0][0]:
            return
    raise ReproductionError(
        f"{file} does not hold run {run.run_id}: there is nothing to compare with; published are"
        " the latest runs, as many as the experiment retains"
    )


def _result_columns(
    connection: duckdb.DuckDBPyConnection, database: str
) -> dict[str, tuple[str, ...]]:
    """Columns without times of every result table that has a run or a scenario."""
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = ? and schema_name = 'results' order by table_name, column_index",
        [database],
    ).fetchall()
    columns: dict[str, list[str]] = {}
    for table, column in rows:
        if not table.startswith(_LEFT_OUT) and not column.endswith(_TIMES):
            columns.setdefault(table, []).append(column)
    return {
        table: tuple(names)
        for table, names in columns.items()
        if {"run_id", "scenario_id"} & set(names)
    }


def _compare(
    connection: duckdb.DuckDBPyConnection, run_id: str, table: str, columns: Sequence[str]
) -> TableComparison:
    def rows(database: str) -> str:
        where = f"run_id = '{run_id}'"
        if "run_id" not in columns:
            where = (
                f"scenario_id in (select scenario_id from {database}.results.dim_scenario"
                f" where {where})"
            )
        return f"(select {', '.join(columns)} from {database}.results.{table} where {where})"

    def count(relation: str) -> int:
        return int(connection.sql(f"select count(*) from ({relation})").fetchall()[0][0])

    recorded, repeated = rows("recorded"), rows("repeated")
    return TableComparison(
        table,
        count(recorded),
        count(f"{recorded} except all {repeated}"),
        count(f"{repeated} except all {recorded}"),
    )
