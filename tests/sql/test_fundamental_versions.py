"""Quarters by version: as known on a day and as restated, and which table feeds each factor."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sql.test_fundamentals import (
    FAMILIES,
    INDICATORS,
    KEYS,
    MODELS,
    STATEMENT_MODELS,
    YEAR_2014,
    source_tables,
    statement,
)
from twins.compiled_models import build_models, scratch_database
from twins.statement_panel import statement_panel

from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR
from orchestration.lib.summary import fed_by_indicators

PUBLIC = ("fct_fundamental_quarter", "fct_fundamental_restated")
COOKBOOK = DBT_PROJECT_DIR / "analyses" / "fundamentals_as_known_and_as_restated.sql"
OF_STATEMENTS = [
    row
    for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE)
    if row.inputs in ("fundamentals", "fundamentals+bars")
]

RESTATED = [
    *YEAR_2014,
    statement("2014-12-31", "2015-04-10", revenue=140),
    statement("2015-03-31", "2015-04-20", revenue=15),
    statement("2014-03-31", "2015-05-08", revenue=5),
]


def warehouse(statements: pd.DataFrame, last_session: str) -> duckdb.DuckDBPyConnection:
    """Public tables of quarters from statements, and bars that end on a day."""
    tables = source_tables(statements, [dt.date.fromisoformat(last_session)])
    connection = scratch_database(tables)
    build_models(connection, (*STATEMENT_MODELS, *PUBLIC))
    return connection


def as_known(connection: duckdb.DuckDBPyConnection, day: str) -> dict[str, tuple[float, float]]:
    """Revenue of the quarter and of the trailing year, by period, as known on a day."""
    rows = connection.sql(
        f"""
        select report_period, revenue_quarter_cny, revenue_ttm_cny, version_number
        from core.fct_fundamental_quarter where known_at <= date '{day}'
        order by report_period, version_number
        """
    ).fetchall()
    return {str(period): (quarter, ttm) for period, quarter, ttm, _ in rows}


def test_restated_statement_shows_both_values() -> None:
    connection = warehouse(pd.DataFrame(RESTATED), "2016-04-01")
    assert "2014-12-31" not in as_known(connection, "2015-03-19")
    assert as_known(connection, "2015-04-09")["2014-12-31"] == (40.0, 100.0)
    assert as_known(connection, "2015-04-10")["2014-12-31"] == (80.0, 140.0)
    versions = connection.sql(
        "select version_number, cast(known_at as varchar), revenue_ttm_cny, source_table"
        " from core.fct_fundamental_quarter where report_period = date '2014-12-31' order by all"
    ).fetchall()
    assert versions == [
        (1, "2015-03-20", 100.0, "statements"), (2, "2015-04-10", 140.0, "statements"),
    ]  # fmt: skip
    restated = connection.sql(
        "select version_count, cast(first_known_at as varchar), cast(known_at as varchar),"
        " revenue_quarter_cny, revenue_ttm_cny from core.fct_fundamental_restated"
        " where report_period = date '2014-12-31'"
    ).fetchall()
    assert restated == [(2, "2015-03-20", "2015-04-10", 80.0, 140.0)]


def test_restatement_of_an_old_period_is_a_version_of_what_is_a_difference_to_it() -> None:
    connection = warehouse(pd.DataFrame(RESTATED), "2016-04-01")
    # 30 - 10, then 30 - 5; 15 + 140 - 10, then 15 + 140 - 5; the third quarter stays.
    before, after = as_known(connection, "2015-05-07"), as_known(connection, "2015-05-08")
    assert (before["2014-06-30"][0], after["2014-06-30"][0]) == (20.0, 25.0)
    assert (before["2015-03-31"], after["2015-03-31"]) == ((15.0, 145.0), (15.0, 150.0))
    assert before["2014-09-30"] == after["2014-09-30"]
    last = connection.sql(
        "select cast(report_period as varchar), revenue_quarter_cny, revenue_ttm_cny"
        " from core.fct_fundamental_restated"
    ).fetchall()
    assert {period: (quarter, ttm) for period, quarter, ttm in last} == after


def test_later_announcements_add_versions_and_change_none() -> None:
    statements = statement_panel(5, 3, 2010, 6)
    day = dt.date(2014, 5, 2)
    cut = statements[statements.announce_date <= day]
    query = (
        f"select * from core.fct_fundamental_quarter where known_at <= date '{day}' order by all"
    )
    full = warehouse(statements, "2016-04-01").sql(query).df()
    known = warehouse(cut, "2016-04-01").sql(query).df()
    assert len(known) > 60
    assert (known.version_number > 1).sum() > 5
    pd.testing.assert_frame_equal(full, known)


def test_restated_table_holds_the_last_version_of_every_quarter() -> None:
    connection = warehouse(statement_panel(5, 3, 2010, 6), "2016-04-01")
    quarters = connection.sql(
        "select * from core.fct_fundamental_quarter order by symbol, report_period, version_number"
    ).df()
    restated = connection.sql(
        "select * from core.fct_fundamental_restated order by symbol, report_period"
    ).df()
    last = quarters.groupby(["symbol", "report_period"], sort=False).tail(1).reset_index(drop=True)
    assert len(last) < len(quarters)
    assert list(restated.version_count) == list(last.version_number)
    shared = [column for column in quarters if column != "version_number"]
    pd.testing.assert_frame_equal(restated[shared], last[shared])


def test_cookbook_shows_what_was_known_beside_what_it_became() -> None:
    restated = [
        {**row, "parent_net_profit": 3.0 * row["revenue"], "shareholders_equity": 7.0}
        for row in RESTATED
    ]
    connection = warehouse(pd.DataFrame(restated), "2016-04-01")
    found = connection.sql(COOKBOOK.read_text()).df()
    first = found.iloc[0]
    assert str(first.as_of_date.date()) == "2015-04-01"
    assert str(first.report_period.date()) == "2014-12-31"
    assert (first.version_number, first.version_count) == (1, 2)
    assert (first.known_profit_ttm_cny, first.restated_profit_ttm_cny) == (300.0, 420.0)
    assert first.known_at < first.as_of_date < first.restated_at
    # Periods announced later are not among what was known.
    assert sorted(str(day.date()) for day in found.report_period) == [
        "2014-03-31", "2014-06-30", "2014-09-30", "2014-12-31",
    ]  # fmt: skip


def _indicators(symbol: str, years: range) -> pd.DataFrame:
    """Every ready-made figure of every quarter, announced on the 25th of the month after."""
    rng = np.random.default_rng(3)
    rows = []
    for quarter in pd.period_range(f"{years.start}Q1", f"{years.stop - 1}Q4", freq="Q"):
        end = quarter.end_time.normalize()
        rows.append(
            {
                "symbol": symbol,
                "report_period": end.date(),
                "announce_date": (end + pd.Timedelta(days=25)).date(),
                **{name: float(rng.uniform(5, 50)) for name in INDICATORS},
                "business_income": 100.0 * quarter.quarter + float(rng.uniform(0, 50)),
                "net_profits": 10.0 * quarter.quarter + float(rng.uniform(0, 5)),
            }
        )
    return pd.DataFrame(rows)


# What follows from revenue, gross margin, profit of the parent, operating cash flow and equity,
# and the ratios that come ready-made. Nothing of assets, other profits, debt or inventories.
FED = {
    "book_to_price",
    "earnings_to_price_ttm",
    "sales_to_price_ttm",
    "operating_cash_flow_to_price_ttm",
    "growth_adjusted_earnings_yield",
    "revenue_yoy_quarter",
    "net_profit_yoy_quarter",
    "operating_cash_flow_yoy_quarter",
    "total_assets_yoy",
    "equity_yoy",
    "roe_change_yoy",
    "gross_margin_change_yoy",
    "revenue_growth_3y",
    "net_profit_growth_3y",
    "standardized_unexpected_earnings",
    "standardized_unexpected_revenue",
    "roe_quarter",
    "roe_ttm",
    "gross_margin_quarter",
    "gross_margin_ttm",
    "net_margin_quarter",
    "net_margin_ttm",
    "cash_flow_margin_ttm",
    "debt_to_assets",
    "current_ratio",
    "cash_ratio",
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published database whose first company has statements, the second indicators alone."""
    statements = statement_panel(1, 4, 2010, 6)
    indicators = _indicators("600009.SH", range(2010, 2016))
    weeks = [day.date() for day in pd.date_range("2014-01-03", "2016-02-26", freq="28D")]
    connection = scratch_database(source_tables(statements, weeks, indicators))
    build_models(connection, MODELS)
    joined = " join ".join(
        f"intermediate.int_factor__{family}" + (" using (symbol, week_date)" if number else "")
        for number, family in enumerate(FAMILIES)
    )
    connection.execute("create schema factors")
    connection.execute(f"create table factors.fct_factor_raw as select * from {joined}")
    build_models(connection, ["fct_factor_source_week"])
    catalogue = pd.DataFrame(read_catalogue(DBT_PROJECT_DIR / CATALOGUE))
    file = tmp_path_factory.mktemp("sources") / "ashare.duckdb"
    frames = {
        "dim_factor": catalogue,
        "fct_factor_source_week": connection.sql("from factors.fct_factor_source_week").df(),
        "fct_factor_raw": connection.sql("from factors.fct_factor_raw").df(),
    }
    with duckdb.connect(str(file)) as published:
        published.execute("create schema factors")
        for name, frame in frames.items():
            published.register("frame", frame)
            published.execute(f"create table factors.{name} as select * from frame")
    return file


def test_values_are_counted_under_the_table_of_the_visible_quarter(sources: Path) -> None:
    with duckdb.connect(str(sources), read_only=True) as published:
        counted = published.sql("from factors.fct_factor_source_week").df()
        raw = published.sql("from factors.fct_factor_raw").df().set_index(KEYS)
    counts = counted.groupby(["source_table", "factor"]).present_count.sum()
    names = [row.factor for row in OF_STATEMENTS]
    assert len(names) == 43
    for table, symbol in (("statements", "600000.SH"), ("indicators", "600009.SH")):
        expected = raw.loc[symbol, names].notna().sum()
        assert counts[table].to_dict() == expected.to_dict()
    assert set(counted.stock_count) == {1}
    assert {name for name in names if counts["indicators", name]} == FED


def test_summary_names_the_factors_that_indicators_feed(sources: Path) -> None:
    (line,) = fed_by_indicators(sources)
    head, _, names = line.partition("): ")
    assert head.startswith(
        f"factors fed by financial_indicators where no statement is public: {len(FED)} of 43 ("
    )
    assert names.split(", ") == [row.factor for row in OF_STATEMENTS if row.factor in FED]


def test_summary_is_silent_where_statements_feed_everything(sources: Path, tmp_path: Path) -> None:
    copy = tmp_path / "ashare.duckdb"
    copy.write_bytes(sources.read_bytes())
    with duckdb.connect(str(copy)) as published:
        published.execute(
            "delete from factors.fct_factor_source_week where source_table = 'indicators'"
        )
    assert fed_by_indicators(copy) == []
