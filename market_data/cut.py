"""Landing tables as they looked on an earlier day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from market_data.contract import LANDING_TABLES, TableContract
from market_data.errors import SourceError
from market_data.reading.typing import literal, quoted


def cut_landing(landing: Path, target: Path, at: date) -> dict[str, int]:
    """Write the landing tables with what was known at the close of a day and nothing else.

    Rows that became known later are left out; in rows that stay, values that became known later
    (the end of a listing, of a membership) go back to what stood there before. What does not
    change with time, such as the latest name of a share, stays: the contract dates it with its
    row. Sessions are published ahead and are all kept.

    Parameters
    ----------
    landing
        Directory with `<table>.parquet` for every table of the contract, as ingest leaves it.
    target
        Where the tables go, under the same names; created if absent.
    at
        The last day that is known.

    Returns
    -------
    dict
        Table to number of rows left out.

    Raises
    ------
    SourceError
        If a table is missing, or the target is the landing directory itself.
    """
    if target.resolve() == landing.resolve():
        raise SourceError(f"{target} is the landing directory itself; the cut needs another place")
    missing = [name for name in LANDING_TABLES if not (landing / f"{name}.parquet").exists()]
    if missing:
        raise SourceError(f"{landing} lacks {', '.join(missing)}: it was not landed completely")
    target.mkdir(parents=True, exist_ok=True)
    dropped = {}
    with duckdb.connect(":memory:") as connection:
        for name, contract in LANDING_TABLES.items():
            rows = f"read_parquet({literal(str(landing / f'{name}.parquet'))})"
            file = literal(str(target / f"{name}.parquet"))
            connection.execute(f"copy ({cut_query(contract, rows, at)}) to {file} (format parquet)")
            count = f"select count(*) from {rows} where not ({is_known(contract, at)})"
            dropped[name] = int(connection.sql(count).fetchall()[0][0])
    return dropped


def cut_query(contract: TableContract, rows: str, at: date) -> str:
    """SQL for the rows of a landing table as they looked on a day.

    Parameters
    ----------
    contract
        What the table is.
    rows
        Relation with its rows.
    at
        The last day that is known.
    """
    replaced = ", ".join(
        f"case when {quoted(column.known_on)} <= {_day(at)} then {quoted(column.name)}"
        f" else {column.until_known} end as {quoted(column.name)}"
        for column in contract.columns
        if column.known_on
    )
    star = f"* replace ({replaced})" if replaced else "*"
    return f"select {star} from {rows} where {is_known(contract, at)}"


def is_known(contract: TableContract, at: date) -> str:
    """SQL condition: a row of the table was known on a day."""
    if not contract.known_by:
        return "true"
    dates = ", ".join(quoted(name) for name in contract.known_by)
    return f"coalesce(coalesce({dates}) <= {_day(at)}, false)"


def _day(at: date) -> str:
    return f"date '{at.isoformat()}'"
