"""Back-tests on the simulated market whose outcome is known: noise, foresight, locked names.

Bars, universe and rulebook come from the warehouse of the tiny market, by the way every back-test
reads them; only the predictions are made here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.backtest import BacktestResult, run_backtest
from optimizer.baselines import NO_MODEL
from optimizer.execution.limits import DELISTED, SUSPENDED
from optimizer.execution.policy import execution_policy
from optimizer.inputs import MarketData
from optimizer.obstacles import LOCKED_UP, VWAP_AT_UP
from optimizer.scenario import Scenario
from optimizer.signals import Signals
from orchestration.lib.portfolio import read_market, read_signals
from orchestration.lib.workspace import Workspace
from tests.integration.conftest import TINY, FinishedRun

BENCHMARK, NAMES = "000905.SH", 20
FIRST, LAST = "2018-03-01", "2021-12-31"
NOISES, DELAYS = range(8), range(5)
# Far above any score of noise.
CERTAIN = 100.0


@dataclass(frozen=True)
class Market:
    """What the warehouse holds, and the universes of both rule sets."""

    data: MarketData
    universe: dict[str, Signals]

    @property
    def shape(self) -> tuple[int, int]:
        """Weeks and names."""
        return self.data.weeks.size, len(self.data.symbols)

    def adjustments(self, delay: int = 0) -> IntArray:
        """Session of the fills of each week, the last ones cut to the data; [W]."""
        sessions = self.data.week_sessions + 1 + delay
        return np.minimum(sessions, self.data.sessions.size - 1)

    def signals(self, rule_set: str, prediction: FloatArray) -> Signals:
        """Predictions of every week over the universe of a rule set."""
        return replace(
            self.universe[rule_set],
            model="known",
            prediction=prediction,
            has_prediction=np.isfinite(prediction).any(axis=1),
        )


@pytest.fixture(scope="module")
def market(tiny_run: FinishedRun) -> Market:
    workspace = Workspace.open(str(TINY), home=tiny_run.paths.root.parent)
    data = read_market(workspace)
    rule_sets = ("paper", "practitioner")
    return Market(data, {each: read_signals(workspace, data, each, NO_MODEL) for each in rule_sets})


def scenario(rule_set: str, **changes: Any) -> Scenario:
    values = {
        "rule_set": rule_set,
        "model": "known",
        "benchmark": BENCHMARK,
        "num_stock": NAMES,
        "adjustment": "weekly",
        "first_trade_date": FIRST,
        "last_trade_date": LAST,
    }
    return Scenario.from_mapping({**values, **changes})


def noise(market: Market, seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(market.shape)


def by_week(result: BacktestResult) -> pd.DataFrame:
    """Return in excess of the benchmark and costs, both summed over the sessions of a week."""
    days = result.nav_daily.to_pandas()
    before = days["nav"].shift()
    frame = pd.DataFrame(
        {
            "excess": days["nav"].pct_change() - days["benchmark_nav"].pct_change(),
            "cost": days["cost"] / before,
        }
    )
    dates = pd.to_datetime(days["trade_date"])
    return frame.groupby(dates.dt.to_period("W")).sum()


def t_of(values: pd.Series[float]) -> float:
    return float(stats.ttest_1samp(values, 0.0).statistic)


def test_noise_loses_its_costs_within_its_own_noise(market: Market) -> None:
    # Bands of styles and industries keep out what the market pays for; what is left is chance.
    rules = scenario("practitioner", barra_limit=0.1, turnover_limit=2.0, capital_cny=1e7)
    runs = [
        by_week(run_backtest(market.data, market.signals("practitioner", noise(market, n)), rules))
        for n in NOISES
    ]
    mean = sum(runs) / len(runs)
    assert len(mean) > 150
    assert abs(t_of(mean["excess"] + mean["cost"])) < 3.0
    # The noise is small enough to see the costs.
    assert t_of(mean["excess"]) < -4.0


def test_perfect_foresight_reaches_the_best_portfolio_of_every_week(market: Market) -> None:
    data, fills = market.data, market.adjustments()
    tradable: BoolArray = data.obstacles[fills] == 0
    vwap = np.where(tradable, data.adj_vwap[fills], np.nan)
    # What does not trade when the next portfolio is decided would be frozen in it.
    leaves = data.is_tradable[data.week_sessions[1:]]
    realised = np.full(market.shape, np.nan)
    realised[:-1] = np.where(leaves, vwap[1:] / vwap[:-1] - 1.0, np.nan)
    # Decisions value holdings at the price of the fills: nothing moves between the two.
    close = data.adj_close.copy()
    at_fill = close[data.week_sessions]
    close[data.week_sessions] = np.where(tradable, vwap, at_fill)
    free = scenario(
        "paper",
        cost_rate=0.0,
        turnover_limit=2.0,
        industry_limit=1.0,
        switches={"stale_forced_sale": False},
    )
    signals = market.signals("paper", realised)
    result = run_backtest(replace(data, adj_close=close), signals, free)
    nav = result.nav_daily.to_pandas().set_index("trade_date")["nav"]
    nav.index = pd.to_datetime(nav.index)
    bound, compared = 1.0, 0
    for week in np.flatnonzero(pd.to_datetime(data.sessions[fills]) >= pd.Timestamp(FIRST)):
        day = pd.Timestamp(data.weeks[week])
        if day not in nav.index:
            break
        assert nav[day] == pytest.approx(bound, rel=1e-9)
        chosen = realised[week][signals.in_universe[week] & np.isfinite(realised[week])]
        bound *= 1.0 + np.sort(chosen)[-NAMES:].mean()
        compared += 1
    assert compared > 150
    assert bound > 100.0


def test_alpha_in_locked_names_is_out_of_the_practitioners_reach(market: Market) -> None:
    earned, left, reasons = [], [], set()
    for delay in DELAYS:
        rules = scenario(
            "practitioner",
            num_stock=5,
            turnover_limit=2.0,
            industry_limit=1.0,
            capital_cny=1e7,
            trading_delay_sessions=delay,
        )
        honest = execution_policy(rules)
        # A back-test that takes a locked session's price for one at which it could buy.
        blind = replace(honest, fill_limits=(DELISTED, SUSPENDED), lots=None)
        obstacles = market.data.obstacles[market.adjustments(delay)]
        chance = noise(market, 100 + delay)
        told = np.where((obstacles & (LOCKED_UP | VWAP_AT_UP)) > 0, CERTAIN, chance)
        for policy, found in ((blind, earned), (honest, left)):
            knowing, guessing = (
                run_backtest(
                    market.data, market.signals("practitioner", each), rules, policy=policy
                )
                for each in (told, chance)
            )
            # What knowing them adds, before costs.
            found.append((by_week(knowing) - by_week(guessing)).sum(axis=1))
        reasons |= set(knowing.fill_reason["reason"].to_pylist())
    gained, kept = (pd.concat(each).groupby(level=0).mean() for each in (earned, left))
    assert t_of(gained) > 3.0
    assert abs(t_of(kept)) < 2.0
    assert kept.mean() < 0.1 * gained.mean()
    assert "one_price_day" in reasons
