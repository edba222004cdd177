"""What gives way when no portfolio satisfies everything, in a fixed order, never silently.

Steps: 1 turnover, 2 industries, 3 styles, 4 the last resort: part of the portfolio stays in cash
(`cash`) or the cap on a name rises to what sums to one (`raise_cap`). Step k opens groups 1..k.
What is opened last matters most, so violations are made least from the last opened group back to
the first, each by the smallest sum of widenings given the ones already fixed; then the objective is
maximised within the widened limits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InfeasibleError
from optimizer.problem.linear import LinearPortfolio
from optimizer.solve.certificate import Certificate, certify
from optimizer.solve.highs import Solution, least_violation, solve_highs

LastResort = Literal["cash", "raise_cap"]
STEPS = ("turnover", "industry", "style", "last_resort")
# Room beyond the least violation, so that the final program is not feasible by rounding alone.
_CUSHION = 1e-9


@dataclass(frozen=True)
class LadderSolution:
    """Solution of the problem or of its least relaxation.

    Attributes
    ----------
    step
        0 if nothing gave way, else the highest step of the ladder that was opened.
    relaxed
        The program that was solved; the original one at step 0.
    certificate
        Of the solution with respect to `relaxed`.
    """

    solution: Solution
    step: int
    relaxed: LinearPortfolio
    certificate: Certificate


def solve_with_ladder(
    lp: LinearPortfolio, last_resort: LastResort, cappable: BoolArray
) -> LadderSolution:
    """Solve, opening one step of the ladder after another until a portfolio exists.

    Parameters
    ----------
    last_resort
        What gives way after turnover, industries and styles.
    cappable
        [names], the names whose cap may rise in the last resort (candidates, not fixed names).

    Raises
    ------
    InfeasibleError
        If even the last resort leaves no portfolio.
    CertificateError
        If the solution cannot be certified.
    """
    for step in range(len(STEPS) + 1):
        try:
            relaxed = _relax(lp, step, last_resort, cappable)
            solution = solve_highs(relaxed)
        except InfeasibleError:
            continue
        certificate = certify(relaxed, solution.weights, solution.duals)
        certificate.require()
        return LadderSolution(solution, step, relaxed, certificate)
    raise InfeasibleError(
        f"no portfolio of the {lp.size} names exists even with turnover, industries, styles and"
        f" the last resort ({last_resort}) opened: fixed weights sum to"
        f" {lp.lower[lp.lower == lp.upper].sum():.4f}, upper bounds to {lp.upper.sum():.4f}"
    )


def _relax(
    lp: LinearPortfolio, step: int, last_resort: LastResort, cappable: BoolArray
) -> LinearPortfolio:
    """Widen the groups of steps 1..step by the least that makes the program feasible."""
    opened = STEPS[:step]
    current = lp
    for group in opened:
        current = _without(current, group, last_resort, cappable)
    for group in reversed(opened):
        current = _least_widened(current, lp, group, last_resort)
    return current


def _without(
    lp: LinearPortfolio, group: str, last_resort: LastResort, cappable: BoolArray
) -> LinearPortfolio:
    if group == "turnover":
        return replace(lp, turnover_limit=np.inf)
    if group == "last_resort":
        return lp if last_resort == "cash" else _raised_cap(lp, cappable)
    rows = lp.rows_of(group)
    return replace(
        lp,
        row_lower=np.where(rows, -np.inf, lp.row_lower),
        row_upper=np.where(rows, np.inf, lp.row_upper),
    )


def _raised_cap(lp: LinearPortfolio, cappable: BoolArray) -> LinearPortfolio:
    """Raise all caps of candidates to the least common one at which full investment is possible."""
    rest = 1.0 - float(lp.upper[~cappable].sum())
    if not cappable.any() or float(lp.upper[cappable].sum()) >= rest:
        return lp
    cap = _water_level(lp.upper[cappable], rest) * (1.0 + _CUSHION)
    return replace(lp, upper=np.where(cappable, np.maximum(lp.upper, cap), lp.upper))


def _water_level(caps: FloatArray, total: float) -> float:
    """Level c with ``sum(max(cap, c)) = total``; total exceeds the sum of the caps."""
    ordered = np.sort(caps)
    above = np.concatenate([np.cumsum(ordered[::-1])[::-1][1:], [0.0]])
    levels = (total - above) / np.arange(1, caps.size + 1)
    return float(levels.min())


def _least_widened(
    current: LinearPortfolio, original: LinearPortfolio, group: str, last_resort: LastResort
) -> LinearPortfolio:
    """Put the group's limits back, wider by the smallest total that leaves a portfolio."""
    if group == "turnover":
        if np.isinf(original.turnover_limit):
            return current
        closed = replace(current, turnover_limit=original.turnover_limit)
        found = least_violation(closed, np.zeros(original.matrix.shape[0], dtype=np.bool_), True)
        extra = found.turnover + _CUSHION if found.turnover > 0.0 else 0.0
        return replace(closed, turnover_limit=closed.turnover_limit + extra)
    if group == "last_resort" and last_resort == "raise_cap":
        return current
    rows = original.rows_of("full_investment" if group == "last_resort" else group)
    closed = replace(
        current,
        row_lower=np.where(rows, original.row_lower, current.row_lower),
        row_upper=np.where(rows, original.row_upper, current.row_upper),
    )
    found = least_violation(closed, rows, turnover=False)
    return replace(
        closed,
        row_lower=closed.row_lower - _with_room(found.below),
        row_upper=closed.row_upper + _with_room(found.above),
    )


def _with_room(violation: FloatArray) -> FloatArray:
    return np.where(violation > 0.0, violation + _CUSHION, 0.0)
