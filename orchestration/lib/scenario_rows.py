"""Scenarios given row by row, in an experiment file or by a query: checked, stored, read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optimizer.scenario import Scenario
from orchestration.lib.errors import UserError

# Stand for the first and last session of the predictions while a row is checked.
_SPAN = {"first_trade_date": date(1990, 1, 1), "last_trade_date": date(2200, 1, 1)}


class ScenarioRowsError(UserError):
    """Rows that cannot be back-tested; the message names row and column of every fault."""


def scenario_of(row: Mapping[str, Any], first: date, last: date) -> Scenario:
    """The scenario of a row; columns that are absent or NULL take their defaults.

    Parameters
    ----------
    row
        Columns as the fields of `optimizer.scenario.Scenario`.
    first, last
        Span where the row gives none.
    """
    given = {key: value for key, value in row.items() if value is not None}
    return Scenario.from_mapping({"first_trade_date": first, "last_trade_date": last, **given})


def scenario_faults(row: Mapping[str, Any], where: str, rule_sets: Sequence[str]) -> list[str]:
    """What is wrong with a row, one text per column; empty if nothing is."""
    given = {key: value for key, value in row.items() if value is not None}
    try:
        scenario = Scenario.model_validate({**_SPAN, **given})
    except ValidationError as error:
        return [
            f"{where}, column {'.'.join(str(part) for part in fault['loc']) or '(row)'}:"
            f" {fault['msg']}" + (f" (found {fault['input']!r})" if fault["loc"] else "")
            for fault in error.errors()
            # Fields that the rule set fills are missing only where the rule set is wrong.
            if fault["type"] != "missing" or fault["loc"][0] in _REQUIRED
        ]
    if scenario.rule_set not in rule_sets:
        return [
            f"{where}, column rule_set: {scenario.rule_set!r} is not built by this experiment,"
            f" which lists {list(rule_sets)}"
        ]
    return []


_REQUIRED = ("rule_set", "model", "benchmark", "num_stock")


def refuse_faulty(
    rows: Sequence[Mapping[str, Any]],
    rule_sets: Sequence[str],
    models: Mapping[str, Sequence[str]],
    benchmarks: Sequence[str],
) -> None:
    """Check rows that a query gave.

    Parameters
    ----------
    models
        Rule set to the models that have predictions under it.
    benchmarks
        Indices of the market; empty if they are not known yet.

    Raises
    ------
    ScenarioRowsError
        Naming row and column of every fault; rows count from 1.
    """
    faults: list[str] = []
    for number, row in enumerate(rows, start=1):
        where = f"row {number}"
        found = scenario_faults(row, where, rule_sets)
        faults += found
        if found:
            continue
        scenario = scenario_of(row, *_SPAN.values())
        trained = models.get(scenario.rule_set, ())
        if scenario.signal_model not in (*trained, "none"):
            faults.append(
                f"{where}, column model: {scenario.signal_model!r} is not trained under"
                f" {scenario.rule_set}; there are {', '.join(trained)}"
            )
        if benchmarks and scenario.benchmark not in benchmarks:
            faults.append(
                f"{where}, column benchmark: the market has no index {scenario.benchmark!r};"
                f" it has {', '.join(benchmarks)}"
            )
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise ScenarioRowsError(f"no scenario was added:\n{listed}")


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a query as JSON holds it: decimals as floats, dates as text, NULL left out."""
    return {
        key: float(value)
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for key, value in row.items()
        if value is not None
    }


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Rows that were added to an experiment; none if there is no file."""
    if not file.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows


def append_rows(file: Path, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add rows that are not there yet, the file written whole or not at all; how many it were."""
    present = read_rows(file)
    fresh = [dict(row) for row in rows if dict(row) not in present]
    fresh = [row for number, row in enumerate(fresh) if row not in fresh[:number]]
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps([*present, *fresh], indent=1), encoding="utf-8")
    temporary.replace(file)
    return len(fresh)
