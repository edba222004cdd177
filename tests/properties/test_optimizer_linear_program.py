"""The weekly program against an independently written one, on random decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from optimizer.errors import InfeasibleError
from optimizer.problem.linear import assemble
from optimizer.problem.weekly import Limits, WeeklyData, build_weekly_problem
from optimizer.relaxation import solve_with_ladder
from optimizer.solve.certificate import certify
from optimizer.solve.convex import solve_convex
from optimizer.solve.highs import solve_highs


@dataclass(frozen=True)
class Case:
    data: WeeklyData
    limits: Limits


def random_case(seed: int) -> Case:
    """Decision of 6 to 60 names: ties, frozen names, exits, cash, drifted holdings, tight bands."""
    random = np.random.default_rng(seed)
    size = int(random.integers(6, 61))
    styles = random.standard_normal((3, size))
    industry = random.integers(-1, 4, size)
    index = random.random(size) * (random.random(size) < 0.6)
    index = index / index.sum() if index.sum() else np.full(size, 1 / size)
    forecast = random.standard_normal(size) * 10.0 ** random.integers(-4, 2)
    if random.random() < 0.3:
        forecast = np.round(forecast / np.abs(forecast).max())
    is_first = bool(random.random() < 0.2)
    before = random.random(size) * (random.random(size) < 0.5) * (not is_first)
    if before.sum():
        before *= random.choice([1.0, 1.0, 0.9, 0.5]) / before.sum()
    held = before > 0
    frozen = held & (random.random(size) < 0.1)
    exits = held & ~frozen & (random.random(size) < 0.1)
    data = WeeklyData(
        symbols=tuple(f"{name:02d}" for name in range(size)),
        forecast=forecast,
        before=before,
        frozen=frozen,
        exits=exits,
        style_labels=("size", "beta", "momentum"),
        styles=styles,
        style_centre=styles @ index,
        industry_labels=("a", "b", "c", "d"),
        industry=industry,
        industry_centre=np.bincount(industry + 1, weights=index, minlength=5)[1:],
        is_first=is_first,
    )
    limits = Limits(
        barra_limit=[None, 0.05, 0.3, 1.0][random.integers(4)],
        industry_limit=float(random.choice([0.02, 0.1, 0.5])),
        num_stock=int(random.integers(2, max(3, int(0.8 * size)))),
        turnover_limit=float(random.choice([0.05, 0.15, 0.5, 2.0])),
    )
    return Case(data, limits)


def reference_objective(case: Case) -> float | None:
    """The same program in weights and absolute changes; None if it has no solution."""
    data, limits = case.data, case.limits
    size = data.before.size
    rows, bounds = [], []
    if limits.barra_limit is not None:
        rows.append((data.styles, data.style_centre, limits.barra_limit))
    dummies = np.array([data.industry == code for code in range(4)], dtype=float)
    rows.append((dummies, data.industry_centre, limits.industry_limit))
    upper, right = [], []
    for matrix, centre, limit in rows:
        upper += [np.hstack([matrix, np.zeros_like(matrix)])]
        upper += [np.hstack([-matrix, np.zeros_like(matrix)])]
        right += [centre + limit, limit - centre]
    for name in range(size):
        held = data.before[name]
        fixed = held if data.frozen[name] else 0.0
        free = not (data.frozen[name] or data.exits[name])
        bounds.append((0.0, 1.0 / limits.num_stock) if free else (fixed, fixed))
    bounds += [(0.0, None)] * size
    if not data.is_first:
        identity = np.eye(size)
        upper += [np.hstack([identity, -identity]), np.hstack([-identity, -identity])]
        right += [data.before, -data.before]
        forced = data.before[data.exits].sum()
        allowed = max(limits.turnover_limit, 1.0 - data.before.sum() + forced)
        upper.append(np.concatenate([np.zeros(size), (~data.exits).astype(float)])[None, :])
        right.append(np.array([allowed]))
    answer = linprog(
        -np.concatenate([data.forecast, np.zeros(size)]),
        A_ub=np.vstack(upper),
        b_ub=np.concatenate(right),
        A_eq=np.concatenate([np.ones(size), np.zeros(size)])[None, :],
        b_eq=[1.0],
        bounds=bounds,
        method="highs-ipm",
    )
    return -float(answer.fun) if answer.status == 0 else None


@pytest.mark.parametrize("block", range(10))
def test_objective_equals_an_independent_program(block: int) -> None:
    feasible = 0
    for seed in range(block * 15, block * 15 + 15):
        case = random_case(seed)
        problem = build_weekly_problem(case.data, case.limits)
        lp = assemble(problem)
        expected = reference_objective(case)
        if expected is None:
            with pytest.raises(InfeasibleError):
                solve_highs(lp)
            continue
        solution = solve_highs(lp)
        assert problem.objective(solution.weights) / lp.scale == pytest.approx(
            expected / lp.scale, abs=1e-7
        )
        certify(lp, solution.weights, solution.duals).require()
        feasible += 1
    assert feasible >= 2


@given(st.integers(min_value=1000, max_value=100_000))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_direct_path_equals_cvxpy(seed: int) -> None:
    case = random_case(seed)
    problem = build_weekly_problem(case.data, case.limits)
    lp = assemble(problem)
    try:
        solution = solve_highs(lp)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            solve_convex(problem, "HIGHS")
        return
    reference = solve_convex(problem, "HIGHS")
    gap = abs(problem.objective(solution.weights) - reference.objective)
    assert gap <= 1e-9 * (lp.scale + abs(reference.objective))
    assert min(problem.slacks(solution.weights).values()) >= -1e-9


@given(st.integers(min_value=0, max_value=100_000))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_ladder_always_ends_in_a_certified_long_only_portfolio(seed: int) -> None:
    case = random_case(seed)
    lp = assemble(build_weekly_problem(case.data, case.limits))
    for last_resort in ("cash", "raise_cap"):
        solved = solve_with_ladder(lp, last_resort, case.data.candidates)
        weights = solved.solution.weights
        assert solved.certificate.worst <= 1e-8
        assert weights.min() >= 0.0
        assert weights.sum() <= 1.0 + 1e-8
        np.testing.assert_array_equal(weights[case.data.frozen], case.data.before[case.data.frozen])
        assert not weights[case.data.exits].any()
        if solved.step < 4:
            assert weights.sum() == pytest.approx(1.0, abs=1e-8)
            assert (weights <= lp.upper + 1e-9).all()
