"""The contract as a page of documentation."""

from __future__ import annotations

from collections.abc import Iterable

from market_data.contract.model import ColumnContract, TableContract

_HEADER = """# Landing contract

The raw tables that the warehouse is built from. A source is a directory with one table each as
`<table>.parquet`, as a folder `<table>/` of Parquet files, or as CSV (`<table>.csv`,
`<table>.csv.gz`, or a folder of them). `ashare validate DIR` checks a directory against this page
and prints every fault at once; a run refuses a directory with errors before it touches anything.

Numeric columns may come in any numeric type, dates also as timestamps at midnight; they are cast
to the type given here. Columns that are not listed are dropped with a note. *Key* columns identify
a row. *NULL* says whether a value may be missing; *absent* whether the whole column may be. *Known
on* names the date from which a row may be used: a build from the tables cut at a day sees the rows
known by then (`ashare prove`).

This page is written by `market_data.documentation.landing_contract_page()`; change the contract,
not the page.
"""


def render_markdown(tables: Iterable[TableContract]) -> str:
    """Render tables as Markdown, one section each, behind an overview."""
    chosen = list(tables)
    overview = [
        "| table | one row | required | feeds; its absence switches this off |",
        "|---|---|---|---|",
        *(
            f"| [{table.name}](#{table.name}) | {table.grain.removeprefix('one row ')} "
            f"| {'yes' if table.required else 'no'} | {_joined(table.feeds)} |"
            for table in chosen
        ),
    ]
    sections = [_HEADER, "\n".join(overview) + "\n", *(_section(table) for table in chosen)]
    return "\n".join(sections)


def _section(table: TableContract) -> str:
    lines = [
        f"## {table.name}",
        "",
        f"{table.description} Grain: {table.grain}. Known on: {_known_on(table)}.",
        "",
        "| column | type | unit | range | key | NULL | absent | meaning |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(column) for column in table.columns),
    ]
    if table.keeps_numeric_columns:
        lines.append("| *any other* | DOUBLE | | | | yes | yes | Numeric columns are kept. |")
    return "\n".join(lines) + "\n"


def _row(column: ColumnContract) -> str:
    meaning = column.description
    if column.feeds:
        meaning += f" Feeds {_joined(column.feeds)}."
    if column.known_on:
        meaning += f" Not known before {column.known_on}."
    if column.suspended_value:
        meaning += f" NULL on a suspended session lands as {column.suspended_value}."
    cells = (
        column.name,
        column.type.value,
        column.unit,
        range_text(column),
        "yes" if column.key else "",
        "yes" if column.nullable else "",
        "yes" if column.optional else "",
        meaning,
    )
    return "| " + " | ".join(cells) + " |"


def range_text(column: ColumnContract) -> str:
    """Describe the values that a column may take, such as `> 0` or `0 to 1`."""
    if column.allowed:
        return ", ".join(column.allowed)
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum:g} to {column.maximum:g}"
    if column.minimum is not None:
        return f"{'>' if column.exclusive_minimum else '>='} {column.minimum:g}"
    if column.maximum is not None:
        return f"<= {column.maximum:g}"
    return ""


def _known_on(table: TableContract) -> str:
    return ", or else ".join(table.known_by) or "any day (published ahead)"


def _joined(phrases: tuple[str, ...]) -> str:
    return "; ".join(phrases)
