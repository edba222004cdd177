"""One call for any portfolio problem: HiGHS for linear ones, Clarabel for those with risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InfeasibleError
from optimizer.problem.base import ConditionPrices
from optimizer.problem.linear import PortfolioProblem, assemble
from optimizer.problem.risk_part import RiskPart, split_risk
from optimizer.relaxation import LadderSolution
from optimizer.solve.certificate import Certificate, certify
from optimizer.solve.convex import solve_convex
from optimizer.solve.highs import solve_highs
from optimizer.solve.quadratic import solve_quadratic
from optimizer.solve.shadow import condition_prices


@dataclass(frozen=True)
class PortfolioSolution:
    """Solved portfolio.

    Attributes
    ----------
    weights
        [names].
    objective
        Value of all terms.
    prices
        Duals and slacks of every constraint.
    certificate
        None where a term or constraint is neither linear nor risk against a benchmark.
    """

    weights: FloatArray
    objective: float
    prices: tuple[ConditionPrices, ...]
    certificate: Certificate | None


def solve_portfolio(problem: PortfolioProblem) -> PortfolioSolution:
    """Solve a problem as it is, without relaxing anything.

    Raises
    ------
    InfeasibleError
        If no weights satisfy the constraints.
    CertificateError
        If the solution cannot be certified.
    SolverError
        If the solver fails.
    """
    rest, risk = split_risk(problem)
    if risk is not None:
        return _with_risk(problem, rest, risk)
    if not problem.is_linear:
        found = solve_convex(problem)
        return PortfolioSolution(found.weights, found.objective, found.prices, None)
    lp = assemble(problem)
    solution = solve_highs(lp)
    certificate = certify(lp, solution.weights, solution.duals)
    certificate.require()
    prices = condition_prices(problem, lp, LadderSolution(solution, 0, lp, certificate))
    return PortfolioSolution(
        solution.weights, problem.objective(solution.weights), tuple(prices), certificate
    )


def _with_risk(
    problem: PortfolioProblem, rest: PortfolioProblem, risk: RiskPart
) -> PortfolioSolution:
    lp = assemble(rest)
    found = solve_quadratic(lp, risk)
    if found.limit > risk.limit:
        raise InfeasibleError(
            f"the tracking error is at least {found.limit:.6g} under the other constraints, and at"
            f" most {risk.limit:.6g} is allowed"
        )
    weights = found.solution.weights
    ladder = LadderSolution(found.solution, 0, found.linearised, found.certificate)
    linear = iter(condition_prices(rest, lp, ladder))
    prices = tuple(
        next(linear)
        if constraint.linear_form() is not None
        else ConditionPrices(
            constraint, np.array([found.tracking_price]), constraint.slacks(weights)
        )
        for constraint in problem.constraints
    )
    return PortfolioSolution(weights, problem.objective(weights), prices, found.certificate)
