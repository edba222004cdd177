"""From which columns a column of a query is made: read from the compiled SQL, nothing else.

A column follows its values: expressions with their windows, through common table expressions,
joins and unions. What merely chooses rows (`where`, join conditions, `group by`) is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from orchestration.lib.errors import UserError

SHOWN_BRANCHES = 3


class LineageError(UserError):
    """A query that the walk cannot follow; the message names the column or the form."""


@dataclass(frozen=True)
class Origin:
    """Where a column comes from.

    Attributes
    ----------
    sources
        Columns of base relations it is made from, `schema.table.column`.
    formula
        The expression that makes it; of a column that is passed on, the formula of that column.
    """

    sources: frozenset[str]
    formula: str


Relation = Mapping[str, Origin]


def base_relation(name: str, columns: Iterator[str] | list[str]) -> dict[str, Origin]:
    """A relation whose columns are followed no further."""
    return {
        column.lower(): Origin(frozenset([f"{name}.{column}"]), f"{name}.{column}")
        for column in columns
    }


def query_columns(sql: str, relations: Mapping[str, Relation]) -> dict[str, Origin]:
    """Columns of a query in order, each with its origin.

    Parameters
    ----------
    sql
        One DuckDB query.
    relations
        `schema.table` to the columns of the relations it reads.

    Raises
    ------
    LineageError
        If a relation or a column is unknown.
    """
    return _query(sqlglot.parse_one(sql, read="duckdb"), dict(relations))


def _query(node: exp.Expr, known: dict[str, Relation]) -> dict[str, Origin]:
    """Columns of a query; `known` holds stored relations and common table expressions."""
    with_ = node.args.get("with_") or node.args.get("with")
    if with_:
        known = dict(known)
        for cte in with_.expressions:
            known[cte.alias.lower()] = _query(cte.this, known)
    if isinstance(node, exp.Subquery):
        return _query(node.this, known)
    if isinstance(node, exp.SetOperation):
        return _united(_query(node.left, known), _query(node.right, known))
    if isinstance(node, exp.Select):
        return _selected(node, known)
    raise LineageError(f"cannot follow {type(node).__name__}: {node.sql('duckdb')[:80]}")


def _united(left: dict[str, Origin], right: dict[str, Origin]) -> dict[str, Origin]:
    """Columns of a union: matched by position, named by the first branch."""
    return {
        name: Origin(first.sources | second.sources, _alternatives(first.formula, second.formula))
        for (name, first), second in zip(left.items(), right.values(), strict=True)
    }


def _alternatives(first: str, second: str) -> str:
    shown = first.split(" | ")
    if second in shown or shown[-1] == "...":
        return first
    return " | ".join([*shown, second if len(shown) < SHOWN_BRANCHES else "..."])


def _selected(node: exp.Select, known: dict[str, Relation]) -> dict[str, Origin]:
    inputs = dict(_inputs(node, known))
    windows = {window.name.lower(): window for window in node.args.get("windows") or []}
    result: dict[str, Origin] = {}
    for item in node.expressions:
        if isinstance(item, exp.Star):
            for relation in inputs.values():
                result.update(relation)
        elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            result.update(inputs[item.table.lower()])
        else:
            result[item.alias_or_name.lower()] = _origin(item.unalias(), inputs, windows, result)
    return result


def _inputs(node: exp.Select, known: dict[str, Relation]) -> Iterator[tuple[str, Relation]]:
    from_ = node.args.get("from_") or node.args.get("from")
    if from_ is None:
        return
    for source in [from_.this, *(join.this for join in node.args.get("joins") or [])]:
        if isinstance(source, exp.Subquery):
            yield source.alias.lower(), _query(source, known)
            continue
        name = ".".join(part for part in (source.text("db"), source.name) if part).lower()
        if name not in known:
            raise LineageError(f"unknown relation {name}")
        yield source.alias_or_name.lower(), known[name]


def _origin(
    expression: exp.Expr,
    inputs: Mapping[str, Relation],
    windows: Mapping[str, exp.Expr],
    earlier: Mapping[str, Origin],
) -> Origin:
    """Origin of one expression of a select; `earlier` holds the names it gave before."""
    inner = expression
    while isinstance(inner, exp.Paren | exp.Cast):
        inner = inner.this
    if isinstance(inner, exp.Column):
        return _column(inner, inputs, earlier)
    columns = list(expression.find_all(exp.Column))
    for window in expression.find_all(exp.Window):
        named = windows.get(window.alias.lower()) if window.alias else None
        columns += list(named.find_all(exp.Column)) if named is not None else []
    sources = [_column(column, inputs, earlier).sources for column in columns]
    return Origin(frozenset().union(*sources), expression.sql("duckdb", comments=False))


def _column(
    column: exp.Column, inputs: Mapping[str, Relation], earlier: Mapping[str, Origin]
) -> Origin:
    name = column.name.lower()
    relations = [inputs[column.table.lower()]] if column.table else list(inputs.values())
    for relation in [*relations, earlier]:
        if name in relation:
            return relation[name]
    raise LineageError(f"unknown column {column.sql('duckdb')}")
