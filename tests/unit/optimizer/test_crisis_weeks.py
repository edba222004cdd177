"""The simulated twin of July 2015: two names in five are suspended for a week."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimizer.scenario import Scenario
from tests.fixtures.crisis import (
    INDEX,
    MODEL,
    assert_never_silent,
    crisis_frames,
    frozen_names,
    trade,
)

NAMES, SESSIONS = 80, 75
SHARE = 0.39
# Sessions are weekdays from Monday 2015-01-05; the crisis is a Thursday to the Wednesday after.
CRISIS = range(58, 63)
FIRST_TRADE = 50


@pytest.fixture(scope="module")
def days() -> pd.DatetimeIndex:
    return pd.bdate_range("2015-01-05", periods=SESSIONS)


@pytest.fixture(scope="module")
def frames(
    tmp_path_factory: pytest.TempPathFactory, days: pd.DatetimeIndex
) -> dict[str, pd.DataFrame]:
    """A market that falls by three percent a session while names drop out of trading."""
    directory = tmp_path_factory.mktemp("landing")
    rng = np.random.default_rng(39)
    fall = np.where(np.isin(np.arange(SESSIONS), list(CRISIS)), -0.03, 0.0)
    returns = rng.normal(0.0, 0.02, (SESSIONS, NAMES)) + fall[:, None]
    suspended = np.zeros((SESSIONS, NAMES), dtype=bool)
    halted = rng.permutation(NAMES)[: round(SHARE * NAMES)]
    suspended[np.ix_(list(CRISIS), halted)] = True
    returns[suspended] = 0.0
    close = np.round(20.0 * np.cumprod(1.0 + returns, axis=0), 2)
    before = np.vstack([close[:1], close[:-1]])
    symbols = [f"{600000 + number}.SH" for number in range(NAMES)]
    volume = np.where(suspended, 0, rng.integers(10_000_000, 90_000_000, suspended.shape))
    bars = pd.DataFrame(
        {
            "symbol": np.tile(symbols, SESSIONS),
            "trade_date": np.repeat(days.date, NAMES),
            "high": np.maximum(close, before).ravel(),
            "low": np.minimum(close, before).ravel(),
            "close": close.ravel(),
            "pre_close": before.ravel(),
            "volume": volume.ravel(),
            "amount": (volume * close).ravel(),
            "adj_factor": 1.0,
            "turnover_rate": np.where(suspended, np.nan, 1.0 + rng.random(suspended.shape)).ravel(),
            "is_suspended": suspended.ravel(),
        }
    )
    listed = pd.DataFrame({"symbol": symbols, "in_date": days[0].date(), "out_date": pd.NaT})
    tables = {
        "daily_bars": bars,
        "trade_calendar": pd.DataFrame(
            {"trade_date": days.date, "is_last_session_of_week": days.dayofweek == 4}
        ),
        "index_bars": pd.DataFrame(
            {"symbol": INDEX, "trade_date": days.date, "close": close.mean(axis=1)}
        ),
        "index_members": listed.assign(index_symbol=INDEX),
        "industry_history": listed.assign(industry_code=[f"i{n % 8}" for n in range(NAMES)]),
        "instruments": pd.DataFrame({"symbol": symbols, "board": "Main"}),
    }
    for name, table in tables.items():
        table.to_parquet(directory / f"{name}.parquet")
    return crisis_frames(directory, days[0].date(), days[-1].date())


@pytest.mark.parametrize("rule_set", ["paper", "practitioner"])
@pytest.mark.parametrize("barra_limit", [0.3, 0.02])
def test_every_decision_is_certified_and_says_what_gave_way(
    frames: dict[str, pd.DataFrame], days: pd.DatetimeIndex, rule_set: str, barra_limit: float
) -> None:
    asked = Scenario.from_mapping(
        {
            "rule_set": rule_set,
            "model": MODEL,
            "benchmark": INDEX,
            "barra_limit": barra_limit,
            "num_stock": 30,
            "first_trade_date": days[FIRST_TRADE].date(),
            "last_trade_date": days[-1].date(),
        }
    )
    result = trade(frames, asked)
    solutions = assert_never_silent(frames, result, asked)
    assert len(solutions) == 5
    assert solutions.candidate_count.min() == NAMES - round(SHARE * NAMES)
    crisis = days[60]
    assert crisis.dayofweek == 0
    if rule_set == "practitioner":
        assert frozen_names(frames, result, str(crisis.date())) > 0
    else:
        # Sold at the last price on the day they are suspended, before anything is decided.
        bars = frames["core.fct_bar_daily"]
        halted = set(bars.symbol[bars.is_suspended])
        held = result.tables()["position"].to_pandas()
        held["trade_date"] = pd.to_datetime(held.trade_date)
        assert halted & set(held.symbol[held.trade_date == days[CRISIS[0] - 1]])
        assert not halted & set(held.symbol[held.trade_date == days[CRISIS[0]]])
    assert solutions.relaxation_step[pd.to_datetime(solutions.index) == crisis].tolist() == [1]
