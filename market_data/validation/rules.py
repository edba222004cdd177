"""The two kinds of rules that are checked in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from market_data.validation.report import Severity


@dataclass(frozen=True)
class RowRule:
    """A rule that one row alone can break.

    All row rules of a table are counted in a single pass over it.

    Attributes
    ----------
    table, columns
        Where the fault is reported; the values of these columns are shown.
    name
        Short name of the rule.
    predicate
        SQL condition, true for an offending row; NULL counts as false.
    problem, remedy
        What is wrong with the offending rows, and what to do.
    needs
        Further columns that the predicate reads. The rule is checked only if these and `columns`
        are usable.
    shown
        SQL expressions with an alias that are shown in place of `columns`.
    """

    table: str
    columns: tuple[str, ...]
    name: str
    predicate: str
    problem: str
    remedy: str
    severity: Severity = Severity.ERROR
    needs: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class QueryRule:
    """A rule that needs several rows or several tables.

    Attributes
    ----------
    table, columns
        Where the fault is reported.
    needs
        `table.column` of everything that the query reads; without all of it the rule is skipped.
    query
        SELECT of the offending rows, first the columns to sort and to show them by.
    weight
        SQL aggregate over the query that counts the offending rows.
    """

    table: str
    columns: tuple[str, ...]
    name: str
    needs: tuple[str, ...]
    query: str
    problem: str
    remedy: str
    severity: Severity = Severity.ERROR
    weight: str = "count(*)"


def rows_with_previous(
    table: str, group: Sequence[str], columns: Sequence[str], where: str = "true"
) -> str:
    """SELECT of the rows that have one before them of the same group, with its values.

    Relies on the rows' coming in the order of the table's key (`reading.open_directory`): then
    the row before is one position away, and nothing is sorted.

    Parameters
    ----------
    group
        Leading columns of the key; their values are those of the row before as well.
    columns
        Further columns. Each comes as it is and, of the row before, as `<column>_before`; so does
        `row_position`, which counts the rows that meet the condition.
    where
        Which rows of the table count at all.
    """
    own = ", ".join((*group, *columns))
    before = ", ".join(f"lag({name}) over () as {name}_before" for name in (*group, *columns))
    same = " and ".join(f"{name} = {name}_before" for name in group)
    return (
        f"select * from (select {own}, {before}, row_number() over () as row_position"
        f" from {table} where {where}) where {same}"
    )
