"""Random problems with risk: the working set and its certificate against a dense reference.

The linear parts are those of `test_random_programs`; factor models are random, some with fewer
factors than they claim. ASHARE_RANDOM_PROBLEMS sets how many are tried.
"""

from __future__ import annotations

import os
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from properties.test_random_programs import random_problem

from optimizer.errors import InfeasibleError, InputError
from optimizer.problem.base import Reward
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.linear import PortfolioProblem, assemble
from optimizer.problem.terms import ActiveRisk
from optimizer.problem.totals import TrackingError
from optimizer.solve import quadratic, split
from optimizer.solve.portfolio import PortfolioSolution, solve_portfolio

PROBLEMS = int(os.environ.get("ASHARE_RANDOM_PROBLEMS", "160"))
BLOCKS = 8


def scale_of(problem: PortfolioProblem) -> float:
    """Largest forecast."""
    reward = problem.terms[0].linear_form()
    assert isinstance(reward, Reward)
    return float(np.abs(reward.coefficients).max())


def with_risk(seed: int) -> tuple[PortfolioProblem, FactorModel]:
    """A random linear problem, with an aversion to risk, a tracking error or both."""
    linear = random_problem(seed)
    random = np.random.default_rng(10_000 + seed)
    size, factors = len(linear.symbols), int(random.integers(1, 7))
    root = random.standard_normal((factors, max(factors - 1, 1)))
    model = FactorModel(
        random.standard_normal((size, factors)),
        1e-4 * root @ root.T,
        1e-4 * random.uniform(0.2, 3.0, size),
    )
    index = random.dirichlet(np.ones(size))
    kind = seed % 3
    terms, constraints = linear.terms, linear.constraints
    if kind != 1:
        aversion = max(scale_of(linear), 1e-3) * 10.0 ** random.uniform(1, 4)
        terms = (*terms, ActiveRisk(model, index, aversion))
    if kind != 0:
        limit = float(10.0 ** random.uniform(-2.5, -1.3))
        constraints = (*constraints, TrackingError(model, index, limit))
    return replace(linear, terms=terms, constraints=constraints), model


def dense_objective(problem: PortfolioProblem, model: FactorModel) -> float | None:
    """Optimum with a covariance of names by names; None if there is none."""
    covariance = model.exposures @ model.covariance @ model.exposures.T + np.diag(model.specific)
    root = np.linalg.cholesky(covariance)
    weights = cp.Variable(len(problem.symbols))
    objective, conditions = 0.0, []
    for term in problem.terms:
        if isinstance(term, ActiveRisk):
            active = weights - term.benchmark
            objective -= term.aversion * cp.sum_squares(root.T @ active)
        else:
            objective += term.to_cvxpy(weights)
    for part in problem.constraints:
        if isinstance(part, TrackingError):
            conditions.append(cp.norm2(root.T @ (weights - part.benchmark)) <= part.limit)
        else:
            conditions += part.to_cvxpy(weights)
    program = cp.Problem(cp.Maximize(objective), conditions)
    try:
        program.solve(solver="CLARABEL", tol_gap_abs=1e-11, tol_gap_rel=1e-9, tol_feas=1e-9)
    except cp.error.SolverError:
        return None
    return float(program.value) if program.status == cp.OPTIMAL else None


def solved(problem: PortfolioProblem) -> PortfolioSolution | None:
    try:
        return solve_portfolio(problem)
    except InfeasibleError:
        return None


@pytest.mark.parametrize("block", range(BLOCKS))
def test_objective_equals_that_of_the_dense_problem(block: int) -> None:
    compared = infeasible = 0
    for seed in range(block, PROBLEMS, BLOCKS):
        problem, model = with_risk(seed)
        found = solved(problem)
        expected = dense_objective(problem, model)
        if found is None:
            infeasible += 1
            assert expected is None, seed
            continue
        assert found.certificate is not None
        assert found.certificate.worst <= 1e-8, seed
        if expected is not None:
            compared += 1
            # Where nothing is forecast the reference itself is good to 1e-9 and no more.
            apart = abs(found.objective - expected)
            assert apart <= 1e-6 * (scale_of(problem) + abs(expected)) + 1e-9, seed
        violation = min(part.slacks(found.weights).min(initial=0.0) for part in problem.constraints)
        assert violation >= -1e-7, seed
    assert compared >= 3
    assert infeasible >= 3


@pytest.mark.parametrize("block", range(2))
def test_first_working_set_does_not_matter(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(block, 60, 2):
        problem, _ = with_risk(seed)
        with monkeypatch.context() as starved:
            starved.setattr(split, "_ROOM", 0.0)
            starved.setattr(quadratic, "_BATCH", 2)
            slow = solved(problem)
        fast = solved(problem)
        assert (slow is None) == (fast is None)
        if slow is not None and fast is not None:
            assert slow.objective == pytest.approx(fast.objective, rel=1e-6, abs=1e-9)


def test_prices_are_the_slopes_of_the_optimum() -> None:
    checked = 0
    for seed in range(1, 150, 3):
        problem, _ = with_risk(seed)
        found = solved(problem)
        if found is None or found.prices[-1].dual[0] <= 0:
            continue
        *others, bound = problem.constraints
        assert isinstance(bound, TrackingError)
        step = 1e-3 * bound.limit
        values = [
            solved(replace(problem, constraints=(*others, replace(bound, limit=bound.limit + d))))
            for d in (step, -step)
        ]
        if None in values:
            continue
        up, down = (value.objective for value in values if value is not None)
        low, high = (up - found.objective) / step, (found.objective - down) / step
        assert low * 0.98 - 1e-9 <= found.prices[-1].dual[0] <= high * 1.02 + 1e-9
        checked += 1
    assert checked >= 3


def test_a_problem_with_risk_is_not_a_linear_program() -> None:
    problem, _ = with_risk(0)
    with pytest.raises(InputError, match="not linear"):
        assemble(problem)
