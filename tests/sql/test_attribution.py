"""Where a return came from, on a path worked out by hand: one share held, another is the index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import numpy as np
import pandas as pd
import pytest
from twins.compiled_models import (
    build_models,
    compiled_nodes,
    compiled_tests,
    scratch_database,
)

from optimizer.columns import STYLES
from optimizer.trading_kernels import COST_PARTS

DAYS = pd.to_datetime(["2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08"])
WEEK = pd.Timestamp("2020-01-03")
BUY, RISE, PAY = DAYS[1:]
CAPITAL = 1000.0
MODELS = (
    "int_nav__with_returns",
    "int_factor_day__widened",
    "int_holding__by_session",
    "int_portfolio_day__explained",
    "int_index_holding__by_session",
    "int_index_day__explained",
    "int_trading_day__valued",
    "int_nav__attributed",
    "fct_pnl_attribution_daily",
    "mart_pnl_attribution",
)
# 50 shares of A are bought at 8 and close at 10; they rise to 11; then a yuan a share is paid and
# they close at 10. Buying costs 4 yuan of commission.
NAV = [1.0, 1.096, 1.146, 1.146]
WEIGHT = 500 / 1096


def given() -> dict[str, pd.DataFrame]:
    nothing = dict.fromkeys((*COST_PARTS, "dividend", "turnover", "cash_weight"), 0.0)
    nav = pd.DataFrame({"trade_date": DAYS, "nav": NAV}).assign(
        **nothing, scenario_id="s", holding_count=1, benchmark_nav=[1.0, 1.02, 1.0659, 1.0659]
    )
    nav.loc[1, "commission"] = 0.004
    nav.loc[3, "dividend"] = 0.05
    nav["cost"] = nav["commission"]
    bars = pd.DataFrame(
        [
            ("A", BUY, 0.25, 10.0), ("A", RISE, 0.10, 11.0), ("A", PAY, 0.0, 11.0),
            ("B", BUY, 0.02, 1.0), ("B", RISE, 0.05, 1.05), ("B", PAY, 0.0, 1.05),
        ],
        columns=["symbol", "trade_date", "return_1d", "adj_close"],
    )  # fmt: skip
    bars["adj_factor"] = 1.0
    # The dividend is in the factor: a raw close of 10 is an adjusted one of 11.
    bars.loc[(bars.symbol == "A") & (bars.trade_date == PAY), "adj_factor"] = 1.1
    factors = pd.DataFrame(
        [
            (RISE, "market", "market", 0.04), (RISE, "beta", "style", 0.02),
            (RISE, "bank", "industry", 0.01), (RISE, "tech", "industry", -0.01),
            (BUY, "market", "market", 0.0), (PAY, "market", "market", 0.0),
        ],
        columns=["trade_date", "factor", "factor_kind", "factor_return"],
    )  # fmt: skip
    exposures = pd.DataFrame({"symbol": ["A", "B"], "week_date": WEEK})
    exposures[list(STYLES)] = 0.0
    exposures["beta"] = [1.5, 0.5]
    return {
        "staging.stg_optimizer_output__nav_daily": nav,
        "results.dim_scenario": pd.DataFrame(
            {"scenario_id": ["s"], "benchmark": ["IDX"], "capital_cny": [CAPITAL]}
        ),
        "results.fct_position": pd.DataFrame(
            {"trade_date": [BUY, RISE, PAY], "close_price": [10.0, 11.0, 10.0]}
        ).assign(
            scenario_id="s", symbol="A", shares=50.0, value_cny=[500.0, 550.0, 500.0],
            weight=[WEIGHT, 550 / 1146, 500 / 1146],
        ),
        "results.fct_fill": pd.DataFrame(
            {"trade_date": [BUY, RISE], "traded_shares": [50.0, 0.0], "fill_price": [8.0, None]}
        ).assign(scenario_id="s", symbol="A"),
        "core.dim_trade_date": pd.DataFrame(
            {"trade_date": DAYS, "previous_trade_date": [pd.NaT, *DAYS[:-1]]}
        ),
        "core.fct_bar_daily": bars,
        "core.fct_universe_week": pd.DataFrame(
            {"symbol": ["A", "B"], "week_date": WEEK, "industry_code": ["bank", "tech"]}
        ).assign(rule_set="practitioner"),
        "core.fct_index_weight_week": pd.DataFrame(
            {"index_symbol": ["IDX"], "week_date": [WEEK], "symbol": ["B"], "weight": [1.0]}
        ),
        "staging.stg_landing__dividends": pd.DataFrame(
            {"symbol": ["A"], "ex_date": [PAY], "cash_per_share": [1.0]}
        ),
        "core.dim_security": pd.DataFrame({"symbol": ["A", "B"], "delist_date": [pd.NaT, pd.NaT]}),
        "results.mart_backtest_summary": pd.DataFrame(
            {"scenario_id": ["s"], "total_return": [NAV[-1] - 1.0]}
        ),
        "results.mart_backtest_year": pd.DataFrame(
            {"scenario_id": ["s"], "trade_year": [2020], "total_return": [NAV[-1] - 1.0]}
        ),
        "results.fct_nav_daily": pd.DataFrame(
            {"trade_date": DAYS, "return_1d": [None, *np.diff(NAV) / NAV[:-1]]}
        ).assign(scenario_id="s"),
        "risk.fct_style_exposure": exposures,
        "risk.fct_factor_return": factors.assign(exposure_week_date=WEEK),
    }  # fmt: skip


@pytest.fixture(scope="module")
def built() -> Iterator[duckdb.DuckDBPyConnection]:
    with built_from(given()) as connection:
        yield connection


@contextmanager
def built_from(tables: dict[str, pd.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    with scratch_database(tables) as connection:
        build_models(connection, MODELS)
        yield connection


def failures(connection: duckdb.DuckDBPyConnection, test: str) -> list[tuple[object, ...]]:
    """Rows that a data test of the warehouse complains about."""
    return connection.sql(compiled_tests()[test]["compiled_code"]).fetchall()


def day(built: duckdb.DuckDBPyConnection, date: pd.Timestamp) -> pd.Series:
    rows = built.sql("select * from results.fct_pnl_attribution_daily").df()
    return rows[rows["trade_date"] == date].iloc[0]


def test_the_session_of_the_purchase(built: duckdb.DuckDBPyConnection) -> None:
    row = day(built, BUY)
    assert row.return_1d == pytest.approx(0.096)
    assert row.trading_return == pytest.approx(50 * (10 - 8) / 1000)
    assert row.commission_return == pytest.approx(-0.004)
    # Nothing was held before: what the index earned beyond its factors was missed.
    assert row.specific_return == pytest.approx(-0.02)
    assert row.index_basis_return == pytest.approx(0.0)
    assert abs(row.residual) < 1e-12


def test_a_session_of_holding_is_styles_industry_cash_and_specific(
    built: duckdb.DuckDBPyConnection,
) -> None:
    row = day(built, RISE)
    assert row.return_1d == pytest.approx(50 / 1096)
    assert row.benchmark_return_1d == pytest.approx(0.045)
    assert row.index_basis_return == pytest.approx(0.05 - 0.045)
    assert row.cash_return == pytest.approx((WEIGHT - 1) * 0.04)
    assert row.beta_return == pytest.approx((WEIGHT * 1.5 - 0.5) * 0.02)
    assert row.size_return == 0.0
    assert row.industry_return == pytest.approx(WEIGHT * 0.01 + 0.01)
    # A: 10 % less 4 % market, 3 % beta and 1 % industry; B: 5 % less 4 %, 1 % and -1 %.
    assert row.specific_return == pytest.approx(WEIGHT * 0.02 - 0.01)
    assert row.trading_return == row.corporate_action_return == 0.0
    assert abs(row.residual) < 1e-12


def test_a_dividend_in_cash_is_no_residual(built: duckdb.DuckDBPyConnection) -> None:
    row = day(built, PAY)
    assert row.return_1d == pytest.approx(0.0)
    assert row.corporate_action_return == pytest.approx(0.0)
    assert abs(row.residual) < 1e-12


def test_linked_parts_sum_to_the_return_of_the_period(built: duckdb.DuckDBPyConnection) -> None:
    parts = built.sql("select * from results.mart_pnl_attribution").df()
    total = parts[parts["attribution_period"] == "total"].set_index("component")["contribution"]
    assert total.sum() == pytest.approx(NAV[-1] - 1.0)
    # Earned on 1.096, counted as a part of the 1 that there was at first.
    assert total["beta"] == pytest.approx((WEIGHT * 1.5 - 0.5) * 0.02 * 1.096)
    assert total["commission"] == pytest.approx(-0.004)
    assert set(parts["attribution_period"]) == {"total", "2020"}


def test_cash_that_nothing_explains_is_the_residual() -> None:
    tables = given()
    nav = tables["staging.stg_optimizer_output__nav_daily"]
    nav.loc[3, "nav"] = 1.147
    with built_from(tables) as connection:
        assert day(connection, PAY).residual == pytest.approx(0.001 / 1.146)


SIZE = "assert_corporate_actions_are_of_their_size"
DATA_TESTS = (
    "assert_attribution_adds_up",
    "assert_corporate_actions_explain_themselves",
    SIZE,
    "assert_attribution_covers_every_session",
    "assert_every_session_is_explained",
)


@pytest.mark.parametrize("test", DATA_TESTS)
def test_the_data_tests_accept_the_path(built: duckdb.DuckDBPyConnection, test: str) -> None:
    assert failures(built, test) == []


def test_a_wrong_return_of_a_held_share_is_caught() -> None:
    # 12 % instead of 10 %: the parts still add up, for the difference hides as a corporate action.
    tables = given()
    bars = tables["core.fct_bar_daily"]
    bars.loc[(bars.symbol == "A") & (bars.trade_date == RISE), "return_1d"] = 0.12
    with built_from(tables) as connection:
        assert failures(connection, "assert_attribution_adds_up") == []
        (caught,) = failures(connection, "assert_corporate_actions_explain_themselves")
        assert caught[2] == pytest.approx(-0.02 * WEIGHT)


@pytest.mark.parametrize("event", ["dividend", "adj_factor", "delist_date"])
def test_an_event_of_a_held_share_may_move_yuan_otherwise_than_returns(event: str) -> None:
    tables = given()
    bars = tables["core.fct_bar_daily"]
    date = PAY if event == "adj_factor" else RISE
    bars.loc[(bars.symbol == "A") & (bars.trade_date == date), "return_1d"] = 0.12
    nav = tables["staging.stg_optimizer_output__nav_daily"]
    nav["dividend"] = np.where((event == "dividend") & (nav.trade_date == RISE), 0.05, 0.0)
    if event == "delist_date":
        tables["core.dim_security"].loc[0, "delist_date"] = RISE
    with built_from(tables) as connection:
        assert failures(connection, "assert_corporate_actions_explain_themselves") == []


@pytest.mark.parametrize(("wrong", "count"), [(0.005, 0), (0.02, 1), (-0.02, 1)])
def test_a_wrong_return_on_the_day_of_a_dividend_is_caught_by_its_size(
    wrong: float, count: int
) -> None:
    # Half a percent may be the rounding of the exchange's reference price.
    tables = given()
    bars = tables["core.fct_bar_daily"]
    bars.loc[(bars.symbol == "A") & (bars.trade_date == PAY), "return_1d"] = wrong
    with built_from(tables) as connection:
        assert failures(connection, "assert_corporate_actions_explain_themselves") == []
        assert len(failures(connection, SIZE)) == count
    tables["core.dim_security"].loc[0, "delist_date"] = PAY
    with built_from(tables) as connection:
        assert failures(connection, SIZE) == []


def test_an_event_of_another_share_or_session_is_no_excuse() -> None:
    tables = given()
    nav = tables["staging.stg_optimizer_output__nav_daily"]
    nav["dividend"] = np.where(nav.trade_date == BUY, 0.05, 0.0)
    bars = tables["core.fct_bar_daily"]
    bars.loc[(bars.symbol == "A") & (bars.trade_date == RISE), "return_1d"] = 0.12
    bars.loc[(bars.symbol == "B") & (bars.trade_date == BUY), "adj_factor"] = 0.5
    with built_from(tables) as connection:
        assert len(failures(connection, "assert_corporate_actions_explain_themselves")) == 1


def without_factor_returns() -> dict[str, pd.DataFrame]:
    tables = given()
    factors = tables["risk.fct_factor_return"]
    tables["risk.fct_factor_return"] = factors[factors.trade_date != RISE]
    return tables


def test_a_session_without_factor_returns_stays_and_is_unexplained() -> None:
    with built_from(without_factor_returns()) as connection:
        row = day(connection, RISE)
        assert row.unexplained_return == pytest.approx(50 / 1096 - 0.045)
        unknown = ["index_basis_return", "cash_return", "beta_return", "industry_return"]
        unknown += ["specific_return", "corporate_action_return", "residual"]
        assert row[unknown].isna().all()
        assert day(connection, PAY).unexplained_return == 0.0
        parts = connection.sql("select * from results.mart_pnl_attribution").df()
        assert (parts.session_count == 3).all()
        assert (parts.unexplained_session_count == 1).all()
        total = parts[parts.attribution_period == "total"].set_index("component").contribution
        assert total.sum() == pytest.approx(NAV[-1] - 1.0)
        assert total["unexplained"] == pytest.approx((50 / 1096 - 0.045) * 1.096)
        assert failures(connection, "assert_attribution_covers_every_session") == []
        assert len(failures(connection, "assert_every_session_is_explained")) == 2


def test_an_index_without_weights_leaves_every_session_unexplained() -> None:
    tables = given()
    tables["core.fct_index_weight_week"]["index_symbol"] = "OTHER"
    with built_from(tables) as connection:
        parts = connection.sql(
            "select * from results.mart_pnl_attribution where attribution_period = 'total'"
        ).df()
        assert (parts.unexplained_session_count == 3).all()
        assert parts.contribution.sum() == pytest.approx(NAV[-1] - 1.0)
        assert failures(connection, "assert_attribution_covers_every_session") == []


def test_without_a_risk_model_there_is_no_attribution() -> None:
    tables = given()
    tables["risk.fct_factor_return"] = tables["risk.fct_factor_return"].head(0)
    with built_from(tables) as connection:
        assert connection.sql("select * from results.mart_pnl_attribution").fetchall() == []


def test_the_session_that_sells_everything_is_explained() -> None:
    tables = given()
    tables["results.fct_position"] = tables["results.fct_position"].head(2)
    tables["results.fct_fill"].loc[2] = [PAY, -50.0, 10.0, "s", "A"]
    with built_from(tables) as connection:
        row = day(connection, PAY)
        assert row.trading_return == pytest.approx(0.0)
        assert row.corporate_action_return == pytest.approx(0.0)
        assert abs(row.residual) < 1e-12
        assert failures(connection, "assert_attribution_covers_every_session") == []


@pytest.mark.parametrize(
    "fault",
    [
        "delete from results.mart_pnl_attribution where component = 'specific'",
        "update results.mart_pnl_attribution set session_count = 2",
        "delete from results.mart_pnl_attribution where attribution_period = '2020'",
    ],
)
def test_parts_that_are_not_the_whole_return_are_caught(fault: str) -> None:
    with built_from(given()) as connection:
        connection.execute(fault)
        assert failures(connection, "assert_attribution_covers_every_session")


@pytest.mark.parametrize("model", ["fct_pnl_attribution_daily", "mart_pnl_attribution"])
def test_columns_have_the_types_of_the_contract(
    built: duckdb.DuckDBPyConnection, model: str
) -> None:
    found = built.sql(f"describe results.{model}").fetchall()
    promised = compiled_nodes()[model]["columns"]
    assert [row[0] for row in found] == list(promised)
    given_here = {"trade_date", "known_at", "scenario_id"}
    for name, kind, *_ in found:
        assert name in given_here or kind.lower() == promised[name]["data_type"], name
