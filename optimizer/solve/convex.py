"""A problem through cvxpy: for what is not linear, and the reference for what is.

It takes any concave term and convex constraint; they compile themselves. Risk enters in factor
form, so a solver sees names times factors, never names times names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InfeasibleError, InputError, SolverError
from optimizer.problem.base import ConditionPrices, Constraint
from optimizer.problem.linear import PortfolioProblem

# The solvers' own tolerances are too coarse for forecasts of a few basis points.
_OPTIONS = {
    "CLARABEL": {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-10, "tol_feas": 1e-10},
    "HIGHS": {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
}
_NO_PORTFOLIO = ("infeasible", "infeasible_inaccurate", "infeasible_or_unbounded")


@dataclass(frozen=True)
class ConvexSolution:
    """Weights [names], objective, and the duals and slacks of every constraint."""

    weights: FloatArray
    objective: float
    prices: tuple[ConditionPrices, ...]


def compile_problem(problem: PortfolioProblem) -> tuple[cp.Problem, cp.Variable, list[list[Any]]]:
    """Compile the parts to one cvxpy problem in the weights.

    Returns
    -------
    problem, weights, conditions
        Conditions are those of each constraint.

    Raises
    ------
    InputError
        If a part is not convex in the sense of disciplined convex programming.
    """
    weights = cp.Variable(len(problem.symbols))
    objective = cp.Maximize(sum(term.to_cvxpy(weights) for term in problem.terms))
    conditions = [constraint.to_cvxpy(weights) for constraint in problem.constraints]
    compiled = cp.Problem(objective, [each for group in conditions for each in group])
    if not compiled.is_dcp():
        raise InputError("a term or constraint is not convex: cvxpy cannot solve the problem")
    return compiled, weights, conditions


def solve_convex(problem: PortfolioProblem, solver: str = "CLARABEL") -> ConvexSolution:
    """Solve with cvxpy, by an interior point unless told otherwise.

    Raises
    ------
    InfeasibleError
        If the constraints exclude each other.
    SolverError
        If the solver fails.
    """
    compiled, variable, conditions = compile_problem(problem)
    try:
        compiled.solve(solver=solver, **_OPTIONS.get(solver, {}))
    except cp.error.SolverError as error:
        raise SolverError(f"{solver} through cvxpy failed: {error}") from error
    if compiled.status in _NO_PORTFOLIO:
        raise InfeasibleError("no weights satisfy the constraints")
    if compiled.status != cp.OPTIMAL:
        raise SolverError(f"{solver} through cvxpy ended as {compiled.status!r}")
    weights = np.asarray(variable.value, dtype=np.float64)
    prices = tuple(
        ConditionPrices(constraint, _duals(constraint, group), constraint.slacks(weights))
        for constraint, group in zip(problem.constraints, conditions, strict=True)
    )
    return ConvexSolution(weights, float(compiled.value), prices)


def _duals(constraint: Constraint, conditions: list[Any]) -> FloatArray:
    """Duals in the order of the constraint's names; zeros where it compiled to nothing."""
    if not conditions:
        return np.zeros(len(constraint.names()))
    return np.concatenate([np.ravel(condition.dual_value) for condition in conditions])
