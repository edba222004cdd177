"""Problems with risk: what gives way, the price of the bound, costs in the objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from optimizer.problem.factor_model import FactorModel
from optimizer.problem.linear import assemble
from optimizer.problem.risk_part import split_risk
from optimizer.problem.weekly import Limits, WeeklyData, WeeklyRisk, build_weekly_problem
from optimizer.relaxation import LadderSolution
from optimizer.risk_ladder import (
    TRACKING_ERROR_STEP,
    solve_risk_with_ladder,
    tracking_error_price,
)
from optimizer.solve.quadratic import RiskSolution
from optimizer.solve.shadow import ShadowPrice

LIMITS = Limits(barra_limit=None, industry_limit=1.0, num_stock=2, turnover_limit=0.2)
Make = Callable[..., WeeklyData]


def with_risk(data: WeeklyData, cost: float = 0.0) -> WeeklyData:
    """The benchmark holds the three names alike; their risks are of their own, 0.01 each."""
    model = FactorModel(np.ones((3, 1)), np.zeros((1, 1)), np.full(3, 0.0001))
    costs = np.full(3, cost)
    return replace(data, risk=WeeklyRisk(model, np.full(3, 1 / 3), costs, costs))


def climb(
    data: WeeklyData, limits: Limits
) -> tuple[LadderSolution, RiskSolution, ShadowPrice | None]:
    linear, risk = split_risk(build_weekly_problem(data, limits))
    assert risk is not None
    solved, found = solve_risk_with_ladder(assemble(linear), risk, "cash", data.candidates)
    assert found.certificate.worst <= 1e-8
    bound = limits.tracking_error
    price = None if bound is None else tracking_error_price(risk, found, bound, 7.0)
    return solved, found, price


def held(weekly_data: Make, *before: float) -> WeeklyData:
    return weekly_data(forecast=np.array([0.03, 0.01, 0.05]), before=np.array(before))


def test_a_bound_that_holds_has_its_price_in_units_of_a_year(weekly_data: Make) -> None:
    data = with_risk(held(weekly_data, 0.4, 0.3, 0.3))
    # Without a bound C rises to .4 at the cost of B: deviation .01 x the norm of the distances.
    free = 0.01 * np.sqrt((0.4 - 1 / 3) ** 2 * 2 + (0.2 - 1 / 3) ** 2)
    solved, found, price = climb(data, replace(LIMITS, tracking_error=0.8 * free))
    assert solved.step == 0
    assert price is not None
    assert price.is_active
    assert price.slack == pytest.approx(0.0, abs=1e-9)
    assert price.dual == pytest.approx(found.tracking_price / 7.0)
    assert price.dual > 0


def test_a_bound_out_of_reach_gives_way_to_the_least(weekly_data: Make) -> None:
    # Turnover of .2 from all in A and B leads no nearer to thirds than .45, .45, .1.
    data = with_risk(held(weekly_data, 0.5, 0.5, 0.0))
    solved, _, price = climb(data, replace(LIMITS, tracking_error=1e-5))
    assert solved.solution.weights == pytest.approx([0.45, 0.45, 0.1], abs=1e-6)
    assert solved.step == TRACKING_ERROR_STEP
    least = 0.01 * np.sqrt(2 * (0.45 - 1 / 3) ** 2 + (0.1 - 1 / 3) ** 2)
    assert price is not None
    assert price.relaxation_step == TRACKING_ERROR_STEP
    assert price.violation == pytest.approx(7.0 * (least - 1e-5), rel=1e-6)


def test_linear_limits_give_way_first(weekly_data: Make) -> None:
    # A drifted to .7 over its cap of .5: turnover of .4 is the least.
    data = with_risk(held(weekly_data, 0.7, 0.3, 0.0))
    solved, _, _ = climb(data, replace(LIMITS, risk_aversion=50.0))
    assert solved.step == 1
    assert solved.solution.weights[0] == pytest.approx(0.5, abs=1e-5)


def test_costs_count_beside_risk(weekly_data: Make) -> None:
    before = (0.4, 0.3, 0.3)
    limits = replace(LIMITS, risk_aversion=1.0)
    cheap, _, _ = climb(with_risk(held(weekly_data, *before)), limits)
    dear, _, _ = climb(with_risk(held(weekly_data, *before), cost=0.03), limits)
    assert cheap.solution.weights == pytest.approx([0.4, 0.2, 0.4], abs=1e-6)
    # From B to C gains .04 and costs .06 a unit.
    assert dear.solution.weights == pytest.approx(before, abs=1e-6)
