"""A market that pays for what five weeks together tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import spearmanr

from market_data.simulator import SimulationConfig
from market_data.simulator.memory import MEMORY_WEEKS, TapeMemory
from market_data.simulator.run import prepare_engine

BURN_IN_WEEKS = 12


@dataclass(frozen=True)
class Weeks:
    """What a market shows week by week.

    `factor` is the mean of VWAP over close, less 1, of the week, `side` the hidden side; both of
    shape (W, N), `log_close` the adjusted close at the end of the week. `ahead` is the return from
    VWAP to VWAP over the next week, `expected` its truth per horizon, shape (4, W, N).
    """

    factor: np.ndarray
    side: np.ndarray
    log_close: np.ndarray
    ahead: np.ndarray
    expected: np.ndarray


def rank_ic(forecast: np.ndarray, outcome: np.ndarray) -> float:
    """Mean over weeks."""
    values = []
    for one, other in zip(forecast, outcome, strict=True):
        known = np.isfinite(one) & np.isfinite(other)
        values.append(spearmanr(one[known], other[known]).statistic)
    return float(np.mean(values))


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    config = SimulationConfig.for_size(
        "tiny",
        memory=True,
        start_date=date(2016, 7, 4),
        end_date=date(2018, 12, 28),
        stocks_at_start=300,
        stocks_at_end=305,
    )
    engine = prepare_engine(config)
    names, sessions = len(engine.population), len(engine.calendar)
    vwap, over_close, close = (np.full((sessions, names), np.nan) for _ in range(3))
    ends, sides, expected = [], [], []
    for bars, truth in engine.run():
        n, at = bars.close.size, bars.position
        price = bars.amount / np.where(bars.volume > 0, bars.volume, np.nan)
        vwap[at, :n] = price * bars.adj_factor
        close[at, :n] = np.log(bars.close * bars.adj_factor)
        over_close[at, :n] = 100.0 * price / bars.close - 1.0
        if truth is not None and at + 1 < sessions:
            ends.append(at)
            sides.append(engine.memory.sides(names)[0])
            true = np.full((4, names), np.nan)
            for horizon in range(4):
                true[horizon, truth.names] = truth.expected[f"expected_return_vwap_{horizon + 1}w"]
            expected.append(true)
    last = np.array(ends)
    entry = vwap[last + 1]
    first = np.append(0, last[:-1] + 1)
    factor = [
        over_close[a : b + 1].sum(axis=0) / (b + 1 - a) for a, b in zip(first, last, strict=True)
    ]
    return Weeks(
        factor=np.stack(factor)[:-1],
        side=np.stack(sides)[:-1],
        log_close=close[last][:-1],
        ahead=entry[1:] / entry[:-1] - 1.0,
        expected=np.stack(expected, axis=1)[:, :-1],
    )


def agreement(values: np.ndarray, weeks: int = MEMORY_WEEKS) -> np.ndarray:
    """This week's value times the sum of those of the weeks before, centred by week."""
    centred = values - np.nanmean(values, axis=1, keepdims=True)
    before = [np.roll(centred, lag, axis=0) for lag in range(1, weeks)]
    return centred * np.add.reduce(before)


def test_a_week_shows_its_side(weeks: Weeks) -> None:
    assert rank_ic(weeks.factor, weeks.side) > 0.7


@pytest.mark.parametrize("lag", range(MEMORY_WEEKS))
@pytest.mark.parametrize("function", [np.asarray, np.square], ids=["level", "square"])
def test_no_week_alone_says_anything(weeks: Weeks, lag: int, function: np.ufunc) -> None:
    centred = weeks.factor - np.nanmean(weeks.factor, axis=1, keepdims=True)
    past = centred[BURN_IN_WEEKS - lag : len(centred) - lag]
    # 100 weeks of some 290 names: a standard error of .006.
    assert abs(rank_ic(function(past), weeks.ahead[BURN_IN_WEEKS:])) < 0.02


@pytest.mark.parametrize("past_weeks", [1, 4])
def test_past_returns_do_not_give_it_away(weeks: Weeks, past_weeks: int) -> None:
    """What was paid is not paid again: returns of the past are not correlated with the truth."""
    past = weeks.log_close - np.roll(weeks.log_close, past_weeks, axis=0)
    paid = agreement(weeks.side)
    assert abs(rank_ic(past[BURN_IN_WEEKS:], paid[BURN_IN_WEEKS:])) < 0.02


def test_five_weeks_together_tell_what_is_paid(weeks: Weeks) -> None:
    ahead = weeks.ahead[BURN_IN_WEEKS:]
    truth = rank_ic(weeks.expected[0, BURN_IN_WEEKS:], ahead)
    hidden = rank_ic(agreement(weeks.side)[BURN_IN_WEEKS:], ahead)
    shown = rank_ic(agreement(weeks.factor)[BURN_IN_WEEKS:], ahead)
    assert truth == pytest.approx(0.18, abs=0.03)
    assert hidden == pytest.approx(truth, abs=0.02)
    # A product of two factors, each correlated .77 with its side.
    assert 0.4 * truth < shown < 0.75 * truth


def test_fewer_weeks_tell_less(weeks: Weeks) -> None:
    ahead = weeks.ahead[BURN_IN_WEEKS:]
    two = agreement(weeks.side, weeks=2)[BURN_IN_WEEKS:]
    assert rank_ic(two, ahead) == pytest.approx(0.09, abs=0.02)


def test_nothing_is_known_of_the_weeks_after_the_next(weeks: Weeks) -> None:
    market = weeks.expected[:, BURN_IN_WEEKS:]
    paid = agreement(weeks.side)[BURN_IN_WEEKS:]
    # Ranks: gaps behind limits and delistings reach further than what is paid.
    assert rank_ic(paid, market[0]) > 0.9
    for longer in market[1:]:
        assert rank_ic(market[0], longer) > 0.95


def test_what_is_paid_by_hand(small_config: SimulationConfig) -> None:
    config = replace(small_config, memory=True)
    memory = TapeMemory(config, 3)
    for _ in range(MEMORY_WEEKS):
        memory.begin_week()
    (part,), (path,) = memory.parts(2)
    side = memory.sides(2)
    per_session = config.calibration.memory_weekly_sd / 5.0
    expected = side[0] * (side[1] + side[2] + side[3] + side[4]) / 2.0
    np.testing.assert_allclose(part / per_session, expected)
    assert path.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_array_equal(memory.lean(2), config.calibration.memory_lean * side[0])


def test_without_memory_nobody_takes_a_side(small_config: SimulationConfig) -> None:
    memory = TapeMemory(small_config, 3)
    memory.begin_week()
    assert memory.parts(3) == ((), ())
    assert not memory.lean(3).any()


def test_nothing_else_is_paid(small_config: SimulationConfig) -> None:
    engine = prepare_engine(replace(small_config, memory=True, signal=0.0))
    for _, truth in engine.run():
        if truth is not None:
            assert float(np.ptp(truth.expected["expected_return_1w"])) == 0.0


def test_interactions_and_memory_exclude_each_other(small_config: SimulationConfig) -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        replace(small_config, interactions=True, memory=True)
