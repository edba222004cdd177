"""What holds for every price path, every limit and every seed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market_data.simulator import SimulationConfig, simulate
from market_data.simulator.calibration import Calibration
from market_data.simulator.indices import reconstitute
from market_data.simulator.rulebook import (
    LOWEST_PRICE,
    PriceLimits,
    ex_rights_close,
    price_limits,
    rounded_limit,
)
from market_data.simulator.sessions import session_calendar
from market_data.simulator.suspension import spell_lengths
from market_data.simulator.trading import ValuePath, traded_amount, traded_prices

CENT = Decimal("0.01")
PRICES = st.integers(min_value=LOWEST_PRICE, max_value=300_000)


@given(price=PRICES, percent=st.sampled_from([5, 10, 20, 30, 44]), sign=st.sampled_from([-1, 1]))
def test_limit_prices_agree_with_decimal_arithmetic(price: int, percent: int, sign: int) -> None:
    exact = Decimal(price) / 100 * (1 + Decimal(sign * percent) / 100)
    expected = int(exact.quantize(CENT, rounding=ROUND_HALF_UP) * 100)
    assert rounded_limit(np.array([price]), sign * percent).tolist() == [expected]


@given(
    close=PRICES,
    cash=st.integers(min_value=0, max_value=1_000),
    bonus=st.integers(min_value=0, max_value=20),
)
def test_ex_rights_close_agrees_with_decimal_arithmetic(close: int, cash: int, bonus: int) -> None:
    exact = (Decimal(close) / 100 - Decimal(cash) / 10_000) / (1 + Decimal(bonus) / 10)
    expected = int(exact.quantize(CENT, rounding=ROUND_HALF_UP) * 100)
    found = ex_rights_close(np.array([close]), np.array([cash]), np.array([bonus]))
    assert found.tolist() == [expected]


@given(
    pre_close=PRICES,
    percent=st.sampled_from([5, 10, 20, 30]),
    moves=st.tuples(*[st.floats(min_value=-0.6, max_value=0.6)] * 4),
    lean=st.floats(min_value=-0.6, max_value=0.6),
    seed=st.integers(min_value=0, max_value=10_000),
    volume=st.integers(min_value=1, max_value=50_000_000),
)
def test_traded_prices_obey_limits_and_order(
    pre_close: int, percent: int, moves: tuple[float, ...], lean: float, seed: int, volume: int
) -> None:
    before, limits = _session(pre_close, percent)
    opening, closing, up, down = (before * np.exp(move) for move in moves)
    highest = np.maximum(np.maximum(opening, closing), up)
    lowest = np.minimum(np.minimum(opening, closing), down)
    path = ValuePath(opening, highest, lowest, closing)
    prices = traded_prices(
        Calibration(), path, limits, np.array([lean]), np.random.default_rng(seed)
    )
    low, high = prices.low[0], prices.high[0]
    assert limits.lower[0] <= low <= min(prices.open[0], prices.close[0])
    assert max(prices.open[0], prices.close[0]) <= high <= limits.upper[0]
    amount = traded_amount(np.array([volume]), prices)[0]
    vwap = amount * 100.0 / volume
    assert low - 0.51 / volume <= vwap <= high + 0.51 / volume
    if low == high:
        assert amount == prices.close[0] * volume / 100.0
    if closing[0] >= limits.upper[0]:
        assert prices.close[0] == limits.upper[0]


def _session(pre_close: int, percent: int) -> tuple[np.ndarray, PriceLimits]:
    cents = np.array([pre_close])
    limits = price_limits(cents, np.array([percent]), np.array([500]), np.array([0]))
    return cents.astype(np.float64), limits


@given(
    draws=st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=1, max_size=50),
    raw=st.lists(st.integers(0, 10), min_size=6, max_size=6).filter(lambda x: sum(x) > 0),
)
def test_spell_lengths_stay_in_classes_with_a_share(draws: list[float], raw: list[int]) -> None:
    shares = np.array(raw) / sum(raw)
    lengths = spell_lengths(np.array(draws), shares)
    ends, starts = np.array([1, 5, 20, 60, 120, 220]), np.array([1, 2, 6, 21, 61, 121])
    found = np.searchsorted(ends, lengths)
    assert (lengths >= starts[found]).all()
    assert (shares[found] > 0).all()


@given(
    count=st.integers(2, 120),
    size=st.integers(1, 60),
    seed=st.integers(0, 1_000),
)
def test_reconstitution_is_a_full_set_of_eligible_names(count: int, size: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    order = generator.permutation(count)
    members = generator.choice(count + 20, min(size, count + 20), replace=False)
    chosen = reconstitute(order, members, size)
    assert chosen.size == min(size, count)
    assert np.unique(chosen).size == chosen.size
    assert np.isin(chosen, order).all()


@settings(max_examples=30, deadline=None)
@given(start=st.dates(date(2005, 1, 1), date(2025, 1, 1)), days=st.integers(30, 500))
def test_weeks_partition_the_sessions(start: date, days: int) -> None:
    calendar = session_calendar(start, start + timedelta(days=days))
    ends = np.flatnonzero(calendar.is_week_end)
    assert (np.diff(calendar.dates.astype(np.int64)) > 0).all()
    # Whole weeks between two week ends have the length that the calendar says.
    weeks = calendar.week_number[ends]
    assert (np.diff(weeks) == 1).all()
    assert (np.diff(ends) == calendar.sessions_in_week[weeks[1:]]).all()
    iso = pd.DatetimeIndex(calendar.dates[ends]).isocalendar()
    assert not iso.duplicated(["year", "week"]).any()


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    seed=st.integers(0, 10**6),
    signal=st.sampled_from([0.0, 0.5, 1.0]),
    start=st.sampled_from([date(2009, 9, 1), date(2015, 5, 4), date(2020, 7, 1)]),
)
def test_any_small_market_keeps_the_identities(seed: int, signal: float, start: date) -> None:
    config = SimulationConfig.for_size(
        "tiny",
        seed=seed,
        signal=signal,
        start_date=start,
        end_date=start + timedelta(days=150),
        stocks_at_start=60,
        stocks_at_end=80,
        index_sizes=(10, 12, 14),
    )
    with TemporaryDirectory() as directory:
        home = Path(directory)
        summary = simulate(config, home / "landing", home / "truth")
        bars = pd.read_parquet(summary.landing_dir / "daily_bars.parquet")
        truth = pd.read_parquet(summary.truth_dir / "expected_return.parquet")
    prices = bars[["open", "high", "low", "close", "pre_close"]].astype(float)
    assert (prices["low"] <= prices[["open", "close"]].min(axis=1)).all()
    assert (prices["high"] >= prices[["open", "close"]].max(axis=1)).all()
    assert prices.to_numpy().min() >= 0.2
    order = bars.assign(price=prices["close"]).sort_values(["symbol", "trade_date"])
    same = order["symbol"].eq(order["symbol"].shift())
    step = order["adj_factor"] / order["adj_factor"].shift()
    implied = order["price"].shift() / order["pre_close"].astype(float)
    np.testing.assert_allclose(step[same], implied[same], rtol=1e-14)
    spread = truth.groupby("week_date")["expected_return_1w"].agg(np.ptp)
    assert (spread.max() == 0.0) == (signal == 0.0)
