"""Fundamental factors in SQL against a ledger kept in Python, on statements with every fault."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from twins.compiled_models import build_models, scratch_database
from twins.fundamentals import dividend_yield, fundamental_factors, style_descriptors
from twins.statement_panel import BALANCES, FLOWS, dividend_panel, statement_panel

from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR

FAMILIES = ("valuation", "growth", "profitability", "earnings_quality", "leverage")
STATEMENT_MODELS = (
    "int_statement__gathered",
    "int_statement__versioned",
    "int_quarter__dated",
    "int_quarter__measured",
)
MODELS = (
    *STATEMENT_MODELS,
    "int_announcement__ordered",
    "int_fundamental_week__dated",
    "int_fundamental_state__visible",
    "int_fundamental_state__compared",
    "int_fundamental_state__trended",
    "int_dividend__summed",
    "int_dividend__trailing",
    *(f"int_factor__{family}" for family in FAMILIES),
    "int_style_descriptor__fundamental",
)
FACTORS = [
    row.factor for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE) if row.family in FAMILIES
]
DESCRIPTORS = (
    "book_to_market",
    "cash_earnings_to_price",
    "earnings_to_price",
    "earnings_growth",
    "sales_growth",
    "debt_to_market",
    "liabilities_to_assets",
    "debt_to_book",
)
KEYS = ["symbol", "week_date"]
INDICATORS = (
    "business_income", "net_profits", "gross_profit_rate", "cf_sales", "roe", "currentratio",
    "cashratio", "adratio", "targ", "seg",
)  # fmt: skip
COMPANIES, FIRST_YEAR, YEARS = 6, 2010, 10


def universe(symbols: list[str], weeks: list[dt.date]) -> pd.DataFrame:
    """Listed shares of every week, with a cap."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame([(s, w) for s in symbols for w in weeks], columns=KEYS)
    caps = np.exp(rng.normal(8, 1, len(frame)))
    return frame.assign(rule_set="practitioner", in_universe=True, neutralisation_cap_cny=caps)


def source_tables(
    statements: pd.DataFrame,
    weeks: list[dt.date],
    indicators: pd.DataFrame | None = None,
    dividends: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Upstream tables of the fundamental models."""
    if indicators is None:
        columns = ["symbol", "report_period", "announce_date", *INDICATORS]
        indicators = statements.head(0).reindex(columns=columns)
    if dividends is None:
        dividends = dividend_panel(["absent"], 0, 2000, 1)
    symbols = sorted({*statements.symbol, *indicators.symbol})
    listed = universe(symbols, weeks)
    bars = listed[KEYS].rename(columns={"week_date": "trade_date"})
    return {
        "staging.stg_landing__financial_statements": statements,
        "staging.stg_landing__financial_indicators": indicators,
        "staging.stg_landing__dividends": dividends,
        "core.fct_universe_week": listed,
        "core.fct_bar_daily": bars.assign(close=np.linspace(2, 30, len(bars))),
    }


def computed_from(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """All fundamental factors and style descriptors by symbol and week_date."""
    connection = scratch_database(tables)
    build_models(connection, MODELS)
    frames = []
    for model in MODELS[-6:]:
        frame = connection.sql(f"select * from intermediate.{model}").df()
        frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
        frames.append(frame.set_index(KEYS))
    assert all(len(frame) == len(tables["core.fct_universe_week"]) for frame in frames)
    return pd.concat(frames, axis=1)[[*FACTORS, *DESCRIPTORS]].sort_index()


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    statements = statement_panel(COMPANIES, 7, FIRST_YEAR, YEARS)
    days = pd.date_range(f"{FIRST_YEAR}-02-05", f"{FIRST_YEAR + YEARS + 1}-06-30", freq="35D")
    # Weeks that close on a day with announcements, which must count.
    weeks = {day.date() for day in days} | set(statements.announce_date.iloc[::37])
    symbols = sorted(set(statements.symbol))
    dividends = dividend_panel(symbols, 5, FIRST_YEAR, YEARS)
    return source_tables(statements, sorted(weeks), dividends=dividends)


@pytest.fixture(scope="module")
def computed(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return computed_from(tables)


@pytest.fixture(scope="module")
def expected(tables: dict[str, pd.DataFrame], computed: pd.DataFrame) -> pd.DataFrame:
    statements = dict(list(tables["staging.stg_landing__financial_statements"].groupby("symbol")))
    dividends = dict(list(tables["staging.stg_landing__dividends"].groupby("symbol")))
    first = tables["staging.stg_landing__dividends"].ex_date.min()
    listed = tables["core.fct_universe_week"].set_index(KEYS).neutralisation_cap_cny
    closes = tables["core.fct_bar_daily"].set_index(["symbol", "trade_date"]).close
    rows = {}
    for (symbol, week_date), cap in listed.items():
        known = statements[symbol], week_date, cap
        rows[symbol, week_date] = fundamental_factors(*known) | style_descriptors(*known)
        if (pd.Timestamp(first) + pd.DateOffset(months=12)).date() <= week_date:
            rows[symbol, week_date]["dividend_yield_ttm"] = dividend_yield(
                dividends[symbol], week_date, closes[symbol, week_date]
            )
    return pd.DataFrame.from_dict(rows, orient="index").reindex(computed.index)


@pytest.mark.parametrize("factor", [*FACTORS, *DESCRIPTORS])
def test_factor_and_descriptor_agree_with_the_ledger(
    factor: str, computed: pd.DataFrame, expected: pd.DataFrame
) -> None:
    twin, found = expected[factor], computed[factor]
    assert twin.notna().sum() > 150
    assert twin.notna().sum() > 60
    assert twin.isna().sum() > 40
    np.testing.assert_allclose(found, twin, rtol=1e-9, atol=1e-12)


def test_silent_company_has_no_statement_factors(
    tables: dict[str, pd.DataFrame], computed: pd.DataFrame
) -> None:
    silent = f"{600000 + COMPANIES - 1}.SH"
    last = tables["staging.stg_landing__financial_statements"].query("symbol == @silent")
    limit = pd.Timestamp(last.report_period.max()) + pd.DateOffset(months=12)
    late = computed.loc[silent].drop(columns="dividend_yield_ttm")
    late = late[pd.to_datetime(late.index) > limit]
    assert len(late) > 20
    assert late.isna().all(axis=None)


def statement(period: str, announced: str, **items: float) -> dict[str, object]:
    """A statement with the given items; all others are unknown."""
    return {
        "symbol": "600000.SH",
        "report_period": dt.date.fromisoformat(period),
        "announce_date": dt.date.fromisoformat(announced),
        **dict.fromkeys((*FLOWS, *BALANCES), np.nan),
        **items,
    }


def _by_week(statements: list[dict[str, object]], *weeks: str) -> pd.DataFrame:
    """Factors on the given weeks for one company with a cap of 1."""
    frame = pd.DataFrame(statements)
    tables = source_tables(frame, [dt.date.fromisoformat(week) for week in weeks])
    tables["core.fct_universe_week"]["neutralisation_cap_cny"] = 1.0
    return computed_from(tables).loc["600000.SH"].reset_index(drop=True)


YEAR_2014 = [
    statement("2014-03-31", "2014-04-20", revenue=10),
    statement("2014-06-30", "2014-08-20", revenue=30),
    statement("2014-09-30", "2014-10-20", revenue=60),
    statement("2014-12-31", "2015-03-20", revenue=100),
]


def test_first_quarter_is_its_own_cumulative_figure() -> None:
    statements = [
        *YEAR_2014,
        statement("2015-03-31", "2015-04-20", revenue=15),
        statement("2015-06-30", "2015-08-20", revenue=75),
    ]
    found = _by_week(statements, "2015-04-20", "2015-08-20")
    # (15 - 10) / 10; ((75 - 15) - (30 - 10)) / (30 - 10)
    assert list(found.revenue_yoy_quarter) == [0.5, 2.0]
    # 15 + 100 - 10; 75 + 100 - 30
    assert list(found.sales_to_price_ttm) == [105.0, 145.0]


def test_announcement_counts_from_its_day_on() -> None:
    statements = [*YEAR_2014, statement("2015-03-31", "2015-04-20", revenue=15)]
    found = _by_week(statements, "2015-03-19", "2015-03-20", "2015-04-17", "2015-04-20")
    assert np.isnan(found.sales_to_price_ttm[0])
    assert list(found.sales_to_price_ttm[1:]) == [100.0, 100.0, 105.0]


def test_restatement_counts_from_its_own_announcement_on() -> None:
    statements = [*YEAR_2014, statement("2014-12-31", "2015-04-10", revenue=140)]
    found = _by_week(statements, "2015-04-09", "2015-04-10")
    assert list(found.sales_to_price_ttm) == [100.0, 140.0]


def test_late_restatement_of_an_old_period_does_not_pull_the_visible_one_back() -> None:
    statements = [
        *YEAR_2014,
        statement("2015-03-31", "2015-04-20", revenue=15),
        statement("2014-03-31", "2015-05-08", revenue=5),
    ]
    found = _by_week(statements, "2015-05-07", "2015-05-08")
    # 15 + 100 - 10, then 15 + 100 - 5: the latest period stays the first quarter of 2015.
    assert list(found.sales_to_price_ttm) == [105.0, 110.0]
    assert list(found.revenue_yoy_quarter) == [0.5, 2.0]


def test_missing_quarter_gives_no_difference_until_it_is_filed() -> None:
    late = statement("2014-06-30", "2014-12-05", revenue=30)
    statements = [
        statement("2013-09-30", "2013-10-20", revenue=40),
        statement("2013-06-30", "2013-08-20", revenue=30),
        YEAR_2014[0],
        YEAR_2014[2],
        late,
    ]
    found = _by_week(statements, "2014-11-28", "2014-12-05")
    assert np.isnan(found.revenue_yoy_quarter[0])
    assert found.revenue_yoy_quarter[1] == (60 - 30 - 10) / 10


def test_annual_report_after_the_first_quarter_completes_the_trailing_year() -> None:
    statements = [
        *YEAR_2014[:3],
        statement("2015-03-31", "2015-04-20", revenue=15),
        statement("2014-12-31", "2015-04-28", revenue=100),
    ]
    found = _by_week(statements, "2015-04-24", "2015-04-28")
    assert np.isnan(found.sales_to_price_ttm[0])
    assert found.sales_to_price_ttm[1] == 105.0


def test_statements_serve_for_twelve_months_after_their_period() -> None:
    found = _by_week(YEAR_2014, "2015-12-31", "2016-01-01")
    assert found.sales_to_price_ttm[0] == 100.0
    assert np.isnan(found.sales_to_price_ttm[1])


def test_ratios_without_a_meaningful_denominator_are_missing() -> None:
    statements = [
        statement("2013-12-31", "2014-03-20", shareholders_equity=-40, revenue=0),
        statement(
            "2014-12-31", "2015-03-20",
            shareholders_equity=20, parent_net_profit=8, operating_profit=-1, revenue=0,
            operating_cost=1, operating_cash_flow=4, non_current_liabilities=6,
            total_liabilities=3, cash_and_equivalents=5,
        ),
    ]  # fmt: skip
    found = _by_week(statements, "2014-12-31", "2015-03-20").iloc[1]
    undefined = ["roe_ttm", "operating_cash_to_profit_ttm", "gross_margin_ttm"]
    undefined += ["operating_profit_to_enterprise_value", "cash_flow_margin_ttm"]
    assert found[undefined].isna().all()
    assert found.equity_yoy == 60 / 40
    assert found.non_current_liabilities_to_equity == 0.3


def test_bonus_shares_divide_the_cash_paid_before_them() -> None:
    dividends = pd.DataFrame(
        [
            # Too old; cash alone; cash with one new share for each.
            ("2013-01-10", None, 8.0, 1.0),
            ("2014-06-10", "2014-06-01", 0.25, 0.0),
            ("2014-09-10", None, 0.5, 1.0),
        ],
        columns=["ex_date", "announce_date", "cash_per_share", "bonus_shares_per_share"],
    ).assign(symbol="600000.SH")
    for column in ("ex_date", "announce_date"):
        dividends[column] = pd.to_datetime(dividends[column]).dt.date
    weeks = [dt.date(2014, 6, 6), dt.date(2014, 6, 13), dt.date(2014, 9, 12), dt.date(2015, 6, 12)]
    tables = source_tables(pd.DataFrame(YEAR_2014), weeks, dividends=dividends)
    tables["core.fct_bar_daily"]["close"] = 1.0
    found = computed_from(tables).dividend_yield_ttm
    assert list(found) == [0.0, 0.25, 0.25 / 2 + 0.5 / 2, 0.25]
