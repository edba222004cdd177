"""Which dates of the landing tables changed between two states of a landing directory.

What depends on a changed row is rebuilt, nothing else; so each table says from which date on a
change of its rows can show, and, where that is known, until when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from market_data.contract import LANDING_TABLES
from market_data.landing_manifest import read_manifest

# Values of a bar that later sessions without trade, or without the value, go on showing.
CARRIED_COLUMNS = ("close", "adj_factor", "turnover_rate", "is_st", "total_shares", "float_shares")
# Large tables are compared by whole days first, by a column of the key: rows of equal days need not
# be sorted out one by one.
COMPARED_BY_DAY = {
    "daily_bars": "trade_date",
    "index_weights": "as_of",
    "financial_statements": "announce_date",
}


@dataclass(frozen=True)
class TableChange:
    """Changed rows of one landing table.

    Attributes
    ----------
    table
        Name of the landing table.
    row_count
        Rows that are new, gone or different.
    first_date
        First date on which a change can show; None: on any.
    last_date
        Last date on which it can show by itself, look-back of windows apart; None: on any later.
    """

    table: str
    row_count: int
    first_date: date | None
    last_date: date | None


Span = tuple[date | None, date | None]
Rule = Callable[[duckdb.DuckDBPyConnection], Span]


def changed_tables(before: Path, after: Path) -> tuple[TableChange, ...]:
    """Compare two landing directories table by table.

    Parameters
    ----------
    before, after
        Complete landing directories (with a manifest).

    Returns
    -------
    One entry per table whose rows differ, in the order of the contract. Tables with equal files
    are not read.

    Raises
    ------
    FileNotFoundError
        If a directory has no manifest, that is, was not completed.
    """
    digests = [_digests(directory) for directory in (before, after)]
    changes = (
        changed_table(name, before / f"{name}.parquet", after / f"{name}.parquet")
        for name in LANDING_TABLES
        if digests[0].get(name) != digests[1].get(name)
    )
    return tuple(change for change in changes if change is not None)


def _digests(directory: Path) -> dict[str, str]:
    manifest = read_manifest(directory)
    if manifest is None:
        raise FileNotFoundError(f"{directory} holds no complete landing tables")
    return {table.name: table.sha256 for table in manifest.tables}


def changed_table(name: str, before: Path, after: Path) -> TableChange | None:
    """Compare two Parquet files of the landing table `name`; None if they hold the same rows."""
    connection = duckdb.connect(":memory:")
    try:
        for view, file in (("before", before), ("after", after)):
            connection.execute(f"create view {view} as select * from read_parquet('{file}')")
        if _columns(connection, "before") != _columns(connection, "after"):
            (row_count,) = connection.sql("select count(*) from after").fetchall()[0]
            return TableChange(name, row_count, None, None)
        _collect_changed(connection, name)
        (row_count,) = connection.sql("select count(*) from changed").fetchall()[0]
        if row_count == 0:
            return None
        first, last = RULES[name](connection)
        return TableChange(name, row_count, first, last)
    finally:
        connection.close()


def _columns(connection: duckdb.DuckDBPyConnection, view: str) -> list[tuple[str, str]]:
    relation = connection.table(view)
    return list(zip(relation.columns, map(str, relation.types), strict=True))


def _collect_changed(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Fill `changed` with every row that is in one state only, of either state."""
    columns = ", ".join(f'"{column}"' for column, _ in _columns(connection, "after"))
    where = ""
    if name in COMPARED_BY_DAY:
        day = COMPARED_BY_DAY[name]
        connection.execute(
            "create table changed_days as select coalesce(old.day, new.day) as day"
            f" from ({_day_digests('before', day, columns)}) as old"
            f" full join ({_day_digests('after', day, columns)}) as new on old.day = new.day"
            " where old.digest is distinct from new.digest"
        )
        where = f" where {day} in (select day from changed_days)"
    connection.execute(
        "create table changed as"
        f" (select {columns} from before{where} except all select {columns} from after{where})"
        " union all"
        f" (select {columns} from after{where} except all select {columns} from before{where})"
    )


def _day_digests(view: str, day: str, columns: str) -> str:
    return f"select {day} as day, sum(hash({columns})) as digest from {view} group by {day}"


def _dates(expression: str) -> Rule:
    """The dates themselves, to the last changed one."""

    def rule(connection: duckdb.DuckDBPyConnection) -> Span:
        first, last = connection.sql(
            f"select min({expression}), max({expression}) from changed"
        ).fetchall()[0]
        return first, last

    return rule


def _since(expression: str) -> Rule:
    """From the first changed date on. Rows without the date are never used."""

    def rule(connection: duckdb.DuckDBPyConnection) -> Span:
        (first,) = connection.sql(f"select min({expression}) from changed").fetchall()[0]
        return (date.max, date.max) if first is None else (first, None)

    return rule


def _calendar(connection: duckdb.DuckDBPyConnection) -> Span:
    """Sessions that are added at the end change nothing before; others renumber all of them."""
    first, moved = connection.sql(
        "select min(trade_date), count(*) filter (where trade_date not in"
        " (select trade_date from before) and trade_date < (select max(trade_date) from before)"
        " or trade_date not in (select trade_date from after)) from changed"
    ).fetchall()[0]
    return (None, None) if moved else (first, None)


def _spans(*keys: str) -> Rule:
    """Spans in_date .. out_date: one whose end alone moved changes from the earlier end on."""

    def rule(connection: duckdb.DuckDBPyConnection) -> Span:
        (first,) = connection.sql(
            "select min(case when old.in_date is not null and new.in_date is not null"
            " then least(coalesce(old.out_date, date '9999-12-31'),"
            " coalesce(new.out_date, date '9999-12-31')) else changed.in_date end)"
            " from changed"
            f" left join before as old on {_same_span('old', keys)}"
            f" left join after as new on {_same_span('new', keys)}"
        ).fetchall()[0]
        return first, None

    return rule


def _same_span(side: str, keys: tuple[str, ...]) -> str:
    return " and ".join(f"changed.{column} = {side}.{column}" for column in (*keys, "in_date"))


def _instruments(connection: duckdb.DuckDBPyConnection) -> Span:
    """From the listing on; from the delisting or its period where only that became known.

    Names do not matter.
    """
    (first,) = connection.sql(
        "select min(case"
        " when old.list_date = new.list_date and old.board = new.board then"
        "   least(case when row(old.delist_date, old.terminal_value_cny)"
        "     is distinct from row(new.delist_date, new.terminal_value_cny)"
        "     then least(old.delist_date, new.delist_date) end,"
        "   case when old.delisting_period_start_date"
        "     is distinct from new.delisting_period_start_date then"
        "     least(old.delisting_period_start_date, new.delisting_period_start_date) end)"
        " else least(coalesce(old.list_date, new.list_date),"
        "   coalesce(new.list_date, old.list_date)) end)"
        " from before as old full join after as new on old.symbol = new.symbol"
        " where coalesce(old.symbol, new.symbol) in (select symbol from changed)"
    ).fetchall()[0]
    return (date.max, date.max) if first is None else (first, None)


def _daily_bars(connection: duckdb.DuckDBPyConnection) -> Span:
    """Until the first session on which every changed share traded again and said everything.

    Values are carried over sessions that lack them; a value that a share never has is not
    carried. A share that changed on the last session has not traded again.
    """
    first, last, newest = connection.sql(
        "select min(trade_date), max(trade_date), (select max(trade_date) from after) from changed"
    ).fetchall()[0]
    return (first, None) if last >= newest else (first, _settled(connection))


def _settled(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Session on which the last changed share has settled; None: one never does."""
    said = " and ".join(
        f"(bars.{column} is not null or not known.{column})" for column in CARRIED_COLUMNS
    )
    ever = ", ".join(f"count(bars.{column}) > 0 as {column}" for column in CARRIED_COLUMNS)
    last, is_open = connection.sql(
        "with shares as (select symbol, max(trade_date) as last_date from changed group by symbol),"
        f" known as (select bars.symbol, {ever} from"
        "   (select * from before union all select * from after) as bars"
        "   inner join shares on bars.symbol = shares.symbol group by bars.symbol),"
        " settled as (select shares.symbol, min(bars.trade_date) as trade_date"
        "   from shares inner join known on shares.symbol = known.symbol"
        "   inner join after as bars on bars.symbol = shares.symbol"
        "   and bars.trade_date > shares.last_date"
        "   and bars.volume > 0 and not coalesce(bars.is_suspended, false)"
        f"   and {said} group by shares.symbol)"
        " select max(settled.trade_date),"
        "   count(*) filter (where settled.trade_date is null) > 0"
        " from shares left join settled on shares.symbol = settled.symbol"
    ).fetchall()[0]
    return None if is_open else last


RULES: Mapping[str, Rule] = {
    "trade_calendar": _calendar,
    "instruments": _instruments,
    "daily_bars": _daily_bars,
    "index_bars": _dates("trade_date"),
    "index_members": _spans("index_symbol", "symbol"),
    "index_weights": _since("as_of"),
    "industry_history": _spans("symbol", "industry_scheme", "industry_code"),
    "financial_statements": _since("announce_date"),
    "financial_indicators": _since("announce_date"),
    "dividends": _since("least(ex_date, coalesce(announce_date, ex_date))"),
    "factor_exposures": _dates("week_date"),
    "style_exposures": _dates("week_date"),
}
