"""One call for linear and quadratic problems, with a price for every condition."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.errors import InfeasibleError, InputError
from optimizer.problem.base import Constraint, ObjectiveTerm
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.linear import PortfolioProblem, assemble
from optimizer.problem.names import LongOnly, NameBand, NameCap
from optimizer.problem.terms import ActiveRisk, ExpectedReturn, TradingCost
from optimizer.problem.totals import FullInvestment, TrackingError, TurnoverLimit
from optimizer.solve.convex import solve_convex
from optimizer.solve.portfolio import PortfolioSolution, solve_portfolio

AB = ("A", "B")
FORECAST = ExpectedReturn(np.array([0.04, 0.01]))
# Two uncorrelated names of variance 0.02 each, half of it from a factor of their own.
MODEL = FactorModel(np.eye(2), 0.01 * np.eye(2), np.full(2, 0.01))
HALVES = np.array([0.5, 0.5])


def problem(*parts: ObjectiveTerm | Constraint, cap: float = 1.0) -> PortfolioProblem:
    terms = (ExpectedReturn, TradingCost, ActiveRisk)
    limits = (FullInvestment(2), LongOnly(AB), NameCap(AB, np.full(2, cap)))
    return PortfolioProblem(
        AB,
        tuple(part for part in parts if isinstance(part, terms)),
        (*limits, *(part for part in parts if not isinstance(part, terms))),
    )


def price(solution: PortfolioSolution, name: str) -> float:
    for prices in solution.prices:
        if name in prices.constraint.names():
            return prices.by_name()[name][0]
    raise KeyError(name)


def test_quadratic_optimum_by_hand() -> None:
    # With d = wA - 0.5 the objective is 0.03 d - aversion x 0.04 d^2: d = 0.03 / 0.08 / aversion.
    found = solve_portfolio(problem(FORECAST, ActiveRisk(MODEL, HALVES, 1.5)))
    assert found.weights == pytest.approx([0.75, 0.25], abs=1e-7)
    assert found.certificate is not None
    assert found.certificate.worst <= 1e-8
    # One more unit of money goes to A and B alike: 0.025 less the marginal risk, which is zero.
    assert price(found, "full_investment") == pytest.approx(0.025, abs=1e-7)


def test_tracking_error_by_hand() -> None:
    # Deviation of d against -d: 0.2 d.
    found = solve_portfolio(problem(FORECAST, TrackingError(MODEL, HALVES, 0.02)))
    assert found.weights == pytest.approx([0.6, 0.4], abs=1e-7)
    assert price(found, "tracking_error") == pytest.approx(0.03 / 0.2, rel=1e-5)


def test_trading_cost_by_hand() -> None:
    # From B to A gains 0.03 a unit and costs 0.02 + 0.005; at 0.02 + 0.02 nothing is traded.
    cheap = TradingCost(HALVES, np.full(2, 0.02), np.full(2, 0.005))
    found = solve_portfolio(problem(FORECAST, cheap, cap=0.8))
    assert found.weights == pytest.approx([0.8, 0.2])
    assert found.objective == pytest.approx(0.034 - 0.3 * 0.025)
    assert price(found, "name_cap:A") == pytest.approx(0.005)
    dear = TradingCost(HALVES, np.full(2, 0.02), np.full(2, 0.02))
    assert solve_portfolio(problem(FORECAST, dear)).weights == pytest.approx(HALVES)


def test_both_ways_price_a_linear_problem_alike() -> None:
    parts = problem(
        FORECAST,
        NameBand(AB, HALVES, np.full(2, 0.2)),
        TurnoverLimit(np.array([0.6, 0.4]), np.ones(2, dtype=bool), 0.1),
    )
    ours, reference = solve_portfolio(parts), solve_convex(parts)
    assert ours.weights == pytest.approx([0.65, 0.35])
    assert ours.certificate is not None
    for mine, theirs in zip(ours.prices, reference.prices, strict=True):
        assert mine.dual == pytest.approx(theirs.dual, abs=1e-6)
        assert mine.slack == pytest.approx(theirs.slack, abs=1e-6)


def test_a_bound_set_twice_is_priced_once() -> None:
    found = solve_portfolio(problem(FORECAST, NameBand(AB, HALVES, np.full(2, 0.25)), cap=0.75))
    assert price(found, "name_cap:A") + price(found, "name_band:B:lower") == pytest.approx(0.03)
    assert price(found, "name_band:A:upper") == 0.0


def test_contradiction_is_an_error_for_both() -> None:
    with pytest.raises(InfeasibleError):
        solve_portfolio(problem(FORECAST, cap=0.4))
    with pytest.raises(InfeasibleError):
        solve_portfolio(problem(FORECAST, ActiveRisk(MODEL, HALVES, 1.0), cap=0.4))


def test_what_is_not_linear_has_no_program() -> None:
    risky = problem(FORECAST, ActiveRisk(MODEL, HALVES, 1.0))
    assert not risky.is_linear
    with pytest.raises(InputError, match="ActiveRisk is not linear: solve the problem with"):
        assemble(risky)
    cost = TradingCost(HALVES, np.zeros(2), np.zeros(2))
    moved = TurnoverLimit(np.zeros(2), np.ones(2, dtype=bool), 1.0)
    with pytest.raises(InputError, match="start from different weights before"):
        assemble(problem(FORECAST, cost, moved))
