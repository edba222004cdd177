"""One call for any portfolio problem: HiGHS for linear ones, an interior point for the others."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.arrays import FloatArray
from optimizer.problem.base import ConditionPrices
from optimizer.problem.linear import PortfolioProblem, assemble
from optimizer.relaxation import LadderSolution
from optimizer.solve.certificate import Certificate, certify
from optimizer.solve.convex import solve_convex
from optimizer.solve.highs import solve_highs
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
        Of a linear problem; None where there is a risk term or a tracking error.
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
        If the solution of a linear problem cannot be certified.
    SolverError
        If the solver fails.
    """
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
