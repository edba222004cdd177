"""The comparison of two tables sees every kind of difference, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from orchestration.lib.table_comparison import (
    ComparisonError,
    Side,
    TableDifference,
    compare_tables,
)

ROWS = (
    "(select i as symbol, date '2020-01-01' + i::integer as known_at,"
    " cast(1.5 * i as double) as nav, cast(i as float) as factor, i % 2 = 0 as flag,"
    " 'S' || i as code from range(1, 6) as t(i))"
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as opened:
        opened.execute(f"create table a as select * from {ROWS}")
        yield opened


def _changed(column: str, value: str, symbol: int = 3) -> str:
    return f"(select * replace (if(symbol = {symbol}, {value}, {column}) as {column}) from a)"


def _compare(
    connection: duckdb.DuckDBPyConnection, other: str, first: str = "a"
) -> TableDifference:
    return compare_tables(connection, Side(first), Side(other), key=["symbol"])


def test_equal_tables_agree_whatever_their_order(connection: duckdb.DuckDBPyConnection) -> None:
    found = _compare(connection, "(select * from a order by symbol desc)")
    assert found == TableDifference(row_count=5)
    assert found.agrees


def test_differing_rows_that_either_side_marks_are_counted(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    other = f"(select * from {_changed('nav', '-nav')} where symbol <> 5)"
    for mark, count in (("symbol = 3", 1), ("symbol >= 3", 2), ("symbol < 3", 0)):
        for sides in (Side("a", marked=mark), Side(other)), (Side(other), Side("a", marked=mark)):
            found = compare_tables(connection, *sides, key=["symbol"])
            assert (found.differing, found.marked) == (2, count)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("nav", "nav + 1.1e-8"),
        ("nav", "null"),
        ("nav", "'nan'::double"),
        ("nav", "'inf'::double"),
        ("factor", "(factor + 1e-5)::float"),
        ("factor", "null"),
        ("flag", "not flag"),
        ("flag", "null"),
        ("code", "'T'"),
        ("known_at", "known_at + 1"),
    ],
)
def test_a_changed_value_is_seen_and_named(
    connection: duckdb.DuckDBPyConnection, column: str, value: str
) -> None:
    changed = _changed(column, value)
    for first, second in (("a", changed), (changed, "a")):
        found = _compare(connection, second, first)
        assert found.columns == ((column, 1),)
        assert (found.differing, found.only_first, found.only_second) == (1, 0, 0)
        assert found.examples[0].startswith(f"(3) {column}: ")


@pytest.mark.parametrize(
    ("column", "value"),
    [("nav", "nav * (1 + 5e-10)"), ("factor", "(factor * (1 + 5e-7))::float")],
)
def test_rounding_is_not_a_difference(
    connection: duckdb.DuckDBPyConnection, column: str, value: str
) -> None:
    assert _compare(connection, _changed(column, value)).agrees


@pytest.mark.parametrize("value", ["null", "'nan'::double", "'inf'::double"])
def test_odd_values_equal_themselves(connection: duckdb.DuckDBPyConnection, value: str) -> None:
    assert _compare(connection, _changed("nav", value), _changed("nav", value)).agrees


def test_rows_of_one_side_are_counted(connection: duckdb.DuckDBPyConnection) -> None:
    found = compare_tables(
        connection,
        Side("(select * from a where symbol <> 1)"),
        Side("(select * from a where symbol < 4)"),
        key=["symbol"],
    )
    assert (found.row_count, found.only_first, found.only_second) == (5, 2, 1)
    assert found.examples == (
        "(1) only in the second",
        "(4) only in the first",
        "(5) only in the first",
    )


def test_a_repeated_row_is_a_difference(connection: duckdb.DuckDBPyConnection) -> None:
    twice = "(select * from a union all select * from a where symbol = 2)"
    assert _compare(connection, twice).only_second == 1
    without_key = compare_tables(connection, Side("a"), Side(twice))
    assert without_key.only_second == 1
    assert compare_tables(connection, Side(twice), Side(twice)).agrees


def test_without_a_key_rows_are_known_by_all_but_their_measures(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = compare_tables(connection, Side("a"), Side(_changed("nav", "0.0")))
    assert found.columns == (("nav", 1),)
    found = compare_tables(connection, Side("a"), Side(_changed("code", "'T'")))
    assert (found.only_first, found.only_second) == (1, 1)


def test_rows_count_if_either_side_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    known = "known_at <= date '2020-01-03'"
    earlier = _changed("known_at", "date '2020-01-01'", symbol=5)
    sides = (Side("a", counts=known), Side(earlier, counts=known))
    found = compare_tables(connection, *sides, key=["symbol"])
    assert found.row_count == 3
    assert found.columns == (("known_at", 1),)
    later = "(select * from a where symbol < 3)"
    cut = compare_tables(
        connection, Side("a", counts=known), Side(later, counts=known), key=["symbol"]
    )
    assert cut == TableDifference(row_count=2)


def test_exempt_pairs_are_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    for exempt in ("symbol = 3", "nav = 0"):
        found = compare_tables(
            connection,
            Side("a", exempt="false"),
            Side(_changed("nav", "0.0"), exempt=exempt),
            key=["symbol"],
        )
        assert found == TableDifference(row_count=4)


def test_columns_may_be_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    changed = Side(_changed("nav", "0.0"))
    assert compare_tables(connection, Side("a"), changed, key=["symbol"], leave_out=["nav"]).agrees


@pytest.mark.parametrize(
    ("other", "key", "said"),
    [
        ("(select symbol from a)", ["symbol"], "different columns"),
        ("(select * replace (nav::float as nav) from a)", ["symbol"], "nav DOUBLE, nav FLOAT"),
        ("a", ["isin"], "no column isin"),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(
    connection: duckdb.DuckDBPyConnection, other: str, key: list[str], said: str
) -> None:
    with pytest.raises(ComparisonError, match=said):
        compare_tables(connection, Side("a"), Side(other), key=key)
