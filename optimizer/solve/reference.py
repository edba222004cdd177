"""The same problem through cvxpy: the reference that the fast path must agree with.

It takes any convex term or constraint; objective terms and constraints compile themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import cvxpy as cp
import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InfeasibleError, InputError, SolverError
from optimizer.problem.linear import PortfolioProblem


@dataclass(frozen=True)
class ReferenceSolution:
    """Weights [names] and objective."""

    weights: FloatArray
    objective: float


def compile_problem(problem: PortfolioProblem) -> tuple[cp.Problem, cp.Variable]:
    """Compile the parts to one cvxpy problem in the weights.

    Raises
    ------
    InputError
        If a part is not convex in the sense of disciplined convex programming.
    """
    weights = cp.Variable(len(problem.symbols))
    objective = cp.Maximize(sum(term.to_cvxpy(weights) for term in problem.terms))
    conditions = [
        condition
        for constraint in problem.constraints
        for condition in constraint.to_cvxpy(weights)
    ]
    compiled = cp.Problem(objective, conditions)
    if not compiled.is_dcp():
        raise InputError("a term or constraint is not convex: cvxpy cannot solve the problem")
    return compiled, weights


def solve_reference(problem: PortfolioProblem, solver: str = "HIGHS") -> ReferenceSolution:
    """Solve with cvxpy.

    Raises
    ------
    InfeasibleError
        If the constraints exclude each other.
    SolverError
        If the solver fails.
    """
    compiled, weights = compile_problem(problem)
    try:
        compiled.solve(solver=solver)
    except cp.error.SolverError as error:
        raise SolverError(f"{solver} through cvxpy failed: {error}") from error
    if compiled.status in ("infeasible", "infeasible_inaccurate", "infeasible_or_unbounded"):
        raise InfeasibleError("no weights satisfy the constraints")
    if compiled.status != cp.OPTIMAL:
        raise SolverError(f"{solver} through cvxpy ended as {compiled.status!r}")
    return ReferenceSolution(np.asarray(weights.value, dtype=np.float64), float(compiled.value))
