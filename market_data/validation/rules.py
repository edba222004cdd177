"""The two kinds of rules that are checked in SQL."""

from __future__ import annotations

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
