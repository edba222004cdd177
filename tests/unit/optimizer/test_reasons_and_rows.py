"""Each reason of a shortfall alone, and each row of the rulebook that fills depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

Make = type[Any]
FLAT = {"A": [10.0] * 16, "B": [20.0] * 16, "C": [40.0] * 16}
JUMPY = {**FLAT, "A": [10.0, 11.0] * 8}
FIRST = {4: {"A": 0.03, "B": 0.02, "C": 0.01}}
KEEP = {9: FIRST[4], 14: FIRST[4]}
CHANGE = {9: {"A": 0.03, "B": 0.01, "C": 0.05}}
EVERY_RULE: dict[str, Any] = {"switches": {}, "fee_schedule": "rulebook", "capital_cny": 1e5}
# One market each in which A is not bought on session 5, or B not sold on session 10.
PURCHASES: dict[str, dict[str, Any]] = {
    "delisted": {"delisted_after": {"A": 4}},
    "suspended": {"suspended": [("A", 5)]},
    "one_price_day": {"locked_up": [("A", 5)]},
    "limit_up": {"limit_up": {("A", 5): 10.0}},
}
SALES: dict[str, dict[str, Any]] = {
    "suspended": {"suspended": [("B", 10)]},
    "one_price_day": {"locked_down": [("B", 10)]},
    "limit_down": {"limit_down": {("B", 10): 20.0}},
}
# Table, column, which rows (none: all), new value, and what of A's purchase on session 5 follows.
ROWS: list[tuple[str, str, dict[str, Any], Any, str]] = [
    ("commission", "rate", {}, 0.002, "commission"),
    ("commission", "minimum_cny", {}, 50.0, "commission"),
    ("transfer_fee", "rate", {"exchange": "SSE", "basis": "value"}, 0.001, "transfer_fee"),
    ("stamp_duty", "rate", {"side": "buy"}, 0.001, "stamp_duty"),
    ("trading_unit", "smallest_buy_shares", {"board": "Main"}, 5001, "traded_shares"),
    ("trading_unit", "buy_step_shares", {"board": "Main"}, 7, "traded_shares"),
    ("market_friction", "value", {"parameter": "volume_cap_share"}, 1e-6, "traded_shares"),
    ("market_friction", "value", {"parameter": "impact_coefficient"}, 1.4, "impact"),
    ("market_friction", "value", {"parameter": "impact_volatility_sessions"}, 2, "impact"),
    ("market_friction", "value", {"parameter": "impact_volume_sessions"}, 2, "impact"),
]


@pytest.mark.parametrize("reason", PURCHASES)
def test_a_purchase_falls_short_for_one_reason(hand_market: Make, reason: str) -> None:
    tables = hand_market(FLAT, FIRST, **PURCHASES[reason]).run(last_trade_date="2024-01-08")
    short = tables.frame("fill_reason").query("symbol == 'A'")
    assert short["reason"].tolist() == [reason]
    assert short["shortfall_weight"].tolist() == pytest.approx([0.5])
    assert tables.fill("A", 5).traded_shares == 0.0


@pytest.mark.parametrize("reason", SALES)
def test_a_sale_falls_short_for_one_reason(hand_market: Make, reason: str) -> None:
    # B is to fall from 0.5 to 0.4.
    tables = hand_market(FLAT, FIRST | CHANGE, **SALES[reason]).run(last_trade_date="2024-01-15")
    short = tables.frame("fill_reason").query("symbol == 'B'")
    assert short["reason"].tolist() == [reason]
    assert short["shortfall_weight"].tolist() == pytest.approx([-0.1])
    assert tables.fill("B", 10).traded_shares == 0.0


def test_obstacles_of_the_other_side_hinder_nobody(hand_market: Make) -> None:
    limits = {"limit_down": {("C", 10): 40.0}, "limit_up": {("B", 10): 20.0}}
    tables = hand_market(FLAT, FIRST | CHANGE, **limits).run()
    assert tables.fill("B", 10).filled_weight == pytest.approx(0.4)
    assert tables.fill("C", 10).filled_weight == pytest.approx(0.1)


def test_reasons_of_one_order_share_its_shortfall_in_turn(hand_market: Make) -> None:
    # 3,333.3 shares wanted; 1,234.5 allowed by volume, of which 1,200 are lots.
    tables = hand_market(FLAT, FIRST | KEEP, volume=12_345).run(
        capital_cny=100_000 / 1.5, switches={"impact": False}
    )
    short = tables.frame("fill_reason").query("symbol == 'A' and trade_date == 5")
    assert short["reason"].tolist() == ["volume_cap", "lot"]
    shares = short["shortfall_weight"].to_numpy() * 100_000 / 1.5 / 10
    np.testing.assert_allclose(shares, [10_000 / 3 - 1234.5, 34.5])
    assert tables.fill("A", 5).reason == "volume_cap"


def test_a_wait_of_one_session_never_binds_and_a_longer_one_spares_what_is_older(
    hand_market: Make,
) -> None:
    # A comes to 2,000 shares a session from 5 on, 5,000 in all on 7; all of it is to go on 10. Of
    # seven sessions of wait every purchase is too young, of four only that of 7.
    hand = hand_market(FLAT, FIRST | KEEP, volume=20_000, outside=[("A", 9), ("A", 14)])
    changes = {"capital_cny": 1e5, "switches": {"impact": False, "lots": False}}
    for wait, sold in ((1, 2000.0), (4, 2000.0), (5, 2000.0), (7, 0.0)):
        frames = hand.frames()
        frames["rules.settlement_rule"]["sessions_before_sale"] = wait
        tables = hand.run(frames, **changes)
        tries = tables.frame("fill_reason").query("symbol == 'A' and rebalance_date == 10")
        assert tables.fill("A", 10, 10).traded_shares == -sold
        assert ("t_plus_1" in set(tries["reason"])) == (wait > 1), wait
    first = tables.frame("fill_reason").query("symbol == 'A' and trade_date == 10")
    assert first["reason"].tolist() == ["t_plus_1"]


@pytest.mark.parametrize(("table", "column", "where", "value", "follows"), ROWS)
def test_a_changed_row_changes_the_fill(
    hand_market: Make, table: str, column: str, where: dict[str, Any], value: Any, follows: str
) -> None:
    hand = hand_market(JUMPY, FIRST | KEEP, volume=1e7)
    before = hand.run(**EVERY_RULE).fill("A", 5)
    frames = hand.frames()
    rows = frames[f"rules.{table}"]
    chosen = np.logical_and.reduce(
        [rows[key] == word for key, word in where.items()], initial=True
    ) & np.ones(len(rows), dtype=bool)
    rows[column] = rows[column].astype(float).where(~chosen, value)
    after = hand.run(frames, **EVERY_RULE).fill("A", 5)
    assert after[follows] != pytest.approx(before[follows])


def test_the_volatility_assumed_is_charged_where_none_is_known(hand_market: Make) -> None:
    # A is listed two sessions before it is bought: one return is known, one too few.
    hand = hand_market(FLAT, FIRST | KEEP, volume=1e7)
    found = {}
    for assumed in (0.03, 0.06):
        frames = hand.frames()
        bars, friction = frames["core.fct_bar_daily"], frames["rules.market_friction"]
        young = (bars["symbol"] == "A") & (bars["trade_date"] < hand.days[3])
        frames["core.fct_bar_daily"] = bars[~young].reset_index(drop=True)
        friction.loc[friction["parameter"] == "impact_unknown_volatility", "value"] = assumed
        fill = hand.run(frames, **EVERY_RULE).fill("A", 5)
        share = fill.traded_value * 1e5 / 1e8
        assert fill.impact == pytest.approx(fill.traded_value * 0.7 * assumed * share**0.5)
        found[assumed] = fill.impact
    assert found[0.06] == pytest.approx(2 * found[0.03])
