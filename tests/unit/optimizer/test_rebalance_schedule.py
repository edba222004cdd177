"""Which days are decided on, and what is missing when they cannot be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from optimizer.backtest import run_backtest
from optimizer.errors import InputError
from optimizer.schedule import plan_rebalances

Make = type[Any]
FLAT = {name: [10.0] * 40 for name in "ABC"}
WEEKLY = {s: {"A": 0.03, "B": 0.02, "C": 0.01} for s in range(4, 40, 5)}


def plan(hand: Any, **changes: Any) -> list[tuple[int, int, int]]:
    market, signals = hand.load()
    found = plan_rebalances(market, signals, hand.scenario(**changes))
    return [(r.decision, r.adjustment, r.signal_age) for r in found]


def test_weekly_adjustment_is_the_first_session_after_each_week_date(hand_market: Make) -> None:
    found = plan(hand_market(FLAT, WEEKLY), last_trade_date="2024-01-25")
    assert found == [(4, 5, 0), (9, 10, 0), (14, 15, 0)]


def test_every_fifth_session_from_the_first_with_a_prediction(hand_market: Make) -> None:
    hand = hand_market(FLAT, {s: v for s, v in WEEKLY.items() if s >= 9}, rule_set="paper")
    assert plan(hand, last_trade_date="2024-01-25")[:2] == [(9, 10, 0), (14, 15, 0)]
    hand = hand_market(FLAT, WEEKLY, rule_set="paper")
    found = plan(hand, first_trade_date="2024-01-09", last_trade_date="2024-01-25")
    assert found == [(5, 6, 1), (10, 11, 1), (15, 16, 1)]


def test_rule_sets_can_be_mixed_with_schedules(hand_market: Make) -> None:
    hand = hand_market(FLAT, WEEKLY)
    found = plan(hand, adjustment="every_5_sessions", first_trade_date="2024-01-10")
    assert found[0] == (6, 7, 2)


def test_week_without_prediction_uses_the_one_before(hand_market: Make) -> None:
    hand = hand_market(FLAT, {s: v for s, v in WEEKLY.items() if s != 9})
    assert plan(hand, last_trade_date="2024-01-25") == [(4, 5, 0), (9, 10, 5), (14, 15, 0)]


def test_gap_in_the_predictions_is_refused(hand_market: Make) -> None:
    hand = hand_market(FLAT, {4: WEEKLY[4]})
    with pytest.raises(InputError, match=r"latest prediction of hand is from 2024-01-05, 25 sess"):
        plan(hand, last_trade_date="2024-02-12")


def test_dates_outside_the_data_are_refused(hand_market: Make) -> None:
    with pytest.raises(InputError, match="no adjustment day between 2030-01-01 and 2030-12-31"):
        plan(hand_market(FLAT, WEEKLY), first_trade_date="2030-01-01")


def test_other_model_than_the_signals_is_refused(hand_market: Make) -> None:
    with pytest.raises(InputError, match="asks for practitioner, ridge; the signals are of"):
        plan(hand_market(FLAT, WEEKLY), model="ridge")


def test_missing_benchmark_names_what_there_is(hand_market: Make) -> None:
    with pytest.raises(InputError, match="no index 000852.SH; it has 000300.SH: choose one"):
        plan(hand_market(FLAT, WEEKLY), benchmark="000852.SH")


def test_gap_in_the_benchmark_is_refused(hand_market: Make) -> None:
    prices = [1000.0] * 20 + [float("nan")] + [1000.0] * 19
    with pytest.raises(InputError, match="no close of 000300.SH on 1 sessions, first 2024-01-29"):
        plan(hand_market(FLAT, WEEKLY, index_close=prices))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("core.fct_index_weight_week", "for 1 of the 7 weeks needed, first 2024-01-12, less than"),
        ("core.fct_universe_week", "no rows for 1 of the 7 weeks needed, first 2024-01-12"),
        ("risk.fct_style_exposure", "no rows for 1 of the 7 weeks needed, first 2024-01-12"),
    ],
)
def test_week_without_rows_names_table_and_week(
    hand_market: Make, monkeypatch: pytest.MonkeyPatch, table: str, message: str
) -> None:
    hand = hand_market(FLAT, WEEKLY)
    frames = hand.frames()
    frames[table] = frames[table][frames[table]["week_date"] != "2024-01-12"]
    monkeypatch.setattr(hand_market, "frames", lambda _: frames)
    with pytest.raises(InputError, match=f"{table}.*{message}"):
        plan(hand, barra_limit=0.3)


def test_styles_are_not_needed_without_a_band(
    hand_market: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = hand_market(FLAT, WEEKLY)
    frames = hand.frames()
    name = "risk.fct_style_exposure"
    frames[name] = frames[name].iloc[:0]
    monkeypatch.setattr(hand_market, "frames", lambda _: frames)
    assert len(plan(hand, barra_limit=None)) == 7


def test_universe_smaller_than_num_stock_is_refused_with_the_remedy(hand_market: Make) -> None:
    with pytest.raises(InputError, match="at most 3 names can be chosen .* lower num_stock"):
        plan(hand_market(FLAT, WEEKLY), num_stock=4)


def test_decision_without_any_candidate_is_refused(hand_market: Make) -> None:
    hand = hand_market(FLAT, WEEKLY, outside=[(name, 14) for name in "ABC"])
    with pytest.raises(InputError, match="no name can be chosen at the decision of 2024-01-19"):
        plan(hand)


def _with_next_session(hand: Any) -> dict[str, pd.DataFrame]:
    """The market of a hand, whose calendar shows one session more."""
    frames = hand.frames()
    days = pd.bdate_range("2024-01-01", periods=len(hand.days) + 1)
    return {**frames, "core.dim_trade_date": pd.DataFrame({"trade_date": days})}


def test_the_session_after_the_data_is_decided_for_as_if_it_were_there(hand_market: Make) -> None:
    known, later = (
        hand_market({name: [10.0] * n for name in "ABC"}, WEEKLY, suspended=[("A", 40)])
        for n in (40, 41)
    )
    ended = known.load(_with_next_session(known))
    results = [
        run_backtest(*ended, known.scenario()),
        run_backtest(*later.load(), later.scenario()),
    ]
    pending, done = (result.tables()["target_weight"].to_pylist() for result in results)
    assert max(row["rebalance_date"] for row in pending) == dt.date(2024, 2, 26)
    assert pending == done
    assert (
        results[0].tables()["nav_daily"].num_rows == results[1].tables()["nav_daily"].num_rows - 1
    )


def test_what_is_suspended_after_the_data_cannot_be_foreseen(hand_market: Make) -> None:
    hand = hand_market(FLAT, WEEKLY, rule_set="paper")
    market, signals = hand.load(_with_next_session(hand))
    found = plan_rebalances(market, signals, hand.scenario())
    assert max(rebalance.adjustment for rebalance in found) < 40
