"""Rules of execution worked out by hand: lots, volumes, limits, dividends, delay, switches."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from optimizer.backtest import run_backtest
from optimizer.errors import InputError
from optimizer.execution.policy import execution_policy
from optimizer.waterfall import CORRECTIONS, corrected, subsets

FLAT = {"A": [10.0] * 16, "B": [20.0] * 16, "C": [40.0] * 16}
FIRST = {4: {"A": 0.03, "B": 0.02, "C": 0.01}}
KEEP = {9: FIRST[4], 14: FIRST[4]}
EVERYTHING: dict[str, Any] = {"switches": {}}
PAPER = {"rule_set": "paper"}
Make = type[Any]


def test_purchases_come_in_lots_and_the_rest_stays_in_cash(hand_market: Make) -> None:
    # 33,333 yuan of A at 10 are 3,333.3 shares: 3,300; of B at 20 they are 1,600 of 1,666.7.
    tables = hand_market(FLAT, FIRST | KEEP).run(
        capital_cny=100_000 / 1.5, switches={"volume_cap": False, "impact": False}
    )
    fill = tables.fill("A", 5)
    assert (fill.traded_shares, fill.reason) == (3300.0, "lot")
    assert fill.shortfall_weight == pytest.approx(0.5 - 33_000 / (100_000 / 1.5))
    held = tables.frame("position").query("trade_date == 5").set_index("symbol")
    assert held["shares"].to_dict() == {"A": 3300.0, "B": 1600.0}
    assert held["value_cny"].to_dict() == pytest.approx({"A": 33_000.0, "B": 32_000.0})
    assert tables.day(5).cash_weight == pytest.approx(1 - 65_000 * 1.5 / 100_000)
    # Less than a lot is no order for the next session.
    assert set(tables.frame("fill").query("rebalance_date == 5")["trade_date"]) == {5}


def test_an_odd_holding_is_sold_whole(hand_market: Make) -> None:
    # One for ten makes 3,630 shares of 3,300; out of the universe on 9 all of them are sold on 10.
    tables = hand_market(
        FLAT,
        FIRST | KEEP,
        factor={("A", session): 1.1 for session in range(7, 16)},
        dividends=[("A", 7, 0.0, 0.1)],
        outside=[("A", 9), ("A", 14)],
    ).run(capital_cny=100_000 / 1.5, switches={"volume_cap": False, "impact": False})
    assert tables.fill("A", 10).traded_shares == -3630.0
    assert tables.fill("A", 10).filled_weight == 0.0


def test_an_order_takes_no_more_than_a_tenth_of_the_volume(hand_market: Make) -> None:
    # 5,000 shares wanted, 2,000 a session allowed: 2,000, 2,000 and the last thousand.
    tables = hand_market(FLAT, FIRST | KEEP, volume=20_000).run(
        capital_cny=1e5, switches={"impact": False}
    )
    tries = tables.frame("fill").query("symbol == 'A' and rebalance_date == 5")
    assert tries["traded_shares"].tolist() == [2000.0, 2000.0, 1000.0]
    assert tries["reason"].tolist() == ["volume_cap", "volume_cap", "filled"]
    assert tables.fill("A", 5).shortfall_weight == pytest.approx(0.3)


def test_volume_must_be_known_where_it_limits(hand_market: Make) -> None:
    hand = hand_market(FLAT, FIRST | KEEP)
    frames = hand.frames()
    frames["core.fct_bar_daily"] = frames["core.fct_bar_daily"].drop(columns="volume_shares")
    with pytest.raises(InputError, match="volume_shares is unknown for A on 2024-01-08.*switch"):
        hand.run(frames, **EVERYTHING)


def test_a_small_order_pays_the_minimum_commission(hand_market: Make) -> None:
    tables = hand_market(FLAT, FIRST | KEEP).run(capital_cny=1e4, fee_schedule="rulebook")
    fill = tables.fill("A", 5)
    assert fill.commission * 1e4 == pytest.approx(5.0)
    assert fill.transfer_fee == pytest.approx(fill.traded_value * 0.00001)
    assert fill.stamp_duty == 0.0


def test_impact_is_the_square_root_of_the_share_of_the_usual_value(hand_market: Make) -> None:
    # A jumps between 10 and 11, so its volatility is known; 5e5 yuan of the usual 1e8.
    closes = {**FLAT, "A": [10.0, 11.0] * 8}
    hand = hand_market(closes, FIRST | KEEP, volume=1e7)
    switches = {"lots": False, "volume_cap": False}
    fill = hand.run(capital_cny=1e6, switches=switches).fill("A", 5)
    moves = np.array([0.1, 10 / 11 - 1, 0.1, 10 / 11 - 1])
    usual = np.mean([1e8, 1.1e8, 1e8, 1.1e8, 1e8])
    value = fill.traded_value * 1e6
    rate = 0.7 * moves.std(ddof=1) * np.sqrt(value / usual)
    assert fill.impact == pytest.approx(fill.traded_value * rate)
    assert fill.fill_price == 11.0


def test_a_dividend_is_paid_into_cash_and_keeps_the_value(hand_market: Make) -> None:
    # One yuan a share on session 7: the raw close falls from 10 to 9, cash grows by a tenth of A.
    factor = {("A", session): 10 / 9 for session in range(7, 16)}
    hand = hand_market(FLAT, FIRST | KEEP, factor=factor, dividends=[("A", 7, 1.0, 0.0)])
    tables = hand.run(last_trade_date="2024-01-11")
    assert tables.day(7).dividend == pytest.approx(0.05)
    assert tables.day(7).cash_weight == pytest.approx(0.05)
    assert tables.day(7).nav == pytest.approx(1.0)
    shares = tables.frame("position").query("symbol == 'A'").set_index("trade_date")["shares"]
    assert shares[7] == shares[6]
    unlisted = replace(hand, dividends=()).run(last_trade_date="2024-01-11")
    assert unlisted.day(7).dividend == 0.0
    assert unlisted.day(7).nav == pytest.approx(1.0)


def test_a_delisted_holding_is_worth_what_the_source_says(hand_market: Make) -> None:
    hand = hand_market(FLAT, FIRST | KEEP, delisted_after={"B": 7}, terminal_value={"B": 2.0})
    assert hand.run().day(8).nav == pytest.approx(0.5 + 0.05)
    assert hand.run(switches={"terminal_value": False}).day(8).nav == pytest.approx(1.0)


def test_alpha_in_names_at_their_limit_cannot_be_had(hand_market: Make) -> None:
    # A rises 10 % a session, every VWAP at the limit though no session is locked; B stands still.
    rise = [10.0] * 5 + [10.0 * 1.1**day for day in range(1, 12)]
    limits = {("A", session): rise[session] for session in range(5, 16)}
    nav = {}
    for rule_set in ("paper", "practitioner"):
        hand = hand_market({**FLAT, "A": rise}, FIRST | KEEP, rule_set=rule_set, limit_up=limits)
        tables = hand.run(first_trade_date="2024-01-08", switches={})
        nav[rule_set] = tables.frame("nav_daily")["nav"].iloc[-1]
    assert nav["paper"] > 1.5
    # What is left are the costs of B.
    assert nav["practitioner"] == pytest.approx(1.0, abs=2e-3)
    refused = tables.frame("fill").query("symbol == 'A'")
    assert set(refused["reason"]) == {"limit_up"}
    assert refused["traded_shares"].eq(0).all()


def test_predictions_wait_as_many_sessions_as_the_scenario_says(hand_market: Make) -> None:
    tables = hand_market(FLAT, FIRST | KEEP).run(trading_delay_sessions=2)
    targets = tables.frame("target_weight")
    assert sorted(set(targets["rebalance_date"])) == [7, 12]
    assert set(targets["signal_age_sessions"]) == {2}


def test_capital_alone_changes_nothing_without_lots_volumes_and_minimum(hand_market: Make) -> None:
    hand = hand_market(FLAT, FIRST | KEEP)
    small, large = (hand.run(capital_cny=capital, cost_rate=0.001) for capital in (1e3, 1e10))
    for column in ("nav", "cost", "turnover"):
        np.testing.assert_allclose(
            small.frame("nav_daily")[column], large.frame("nav_daily")[column], rtol=1e-12
        )


def test_a_policy_can_be_given_outright(hand_market: Make) -> None:
    hand = hand_market(FLAT, FIRST | KEEP)
    market, signals = hand.load()
    policy = execution_policy(hand.scenario(switches={"lots": True, "volume_cap": False}))
    given = run_backtest(market, signals, hand.scenario(), policy=policy)
    named = run_backtest(
        market, signals, hand.scenario(switches={"lots": True, "volume_cap": False})
    )
    assert given.nav_daily.equals(named.nav_daily)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_each_correction_turns_its_switches_and_shows_in_the_label(
    hand_market: Make, name: str
) -> None:
    scenario = hand_market(FLAT, FIRST, **PAPER).scenario(switches={})
    turned = scenario.model_copy(update={"switches": corrected([name])})
    before, after = scenario.execution.model_dump(), turned.execution.model_dump()
    changed = {key for key in after if before[key] != after[key]}
    assert changed == set(CORRECTIONS[name])
    assert turned.is_variant
    assert not scenario.is_variant
    assert turned.label == f"{scenario.label}, {turned.switches}"


def test_subsets_begin_with_none_and_end_with_all() -> None:
    found = list(subsets("abc"))
    assert (found[0], found[-1], len(set(found))) == ((), ("a", "b", "c"), 8)
    assert set(found[1:4]) == set(combinations("abc", 1))
