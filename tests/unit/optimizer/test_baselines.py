"""Portfolios by rule go through the same engine, and the index is held without a trade."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.backtest import run_backtest
from optimizer.baselines import EQUAL_INDEX, EQUAL_UNIVERSE, INDEX, TOP_OF, equal_weights
from optimizer.errors import InputError
from optimizer.signals import Signals
from tests.unit.optimizer.conftest import MODEL, HandMarket, Tables

CLOSE = {name: [10.0] * 12 for name in "ABCD"}
# Bought at 10 on session 5, A is worth 13 from session 6 on.
RISING = {**CLOSE, "A": [10.0] * 6 + [13.0] * 6}
BOUGHT = {4: {"A": 0.1, "B": 0.3, "C": 0.2}}


def run_rule(hand: HandMarket, model: str, **changes: object) -> Tables:
    market, signals = hand.load()
    if not model.startswith(TOP_OF):
        signals = Signals.of_universe(hand.frames(), market=market, rule_set=hand.rule_set)
    scenario = hand.scenario(model=model, **changes)
    return Tables(run_backtest(market, signals, scenario), hand.days)


def test_equal_universe_holds_every_member_alike_whatever_is_forecast() -> None:
    hand = HandMarket(RISING, BOUGHT, outside=[("D", 4), ("D", 9)])
    found = run_rule(hand, EQUAL_UNIVERSE, num_stock=1)
    assert found.day(5).holding_count == 3
    assert found.day(6).nav == pytest.approx(1.0 + 0.3 / 3)
    # Its values are all that is kept of it.
    assert {name for name, table in found.result.tables().items() if len(table)} == {"nav_daily"}


def test_equal_index_holds_members_that_are_outside_the_universe() -> None:
    hand = HandMarket(RISING, BOUGHT, outside=[("D", 4), ("D", 9)])
    found = run_rule(hand, EQUAL_INDEX, num_stock=1)
    assert found.day(5).holding_count == 4
    assert found.day(6).nav == pytest.approx(1.0 + 0.3 / 4)


def test_top_of_a_model_holds_its_best_forecasts_without_any_band() -> None:
    hand = HandMarket(CLOSE, BOUGHT)
    found = run_rule(hand, f"{TOP_OF}{MODEL}", num_stock=2, turnover_limit=2.0)
    assert found.targets(5) == pytest.approx({"B": 0.5, "C": 0.5})
    assert found.frame("solution").empty


def test_fewer_names_than_asked_for_leave_cash() -> None:
    hand = HandMarket(CLOSE, {**BOUGHT, 9: dict.fromkeys("ABCD", 0.1)})
    found = run_rule(hand, f"{TOP_OF}{MODEL}", num_stock=4)
    assert found.targets(5) == pytest.approx({"A": 0.25, "B": 0.25, "C": 0.25})
    assert found.day(6).cash_weight == pytest.approx(0.25)


def test_a_frozen_holding_keeps_its_weight_and_the_rest_shares_what_is_left() -> None:
    found = equal_weights(np.array([1, 2]), np.array([0.4, 0.0, 0.0]), count=1)
    assert found == pytest.approx([0.4, 0.3, 0.3])


def test_the_index_itself_is_its_benchmark_and_costs_nothing() -> None:
    hand = HandMarket(CLOSE, BOUGHT, rule_set="paper", index_close=[*range(100, 112)])
    found = run_rule(hand, INDEX, num_stock=1)
    days = found.frame("nav_daily")
    assert (days["nav"] == days["benchmark_nav"]).all()
    assert days["nav"].iloc[-1] == pytest.approx(111 / 104)
    assert (days[["cost", "turnover", "cash_weight"]] == 0.0).all(axis=None)
    assert found.frame("fill").empty


def test_an_unknown_baseline_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="no baseline 'baseline-gold'; there are baseline-equal"):
        HandMarket(CLOSE, BOUGHT).scenario(model="baseline-gold")


def test_perfect_foresight_under_caps_alone_hits_the_mean_of_the_best_returns() -> None:
    """With next week's returns as forecasts the program reaches its analytic bound."""
    random = np.random.default_rng(3)
    names = [f"N{number:02d}" for number in range(30)]
    paths = np.exp(np.cumsum(0.03 * random.standard_normal((30, 20)), axis=1))
    close = dict(zip(names, (10.0 * paths).tolist(), strict=True))
    forward = {4: paths[:, 9] / paths[:, 4] - 1.0, 9: paths[:, 14] / paths[:, 9] - 1.0}
    hand = HandMarket(
        close,
        {week: dict(zip(names, values, strict=True)) for week, values in forward.items()},
        # Forecasts are taken as they are.
        rule_set="paper",
    )
    found = hand.run(num_stock=8, turnover_limit=2.0, barra_limit=None, industry_limit=1.0)
    objectives = found.frame("solution").set_index("rebalance_date")["objective"]
    for week, values in forward.items():
        best = np.sort(values)[-8:].mean()
        assert objectives[week + 1] == pytest.approx(best, abs=1e-12)
