"""Compare a warehouse with one built from tables cut at a day: what was known must not change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from orchestration.lib.look_ahead_models import Model, ancestors
from orchestration.lib.look_ahead_rows import CUT, FULL, PANEL, Comparer, TableVerdict
from orchestration.lib.look_ahead_scope import SCOPE, Outside
from orchestration.lib.table_comparison import TableDifference


@dataclass(frozen=True)
class Proof:
    """Verdicts of all public tables on one day, and private tables that differ."""

    at: date
    verdicts: tuple[TableVerdict, ...]
    private: Mapping[str, TableDifference] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing that was known by the day changed with what came after."""
        return all(verdict.holds for verdict in self.verdicts)


def prove(
    full: Path,
    cut: Path,
    at: date,
    models: Mapping[str, Model],
    *,
    run_id: str | None = None,
    exempt: bool = True,
    locate: bool = False,
    not_built: Sequence[str] = (),
    on_table: Callable[[str], object] = lambda _: None,
) -> Proof:
    """Compare every table of a warehouse with one built from the tables cut at a day.

    Parameters
    ----------
    full, cut
        Database files.
    at
        The last day that the cut tables know; the last session of a week.
    models
        Tables of the project (`read_models`).
    run_id
        Run of the full build whose results are compared; none: all there are.
    exempt
        Leave out rows of the paper that are marked as made with foresight.
    locate
        Compare all private tables, not only those behind a public one that differs.
    not_built
        Schemas that the cut build does without.
    on_table
        Called with the name of every public table once it is compared.
    """
    with _attached(full, cut) as connection:
        known = _tables(connection, FULL)
        built = known & _tables(connection, CUT)
        since = _later_panel_start(connection, at) if PANEL in built else None
        comparer = Comparer(connection, at, run_id, exempt, since)
        verdicts = {}
        for name, model in models.items():
            if not model.is_public or not (name in known or _outside(name)):
                continue
            if name in built or _outside(name):
                verdicts[name] = comparer.public(model)
            elif name.split(".")[0] not in not_built:
                verdicts[name] = TableVerdict(name, fault="was not built from the cut tables")
            on_table(name)
        faulty = [name for name, verdict in verdicts.items() if not verdict.holds]
        behind = set(models) if locate else set().union(*(ancestors(models, n) for n in faulty))
        private = comparer.differing(
            [n for n, model in models.items() if not model.is_public and n in built & behind]
        )
    differing = {*private, *faulty}
    named = tuple(_with_origins(verdict, models, differing) for verdict in verdicts.values())
    return Proof(at, named, private)


@contextmanager
def _attached(full: Path, cut: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        for file, alias in ((full, FULL), (cut, CUT)):
            connection.execute(f"attach '{file}' as {alias} (read_only)")
        yield connection


def _later_panel_start(connection: duckdb.DuckDBPyConnection, at: date) -> date | None:
    """First week that both panels have, where the end of the burn-in was not settled by a day.

    The panel begins with the first week that has four fifths of the factors that the source can
    feed, and what it can feed shows when each has been present once. None: that was so.
    """
    (unsettled,) = connection.sql(
        "select count(*) from (select min(week_date) as first_week"
        f" from {FULL}.factors.fct_factor_coverage where share_present > 0"
        f" group by rule_set, factor) where first_week > date '{at.isoformat()}'"
    ).fetchall()[0]
    if not unsettled:
        return None
    starts = [
        connection.sql(f"select min(week_date) from {database}.{PANEL} group by rule_set")
        for database in (FULL, CUT)
    ]
    latest: date = max(row[0] for start in starts for row in start.fetchall())
    return latest


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?",
        [database],
    ).fetchall()
    return {row[0] for row in rows}


def _outside(name: str) -> bool:
    return isinstance(SCOPE.get(name), Outside)


def _with_origins(
    verdict: TableVerdict, models: Mapping[str, Model], differing: set[str]
) -> TableVerdict:
    if verdict.holds or verdict.fault:
        return verdict
    lineage = (*ancestors(models, verdict.table), verdict.table)
    faulty = [name for name in lineage if name in differing]
    origins = tuple(name for name in faulty if not set(ancestors(models, name)) & differing)
    return TableVerdict(verdict.table, verdict.difference, origins=origins)
