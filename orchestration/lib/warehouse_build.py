"""What the warehouse was built from, and what of it has to be built again.

The record holds the project (dbt code and variables) and a copy of the landing tables of the last
complete build, as hard links. A build says what it is about to replace before it starts: what an
interrupted one may have left half done is stale for its successor as well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from market_data.changes import TableChange, changed_tables
from market_data.landing_manifest import MANIFEST_NAME, read_manifest
from orchestration.lib.stale_window import StaleWindow, TradingCalendar
from orchestration.lib.warehouse import read_only

FULL = "full"


@dataclass(frozen=True)
class BuildPlan:
    """How the tables upstream of the forecasters are brought up to date.

    Attributes
    ----------
    window
        What to replace; None: build everything.
    reason
        Why, in words for the person on call.
    changes
        Changed landing tables behind it.
    """

    window: StaleWindow | None
    reason: str
    changes: tuple[TableChange, ...] = ()

    def describe(self) -> str:
        """What is replaced and why, one line."""
        if self.window is None:
            return f"everything ({self.reason})"
        return f"weeks {self.window.weeks_from} to {self.window.weeks_until} ({self.reason})"

    @property
    def dbt_arguments(self) -> list[str]:
        """Arguments of dbt beyond the usual ones."""
        return ["--full-refresh"] if self.window is None else []

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that the macros of the incremental build read."""
        return {"ASHARE_STALE": "{}" if self.window is None else self.window.to_json()}


@dataclass(frozen=True)
class WarehouseBuild:
    """Record of the last complete build of an experiment's warehouse.

    Attributes
    ----------
    state
        Directory of the record.
    landing
        Landing tables as they are now.
    warehouse
        The database file.
    """

    state: Path
    landing: Path
    warehouse: Path

    def plan(self, project_key: str) -> BuildPlan:
        """Compare the present landing tables with those of the last complete build."""
        record = self._read()
        if not self.warehouse.exists() or record.get("project") is None:
            return BuildPlan(None, "no complete build yet")
        if record["project"] != project_key:
            return BuildPlan(None, "the dbt project or its variables changed")
        if FULL in record["pending"]:
            return BuildPlan(None, "a full build was interrupted")
        changes = changed_tables(self._built_landing, self.landing)
        pending = tuple(_from_json(item) for item in record["pending"])
        window = TradingCalendar.read(self.landing).window((*changes, *pending))
        reason = _reason(changes) + (" after an interrupted build" if pending else "")
        if window is None:
            return BuildPlan(None, f"{reason}: too much of the tables to build in part", changes)
        return BuildPlan(window, reason, changes)

    def begin(self, plan: BuildPlan) -> None:
        """Write down what the plan is about to replace."""
        record = self._read()
        if plan.window is None:
            pending: list[Any] = [FULL]
        else:
            pending = record["pending"] + [
                item for item in map(_to_json, plan.changes) if item not in record["pending"]
            ]
        self._write({**record, "pending": pending, "last_plan": plan.describe()})

    def last_plan(self) -> str:
        """What the last build replaced and why, one line."""
        return str(self._read().get("last_plan", "not built yet"))

    def panel_start_moved(self) -> bool:
        """Whether the burn-in of a panel ends in another week than the one its rows begin with.

        An incremental build replaces the stale weeks; it cannot add or take away older ones.
        """
        with read_only(self.warehouse) as connection:
            (moved,) = connection.sql(
                "select count(*) from intermediate.int_panel__started as started"
                " full join (select rule_set, min(week_date) as week_date"
                " from ml.fct_training_panel group by rule_set) as panel"
                " on started.rule_set = panel.rule_set"
                " where started.first_week_date is distinct from panel.week_date"
            ).fetchall()[0]
        return bool(moved)

    def require_full(self) -> None:
        """The next build has to be a full one."""
        self._write({**self._read(), "pending": [FULL]})

    def complete(self, project_key: str) -> None:
        """Everything is built from the landing tables as they are now."""
        incoming = self._built_landing.with_name(".built_landing.incoming")
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True)
        manifest = read_manifest(self.landing)
        files = [] if manifest is None else [table.file for table in manifest.tables]
        for file in (*files, MANIFEST_NAME):
            os.link(self.landing / file, incoming / file)
        shutil.rmtree(self._built_landing, ignore_errors=True)
        incoming.replace(self._built_landing)
        self._write({**self._read(), "project": project_key, "pending": []})

    @property
    def _built_landing(self) -> Path:
        return self.state / "built_landing"

    @property
    def _file(self) -> Path:
        return self.state / "warehouse_build.json"

    def _read(self) -> dict[str, Any]:
        if not self._file.exists() or not (self._built_landing / MANIFEST_NAME).exists():
            return {"project": None, "pending": [FULL]}
        content: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return content

    def _write(self, record: dict[str, Any]) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(record, indent=1), encoding="utf-8")
        temporary.replace(self._file)


def _reason(changes: Sequence[TableChange]) -> str:
    if not changes:
        return "no landing table changed"
    return "; ".join(
        f"{change.table}: {change.row_count:,} changed rows"
        + (f" from {change.first_date}" if change.first_date not in (None, date.max) else "")
        for change in changes
    )


def _to_json(change: TableChange) -> list[Any]:
    return [
        change.table,
        change.row_count,
        change.first_date and change.first_date.isoformat(),
        change.last_date and change.last_date.isoformat(),
    ]


def _from_json(item: Sequence[Any]) -> TableChange:
    table, row_count, first, last = item
    return TableChange(
        table,
        row_count,
        first and date.fromisoformat(first),
        last and date.fromisoformat(last),
    )
