"""Portfolios with risk: a working set of columns, priced by the gradient, made exact at the end.

As in the linear program a few hundred of the thousands of columns matter. Over them Clarabel finds
the optimum; at its weights the objective has a gradient, and columns that would gain by it enter.
The optimum is then made exact and proved: by concavity weights are optimal if they are so for the
objective's gradient, which is a linear program with the certificate of linear programs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InfeasibleError
from optimizer.problem.linear import LinearPortfolio
from optimizer.problem.risk_part import RiskPart
from optimizer.solve.certificate import TOLERANCE, Certificate, Duals, certify
from optimizer.solve.cone import ConeAnswer, solve_columns
from optimizer.solve.highs import Solution, solve_highs
from optimizer.solve.polish import improved, linearised_reward
from optimizer.solve.split import SplitProgram, split_program

_BATCH = 300
_ENTERS = 1e-7
# Aversions are searched up to e to this power around a guess.
_EXPONENT = 30.0
_STEPS, _CORRECTIONS = 30, 8
# Steps end well inside of what the certificate asks for.
_ENOUGH = TOLERANCE / 100
# A weight that an interior point leaves this near to a limit may be at it.
_NEAR = 1e-5


@dataclass(frozen=True)
class RiskSolution:
    """Optimal weights with their proof.

    Attributes
    ----------
    solution
        Weights, and the duals of rows and turnover.
    linearised
        The program with the objective's gradient in place of the reward.
    certificate
        Of the weights with respect to `linearised` and the bound on the deviation.
    tracking_price
        Change of the objective per unit by which the bound on the deviation widens.
    limit
        That bound as it was kept; above the one asked for where that was out of reach.
    linear_residual
        The certificate's without the bound on the deviation.
    """

    solution: Solution
    linearised: LinearPortfolio
    certificate: Certificate
    tracking_price: float
    limit: float
    linear_residual: float

    def excess(self, risk: RiskPart) -> float:
        """Deviation above the bound, negative below it; 0 without one."""
        if not np.isfinite(risk.limit):
            return 0.0
        return risk.deviation(self.solution.weights) - risk.limit


def solve_quadratic(lp: LinearPortfolio, risk: RiskPart) -> RiskSolution:
    """Maximise reward less risk and costs within a bound on risk.

    Where the bound is out of reach the answer is the portfolio of least risk; its certificate and
    duals are then those of minus the variance.

    Raises
    ------
    InfeasibleError
        If no weights satisfy rows, bounds and turnover limit, whatever their risk.
    CertificateError
        If the solution cannot be certified.
    SolverError
        If a solver fails.
    """
    started = time.perf_counter()
    if risk.aversion == 0.0:
        linear = solve_highs(lp)
        if risk.deviation(linear.weights) <= risk.limit:
            certificate = certify(lp, linear.weights, linear.duals)
            certificate.require()
            return RiskSolution(linear, lp, certificate, 0.0, risk.limit, certificate.worst)
    search = _Search(lp, risk)
    answer = search.optimum(risk)
    if answer is not None:
        weights = search.weights(answer)
        aversion = risk.priced(weights, max(answer.tracking_price, 0.0) * lp.scale)
        return _proved(lp, risk, aversion, (weights, search.duals(answer)), started)
    if not np.isfinite(risk.limit):
        raise InfeasibleError("no weights satisfy all rows, bounds and the turnover limit")
    return _without_cone(lp, risk, search, started)


def _without_cone(
    lp: LinearPortfolio, risk: RiskPart, search: _Search, started: float
) -> RiskSolution:
    """Least risk; where that is within the bound, the aversion at which the bound is met."""
    none = np.zeros(lp.size)
    plain = replace(lp, reward=none, buying_cost=none, selling_cost=none)
    # In units in which a name's own risk has a gradient of the size of its weight.
    unit = 1.0 / float(risk.model.specific.mean())
    least = replace(risk, aversion=unit, limit=np.inf)
    safest = _Search(plain, least)
    answer = safest.optimum(least)
    if answer is None:
        raise InfeasibleError("no weights satisfy all rows, bounds and the turnover limit")
    weights = safest.weights(answer)
    deviation = risk.deviation(weights)
    if deviation >= risk.limit:
        kept = replace(least, limit=deviation)
        proved = _proved(plain, kept, unit, (weights, safest.duals(answer)), started)
        return replace(proved, limit=risk.deviation(proved.solution.weights))
    search.add(safest)
    floor = search.optimum(replace(risk, limit=np.inf)) if risk.aversion > 0.0 else None
    if floor is not None and risk.deviation(search.weights(floor)) <= risk.limit:
        aversion, found = risk.aversion, floor
    else:
        aversion, found = search.at_limit(risk, lp.scale * unit)
    return _proved(lp, risk, aversion, (search.weights(found), search.duals(found)), started)


def _proved(
    lp: LinearPortfolio,
    risk: RiskPart,
    aversion: float,
    start: tuple[FloatArray, Duals],
    started: float,
) -> RiskSolution:
    """Exact weights; with a bound on risk also the aversion at which it is met exactly."""
    best = _exact(lp, risk, aversion, start, started)
    latest, step = best, (np.nan, np.nan)
    for _ in range(_CORRECTIONS):
        excess = latest.excess(risk)
        if best.certificate.worst <= _ENOUGH or aversion <= risk.aversion or not excess:
            break
        # The deviation falls about as the inverse of the aversion; then the secant through two.
        slope = (excess - step[1]) / (aversion - step[0])
        change = -excess / slope if slope < 0.0 else aversion * excess / risk.limit
        step = (aversion, excess)
        aversion = max(aversion + change, risk.aversion)
        nearby = (latest.solution.weights, latest.solution.duals)
        latest = _exact(lp, risk, aversion, nearby, started)
        if latest.certificate.worst < best.certificate.worst:
            best = latest
    best.certificate.require()
    return best


def _exact(
    lp: LinearPortfolio,
    risk: RiskPart,
    aversion: float,
    start: tuple[FloatArray, Duals],
    started: float,
) -> RiskSolution:
    """The best of some steps from nearly optimal weights towards exact ones at an aversion."""
    weights, duals = start
    best = _judged(lp, risk, aversion, weights, duals, started)
    for _ in range(_STEPS):
        if best.linear_residual <= _ENOUGH or not (risk.model.specific > 0).all():
            break
        weights, duals = improved(lp, risk, aversion, weights, duals)
        found = _judged(lp, risk, aversion, weights, duals, started)
        if found.linear_residual < best.linear_residual:
            best = found
    if best.linear_residual > TOLERANCE:
        # Too many ties to tell which limits bind: the gap proves the interior point's answer.
        best = _judged(lp, risk, aversion, *start, started, at_breakpoint=_NEAR)
    return best


def _judged(
    lp: LinearPortfolio,
    risk: RiskPart,
    aversion: float,
    weights: FloatArray,
    duals: Duals,
    started: float,
    at_breakpoint: float | None = None,
) -> RiskSolution:
    """Weights with their residuals; of a bound on risk its violation and its idle price count."""
    kept = np.clip(weights, lp.lower, lp.upper)
    # Rounding may leave a price on the open side of a row, where any price is infinitely dear.
    priced = np.where(np.isinf(lp.row_upper), np.minimum(duals.rows, 0.0), duals.rows)
    priced = np.where(np.isinf(lp.row_lower), np.maximum(priced, 0.0), priced)
    duals = Duals(priced, duals.turnover)
    linearised = replace(lp, reward=linearised_reward(lp, risk, aversion, kept))
    options = {} if at_breakpoint is None else {"at_breakpoint": at_breakpoint}
    certificate = certify(linearised, kept, duals, **options)
    linear_residual, price = certificate.worst, 0.0
    if np.isfinite(risk.limit):
        deviation = risk.deviation(kept)
        price = 2.0 * (aversion - risk.aversion) * deviation
        idle = price * abs(risk.limit - deviation) / (lp.scale + abs(lp.objective(kept)))
        over = max(deviation - risk.limit, 0.0) / (1.0 + risk.limit)
        certificate = replace(
            certificate,
            primal_residual=max(certificate.primal_residual, over),
            gap=certificate.gap + idle,
        )
    solution = Solution(kept, duals, time.perf_counter() - started)
    return RiskSolution(solution, linearised, certificate, price, risk.limit, linear_residual)


class _Search:
    """A working set that grows while programs are solved over it."""

    def __init__(self, lp: LinearPortfolio, risk: RiskPart) -> None:
        self._lp = lp
        self._split: SplitProgram = split_program(lp)
        self._taken: BoolArray = self._first(risk)
        self._order = np.flatnonzero(self._taken)

    def optimum(self, risk: RiskPart) -> ConeAnswer | None:
        """Optimum over all columns; None if there is none or a bound on risk is out of reach."""
        split, cost = self._split, self._split.cost
        aversion = risk.aversion / self._lp.scale
        while True:
            answer = solve_columns(split, self._order, cost, risk, aversion)
            if answer is None:
                if self._taken.all() or np.isfinite(risk.limit):
                    return None
                # Nothing prices the columns outside, so all of them enter: rare, always enough.
                self._take(np.flatnonzero(~self._taken))
                continue
            weights = self.weights(answer)
            priced = replace(risk, aversion=aversion).priced(weights, answer.tracking_price)
            slope = 2.0 * priced * risk.slope(weights)
            gain = split.prices(answer.row_duals) - cost - split.sign * slope[split.name]
            gain[self._taken] = 0.0
            found = np.flatnonzero(gain > _ENTERS)
            if not found.size:
                return answer
            if found.size > _BATCH:
                found = np.sort(found[np.argsort(-gain[found], kind="stable")[:_BATCH]])
            self._take(found)

    def at_limit(self, risk: RiskPart, guess: float) -> tuple[float, ConeAnswer]:
        """Aversion at which the least of it meets the bound, by search, and the optimum there."""
        found: dict[float, ConeAnswer] = {}

        def excess(exponent: float) -> float:
            aversion = guess * np.exp(exponent)
            answer = self.optimum(replace(risk, aversion=aversion, limit=np.inf))
            if answer is None:
                raise InfeasibleError("no weights satisfy all rows, bounds and the turnover limit")
            found[exponent] = answer
            return risk.deviation(self.weights(answer)) - risk.limit

        low, high = -2.0, 2.0
        while excess(high) > 0.0 and high < _EXPONENT:
            low, high = high, high + 3.0
        while excess(low) < 0.0 and low > -_EXPONENT:
            low, high = low - 3.0, low
        root = low if excess(low) < 0.0 else brentq(excess, low, high, xtol=1e-12, rtol=1e-12)
        excess(root)
        return float(guess * np.exp(root)), found[root]

    def add(self, other: _Search) -> None:
        """Take the columns that the other search has; they are of the same names and limits."""
        self._take(np.flatnonzero(other._taken & ~self._taken))

    def weights(self, answer: ConeAnswer) -> FloatArray:
        """Weights [names] of an answer."""
        found = self._split.weights(self._order, answer.columns)
        return np.clip(found, self._lp.lower, self._lp.upper)

    def duals(self, answer: ConeAnswer) -> Duals:
        """Its duals in the units of the objective."""
        duals = -answer.row_duals * self._lp.scale
        return Duals(duals[:-1], max(float(duals[-1]), 0.0))

    def _first(self, risk: RiskPart) -> BoolArray:
        """Columns to begin with: ranked by the gradient where the week begins."""
        gradient = 2.0 * risk.aversion * risk.slope(self._split.base) / self._lp.scale
        split = self._split
        cost = split.cost + split.sign * gradient[split.name]
        return replace(split, cost=cost).first_working_set()

    def _take(self, columns: np.ndarray) -> None:
        self._taken[columns] = True
        self._order = np.concatenate([self._order, columns])
