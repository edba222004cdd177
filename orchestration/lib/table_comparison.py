"""Rows of one table in two databases, matched by key and compared column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.lib.errors import UserError

# What rounding may change, relative and absolute: sums run in another order on other rows.
TOLERANCE = {"DOUBLE": 1e-9, "FLOAT": 1e-6}
EXAMPLES = 3


class ComparisonError(UserError):
    """Two tables cannot be compared; the message says which and why."""


@dataclass(frozen=True)
class Side:
    """One of the two tables.

    Attributes
    ----------
    relation
        Table name, or a query in parentheses.
    counts
        SQL condition on its rows: a row has to be found in the other table and to agree with it
        if the condition holds on either side.
    exempt
        SQL condition on its rows: a pair is left out if it holds on either side.
    marked
        SQL condition on its rows: faulty pairs for which it holds on either side are counted.
    """

    relation: str
    counts: str = "true"
    exempt: str = "false"
    marked: str = "false"


@dataclass(frozen=True)
class TableDifference:
    """What two tables disagree on.

    Attributes
    ----------
    row_count
        Rows that count, on either side.
    only_first, only_second
        Rows that the other side lacks.
    columns
        Column to number of matched rows in which it differs; only those that differ.
    differing
        Rows that differ in any way.
    marked
        Those of them that are marked.
    examples
        Up to three faulty keys as text, with a column in which they differ.
    """

    row_count: int
    only_first: int = 0
    only_second: int = 0
    columns: tuple[tuple[str, int], ...] = ()
    differing: int = 0
    marked: int = 0
    examples: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every row that counts has its like on the other side."""
        return self.differing == 0


def compare_tables(
    connection: duckdb.DuckDBPyConnection,
    first: Side,
    second: Side,
    *,
    key: Sequence[str] | None = None,
    leave_out: Sequence[str] = (),
) -> TableDifference:
    """Match the rows of two tables and compare all their columns.

    DOUBLE columns may differ by 1e-9 * (1 + |a|), FLOAT columns by 1e-6 * (1 + |a|); everything
    else has to be equal. NULL equals NULL and nothing else, NaN equals NaN.

    Parameters
    ----------
    connection
        Both tables can be read through it.
    key
        Columns that identify a row; none: all columns but the floating-point ones. Rows that
        share a key are matched in the order of their measures.
    leave_out
        Columns that are not compared.

    Raises
    ------
    ComparisonError
        If the tables have different columns or types, or lack a column of the key.
    """
    types = _common_columns(connection, first, second, leave_out)
    names = [name for name, kind in types.items() if kind not in TOLERANCE] if key is None else key
    missing = [name for name in names if name not in types]
    if missing or not names:
        raise ComparisonError(f"no column {', '.join(missing) or 'at all'} to match rows by")
    measures = {name: kind for name, kind in types.items() if name not in names}
    order = list(measures) if key is None else []
    pairs = _pairs(first, second, list(names), list(measures), order)
    any_differs = " or ".join(["not a_here", "not b_here", *_any(measures)])
    row_count, only_a, only_b, differing, marked = connection.sql(
        "select count(*), count(*) filter (where not b_here), count(*) filter (where not a_here),"
        f" count(*) filter (where {any_differs}),"
        f" count(*) filter (where marked and ({any_differs})) from ({pairs})"
    ).fetchall()[0]
    if not differing:
        return TableDifference(row_count)
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in _any(measures))
    columns = connection.sql(f"select {counts or 1} from ({pairs})").fetchall()[0]
    faulty = tuple((name, n) for name, n in zip(measures, columns, strict=False) if n)
    examples = _examples(connection, pairs, list(names), measures, any_differs)
    return TableDifference(row_count, only_a, only_b, faulty, differing, marked, examples)


def _common_columns(
    connection: duckdb.DuckDBPyConnection, first: Side, second: Side, leave_out: Sequence[str]
) -> dict[str, str]:
    found = [
        {
            str(name): str(kind)
            for name, kind, *_ in connection.sql(
                f"describe select * from {side.relation}"
            ).fetchall()
            if name not in leave_out
        }
        for side in (first, second)
    ]
    if found[0] != found[1]:
        odd = sorted(f"{name} {kind}" for name, kind in found[0].items() ^ found[1].items())
        raise ComparisonError(
            f"{first.relation} and {second.relation} have different columns: {', '.join(odd)}"
        )
    return found[0]


def _pairs(first: Side, second: Side, key: list[str], measures: list[str], order: list[str]) -> str:
    """Rows of both sides beside each other, those that count."""
    on = " and ".join(f'a."{name}" is not distinct from b."{name}"' for name in [*key, "_number"])
    columns = ", ".join(
        f'{side}."{name}" as "{side}_{name}"' for name in [*key, *measures] for side in "ab"
    )
    return (
        "select coalesce(a._here, false) as a_here, coalesce(b._here, false) as b_here,"
        " coalesce(a._marked, false) or coalesce(b._marked, false) as marked,"
        f" {columns} from ({_numbered(first, key, order)}) as a"
        f" full join ({_numbered(second, key, order)}) as b on {on}"
        " where (coalesce(a._counts, false) or coalesce(b._counts, false))"
        " and not coalesce(a._exempt, false) and not coalesce(b._exempt, false)"
    )


def _numbered(side: Side, key: list[str], order: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in key)
    ordered = f" order by {', '.join(order)}" if order else ""
    return (
        f"select *, true as _here, ({side.counts}) as _counts, ({side.exempt}) as _exempt,"
        f" ({side.marked}) as _marked,"
        f" row_number() over (partition by {quoted}{ordered}) as _number"
        f" from {side.relation}"
    )


def _differs(name: str, kind: str) -> str:
    """SQL: both rows are there and their values do not agree."""
    a, b = f'"a_{name}"', f'"b_{name}"'
    unequal = f"{a} is distinct from {b}"
    if kind in TOLERANCE:
        near = f"isfinite({a}) and abs({a} - {b}) <= {TOLERANCE[kind]} * (1 + abs({a}))"
        unequal = f"{unequal} and not coalesce({near}, false)"
    return f"(a_here and b_here and {unequal})"


def _any(measures: dict[str, str]) -> list[str]:
    return [_differs(name, kind) for name, kind in measures.items()]


def _examples(
    connection: duckdb.DuckDBPyConnection,
    pairs: str,
    key: list[str],
    measures: dict[str, str],
    any_differs: str,
) -> tuple[str, ...]:
    cases = "".join(
        f" when {_differs(name, kind)} then '{name}: ' || coalesce(\"a_{name}\"::varchar, 'NULL')"
        f" || ' / ' || coalesce(\"b_{name}\"::varchar, 'NULL')"
        for name, kind in measures.items()
    )
    keys = [f'coalesce("a_{name}", "b_{name}")' for name in key]
    rows: list[tuple[Any, ...]] = connection.sql(
        f"select {', '.join(keys)}, case when not b_here then 'only in the first'"
        f" when not a_here then 'only in the second'{cases} end"
        f" from ({pairs}) where {any_differs} order by {', '.join(keys)} limit {EXAMPLES}"
    ).fetchall()
    return tuple(f"({', '.join(str(value) for value in row[:-1])}) {row[-1]}" for row in rows)
