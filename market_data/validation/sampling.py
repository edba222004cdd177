"""The first offending rows of a rule."""

from __future__ import annotations

from collections.abc import Mapping

from market_data.reading import LandingDirectory, SourceTable
from market_data.reading.table import SOURCE_SUFFIX
from market_data.reading.typing import quoted

EXAMPLES = 3


def fetch_examples(
    directory: LandingDirectory, table: SourceTable, predicate: str, shown: tuple[str, ...]
) -> tuple[Mapping[str, object], ...]:
    """First rows of a table that meet a condition, in the order of its key.

    Parameters
    ----------
    predicate
        SQL condition.
    shown
        SQL expressions to show behind the key columns.
    """
    key = [name for name in table.contract.key if name in table.columns]
    # Key columns are shown as they came: a value that does not fit its type is NULL otherwise.
    keys = [f"{quoted(name + SOURCE_SUFFIX)} as {quoted(name)}" for name in key]
    added = [
        expression for expression in shown if expression.rpartition(" as ")[2].strip('"') not in key
    ]
    selected = ", ".join([*keys, *added]) or "*"
    order = f" order by {', '.join(quoted(name + SOURCE_SUFFIX) for name in key)}" if key else ""
    return fetch_rows(
        directory,
        f"select {selected} from {table.name} where {predicate}{order} limit {EXAMPLES}",
    )


def fetch_rows(directory: LandingDirectory, query: str) -> tuple[Mapping[str, object], ...]:
    """Rows of a query as {column: value}."""
    relation = directory.connection.execute(query)
    names = [str(entry[0]) for entry in relation.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in relation.fetchall())
