"""Scenarios that an analyst adds to an experiment by a query."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from orchestration.lib.scenario_rows import (
    ScenarioRowsError,
    append_rows,
    plain_row,
    read_rows,
    refuse_faulty,
)
from orchestration.lib.sql_console import StatementError, run_statement
from orchestration.lib.warehouse import query
from orchestration.lib.window_plan import window_tasks
from orchestration.lib.workspace import Workspace


def add_by_query(workspace: Workspace, statement: str) -> tuple[int, int]:
    """Add the scenarios that a query on the published copy gives, all or none.

    Before the first run there is no copy; the query may then name no table.

    Returns
    -------
    added, present
        Rows that are new, and rows that were there already.

    Raises
    ------
    ScenarioRowsError
        Naming row and column of everything that cannot be back-tested.
    """
    rows = [plain_row(row) for row in _answer(workspace, statement).to_pylist()]
    if not rows:
        raise ScenarioRowsError("no scenario was added: the query gives no rows")
    refuse_faulty(rows, workspace.experiment.rule_sets, _models(workspace), _indices(workspace))
    added = append_rows(workspace.paths.scenarios, rows)
    return added, len(rows) - added


def added_scenarios(workspace: Workspace) -> pa.Table:
    """Rows that were added, with the columns that any of them has."""
    rows = read_rows(workspace.paths.scenarios)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return pa.table({column: [row.get(column) for row in rows] for column in columns})


def clear_scenarios(workspace: Workspace) -> int:
    """Remove every added scenario; how many there were. Results of earlier runs stay."""
    count = len(read_rows(workspace.paths.scenarios))
    workspace.paths.scenarios.unlink(missing_ok=True)
    return count


def _answer(workspace: Workspace, statement: str) -> pa.Table:
    if workspace.paths.published_database.exists():
        return run_statement(workspace.paths.published_database, statement)
    with duckdb.connect() as connection:
        try:
            return connection.sql(statement).to_arrow_table()
        except duckdb.Error as error:
            raise StatementError(
                f"{error}\nthere is no published copy yet: until `ashare run"
                f" {workspace.experiment.name}` the query cannot read tables"
            ) from error


def _models(workspace: Workspace) -> dict[str, list[str]]:
    models: dict[str, dict[str, Any]] = {}
    for task in window_tasks(workspace.experiment):
        models.setdefault(task.rule_set, {})[task.spec.name] = None
    return {rule_set: list(names) for rule_set, names in models.items()}


def _indices(workspace: Workspace) -> list[str]:
    """Indices of the published market; empty before the first run."""
    database = workspace.paths.published_database
    if not database.exists():
        return []
    rows = query(database, "select distinct index_symbol from core.fct_index_daily order by 1")
    return [str(symbol) for symbol in rows.column("index_symbol").to_pylist()]
