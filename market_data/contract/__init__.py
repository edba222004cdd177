"""The landing contract: what every raw table must look like before anything is built from it.

The contract is the single source of names, types, units, keys and ranges: the simulator, the
validation, the ingest and the data dictionary in `docs/landing_contract.md` all read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from market_data.contract import fundamental_tables, market_tables
from market_data.contract.markdown import render_markdown
from market_data.contract.model import ColumnContract, ColumnType, TableContract

LANDING_TABLES: Mapping[str, TableContract] = MappingProxyType(
    {
        table.name: table
        for table in (
            market_tables.TRADE_CALENDAR,
            market_tables.INSTRUMENTS,
            market_tables.DAILY_BARS,
            market_tables.INDEX_BARS,
            market_tables.INDEX_MEMBERS,
            market_tables.INDEX_WEIGHTS,
            market_tables.INDUSTRY_HISTORY,
            fundamental_tables.FINANCIAL_STATEMENTS,
            fundamental_tables.FINANCIAL_INDICATORS,
            fundamental_tables.DIVIDENDS,
            fundamental_tables.FACTOR_EXPOSURES,
            fundamental_tables.STYLE_EXPOSURES,
        )
    }
)


def empty_table(name: str) -> pa.Table:
    """Zero rows of a landing table, with the contract's types.

    Parameters
    ----------
    name
        A key of `LANDING_TABLES`.

    Raises
    ------
    KeyError
        If the contract knows no such table.
    """
    if name not in LANDING_TABLES:
        raise KeyError(f"no landing table {name!r}; the contract has {', '.join(LANDING_TABLES)}")
    return LANDING_TABLES[name].empty()


def contract_digest() -> str:
    """SHA-256 of everything in the contract that decides how a table lands."""
    lines = [
        f"{table.name}|{table.keeps_numeric_columns}|{column.name}|{column.type}|{column.key}"
        f"|{column.nullable}|{column.optional}|{column.suspended_value}"
        for table in LANDING_TABLES.values()
        for column in table.columns
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def contract_markdown() -> str:
    """Render the contract as a data dictionary."""
    return render_markdown(LANDING_TABLES.values())


__all__ = [
    "LANDING_TABLES",
    "ColumnContract",
    "ColumnType",
    "TableContract",
    "contract_digest",
    "contract_markdown",
    "empty_table",
]
