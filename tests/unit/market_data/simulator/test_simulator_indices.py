from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fixtures.simulated_market import SimulatedMarket

from market_data.simulator import INDEX_SYMBOLS
from market_data.simulator.indices import reconstitute


@pytest.mark.parametrize("index", INDEX_SYMBOLS)
def test_levels_follow_the_constituents(tiny_market: SimulatedMarket, index: str) -> None:
    """Rebuild both indices from members, bars and dividends alone."""
    bars = tiny_market.table("daily_bars").sort_values(["symbol", "trade_date"])
    bars["last"] = bars.groupby("symbol")["close"].shift()
    dividends = tiny_market.table("dividends").rename(columns={"ex_date": "trade_date"})
    bars = bars.merge(dividends, on=["symbol", "trade_date"], how="left")
    bars["basis"] = bars["last"] / (1.0 + bars["bonus_shares_per_share"].fillna(0.0))
    members = tiny_market.table("index_members")
    members = members[members["index_symbol"].eq(index)]
    joined = bars.merge(members, on="symbol")
    inside = (joined["trade_date"] >= joined["in_date"]) & (
        joined["trade_date"] <= joined["out_date"]
    )
    joined = joined[inside & joined["last"].notna()]
    joined["old"] = joined["float_shares"] * joined["basis"]
    joined["new"] = joined["float_shares"] * joined["close"]
    joined["total"] = joined["old"] * joined["close"] / joined["pre_close"]
    daily = joined.groupby("trade_date")[["old", "new", "total"]].sum()
    levels = tiny_market.table("index_bars")
    levels = levels[levels["symbol"].eq(index)].set_index("trade_date").loc[daily.index]
    np.testing.assert_allclose(
        levels["close"] / levels["pre_close"], daily["new"] / daily["old"], rtol=1e-6
    )
    growth = levels["total_return_close"] / levels["total_return_close"].shift()
    np.testing.assert_allclose(growth[1:], (daily["total"] / daily["old"])[1:], rtol=1e-6)


def test_index_bars_are_ordered_and_chained(tiny_market: SimulatedMarket) -> None:
    bars = tiny_market.table("index_bars").sort_values(["symbol", "trade_date"])
    assert (bars["high"] >= bars[["open", "close"]].max(axis=1)).all()
    assert (bars["low"] <= bars[["open", "close"]].min(axis=1)).all()
    last = bars.groupby("symbol")["close"].shift()
    assert bars["pre_close"].eq(last)[last.notna()].all()
    final = bars.groupby("symbol")[["close", "total_return_close"]].last()
    assert (final["total_return_close"] > final["close"]).all()


def test_weights_add_up_to_one_and_rank_by_circulating_value(tiny_market: SimulatedMarket) -> None:
    weights = tiny_market.table("index_weights")
    sums = weights.groupby(["index_symbol", "as_of"])["weight"].sum()
    np.testing.assert_allclose(sums, 1.0, atol=1e-9)
    sizes = dict(zip(INDEX_SYMBOLS, tiny_market.config.index_sizes, strict=True))
    counts = weights.groupby(["index_symbol", "as_of"]).size()
    assert (counts == counts.index.get_level_values(0).map(sizes)).all()
    bars = tiny_market.table("daily_bars").rename(columns={"trade_date": "as_of"})
    bars["value"] = bars["close"] * bars["float_shares"]
    joined = weights.merge(bars, on=["symbol", "as_of"])
    share = joined["value"] / joined.groupby(["index_symbol", "as_of"])["value"].transform("sum")
    np.testing.assert_allclose(joined["weight"], share, rtol=1e-6)


def test_members_are_disjoint_and_change_by_half_years(tiny_market: SimulatedMarket) -> None:
    members = tiny_market.table("index_members")
    bars = tiny_market.table("daily_bars")
    days = pd.Series(bars["trade_date"].unique())
    for moment in days.iloc[[0, 300, 700, len(days) - 1]]:
        inside = members[(members["in_date"] <= moment) & (members["out_date"] >= moment)]
        assert inside["symbol"].is_unique
    reviews = pd.to_datetime(members["in_date"].unique())
    start = pd.Timestamp(days.min())
    assert all(day == start or day.month in (6, 12) for day in reviews)
    assert len(reviews) >= 9


def test_reconstitution_keeps_members_in_the_buffer() -> None:
    order = np.arange(20)
    members = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 11])
    # Rank 11 is below 120 % of ten and rank 9 above 80 %: nothing changes.
    assert sorted(reconstitute(order, members, 10).tolist()) == members.tolist()


def test_reconstitution_lets_a_clear_newcomer_in_for_the_last_member() -> None:
    order = np.arange(20)
    members = np.array([0, 1, 2, 3, 4, 6, 7, 8, 9, 10])
    expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert sorted(reconstitute(order, members, 10).tolist()) == expected


def test_reconstitution_changes_at_most_a_tenth_of_the_places() -> None:
    order = np.arange(200)
    members = np.arange(100, 200)
    chosen = reconstitute(order, members, 100)
    assert chosen.size == 100
    assert np.isin(chosen, members).sum() == 90


def test_vacancies_are_filled_beyond_the_tenth() -> None:
    order = np.arange(50)
    members = np.arange(4)
    assert sorted(reconstitute(order, members, 10).tolist()) == list(range(10))
