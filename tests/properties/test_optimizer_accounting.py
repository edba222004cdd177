"""Random markets: money is conserved, reasons add up, rules hold, nothing looks ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.backtest import BacktestResult, run_backtest
from optimizer.inputs import MarketData
from optimizer.scenario import Scenario
from optimizer.signals import Signals
from optimizer.trading_kernels import COST_PARTS
from tests.fixtures.rulebook import rule_frames

NAMES, SESSIONS = 30, 80
KEY = ["rebalance_date", "trade_date", "symbol"]
LIQUIDATIONS = ("forced_sale", "delisted")
LISTINGS = (("Main", "SZSE"), ("Main", "SSE"), ("ChiNext", "SZSE"), ("STAR", "SSE"), ("BSE", "BSE"))
REASONS = {
    "paper": {"one_price_day", "cash"},
    "practitioner": {
        *("suspended", "one_price_day", "limit_up", "limit_down", "volume_cap", "lot"),
        *("delisted", "cash"),
    },
}


def random_frames(seed: int, rule_set: str) -> dict[str, pd.DataFrame]:
    """Suspensions, limits, volumes, delistings, distributions, gaps in universe and predictions."""
    random = np.random.default_rng(seed)
    days = pd.bdate_range("2022-01-01", periods=SESSIONS)
    symbols = np.array([f"{name:06d}.SZ" for name in range(NAMES)])
    suspended = random.random((SESSIONS, NAMES)) < 0.02
    for session in range(1, SESSIONS):
        suspended[session] |= suspended[session - 1] & (random.random(NAMES) < 0.7)
    last = np.where(random.random(NAMES) < 0.15, random.integers(20, SESSIONS, NAMES), SESSIONS)
    boards, exchanges = zip(*(LISTINGS[name % 5] for name in range(NAMES)), strict=True)
    terminal = np.where(random.random(NAMES) < 0.5, 1.0, np.nan)
    securities = {"symbol": symbols, "board": boards, "exchange": exchanges}
    bars, dividends = random_bars(random, days, symbols, suspended, last)
    return {
        **rule_frames(),
        "core.dim_security": pd.DataFrame({**securities, "terminal_value_cny": terminal}),
        "core.fct_bar_daily": bars,
        "core.fct_dividend": dividends,
        **random_weeks(random, days, symbols, suspended, last, rule_set),
    }


def random_bars(
    random: np.random.Generator,
    days: pd.DatetimeIndex,
    symbols: np.ndarray,
    suspended: np.ndarray,
    last: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bars, and the two thirds of the distributions in them that the source lists."""
    shape = suspended.shape
    close = 10 * np.exp(np.cumsum(random.standard_normal(shape) * 0.03, axis=0))
    for session in range(1, SESSIONS):
        close[session] = np.where(suspended[session], close[session - 1], close[session])
    vwap = close * np.exp(random.standard_normal(shape) * 0.01)
    locked = random.random(shape)
    happens = random.random(shape) < 0.02
    happens[0] = False
    paid = np.where(random.random(shape) < 0.7, 0.02, 0.0)
    bonus = np.where(random.random(shape) < 0.5, 0.3, 0.0)
    factor = np.cumprod(np.where(happens, (1 + bonus) / (1 - paid), 1.0), axis=0)
    cell = np.nonzero(np.arange(SESSIONS)[:, None] <= last[None, :])
    at_limit = random.random(shape)
    raw = vwap / factor
    bars = pd.DataFrame(
        {
            "symbol": symbols[cell[1]],
            "trade_date": days[cell[0]],
            "adj_factor": factor[cell],
            "adj_close": close[cell],
            "adj_vwap": np.where(suspended, np.nan, vwap)[cell],
            "is_suspended": suspended[cell],
            "is_one_price_limit_up": ((locked < 0.03) & ~suspended)[cell],
            "is_one_price_limit_down": ((locked > 0.97) & ~suspended)[cell],
            "limit_up_price": np.where(at_limit < 0.03, raw + 0.003, raw * 1.05)[cell],
            "limit_down_price": np.where(at_limit > 0.97, raw - 0.003, raw * 0.95)[cell],
            "volume_shares": np.where(suspended, 0, random.integers(1e5, 3e6, shape))[cell],
        }
    )
    listed = np.nonzero(happens & (random.random(shape) < 0.67))
    before = (listed[0] - 1, listed[1])
    dividends = pd.DataFrame(
        {
            "symbol": symbols[listed[1]],
            "ex_date": days[listed[0]],
            "cash_per_share_cny": paid[listed] * close[before] / factor[before],
            "bonus_shares_per_share": bonus[listed],
        }
    )
    return bars, dividends


def random_weeks(
    random: np.random.Generator,
    days: pd.DatetimeIndex,
    symbols: np.ndarray,
    suspended: np.ndarray,
    last: np.ndarray,
    rule_set: str,
) -> dict[str, pd.DataFrame]:
    calendar = days.isocalendar()
    weeks = np.sort(days.to_series().groupby([calendar.year, calendar.week]).max().to_numpy())
    at = np.searchsorted(days.to_numpy(), weeks)
    week, name = np.nonzero(at[:, None] <= last[None, :])
    keys = {"symbol": symbols[name], "week_date": weeks[week]}
    size = week.size
    levels = 1000 * np.exp(np.cumsum(random.standard_normal(SESSIONS) * 0.01))
    member = (random.random(size) < 0.9) & ~suspended[at[week], name]
    industry = np.array(["x", "y", "z"])[name % 3]
    universe = {**keys, "rule_set": rule_set, "in_universe": member, "industry_code": industry}
    prediction = {**keys, "rule_set": rule_set, "model": "m"}
    values = pd.DataFrame({**prediction, "prediction": random.standard_normal(size) * 0.01})
    index = {"index_symbol": "I", "weight": random.random(NAMES)[name]}
    return {
        "core.dim_trade_date": pd.DataFrame({"trade_date": days}),
        "core.dim_week": pd.DataFrame({"week_date": weeks}),
        "core.fct_index_daily": pd.DataFrame(
            {"index_symbol": "I", "trade_date": days, "close": levels}
        ),
        "core.fct_index_weight_week": pd.DataFrame({**keys, **index}),
        "risk.fct_style_exposure": pd.DataFrame({**keys, "size": random.standard_normal(size)}),
        "core.fct_universe_week": pd.DataFrame(universe),
        "results.fct_prediction": values[random.random(size) < 0.97],
    }


def run(frames: dict[str, pd.DataFrame], rule_set: str, **changes: Any) -> BacktestResult:
    market = MarketData.from_frames(frames)
    signals = Signals.from_frames(frames, market=market, rule_set=rule_set, model="m")
    values = {
        "rule_set": rule_set,
        "model": "m",
        "benchmark": "I",
        "barra_limit": 0.5,
        "num_stock": 10,
        "turnover_limit": 0.6,
        "industry_limit": 0.3,
        "cost_rate": 0.001,
        "first_trade_date": "2022-01-01",
        "last_trade_date": "2022-12-31",
    }
    return run_backtest(market, signals, Scenario.from_mapping({**values, **changes}))


CASES = [
    *((seed, "paper", 1e7) for seed in range(4)),
    *((seed, "practitioner", capital) for seed in range(4) for capital in (3e5, 3e7)),
]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    seed, rule_set, capital = request.param
    frames = random_frames(seed, rule_set)
    return Case(rule_set, capital, frames, run(frames, rule_set, capital_cny=capital))


@dataclass
class Case:
    """A random market and its back-test."""

    rule_set: str
    capital: float
    frames: dict[str, pd.DataFrame]
    result: BacktestResult


def fills_with_bars(case: Case) -> pd.DataFrame:
    fills = case.result.fill.to_pandas()
    fills["trade_date"] = pd.to_datetime(fills["trade_date"])
    securities = case.frames["core.dim_security"]
    bars = case.frames["core.fct_bar_daily"].merge(securities, on="symbol")
    return fills.merge(bars, on=["symbol", "trade_date"], how="left")


def overnight(case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """New shares for an old one and yuan per old share, by session and name, by plain pandas."""
    bars = case.frames["core.fct_bar_daily"].set_index(["trade_date", "symbol"])
    factor = bars["adj_factor"].unstack()  # noqa: PD010
    ratio = (factor / factor.shift()).fillna(1.0)
    cash = ratio * 0.0
    if case.rule_set == "practitioner":
        for row in case.frames["core.fct_dividend"].itertuples():
            if row.symbol in cash and pd.notna(factor.loc[row.ex_date, row.symbol]):
                cash.loc[row.ex_date, row.symbol] = row.cash_per_share_cny
                ratio.loc[row.ex_date, row.symbol] = 1 + row.bonus_shares_per_share
    return ratio, cash


def test_replaying_the_fills_gives_holdings_cash_and_daily_values(case: Case) -> None:
    ratio, paid = overnight(case)
    bars = case.frames["core.fct_bar_daily"].set_index(["trade_date", "symbol"])
    closes = (bars["adj_close"] / bars["adj_factor"]).unstack()  # noqa: PD010
    carried = (bars["adj_close"].unstack().shift() / bars["adj_factor"].unstack()).fillna(0.0)  # noqa: PD010
    fills = fills_with_bars(case).groupby("trade_date")
    positions = case.result.position.to_pandas().groupby("trade_date")
    cash, held, previous = case.capital, pd.Series(0.0, index=closes.columns), 1.0
    for day in case.result.nav_daily.to_pandas().itertuples():
        date = pd.Timestamp(day.trade_date)
        after = held * ratio.loc[date]
        whole = np.floor(after + 1e-8) if case.rule_set == "practitioner" else after
        dividends = float(held @ paid.loc[date] + (after - whole) @ carried.loc[date])
        held, traded = whole.copy(), fills.obj.iloc[:0]
        if date in fills.groups:
            traded = fills.get_group(date)
            np.add.at(held.to_numpy(), held.index.get_indexer(traded["symbol"]), 0.0)
            held = held.add(traded.groupby("symbol")["traded_shares"].sum(), fill_value=0.0)
        cash += dividends - float((traded["traded_shares"] * traded["fill_price"]).sum())
        cash -= float(traded["cost"].sum()) * case.capital
        value = float((held * closes.loc[date]).sum())
        assert (cash + value) / case.capital == pytest.approx(day.nav, abs=1e-9)
        assert cash / (cash + value) == pytest.approx(day.cash_weight, abs=1e-9)
        assert dividends / case.capital == pytest.approx(day.dividend, abs=1e-10)
        assert traded["cost"].sum() == pytest.approx(day.cost, abs=1e-12)
        assert traded["traded_value"].sum() / previous == pytest.approx(day.turnover, abs=1e-12)
        assert day.cash_weight >= 0.0
        assert (held.abs() > 1e-6).sum() == day.holding_count
        if day.holding_count:
            shown = positions.get_group(day.trade_date).set_index("symbol")
            np.testing.assert_allclose(shown["shares"], held[shown.index], rtol=1e-9)
            assert shown["weight"].sum() + day.cash_weight == pytest.approx(1.0, abs=1e-12)
        previous = day.nav


def test_costs_are_the_sum_of_their_parts_and_follow_the_rulebook(case: Case) -> None:
    fills = fills_with_bars(case)
    np.testing.assert_allclose(fills[list(COST_PARTS)].sum(axis=1), fills["cost"], atol=1e-15)
    daily = case.result.nav_daily.to_pandas().set_index("trade_date")
    by_day = fills.groupby(fills["trade_date"].dt.date)[[*COST_PARTS, "cost"]].sum()
    np.testing.assert_allclose(daily.loc[by_day.index, by_day.columns], by_day, atol=1e-14)
    traded = fills[(fills["traded_value"] > 0) & (fills["reason"] != "delisted")]
    value = traded["traded_value"]
    if case.rule_set == "paper":
        np.testing.assert_allclose(traded["commission"], traded["cost"])
        np.testing.assert_allclose(traded["cost"], value * 0.001)
        return
    sold = traded["traded_shares"] < 0
    np.testing.assert_allclose(traded["stamp_duty"], value * np.where(sold, 0.001, 0.0))
    np.testing.assert_allclose(traded["slippage"], value * 0.001)
    rate = np.maximum(value * 0.00025, 5 / case.capital)
    np.testing.assert_allclose(traded["commission"], rate)
    if case.capital < 1e6:
        assert (traded["commission"] > value * 0.00026).any()
    assert (traded["impact"] > 0).all()


def test_trades_keep_to_lots_volumes_and_settlement(case: Case) -> None:
    fills = fills_with_bars(case)
    bought = fills[fills["traded_shares"] > 0]
    shares = bought["traded_shares"]
    if case.rule_set == "paper":
        # It trades fractions of any size.
        assert (shares != np.floor(shares)).any()
        return
    assert (shares == np.floor(shares)).all()
    in_hundreds = bought["board"].isin(["Main", "ChiNext"])
    assert (shares[in_hundreds] % 100 == 0).all()
    assert (shares >= np.where(bought["board"] == "STAR", 200, 100)).all()
    ordered = fills[(fills["traded_shares"] != 0) & ~fills["reason"].isin(LIQUIDATIONS)]
    assert (ordered["traded_shares"].abs() <= 0.1 * ordered["volume_shares"] * (1 + 1e-6)).all()
    sold = ordered[(ordered["traded_shares"] < 0) & (ordered["filled_weight"] > 0)]
    assert (sold.loc[sold["board"].isin(["Main", "ChiNext"]), "traded_shares"] % 100 == 0).all()
    positions = case.result.position.to_pandas()
    assert (positions["shares"] == np.floor(positions["shares"])).all()


def test_reasons_add_up_to_what_is_short(case: Case) -> None:
    result = case.result
    fills = result.fill.to_pandas().set_index(KEY)
    assert fills.index.is_unique
    short = fills["target_weight"] - fills["filled_weight"]
    np.testing.assert_allclose(fills["shortfall_weight"], short, atol=1e-12)
    reasons = result.fill_reason.to_pandas()
    assert not reasons.duplicated([*KEY, "reason"]).any()
    explained = reasons.groupby(KEY)["shortfall_weight"].sum().reindex(fills.index).fillna(0.0)
    np.testing.assert_allclose(explained, short, atol=1e-10)
    assert set(reasons["reason"]) <= REASONS[case.rule_set]
    assert len(reasons) > 20


def test_execution_rules_hold_on_every_fill(case: Case) -> None:
    fills = fills_with_bars(case)
    traded = fills[(fills["traded_value"] > 0) & ~fills["reason"].isin(LIQUIDATIONS)]
    bought = traded["filled_weight"] > traded["weight_before"]
    assert not traded["is_suspended"].astype(bool).any()
    assert not (bought & traded["is_one_price_limit_up"].astype(bool)).any()
    assert not (~bought & traded["is_one_price_limit_down"].astype(bool)).any()
    np.testing.assert_allclose(traded["fill_price"] * traded["adj_factor"], traded["adj_vwap"])
    if case.rule_set == "practitioner":
        raw = traded["fill_price"]
        assert not (bought & (raw > traded["limit_up_price"] - 0.005)).any()
        assert not (~bought & (raw < traded["limit_down_price"] + 0.005)).any()
    assert len(traded) > 50


def test_every_reason_occurs() -> None:
    """Over the random markets, so that no test of sums is empty for a reason."""
    found: dict[str, set[str]] = {"paper": set(), "practitioner": set()}
    for seed, rule_set, capital in CASES:
        result = run(random_frames(seed, rule_set), rule_set, capital_cny=capital)
        found[rule_set] |= set(result.fill_reason["reason"].to_pylist())
    assert found == REASONS


def test_orders_lead_from_what_was_held_to_the_target(case: Case) -> None:
    result = case.result
    targets = result.target_weight.to_pandas().set_index(["rebalance_date", "symbol"])
    orders = result.order.to_pandas().set_index(["rebalance_date", "symbol"])["order_weight"]
    change = targets["target_weight"] - targets["weight_before"]
    np.testing.assert_allclose(orders.reindex(change.index).fillna(0.0), change, atol=1e-12)
    assert targets["target_weight"].min() >= 0.0
    solution = result.solution.to_pandas()
    assert solution[["primal_residual", "dual_residual", "gap"]].to_numpy().max() <= 1e-8
    assert (solution["relaxation_step"] > 0).any() == (solution["status"] == "relaxed").any()


def test_turnover_of_the_unforced_names_stays_within_the_limit(case: Case) -> None:
    result = case.result
    relaxed = result.shadow_price.to_pandas().query("constraint_name == 'turnover'")
    within = relaxed[relaxed["relaxation_step"] == 0]
    assert (within["slack"] >= -1e-9).all()
    assert len(within) > 5


def test_every_condition_has_a_price_every_week(case: Case) -> None:
    result = case.result
    prices = result.shadow_price.to_pandas()
    first = prices["rebalance_date"].min()
    names = ["style:size:upper", "style:size:lower", "full_investment", "long_only"]
    names += [f"industry:{label}:{side}" for label in "xyz" for side in ("upper", "lower")]
    for day, found in prices.groupby("rebalance_date"):
        assert not found["constraint_name"].duplicated().any()
        assert {*names, *([] if day == first else ["turnover"])} <= set(found["constraint_name"])
    assert prices[["dual", "slack", "violation"]].notna().all().all()
    limits = prices[~prices["constraint_group"].isin(["full_investment", "frozen", "exit"])]
    assert (limits["dual"] >= 0.0).all()
    assert (limits.loc[~limits["is_active"], "dual"] <= 1e-12).all()
    assert ((prices["violation"] > 0.0) == (prices["relaxation_step"] > 0)).all()
    relaxed = set(prices.loc[prices["relaxation_step"] > 0, "rebalance_date"])
    solution = result.solution.to_pandas()
    assert relaxed <= set(solution.loc[solution["status"] == "relaxed", "rebalance_date"])


def without_seconds(result: BacktestResult) -> dict[str, Any]:
    tables = result.tables()
    tables["solution"] = tables["solution"].drop_columns(["seconds"])
    return tables


def test_the_same_inputs_give_the_same_tables() -> None:
    first, second = (run(random_frames(7, "paper"), "paper") for _ in range(2))
    for name, table in without_seconds(first).items():
        assert table.equals(without_seconds(second)[name]), name


def cut(frames: dict[str, pd.DataFrame], last: pd.Timestamp) -> dict[str, pd.DataFrame]:
    dated = {
        name: next((c for c in ("trade_date", "week_date") if c in frame), None)
        for name, frame in frames.items()
    }
    return {
        name: frames[name] if column is None else frames[name][frames[name][column] <= last]
        for name, column in dated.items()
    }


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("last", [33, 37, 52])
def test_practitioner_rules_do_not_look_ahead(seed: int, last: int) -> None:
    frames = random_frames(seed, "practitioner")
    until = pd.bdate_range("2022-01-01", periods=SESSIONS)[last]
    whole = without_seconds(run(frames, "practitioner"))
    known = without_seconds(run(cut(frames, until), "practitioner"))
    for name, table in known.items():
        column = "trade_date" if "trade_date" in table.column_names else "rebalance_date"
        full = whole[name].to_pandas()
        full = full[full[column] <= until.date()].reset_index(drop=True)
        pd.testing.assert_frame_equal(table.to_pandas(), full, check_exact=True)
    assert known["fill"].num_rows > 50


@pytest.mark.parametrize("seed", [13, 14])
def test_targets_do_not_depend_on_the_session_they_are_traded_on(seed: int) -> None:
    frames = random_frames(seed, "practitioner")
    before = run(frames, "practitioner")
    day = before.target_weight["rebalance_date"].unique()[6].as_py()
    bars = frames["core.fct_bar_daily"]
    later = bars["trade_date"] >= pd.Timestamp(day)
    bars.loc[later, ["adj_close", "adj_vwap", "limit_up_price", "limit_down_price"]] *= 1.7
    bars.loc[later, "is_one_price_limit_up"] = True
    bars.loc[later & (bars["symbol"] < "000015"), ["is_suspended", "adj_vwap"]] = [True, np.nan]
    after = run(frames, "practitioner")
    for name in ("target_weight", "order", "shadow_price"):
        first, second = (result.tables()[name].to_pandas() for result in (before, after))
        first = first[first["rebalance_date"] <= day]
        second = second[second["rebalance_date"] <= day]
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert not after.fill.equals(before.fill)


def test_paper_rules_look_ahead_and_say_so() -> None:
    """A suspension on the adjustment day itself changes that day's targets."""
    frames = random_frames(0, "practitioner")
    bars = frames["core.fct_bar_daily"]
    result = run(frames, "practitioner", execution_policy="paper")
    rebalance = pd.Timestamp(result.target_weight["rebalance_date"][0].as_py())
    first = result.target_weight.to_pandas().query("rebalance_date == @rebalance.date()")
    chosen = first.sort_values("target_weight").iloc[-1]["symbol"]
    struck = (bars["symbol"] == chosen) & (bars["trade_date"] == rebalance)
    bars.loc[struck, ["is_suspended", "adj_vwap"]] = [True, np.nan]
    again = run(frames, "practitioner", execution_policy="paper").target_weight.to_pandas()
    held = again.query("rebalance_date == @rebalance.date()")["symbol"]
    assert len(held) > 5
    assert chosen not in set(held)
