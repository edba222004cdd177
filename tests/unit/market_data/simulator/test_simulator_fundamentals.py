from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fixtures.simulated_market import SimulatedMarket

from market_data.simulator.restatements import draw_restatements
from market_data.simulator.run import prepare_engine


@pytest.fixture(scope="module")
def announced(tiny_market: SimulatedMarket) -> pd.DataFrame:
    """Every announcement of every statement, in order."""
    frame = tiny_market.table("financial_statements")
    for column in ("report_period", "announce_date"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.sort_values(["symbol", "report_period", "announce_date"], ignore_index=True)


@pytest.fixture(scope="module")
def statements(announced: pd.DataFrame) -> pd.DataFrame:
    """Every statement as first announced."""
    return announced.drop_duplicates(["symbol", "report_period"], ignore_index=True)


def test_statements_come_out_after_the_period_and_mostly_inside_the_season(
    statements: pd.DataFrame,
) -> None:
    delay = (statements["announce_date"] - statements["report_period"]).dt.days
    assert delay.min() >= 10
    listed_before = statements.groupby("symbol")["report_period"].transform("size") > 40
    latest = {3: 30, 6: 62, 9: 31, 12: 121}
    allowed = statements["report_period"].dt.month.map(latest)
    late = (delay > allowed)[listed_before]
    assert 0.002 < late.mean() < 0.03
    assert (delay <= allowed + 40)[listed_before].all()


def test_a_few_percent_of_statements_are_announced_again(announced: pd.DataFrame) -> None:
    assert not announced.duplicated(["symbol", "report_period", "announce_date"]).any()
    again = announced.duplicated(["symbol", "report_period"])
    assert 0.02 < again.mean() < 0.08
    first = announced.groupby(["symbol", "report_period"])["announce_date"].transform("min")
    later = (announced["announce_date"] - first).dt.days[again]
    assert later.min() > 0
    assert (later <= 400).mean() > 0.8
    assert 0.005 < (later > 540).mean() < 0.2


def test_restatements_change_profit_and_keep_the_company_recognisable(
    announced: pd.DataFrame,
) -> None:
    statement = announced.groupby(["symbol", "report_period"])
    again = announced.duplicated(["symbol", "report_period"])
    before = statement["parent_net_profit"].shift()[again]
    after = announced["parent_net_profit"][again]
    assert (before != after).mean() > 0.99
    change = (after - before) / announced["shareholders_equity"][again]
    assert 0.002 < change.abs().median() < 0.02
    revenue = (announced["revenue"] / statement["revenue"].shift())[again]
    assert revenue.between(0.8, 1.25).all()
    assert (revenue != 1.0).all()


def test_a_restatement_takes_back_the_error_of_the_report(tiny_market: SimulatedMarket) -> None:
    fundamentals = prepare_engine(tiny_market.config).fundamentals
    everything = np.ones_like(fundamentals.profit_error, dtype=bool)
    restated = draw_restatements(tiny_market.config, fundamentals, everything)
    where = (restated.quarter, restated.name)
    change = restated.items["parent_net_profit"] - fundamentals.items["parent_net_profit"][where]
    error = fundamentals.profit_error[where]
    assert (change * error <= 0.0).all()
    assert (change.round(2) != 0.0).mean() > 0.99


def test_first_quarter_is_not_published_before_the_annual_report(
    statements: pd.DataFrame,
) -> None:
    month = statements["report_period"].dt.month
    annual = statements[month.eq(12)].assign(year=lambda x: x["report_period"].dt.year + 1)
    quarter = statements[month.eq(3)].assign(year=lambda x: x["report_period"].dt.year)
    both = annual.merge(quarter, on=["symbol", "year"], suffixes=("_annual", "_quarter"))
    assert len(both) > 300
    assert (both["announce_date_quarter"] >= both["announce_date_annual"]).all()


def test_statements_reach_back_six_years(
    tiny_market: SimulatedMarket, statements: pd.DataFrame
) -> None:
    first = tiny_market.summary.first_session
    assert statements["report_period"].min() <= pd.Timestamp(first) - pd.DateOffset(years=6)
    newcomers = tiny_market.table("instruments")
    newcomers = newcomers[newcomers["list_date"] > first].set_index("symbol")["list_date"]
    history = statements[statements["symbol"].isin(newcomers.index)].groupby("symbol")
    known_at_listing = history["announce_date"].min() < pd.to_datetime(newcomers).reindex(
        history["announce_date"].min().index
    )
    assert known_at_listing.all()


def test_balance_sheets_balance(announced: pd.DataFrame) -> None:
    gap = announced["total_assets"] - (
        announced["total_liabilities"] + announced["shareholders_equity"]
    )
    assert gap.abs().max() < 0.02
    parts = announced["current_liabilities"] + announced["non_current_liabilities"]
    assert (parts - announced["total_liabilities"]).abs().max() < 0.02
    assert (announced["current_assets"] < announced["total_assets"]).all()
    assert (announced["long_term_debt"] <= announced["interest_bearing_debt"]).all()


def test_flows_are_cumulative_within_the_year(statements: pd.DataFrame) -> None:
    for item in ("revenue", "operating_cost", "capital_expenditure"):
        change = statements[item].diff()
        same_year = statements["report_period"].dt.year.diff().eq(0) & statements["symbol"].eq(
            statements["symbol"].shift()
        )
        assert (change[same_year] > 0).all(), item


def test_parent_profit_is_part_of_net_profit(statements: pd.DataFrame) -> None:
    ratio = statements["net_profit"] / statements["parent_net_profit"]
    assert ratio.between(0.999, 1.07).mean() > 0.95
    annual = statements[statements["report_period"].dt.month.eq(12)]
    assert 0.01 < (annual["parent_net_profit"] < 0).mean() < 0.12


def test_value_shows_in_the_statements(
    tiny_market: SimulatedMarket, statements: pd.DataFrame
) -> None:
    bars = tiny_market.table("daily_bars")
    final = bars[bars["trade_date"].eq(bars["trade_date"].max())].set_index("symbol")
    latest = statements.groupby("symbol").last()
    value = final["close"] * final["total_shares"]
    book_to_price = np.log(latest["shareholders_equity"] / value.reindex(latest.index))
    assert -2.0 < book_to_price.median() < 0.5
    assert 0.2 < book_to_price.std() < 1.2
