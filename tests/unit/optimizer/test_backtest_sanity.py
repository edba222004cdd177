"""Back-tests whose outcome is known in advance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

Make = type[Any]
SESSIONS = 41


def traded_at_last_close(paths: dict[str, np.ndarray]) -> dict[tuple[str, int], float]:
    """VWAP of every session equal to the close before: nothing moves between decision and fill."""
    return {(n, s): float(path[s - 1]) for n, path in paths.items() for s in range(1, SESSIONS)}


@pytest.mark.parametrize("rule_set", ["paper", "practitioner"])
def test_perfect_foresight_reaches_the_product_of_the_best_returns(
    hand_market: Make, rule_set: str
) -> None:
    random = np.random.default_rng(3)
    paths = {
        name: 10 * np.exp(np.cumsum(random.standard_normal(SESSIONS) * 0.03)) for name in "ABCDE"
    }
    decisions = list(range(4, SESSIONS - 1, 5))
    ends = [*decisions[1:], SESSIONS - 1]
    growth = {
        decision: {name: path[end] / path[decision] for name, path in paths.items()}
        for decision, end in zip(decisions, ends, strict=True)
    }
    tables = hand_market(
        {name: path.tolist() for name, path in paths.items()},
        # Which name is best, not by how much: practitioner scales by volatility what it is told.
        {
            d: {n: float(g == max(best.values())) for n, g in best.items()}
            for d, best in growth.items()
        },
        rule_set=rule_set,
        vwap=traded_at_last_close(paths),
    ).run(num_stock=1, turnover_limit=2.0, first_trade_date="2024-01-08")
    bound = np.prod([max(best.values()) for best in growth.values()])
    assert tables.frame("nav_daily")["nav"].iloc[-1] == pytest.approx(bound, rel=1e-12)


@pytest.mark.parametrize("rule_set", ["paper", "practitioner"])
def test_without_signal_the_portfolio_loses_exactly_its_costs_to_the_benchmark(
    hand_market: Make, rule_set: str
) -> None:
    # All stocks move with the index, so what separates nav from benchmark is cost alone.
    random = np.random.default_rng(4)
    market = np.exp(np.cumsum(random.standard_normal(SESSIONS) * 0.02))
    paths = dict.fromkeys("ABCDEF", 10.0 * market)
    weeks = range(4, SESSIONS, 5)
    tables = hand_market(
        {name: path.tolist() for name, path in paths.items()},
        {s: dict(zip("ABCDEF", random.standard_normal(6), strict=True)) for s in weeks},
        rule_set=rule_set,
        vwap=traded_at_last_close(paths),
        index_close=(1000 * market).tolist(),
    ).run(num_stock=3, cost_rate=0.002, first_trade_date="2024-01-08")
    days = tables.frame("nav_daily")
    nav, cost = days["nav"].to_numpy(), days["cost"].to_numpy()
    excess = nav / days["benchmark_nav"].to_numpy()
    kept = np.cumprod(1 - cost[1:] / nav[:-1])
    assert (cost > 0).sum() >= 7
    np.testing.assert_allclose(excess[1:], kept, rtol=1e-12)


def test_cash_earns_nothing(hand_market: Make) -> None:
    tables = hand_market(
        {"A": [10.0] * 10, "B": [10.0] * 10},
        {4: {"A": 1.0, "B": 0.5}},
        locked_up=[("A", s) for s in range(5, 10)],
    ).run()
    days = tables.frame("nav_daily")
    assert days["nav"].tolist() == pytest.approx([1.0] * 6)
    assert days["cash_weight"].tolist() == pytest.approx([1.0] + [0.5] * 5)
