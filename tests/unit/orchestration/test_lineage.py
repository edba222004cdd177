"""Columns are followed through what the models of this project are written with."""

from __future__ import annotations

import pytest

from orchestration.lib.lineage import LineageError, base_relation, query_columns
from orchestration.lib.units import raw_factor_unit, unit_of

RELATIONS = {
    "core.bar": base_relation("core.bar", ["symbol", "trade_date", "close", "volume"]),
    "core.week": base_relation("core.week", ["week_date", "number"]),
}


def sources(sql: str, column: str) -> set[str]:
    return set(query_columns(sql, RELATIONS)[column].sources)


def test_a_column_passed_on_keeps_its_formula() -> None:
    columns = query_columns(
        """
        with bars as (select * from "warehouse"."core"."bar"),
        doubled as (select symbol, close * 2 as price from bars),
        final as (select doubled.symbol as share, cast(price as double) as price from doubled)
        select * from final
        """,
        RELATIONS,
    )
    assert list(columns) == ["share", "price"]
    assert columns["share"].formula == "core.bar.symbol"
    assert columns["price"].formula == "close * 2"
    assert columns["price"].sources == {"core.bar.close"}


def test_joins_find_each_column_where_it_is() -> None:
    sql = """
        select b.close + number as total, w.*
        from core.bar as b inner join core.week as w on b.trade_date = w.week_date
    """
    assert sources(sql, "total") == {"core.bar.close", "core.week.number"}
    assert sources(sql, "week_date") == {"core.week.week_date"}


def test_windows_count_what_they_order_by_named_or_not() -> None:
    expected = {"core.bar.close", "core.bar.symbol", "core.bar.trade_date"}
    plain = "select lag(close) over (partition by symbol order by trade_date) as x from core.bar"
    named = (
        "select lag(close) over w as x from core.bar"
        " window w as (partition by symbol order by trade_date)"
    )
    assert sources(plain, "x") == sources(named, "x") == expected


def test_unions_join_by_position_and_conditions_are_not_followed() -> None:
    sql = """
        select 'bar' as kind, close as value from core.bar where volume > 0
        union all
        select 'week' as kind, number as other from core.week
    """
    columns = query_columns(sql, RELATIONS)
    assert columns["value"].sources == {"core.bar.close", "core.week.number"}
    assert columns["kind"].formula == "'bar' | 'week'"
    assert columns["kind"].sources == frozenset()


def test_subqueries_and_names_given_before() -> None:
    sql = "select close as c, c + 1 as d from (select max(close) as close from core.bar) as x"
    assert sources(sql, "d") == {"core.bar.close"}


@pytest.mark.parametrize(
    "sql", ["select a from core.bar", "select 1 as a from core.missing", "values (1)"]
)
def test_what_cannot_be_followed_is_an_error(sql: str) -> None:
    with pytest.raises(LineageError):
        query_columns(sql, RELATIONS)


@pytest.mark.parametrize(
    ("column", "data_type", "raw", "expected"),
    [
        ("total_cap_cny", "double", [], "yuan"),
        ("turnover_rate_pct", "double", [], "percent"),
        ("week_date", "date", [], "date"),
        ("rule_set", "varchar", [], "none"),
        ("fwd_return_1w_cum", "double", [], "fraction"),
        ("adj_close", "double", ["landing.daily_bars.close"], "yuan"),
        ("t_stat", "double", [], "none"),
        ("stock_count", "bigint", [], "count"),
    ],
)
def test_units(column: str, data_type: str, raw: list[str], expected: str) -> None:
    assert unit_of(column, data_type, raw) == expected


@pytest.mark.parametrize(
    ("factor", "formula", "expected"),
    [
        ("turnover_1m", "Mean daily turnover rate in percent", "percent"),
        ("amihud_illiquidity_1m", "Mean absolute daily return per yuan traded", "1 / yuan"),
        ("return_1m", "Adjusted close divided by the adjusted close 20 sessions ago", "fraction"),
        ("return_skewness_3m", "Bias-corrected sample skewness", "none"),
        ("asset_turnover_ttm", "Trailing revenue divided by average assets", "none"),
    ],
)
def test_units_of_raw_factors(factor: str, formula: str, expected: str) -> None:
    assert raw_factor_unit(factor, formula) == expected
