"""Price index, given total return, or one rebuilt from the weights."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.benchmark import benchmark_level
from optimizer.errors import InputError
from optimizer.inputs import MarketData

Make = type[Any]
INDEX = "000300.SH"
# A rises by half and then halves, B doubles on session 6; weights are set on sessions 4 and 9.
CLOSE = {"A": [10.0] * 5 + [15.0] * 5 + [7.5] * 2, "B": [10.0] * 6 + [20.0] * 6}
WEEKLY = {4: {"A": 0.0, "B": 0.0}, 9: {"A": 0.0, "B": 0.0}}


def test_price_index_starts_at_one(hand_market: Make) -> None:
    prices = [100.0 + 10 * s for s in range(12)]
    market, _ = hand_market(CLOSE, WEEKLY, index_close=prices).load()
    level, name = benchmark_level(market, INDEX, "price", 5, 7)
    assert name == "price"
    assert level.tolist() == pytest.approx([1.0, 160 / 150, 170 / 150])


def test_given_total_return_comes_first(hand_market: Make) -> None:
    frames = hand_market(CLOSE, WEEKLY).frames()
    frames["core.fct_index_daily"]["total_return_close"] = [float(s + 1) for s in range(12)]
    level, name = benchmark_level(MarketData.from_frames(frames), INDEX, "total_return", 4, 6)
    assert name == "total_return"
    assert level.tolist() == pytest.approx([1.0, 6 / 5, 7 / 5])


def test_total_return_with_gaps_is_rebuilt_from_the_weights(hand_market: Make) -> None:
    frames = hand_market(CLOSE, WEEKLY).frames()
    frames["core.fct_index_daily"]["total_return_close"] = [float("nan")] + [1.0] * 11
    level, name = benchmark_level(MarketData.from_frames(frames), INDEX, "total_return", 4, 11)
    assert name == "rebuilt_total_return"
    # Half each from session 4: 1.25, then 1.75; half each anew from 9, where A halves: x 0.75.
    expected = [1.0, 1.25, 1.75, 1.75, 1.75, 1.75, 1.75 * 0.75, 1.75 * 0.75]
    assert level.tolist() == pytest.approx(expected)


def test_rebuilding_may_start_and_end_inside_a_week(hand_market: Make) -> None:
    market, _ = hand_market(CLOSE, WEEKLY).load()
    level, _ = benchmark_level(market, INDEX, "total_return", 5, 8)
    assert level.tolist() == pytest.approx([1.0, 1.5, 1.5, 1.5])


def test_constituent_that_leaves_keeps_its_last_price(hand_market: Make) -> None:
    market, _ = hand_market(CLOSE, WEEKLY, delisted_after={"B": 6}).load()
    level, _ = benchmark_level(market, INDEX, "total_return", 4, 11)
    assert level.tolist() == pytest.approx([1.0, 1.25, 1.75, 1.75, 1.75, 1.75, 0.875, 0.875])


def test_week_without_weights_keeps_the_holdings(hand_market: Make) -> None:
    frames = hand_market(CLOSE, WEEKLY).frames()
    weights = frames["core.fct_index_weight_week"]
    frames["core.fct_index_weight_week"] = weights[weights["week_date"] != "2024-01-12"]
    level, _ = benchmark_level(MarketData.from_frames(frames), INDEX, "total_return", 4, 11)
    assert level[-1] == pytest.approx(0.5 * 0.75 + 0.5 * 2.0)


def test_no_weights_at_the_start_is_an_error(hand_market: Make) -> None:
    market, _ = hand_market(CLOSE, WEEKLY).load()
    with pytest.raises(InputError, match="no weights of 000300.SH at 2024-01-03"):
        benchmark_level(market, INDEX, "total_return", 2, 8)
