"""Which rows and values of a table were known by a day, and whether two builds agree on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.lib.look_ahead_models import Model
from orchestration.lib.look_ahead_scope import (
    AUDIT_COLUMNS,
    EXEMPT,
    PRIVATE_DATES,
    PRIVATE_OUTSIDE,
    SCENARIO_SETTINGS,
    SCOPE,
    Compared,
    Outside,
    foresight_choices,
)
from orchestration.lib.table_comparison import Side, TableDifference, compare_tables

FULL, CUT = "full_build", "cut_build"
PANEL = "ml.fct_training_panel"
# Rows from the end of the burn-in on, which a cut may move.
STARTED = (PANEL, "ml.fct_crossed_label")


@dataclass(frozen=True)
class TableVerdict:
    """What the proof says about one public table.

    Attributes
    ----------
    table
        Schema and name.
    difference
        None: the table is outside the proof, or cannot be compared (then `fault` says why).
    reason
        Why it is outside.
    fault
        Why it cannot be compared, where it ought to be.
    origins
        The tables upstream (or itself) that differ and read none that does: the models at fault.
    """

    table: str
    difference: TableDifference | None = None
    reason: str = ""
    fault: str = ""
    origins: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the table does not speak against the proof."""
        if self.fault:
            return False
        return self.difference is None or self.difference.agrees


@dataclass(frozen=True)
class Comparer:
    """Compares tables of two attached builds.

    Attributes
    ----------
    connection
        Where the builds are attached, as `FULL` and `CUT`.
    at
        The last day that the cut build knows.
    run_id
        Run of the full build whose results are compared; None: all there are.
    exempt
        Leave out rows of the paper that are marked as made with foresight.
    panel_since
        First week of the training panel that is compared; None: all.
    """

    connection: duckdb.DuckDBPyConnection
    at: date
    run_id: str | None
    exempt: bool
    panel_since: date | None

    def public(self, model: Model) -> TableVerdict:
        """Verdict of a public table: its scope, its rows known by the day, all columns."""
        scope = SCOPE.get(model.relation, Compared())
        if isinstance(scope, Outside):
            return TableVerdict(model.relation, reason=scope.reason)
        columns = _columns(self.connection, CUT, model.relation)
        if model.relation not in SCOPE and "known_at" not in columns:
            return TableVerdict(
                model.relation,
                fault="has no known_at and is not listed in orchestration/lib/look_ahead_scope.py",
            )
        if not model.grain:
            return TableVerdict(model.relation, fault="has no test of its grain (unique_grain)")
        key = [name for name in model.grain if name not in AUDIT_COLUMNS]
        if "scenario_id" in columns:
            key += [name for name in SCENARIO_SETTINGS if name not in key]
        difference = compare_tables(
            self.connection,
            self._side(FULL, model, scope, columns),
            self._side(CUT, model, scope, columns),
            key=key,
            leave_out=(*AUDIT_COLUMNS, *scope.leave_out),
        )
        return TableVerdict(model.relation, difference)

    def differing(self, names: Sequence[str]) -> dict[str, TableDifference]:
        """Private tables that do not agree."""
        found = {name: self.private(name) for name in names}
        return {name: part for name, part in found.items() if part and not part.agrees}

    def private(self, name: str) -> TableDifference | None:
        """Difference of a private table's dated rows; None where nothing says when it was known."""
        columns = _columns(self.connection, CUT, name)
        date_column = next((column for column in PRIVATE_DATES if column in columns), None)
        if date_column is None or name in PRIVATE_OUTSIDE:
            return None
        kept = {column: kind for column, kind in columns.items() if not column.startswith("fwd_")}
        known = _label_conditions(kept)
        # What an incremental build left of a table are the weeks that it replaced.
        held = f"{date_column} between (select min({date_column}) from {FULL}.{name})"
        held += f" and (select max({date_column}) from {FULL}.{name})"
        counts = f"{date_column} <= {self._day} and {held}"
        if date_column == "week_date" and "rule_set" in columns:
            # The universe of the paper is complete with the next session.
            counts += f" and (rule_set <> 'paper' or week_date < {self._day})"
        sides = []
        for database in (FULL, CUT):
            values = ", ".join(self._private_value(c, kind, known) for c, kind in kept.items())
            chosen = self._choices(database, columns) if self.exempt else "false"
            source = f"{database}.{name}"
            if "scenario_id" in columns:
                values += ", scenario"
                source = _with_scenario(source, database, exempt=self.exempt)
            query = f"(select {values} from {source} where {counts} and not ({chosen}))"
            sides.append(Side(query))
        return compare_tables(self.connection, *sides, leave_out=tuple(AUDIT_COLUMNS))

    @property
    def _day(self) -> str:
        return f"date '{self.at.isoformat()}'"

    def _private_value(self, column: str, kind: str, known: Mapping[str, str]) -> str:
        condition = known.get(column, f"{column} <= {self._day}" if kind == "DATE" else "")
        if not condition:
            return column
        return f"case when {condition.format(at=self._day)} then {column} end as {column}"

    def _side(
        self, database: str, model: Model, scope: Compared, columns: Mapping[str, str]
    ) -> Side:
        """Rows of a public table, with what was not known by the day as NULL."""
        relation = model.relation
        values = ", ".join(
            f"case when {scope.value_known[name].format(at=self._day)} then r.{name} end as {name}"
            if name in scope.value_known
            else f"r.{name}"
            for name in columns
        )
        source, marked = f"{database}.{relation} as r", {"rule_set", "uses_future"} <= set(columns)
        where = "true"
        if "scenario_id" in columns and relation != "results.dim_scenario":
            added = [name for name in SCENARIO_SETTINGS if name not in columns]
            values += "".join(f", s.{name}" for name in added)
            values += "" if "uses_future" in columns else ", s.uses_future"
            source += f" inner join {database}.results.dim_scenario as s"
            source += " on r.scenario_id = s.scenario_id"
            marked = True
        # A table whose key has no run only says which run a row was last made by.
        if database == FULL and self.run_id and {"run_id", "scenario_id"} & set(model.grain):
            owner = "r" if "run_id" in columns else "s"
            where = f"{owner}.run_id = '{self.run_id}'"
        known = scope.known.format(at=self._day)
        if relation in STARTED and self.panel_since:
            known = f"{known} and week_date >= date '{self.panel_since.isoformat()}'"
        foresight = EXEMPT if marked else self._choices(database, columns)
        return Side(
            f"(select {values}, coalesce({known}, false) as _known from {source} where {where})",
            counts="_known",
            exempt=foresight if self.exempt else "false",
            marked=foresight,
        )

    def _choices(self, database: str, columns: Mapping[str, str]) -> str:
        """Condition for rows of choices made with foresight, in tables that do not mark them."""
        listed = self.connection.sql(
            f"select 1 from duckdb_tables() where database_name = '{database}'"
            " and schema_name = 'results' and table_name = 'dim_model'"
        ).fetchall()
        if not listed or not {"rule_set", "model"} <= set(columns):
            return "false"
        return foresight_choices(database)


def _with_scenario(relation: str, database: str, *, exempt: bool) -> str:
    """Rows of a private table with the settings of their scenario as one text."""
    settings = ", ".join(f"coalesce(cast(s.{name} as varchar), '')" for name in SCENARIO_SETTINGS)
    foresight = "s.rule_set = 'paper' and s.uses_future" if exempt else "false"
    return (
        f"(select r.*, concat_ws('|', {settings}) as scenario from {relation} as r"
        f" inner join {database}.results.dim_scenario as s on r.scenario_id = s.scenario_id"
        f" where not ({foresight}))"
    )


def _label_conditions(columns: Mapping[str, str]) -> dict[str, str]:
    """Label columns of a private table to the condition under which they were known."""
    conditions = {}
    for column in columns:
        if not column.startswith("label_") or column == "label_convention":
            continue
        horizon = column.rsplit("_", 1)[-1]
        by = next(
            (c for c in (f"label_known_at_{horizon}", "label_known_at") if c in columns), None
        )
        conditions[column] = f"{by} <= {{at}}" if by and column != "label_kind" else "true"
    return conditions


def _columns(connection: duckdb.DuckDBPyConnection, database: str, relation: str) -> dict[str, str]:
    rows = connection.sql(f"describe {database}.{relation}").fetchall()
    return {str(name): str(kind) for name, kind, *_ in rows}
