from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures.simulated_market import SimulatedMarket, exposures_by_week, run_market

from market_data.simulator import TRUTH_COLUMNS, SimulationConfig
from market_data.simulator.calibration import STYLES
from market_data.simulator.run import prepare_engine
from market_data.simulator.signal import (
    STYLE_PATH,
    HiddenDrift,
    WeeklyDrift,
    expected_returns,
    geometric,
)

SEEDS = (1, 2, 5)


def weekly_panel(market: SimulatedMarket) -> pd.DataFrame:
    """Truth joined with the realised next-week return, names that trade on both week ends."""
    bars = market.table("daily_bars")
    calendar = market.table("trade_calendar")
    ends = calendar.loc[calendar["is_last_session_of_week"], "trade_date"].reset_index(drop=True)
    bars = bars[bars["trade_date"].isin(ends) & ~bars["is_st"]]
    bars["price"] = bars["close"] * bars["adj_factor"]
    following = dict(zip(ends[:-1], ends[1:], strict=True))
    bars["next_date"] = bars["trade_date"].map(following)
    later = bars[["symbol", "trade_date", "price"]].rename(columns={"trade_date": "next_date"})
    panel = bars.merge(later, on=["symbol", "next_date"], suffixes=("", "_next"))
    panel["realised"] = panel["price_next"] / panel["price"] - 1.0
    return panel.merge(
        market.truth(), left_on=["symbol", "trade_date"], right_on=["symbol", "week_date"]
    )


def weekly_rank_ic(panel: pd.DataFrame, column: str) -> pd.Series:
    ranks = panel.groupby("week_date")[[column, "realised"]].rank()
    ranks["week_date"] = panel["week_date"]
    return ranks.groupby("week_date").apply(lambda week: week[column].corr(week["realised"]))


def nobody_leaves(weight: np.ndarray) -> np.ndarray:
    return np.ones(1)


@pytest.fixture(scope="module")
def markets(tmp_path_factory: pytest.TempPathFactory) -> list[SimulatedMarket]:
    return [
        run_market(
            SimulationConfig.for_size("tiny", seed=seed), tmp_path_factory.mktemp(f"seed{seed}")
        )
        for seed in SEEDS
    ]


@pytest.fixture(scope="module")
def null_market(
    tmp_path_factory: pytest.TempPathFactory, small_config: SimulationConfig
) -> SimulatedMarket:
    config = SimulationConfig.for_size(
        "tiny",
        signal=0.0,
        start_date=date(2015, 1, 5),
        end_date=date(2016, 6, 30),
        stocks_at_start=300,
        stocks_at_end=320,
    )
    return run_market(config, tmp_path_factory.mktemp("null"))


def test_attainable_rank_ic_lies_in_its_band(markets: list[SimulatedMarket]) -> None:
    means = [
        weekly_rank_ic(weekly_panel(market), "expected_return_1w").mean() for market in markets
    ]
    assert 0.06 <= float(np.mean(means)) <= 0.12
    assert min(means) > 0.03


def test_truth_is_in_units_of_return(markets: list[SimulatedMarket]) -> None:
    panel = pd.concat([weekly_panel(market) for market in markets])
    demeaned = panel[["expected_return_1w", "realised"]] - panel.groupby("week_date")[
        ["expected_return_1w", "realised"]
    ].transform("mean")
    quiet = demeaned["expected_return_1w"].abs() < 0.03
    x, y = demeaned[quiet]["expected_return_1w"], demeaned[quiet]["realised"]
    slope = float((x * y).sum() / (x * x).sum())
    assert 0.6 < slope < 1.4


def test_truth_holds_one_row_per_name_that_trades_on_a_week_end(
    tiny_market: SimulatedMarket,
) -> None:
    truth = tiny_market.truth()
    assert tuple(truth.columns[2:]) == TRUTH_COLUMNS
    assert truth[list(TRUTH_COLUMNS)].notna().all().all()
    bars = tiny_market.table("daily_bars")
    calendar = tiny_market.table("trade_calendar")
    ends = set(calendar.loc[calendar["is_last_session_of_week"], "trade_date"])
    open_rows = bars[bars["trade_date"].isin(ends) & ~bars["is_suspended"]]
    expected = set(zip(open_rows["symbol"], open_rows["trade_date"], strict=True))
    assert set(zip(truth["symbol"], truth["week_date"], strict=True)) == expected
    assert len(truth) == len(expected)


def test_null_market_has_a_flat_truth(null_market: SimulatedMarket) -> None:
    spread = null_market.truth().groupby("week_date")[list(TRUTH_COLUMNS)].agg(np.ptp)
    assert spread.to_numpy().max() == 0.0


def test_null_market_has_no_continuation_after_limits(null_market: SimulatedMarket) -> None:
    bars = null_market.table("daily_bars").sort_values(["symbol", "trade_date"])
    traded = ~bars["is_suspended"]
    change = (bars["close"] / bars["pre_close"] - 1.0).where(traded)
    excess = change - change.groupby(bars["trade_date"]).transform("mean")
    following = excess.groupby(bars["symbol"]).shift(-1)
    age = bars.groupby("symbol").cumcount()
    for hit in (change > 0.095, change < -0.095):
        after = following[hit & (age > 0)].dropna()
        assert len(after) > 200
        assert abs(after.mean()) < 4.0 * after.std() / np.sqrt(len(after))


def test_calibrated_market_has_continuation_after_limits(
    markets: list[SimulatedMarket],
) -> None:
    bars = markets[0].table("daily_bars").sort_values(["symbol", "trade_date"])
    change = (bars["close"] / bars["pre_close"] - 1.0).where(~bars["is_suspended"])
    following = change.groupby(bars["symbol"]).shift(-1)
    assert following[change > 0.095].mean() > 0.01
    assert following[change < -0.095].mean() < -0.01


def test_signal_changes_no_common_surprise(small_config: SimulationConfig) -> None:
    from market_data.simulator.factors import build_factors
    from market_data.simulator.sessions import session_calendar

    calendar = session_calendar(small_config.start_date, small_config.end_date)
    full = build_factors(small_config, calendar)
    null = build_factors(replace(small_config, signal=0.0), calendar)
    np.testing.assert_array_equal(full.style, null.style)
    np.testing.assert_array_equal(full.market, null.market)
    assert (null.style_premium == 0.0).all()
    assert (null.beta_premium == 0.0).all()
    assert (full.style_premium != 0.0).all()


def test_expected_returns_add_up_by_hand(small_config: SimulationConfig) -> None:
    one = np.array([0.001])
    zero = np.array([0.0])
    hidden = HiddenDrift((one, zero, zero), (0.5, 0.9, 0.9))
    weekly = WeeklyDrift((np.array([0.002]),), (geometric(0.5),))
    weeks = np.array([2, 3, 2, 2, 2])
    drift, echo = small_config.calibration.common_drift, 0.004
    limit = np.array([0.1])
    found = expected_returns(small_config, hidden, weekly, zero, echo, limit, weeks, nobody_leaves)
    first = echo + 2 * drift + 0.001 * (1 + 0.5) + 2 * 0.002
    assert found["expected_return_1w"][0] == pytest.approx(first, abs=1e-15)
    second = first + 3 * drift + 0.001 * (0.25 + 0.125 + 0.0625) + 3 * 0.001
    assert found["expected_return_2w"][0] == pytest.approx(second, abs=1e-15)
    # VWAP to VWAP: half of the first session, the second, half of the third.
    vwap = 0.5 * echo + 2 * drift + 0.001 * (0.5 + 0.5 + 0.5 * 0.25) + 1.5 * 0.002 + 0.5 * 0.001
    assert found["expected_return_vwap_1w"][0] == pytest.approx(vwap, abs=1e-15)


def test_exposures_fade_as_the_truth_of_coming_weeks_says() -> None:
    config = SimulationConfig.for_size(
        "tiny",
        start_date=date(2017, 6, 12),
        end_date=date(2020, 6, 30),
        stocks_at_start=300,
        stocks_at_end=310,
    )
    exposures = exposures_by_week(config, 300)[60:]
    premium_decay = config.calibration.premium_weekly_decay
    for ahead in (1, 2, 3):
        then, now = exposures[ahead:], exposures[:-ahead]
        slope = (then * now).sum(axis=(0, 2)) / (now * now).sum(axis=(0, 2))
        for style, found in zip(STYLES, slope, strict=True):
            fading = 1.0 if style == "short_return" else premium_decay**ahead
            assert STYLE_PATH[style][ahead] == pytest.approx(found * fading, abs=0.05), style


def test_the_truth_of_the_null_market_is_drift_and_echo(null_market: SimulatedMarket) -> None:
    truth = null_market.truth().groupby("week_date")[["expected_return_1w"]].first()
    engine = prepare_engine(null_market.config)
    calendar, constants = engine.calendar, engine.config.calibration
    position = np.searchsorted(calendar.dates, truth.index.to_numpy(dtype="datetime64[D]"))
    echo = constants.market_echo * engine.factors.market[position]
    sessions = calendar.sessions_in_week[calendar.week_number[position] + 1]
    expected = constants.common_drift * sessions + echo
    np.testing.assert_allclose(truth["expected_return_1w"], expected, atol=1e-9)


def test_the_echo_of_the_market_is_in_the_returns(small_config: SimulationConfig) -> None:
    """With everything else the same, a louder echo moves each return by that much more."""
    louder = replace(small_config, calibration=replace(small_config.calibration, market_echo=0.5))
    quiet, loud = (prepare_engine(config) for config in (small_config, louder))
    changes = []
    for engine in (quiet, loud):
        sessions = [engine._session(position) for position in range(2)]
        changes.append(sessions[1].close / sessions[1].pre_close - 1.0)
    extra = np.median(changes[1] - changes[0])
    assert extra == pytest.approx(0.48 * quiet.factors.market[0], abs=0.003)


def test_pending_gap_is_expected_from_the_close_and_mostly_gone_at_the_open(
    small_config: SimulationConfig,
) -> None:
    zero = np.zeros(2)
    hidden = HiddenDrift((zero, zero, zero), (0.5, 0.5, 0.5))
    weekly = WeeklyDrift((zero,), (geometric(0.5),))
    gap = np.log(np.array([1.05, 1.5]))
    weeks = np.array([5, 5, 5, 5, 5])
    limit = np.array([0.1, 0.1])
    found = expected_returns(small_config, hidden, weekly, gap, 0.0, limit, weeks, nobody_leaves)
    drift = 1.0 + 5 * small_config.calibration.common_drift
    assert found["expected_return_1w"] == pytest.approx(np.array([1.05, 1.5]) * drift - 1.0)
    after_open = np.array([1.0, 1.5 / 1.1]) * drift - 1.0
    assert found["expected_return_vwap_1w"] == pytest.approx(after_open)


def test_truth_may_not_lie_inside_the_landing_directory(
    tmp_path: Path, small_config: SimulationConfig
) -> None:
    from market_data.simulator import simulate

    with pytest.raises(ValueError, match="truth"):
        simulate(small_config, tmp_path, tmp_path / "truth")
