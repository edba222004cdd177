"""Back-tests of three stocks over a few weeks, every figure worked out by hand.

Weekdays from Monday: decisions after sessions 4, 9, 14, fills on 5, 10, 15. Two names at most 0.5
each unless said otherwise, no costs, wide industry band.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer.backtest import run_backtest

FLAT = {"A": [10.0] * 16, "B": [20.0] * 16, "C": [40.0] * 16}
FIRST = {4: {"A": 0.03, "B": 0.02, "C": 0.01}}
KEEP = {9: {"A": 0.03, "B": 0.02, "C": 0.01}, 14: {"A": 0.03, "B": 0.02, "C": 0.01}}
CHANGE = {4: FIRST[4], 9: {"A": 0.03, "B": 0.01, "C": 0.05}}
Make = type[Any]


def path(*pieces: tuple[float, int]) -> list[float]:
    """Closes from (price, sessions) pieces."""
    return [price for price, sessions in pieces for _ in range(sessions)]


def test_first_portfolio_is_bought_at_the_vwap_and_valued_at_the_close(hand_market: Make) -> None:
    # 0.05 shares of A and 0.025 of B for one unit of capital; A is bought at 9, closes at 11.
    closes = {**FLAT, "A": path((10, 5), (11, 11))}
    tables = hand_market(closes, FIRST | KEEP, vwap={("A", 5): 9.0}).run()
    assert tables.targets(5) == pytest.approx({"A": 0.5, "B": 0.5})
    start = tables.day(4)
    assert (start.nav, start.cash_weight, start.holding_count) == (1.0, 1.0, 0)
    fill = tables.fill("A", 5)
    assert (fill.weight_before, fill.target_weight, fill.filled_weight) == (0.0, 0.5, 0.5)
    assert (fill.reason, fill.fill_price) == ("filled", 9.0)
    assert fill.traded_value == pytest.approx(0.45)
    day = tables.day(5)
    assert day.nav == pytest.approx(0.05 * 11 + 0.025 * 20 + 0.05)
    assert day.cash_weight == pytest.approx(0.05 / 1.1)
    assert day.turnover == pytest.approx(0.95)
    assert day.holding_count == 2


def test_purchases_stop_at_the_cash_there_is(hand_market: Make) -> None:
    # At 1 % cost one unit of capital buys 1 / 1.01; the rest of the order is short of cash.
    tables = hand_market(FLAT, FIRST).run(cost_rate=0.01, last_trade_date="2024-01-08")
    fill = tables.fill("A", 5)
    assert fill.filled_weight == pytest.approx(0.5 / 1.01)
    assert fill.reason == "cash"
    assert fill.cost == pytest.approx(0.005 / 1.01)
    day = tables.day(5)
    assert day.nav == pytest.approx(1 / 1.01)
    assert day.cost == pytest.approx(0.01 / 1.01)
    assert day.cash_weight == 0.0


def test_turnover_limit_and_its_dual_reach_the_tables(hand_market: Make) -> None:
    tables = hand_market(FLAT, CHANGE).run()
    assert tables.targets(10) == pytest.approx({"A": 0.5, "B": 0.4, "C": 0.1})
    orders = tables.frame("order").query("rebalance_date == 10").set_index("symbol")
    assert orders["order_weight"].to_dict() == pytest.approx({"B": -0.1, "C": 0.1})
    assert orders["side"].to_dict() == {"B": "sell", "C": "buy"}
    prices = tables.frame("shadow_price").query("rebalance_date == 10")
    turnover = prices[prices["constraint_name"] == "turnover"].iloc[0]
    # Predictions .03, .01, .05 have deviation .0163; without history the Rank IC is .03, and a
    # share that never moves counts with 2 percent a session. A unit of turnover sells B for C.
    unit = 0.03 * 0.02 * 5**0.5 / np.std([0.03, 0.01, 0.05])
    assert turnover["dual"] == pytest.approx(0.02 * unit)
    assert bool(turnover["is_active"])
    solution = tables.frame("solution").query("rebalance_date == 10").iloc[0]
    expected = 0.5 * 0.03 + 0.4 * 0.01 + 0.1 * 0.05 - 0.03
    assert solution["objective"] == pytest.approx(expected * unit)
    assert (solution["status"], solution["candidate_count"]) == ("optimal", 3)
    assert tables.fill("A", 10).reason == "unchanged"
    assert tables.day(10).turnover == pytest.approx(0.2)


def test_weights_drift_before_the_decision(hand_market: Make) -> None:
    # A doubles: 2/3 and 1/3 are held; the cap of 0.5 needs 1/6 sold and bought, more than 0.2.
    closes = {**FLAT, "A": path((10, 7), (20, 9))}
    tables = hand_market(closes, FIRST | KEEP).run()
    target = tables.frame("target_weight").query("rebalance_date == 10").set_index("symbol")
    assert target["weight_before"].to_dict() == pytest.approx({"A": 2 / 3, "B": 1 / 3})
    assert target["target_weight"].to_dict() == pytest.approx({"A": 0.5, "B": 0.5})
    entry = tables.frame("shadow_price").query(
        "rebalance_date == 10 and constraint_name == 'turnover'"
    )
    assert entry["relaxation_step"].item() == 1
    assert entry["violation"].item() == pytest.approx(1 / 3 - 0.2)
    solution = tables.frame("solution").query("rebalance_date == 10").iloc[0]
    assert (solution["status"], solution["relaxation_step"]) == ("relaxed", 1)


def test_dividends_and_splits_stay_in_the_holding(hand_market: Make) -> None:
    # Two for one on session 7: raw 5, factor 2, adjusted close still 10: nothing happens to nav.
    factor = {("A", session): 2.0 for session in range(7, 16)}
    tables = hand_market(FLAT, CHANGE, factor=factor).run()
    assert tables.frame("nav_daily")["nav"].to_numpy() == pytest.approx(1.0)
    sale = hand_market(
        FLAT, {4: FIRST[4], 9: {"A": 0.0, "B": 0.02, "C": 0.05}}, factor=factor
    ).run()
    assert sale.fill("A", 10).fill_price == 5.0
    assert sale.fill("A", 10).traded_value == pytest.approx(0.1)


def test_practitioner_sees_a_suspension_only_at_the_fill_and_tries_again(hand_market: Make) -> None:
    # A cannot be bought on 5 and 6; on 7 it trades at 12: 0.05 shares cost 0.6, cash is 0.5.
    closes = {**FLAT, "A": path((10, 7), (12, 9))}
    tables = hand_market(closes, FIRST | KEEP, suspended=[("A", 5), ("A", 6)]).run()
    for session in (5, 6):
        fill = tables.fill("A", session)
        assert (fill.reason, fill.filled_weight, fill.traded_value) == ("suspended", 0.0, 0.0)
        assert np.isnan(fill.fill_price)
        assert tables.day(session).cash_weight == pytest.approx(0.5)
    retried = tables.fill("A", 7)
    assert retried.rebalance_date == 5
    assert retried.filled_weight == pytest.approx(0.5 * 0.5 / 0.6)
    assert retried.reason == "cash"
    assert tables.day(7).nav == pytest.approx(1.0)
    assert tables.day(7).cash_weight == 0.0
    last_try = tables.fill("A", 9)
    assert last_try.shortfall_weight == pytest.approx(0.5 - 0.25 / 0.6)
    assert tables.frame("fill").query("symbol == 'A' and rebalance_date == 5")[
        "trade_date"
    ].tolist() == [5, 6, 7, 8, 9]


def test_paper_foresees_a_suspension_on_the_adjustment_day(hand_market: Make) -> None:
    tables = hand_market(FLAT, FIRST | KEEP, rule_set="paper", suspended=[("A", 5)]).run(
        first_trade_date="2024-01-08"
    )
    assert tables.targets(5) == pytest.approx({"B": 0.5, "C": 0.5})


def test_paper_sells_what_gets_suspended_at_its_last_vwap(hand_market: Make) -> None:
    # A: bought on 5, VWAP 11 on 6, suspended on 7, would resume at 5 on 9. Sold at 11, cost 1 %.
    closes = {**FLAT, "A": path((10, 6), (10.5, 3), (5, 7))}
    tables = hand_market(
        closes,
        FIRST | KEEP,
        rule_set="paper",
        vwap={("A", 6): 11.0},
        suspended=[("A", 7), ("A", 8)],
    ).run(first_trade_date="2024-01-08", cost_rate=0.01)
    bought = 0.5 / 1.01
    sale = tables.fill("A", 7)
    value = bought / 10 * 11
    assert (sale.reason, sale.rebalance_date, sale.fill_price) == ("forced_sale", 5, 11.0)
    assert (sale.target_weight, sale.filled_weight) == (0.0, 0.0)
    assert sale.weight_before == pytest.approx(bought)
    assert sale.traded_value == pytest.approx(value)
    assert sale.cost == pytest.approx(value * 0.01)
    assert tables.day(7).nav == pytest.approx(bought + value * 0.99)
    assert tables.day(9).nav == tables.day(7).nav
    # The cash share (above the limit of 0.2) goes back to A and C over the cap of 0.5.
    target = tables.frame("target_weight").query("rebalance_date == 10").set_index("symbol")
    held = bought / (bought + value * 0.99)
    assert target["weight_before"].to_dict() == pytest.approx({"A": 0.0, "B": held})
    assert target["target_weight"].to_dict() == pytest.approx({"A": 0.5, "B": 0.5})


def test_paper_holding_suspended_on_the_adjustment_day_is_an_exit(hand_market: Make) -> None:
    tables = hand_market(FLAT, FIRST | KEEP, rule_set="paper", suspended=[("A", 10)]).run(
        first_trade_date="2024-01-08"
    )
    assert tables.targets(10) == pytest.approx({"A": 0.0, "B": 0.5, "C": 0.5})
    sale = tables.fill("A", 10)
    assert (sale.reason, sale.target_weight, sale.filled_weight) == ("forced_sale", 0.0, 0.0)
    assert tables.day(10).cash_weight == 0.0


@pytest.mark.parametrize("rule_set", ["paper", "practitioner"])
def test_no_purchase_at_one_price_limit_up(hand_market: Make, rule_set: str) -> None:
    tables = hand_market(FLAT, FIRST, rule_set=rule_set, locked_up=[("A", 5)]).run(
        first_trade_date="2024-01-08", last_trade_date="2024-01-12"
    )
    refused = tables.fill("A", 5)
    assert (refused.reason, refused.filled_weight) == ("one_price_day", 0.0)
    assert refused.shortfall_weight == 0.5
    fills = tables.frame("fill").query("symbol == 'A'")
    if rule_set == "paper":
        assert len(fills) == 1
        assert tables.day(9).cash_weight == pytest.approx(0.5)
    else:
        assert tables.fill("A", 6).filled_weight == pytest.approx(0.5)
        assert tables.day(9).cash_weight == 0.0


@pytest.mark.parametrize("rule_set", ["paper", "practitioner"])
def test_no_sale_at_one_price_limit_down(hand_market: Make, rule_set: str) -> None:
    # B is to fall from 0.5 to 0.4 in favour of C, which then lacks the cash.
    tables = hand_market(FLAT, CHANGE, rule_set=rule_set, locked_down=[("B", 10)]).run(
        first_trade_date="2024-01-08", last_trade_date="2024-01-18"
    )
    unsold, unbought = tables.fill("B", 10), tables.fill("C", 10)
    assert (unsold.reason, unsold.filled_weight) == ("one_price_day", 0.5)
    assert unsold.shortfall_weight == pytest.approx(-0.1)
    assert (unbought.reason, unbought.filled_weight) == ("cash", 0.0)
    if rule_set == "practitioner":
        assert tables.fill("B", 11).filled_weight == pytest.approx(0.4)
        assert tables.fill("C", 11).filled_weight == pytest.approx(0.1)
    else:
        assert tables.frame("fill")["trade_date"].isin([5, 10]).all()


def test_limit_up_does_not_hinder_sales_nor_limit_down_purchases(hand_market: Make) -> None:
    tables = hand_market(FLAT, CHANGE, locked_up=[("B", 10)], locked_down=[("C", 10)]).run()
    assert tables.fill("B", 10).filled_weight == pytest.approx(0.4)
    assert tables.fill("C", 10).filled_weight == pytest.approx(0.1)


def test_suspended_holding_is_frozen_and_valued_at_its_carried_close(hand_market: Make) -> None:
    # B is suspended from 8 on and worth 0.5; only A can pay for C.
    tables = hand_market(FLAT, CHANGE, suspended=[("B", s) for s in range(8, 16)]).run()
    assert tables.targets(10) == pytest.approx({"A": 0.4, "B": 0.5, "C": 0.1})
    frozen = tables.fill("B", 10)
    assert (frozen.reason, frozen.filled_weight, frozen.shortfall_weight) == ("frozen", 0.5, 0.0)
    names = tables.frame("shadow_price").query("rebalance_date == 10")["constraint_name"]
    assert "frozen:B" in set(names)


def test_resumption_gap_hits_the_frozen_holding(hand_market: Make) -> None:
    closes = {**FLAT, "B": path((20, 12), (10, 4))}
    tables = hand_market(closes, FIRST | KEEP, suspended=[("B", s) for s in range(8, 12)]).run()
    assert tables.day(11).nav == pytest.approx(1.0)
    assert tables.day(12).nav == pytest.approx(0.75)


def test_holding_outside_the_universe_or_without_prediction_is_sold(hand_market: Make) -> None:
    for out, predicted in (
        ([("B", 9)], KEEP[9]),
        ([], {"A": 0.03, "C": 0.01}),
    ):
        tables = hand_market(FLAT, {4: FIRST[4], 9: predicted}, outside=out).run()
        assert tables.targets(10) == pytest.approx({"A": 0.5, "B": 0.0, "C": 0.5})
        assert tables.fill("B", 10).filled_weight == 0.0
        assert tables.day(10).holding_count == 2


def test_unfilled_exit_outlives_the_adjustment_while_frozen(hand_market: Make) -> None:
    # B leaves the universe on 9, is suspended from 10 to 15 and sold on 16, still of rebalance 10.
    closes = {name: [values[0]] * 21 for name, values in FLAT.items()}
    keep = dict.fromkeys((9, 14, 19), KEEP[9])
    tables = hand_market(
        closes,
        FIRST | keep,
        outside=[("B", 9), ("B", 14), ("B", 19)],
        suspended=[("B", s) for s in range(10, 16)],
    ).run()
    assert tables.targets(15) == pytest.approx({"A": 0.5, "B": 0.5})
    tries = tables.frame("fill").query("symbol == 'B' and rebalance_date == 10")
    assert tries["trade_date"].tolist() == [10, 11, 12, 13, 14, 15, 16]
    assert tries["reason"].tolist() == ["suspended"] * 6 + ["filled"]
    assert tables.frame("fill").query("symbol == 'B' and rebalance_date == 15").empty
    assert tables.day(15).cash_weight == 0.0
    assert tables.day(16).cash_weight == pytest.approx(0.5)


def test_other_unfilled_orders_lapse_at_the_next_adjustment(hand_market: Make) -> None:
    # C cannot be bought in week 2 and is no longer wanted in week 3.
    keep = {9: CHANGE[9], 14: {"A": 0.03, "B": 0.02, "C": -0.05}}
    tables = hand_market(
        {name: [values[0]] * 20 for name, values in FLAT.items()},
        FIRST | keep,
        locked_up=[("C", s) for s in range(10, 15)],
    ).run()
    tries = tables.frame("fill").query("symbol == 'C'")
    assert tries["trade_date"].tolist() == [10, 11, 12, 13, 14]
    assert set(tries["reason"]) == {"one_price_day"}
    assert tables.fill("B", 15).target_weight == pytest.approx(0.5)


def test_delisted_holding_turns_into_cash_at_its_last_close(hand_market: Make) -> None:
    closes = {**FLAT, "B": path((20, 7), (12, 9))}
    tables = hand_market(closes, FIRST | KEEP, delisted_after={"B": 7}).run(cost_rate=0.0)
    end = tables.fill("B", 8)
    assert (end.reason, end.rebalance_date, end.filled_weight) == ("delisted", 5, 0.0)
    assert (end.cost, end.fill_price) == (0.0, 12.0)
    assert tables.day(8).nav == pytest.approx(0.5 + 0.3)
    assert tables.day(8).cash_weight == pytest.approx(0.3 / 0.8)
    assert tables.targets(10) == pytest.approx({"A": 0.5, "C": 0.5}, abs=1e-6)


def test_order_for_a_name_delisted_on_the_adjustment_day_is_refused(hand_market: Make) -> None:
    bought = hand_market(FLAT, FIRST, delisted_after={"A": 4}).run(last_trade_date="2024-01-08")
    refused = bought.fill("A", 5)
    assert (refused.reason, refused.shortfall_weight) == ("delisted", 0.5)
    held = hand_market(FLAT, FIRST | KEEP, delisted_after={"A": 9}).run()
    lost = held.fill("A", 10)
    assert (lost.reason, lost.target_weight, lost.filled_weight) == ("delisted", 0.5, 0.0)
    reasons = held.frame("fill_reason").query("symbol == 'A' and trade_date == 10")
    assert reasons["shortfall_weight"].tolist() == [0.5]


def test_signal_age_counts_sessions_since_the_week_date(hand_market: Make) -> None:
    # The paper adjusts every five sessions: from session 7 on, decisions are two sessions old.
    closes = {name: [values[0]] * 20 for name, values in FLAT.items()}
    tables = hand_market(closes, FIRST | KEEP, rule_set="paper").run(first_trade_date="2024-01-10")
    targets = tables.frame("target_weight")
    assert sorted(set(targets["rebalance_date"])) == [7, 12, 17]
    assert set(targets["signal_age_sessions"]) == {2}
    weekly = hand_market(closes, FIRST | KEEP).run().frame("target_weight")
    assert sorted(set(weekly["rebalance_date"])) == [5, 10, 15]
    assert set(weekly["signal_age_sessions"]) == {0}


def test_progress_counts_adjustments(hand_market: Make) -> None:
    hand = hand_market(FLAT, FIRST | KEEP)
    market, signals = hand.load()
    seen: list[tuple[int, int]] = []
    run_backtest(market, signals, hand.scenario(), progress=lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]
