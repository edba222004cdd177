"""The rules of one decision, worked out by hand on three names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.errors import InfeasibleError, InputError
from optimizer.problem.base import Turnover
from optimizer.problem.linear import PortfolioProblem, assemble
from optimizer.problem.terms import ExpectedReturn
from optimizer.problem.totals import FullInvestment, TurnoverLimit
from optimizer.problem.weekly import (
    Limits,
    WeeklyData,
    build_weekly_problem,
    effective_turnover_limit,
)
from optimizer.solve.convex import solve_convex
from optimizer.solve.highs import solve_highs

LIMITS = Limits(barra_limit=None, industry_limit=1.0, num_stock=2, turnover_limit=0.2)
Make = Callable[..., WeeklyData]


def solve(data: WeeklyData, limits: Limits = LIMITS) -> list[float]:
    """Weights, which the cvxpy reference must confirm."""
    problem = build_weekly_problem(data, limits)
    weights = solve_highs(assemble(problem)).weights
    reference = solve_convex(problem, "HIGHS")
    assert problem.objective(weights) == pytest.approx(reference.objective, abs=1e-9)
    assert min(problem.slacks(weights).values()) > -1e-9
    return [round(float(weight), 9) for weight in weights]


def test_first_portfolio_is_exempt_from_turnover(weekly_data: Make) -> None:
    data = weekly_data(forecast=np.array([0.03, 0.02, 0.01]), is_first=True)
    problem = build_weekly_problem(data, LIMITS)
    assert not any(isinstance(part, TurnoverLimit) for part in problem.constraints)
    assert solve(data) == [0.5, 0.5, 0.0]


def test_turnover_limit_is_two_way(weekly_data: Make) -> None:
    data = weekly_data(forecast=np.array([0.03, 0.01, 0.05]), before=np.array([0.5, 0.5, 0.0]))
    assert solve(data) == [0.5, 0.4, 0.1]


def test_cash_share_raises_the_turnover_limit(weekly_data: Make) -> None:
    # 0.4 is in cash: buying 0.4 is allowed although the limit is 0.2, selling is not.
    data = weekly_data(forecast=np.array([0.0, 0.01, 0.05]), before=np.array([0.3, 0.3, 0.0]))
    assert effective_turnover_limit(0.2, data.before, data.exits) == pytest.approx(0.4)
    assert solve(data) == [0.3, 0.3, 0.4]


def test_frozen_name_keeps_its_weight_above_the_cap(weekly_data: Make) -> None:
    # B stays at 0.6 although the cap is 0.5; C is paid for by A alone.
    data = weekly_data(
        forecast=np.array([0.03, 0.01, 0.05]),
        before=np.array([0.4, 0.6, 0.0]),
        frozen=np.array([False, True, False]),
    )
    assert solve(data) == [0.3, 0.6, 0.1]


def test_frozen_name_counts_in_exposures(weekly_data: Make) -> None:
    # B (style 1, frozen at 0.5) leaves room for 0.1 of A, which has style 1 too.
    data = weekly_data(
        forecast=np.array([0.05, 0.0, 0.0]),
        before=np.array([0.0, 0.5, 0.5]),
        frozen=np.array([False, True, False]),
        styles=np.array([[1.0, 1.0, 0.0]]),
        style_centre=np.array([0.3]),
    )
    limits = replace(LIMITS, barra_limit=0.3, turnover_limit=2.0)
    assert solve(data, limits) == [0.1, 0.5, 0.4]


def test_forced_exit_goes_to_zero_and_its_proceeds_are_invested(weekly_data: Make) -> None:
    # B leaves with 0.5: over A and C 0.5 of turnover is allowed instead of 0.2.
    data = weekly_data(
        forecast=np.array([0.03, np.nan, 0.01]),
        before=np.array([0.5, 0.5, 0.0]),
        exits=np.array([False, True, False]),
    )
    assert effective_turnover_limit(0.2, data.before, data.exits) == pytest.approx(0.5)
    assert solve(data) == [0.5, 0.0, 0.5]


def test_small_exit_leaves_the_limit_to_the_rest(weekly_data: Make) -> None:
    # B leaves with 0.1, which buys C; the other 0.1 of the limit moves 0.05 from D to C.
    data = weekly_data(
        "ABCD",
        forecast=np.array([0.03, 0.09, 0.05, 0.01]),
        before=np.array([0.5, 0.1, 0.0, 0.4]),
        exits=np.array([False, True, False, False]),
    )
    assert solve(data) == [0.5, 0.0, 0.15, 0.35]


def test_industry_band_and_name_outside_every_industry(weekly_data: Make) -> None:
    data = weekly_data(
        forecast=np.array([0.05, 0.04, 0.01]),
        industry_labels=("bank", "steel"),
        industry=np.array([0, 0, -1]),
        industry_centre=np.array([0.5, 0.5]),
        is_first=True,
    )
    limits = replace(LIMITS, industry_limit=0.5)
    assert solve(data, limits) == [0.5, 0.5, 0.0]
    with pytest.raises(InfeasibleError):
        solve(data, replace(LIMITS, industry_limit=0.1))


def test_no_style_band_without_limit_or_styles(weekly_data: Make) -> None:
    data = weekly_data(styles=np.array([[1.0, 2.0, 3.0]]), is_first=True)
    groups = {part.group for part in build_weekly_problem(data, LIMITS).constraints}
    assert "style" not in groups
    absent = replace(data, style_labels=(), styles=np.empty((0, 3)), style_centre=np.empty(0))
    banded = build_weekly_problem(absent, replace(LIMITS, barra_limit=0.1))
    assert "style" not in {part.group for part in banded.constraints}


def test_program_needs_finite_bounds_and_one_turnover_limit() -> None:
    term = (ExpectedReturn(np.zeros(2)),)
    with pytest.raises(InputError, match="finite lower and upper bound"):
        assemble(PortfolioProblem(("A", "B"), term, (FullInvestment(2),)))
    twice: Any = TurnoverLimit(np.zeros(2), np.ones(2, dtype=bool), 0.1)
    assert isinstance(twice.linear_form(), Turnover)
    with pytest.raises(InputError, match="one turnover limit at most, found 2"):
        assemble(PortfolioProblem(("A", "B"), term, (twice, twice)))
