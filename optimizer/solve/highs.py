"""The linear program through HiGHS with a working set of columns, priced to optimality.

There are about as many rows as bands, so a few hundred of the thousands of columns matter. The
program is solved over the columns of a working set; the duals price all others, those that would
gain are added, and when none would the optimum over the working set is the optimum of the whole. A
working set that admits no portfolio is grown by the same loop until it admits one, or until the
least violation over all columns proves that there is none.

The first working set and the order of columns follow from the program alone, never from what was
solved before. Of several optima the answer is therefore always the same one: the vertex which the
simplex method reaches from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.errors import InfeasibleError
from optimizer.problem.linear import LinearPortfolio
from optimizer.solve.certificate import Duals
from optimizer.solve.master import SOLVER_TOLERANCE, Answer, Master
from optimizer.solve.split import SplitProgram, split_program

_BATCH = 200
# Total violation up to which a portfolio counts as found.
_FEASIBLE = 1e-9


@dataclass(frozen=True)
class Solution:
    """Answer of a solver.

    Attributes
    ----------
    weights
        [names].
    duals
        Marginal values of rows and turnover limit.
    seconds
        As the solver counted them.
    """

    weights: FloatArray
    duals: Duals
    seconds: float


@dataclass(frozen=True)
class LeastViolation:
    """Smallest total by which the limits of a group must be widened.

    Attributes
    ----------
    above, below
        [rows], by how much each upper and lower bound is exceeded.
    turnover
        By how much the turnover limit is exceeded.
    """

    above: FloatArray
    below: FloatArray
    turnover: float


@dataclass
class _WorkingSet:
    """Which columns take part, [columns]; grows while programs are solved."""

    split: SplitProgram
    taken: BoolArray

    def entering(self, cost: FloatArray, row_duals: FloatArray) -> IntArray:
        """Columns outside that would gain, the best of them if there are many."""
        gain = self.split.prices(row_duals) - cost
        gain[self.taken] = 0.0
        found = np.flatnonzero(gain > SOLVER_TOLERANCE)
        if found.size > _BATCH:
            found = np.sort(found[np.argsort(-gain[found], kind="stable")[:_BATCH]])
        return found


@dataclass(frozen=True)
class _Optimum:
    """Answer over a working set: values of the widenings and of the columns in order of entry."""

    answer: Answer
    widening: FloatArray
    order: IntArray
    values: FloatArray


def solve_highs(lp: LinearPortfolio) -> Solution:
    """Solve the program.

    Raises
    ------
    InfeasibleError
        If no weights satisfy rows, bounds and turnover limit.
    SolverError
        If HiGHS ends in any other way than optimal or infeasible.
    """
    split = split_program(lp)
    rigid = np.full(split.row_lower.size, np.inf)
    found = _minimise(split, split.cost, rigid)
    duals = -found.answer.row_duals * lp.scale
    weights = np.clip(split.weights(found.order, found.values), lp.lower, lp.upper)
    return Solution(weights, Duals(duals[:-1], max(float(duals[-1]), 0.0)), found.answer.seconds)


def least_violation(lp: LinearPortfolio, rows: BoolArray, turnover: bool) -> LeastViolation:
    """Smallest sum of widenings of the given rows (and of the turnover limit) that is feasible.

    Parameters
    ----------
    rows
        [rows], which rows may be widened.
    turnover
        Whether the turnover limit may be widened.

    Raises
    ------
    InfeasibleError
        If no widening of these makes the rest feasible.
    """
    split = split_program(lp)
    elastic = np.append(rows, turnover)
    found = _minimise(split, np.zeros(split.cost.size), np.where(elastic, 1.0, np.inf))
    widening = np.zeros((2, elastic.size))
    widening[:, elastic] = found.widening.reshape(2, -1)
    return LeastViolation(widening[0, :-1], widening[1, :-1], float(widening[0, -1]))


def _minimise(split: SplitProgram, cost: FloatArray, widening_cost: FloatArray) -> _Optimum:
    """Optimum over all columns; rows may be widened at a cost per unit [rows], infinite: rigid."""
    working = _WorkingSet(split, split.first_working_set())
    found = _generate(working, cost, widening_cost)
    if found is None:
        missing = np.where(np.isinf(widening_cost), 1.0, 0.0)
        nearest = _generate(working, np.zeros(cost.size), missing)
        if nearest is not None and nearest.answer.objective <= _FEASIBLE:
            found = _generate(working, cost, widening_cost)
    if found is None:
        raise InfeasibleError("no weights satisfy all rows, bounds and the turnover limit")
    return found


def _generate(working: _WorkingSet, cost: FloatArray, widening_cost: FloatArray) -> _Optimum | None:
    """Add columns until none would gain; None if the working set at hand admits no solution."""
    split = working.split
    master = Master(split.row_lower, split.row_upper)
    widenings = _add_widenings(master, widening_cost)
    entering, order = np.flatnonzero(working.taken), np.empty(0, dtype=np.intp)
    while True:
        master.add(
            cost[entering], split.lower[entering], split.upper[entering], split.matrix(entering)
        )
        order = np.concatenate([order, entering])
        answer = master.solve()
        if answer is None:
            return None
        entering = working.entering(cost, answer.row_duals)
        if not entering.size:
            widening, values = np.split(answer.columns, [widenings])
            return _Optimum(answer, widening, order, values)
        working.taken[entering] = True


def _add_widenings(master: Master, cost: FloatArray) -> int:
    """Columns that widen upper, then lower limits of rows at a cost [rows]; how many there are."""
    elastic = np.flatnonzero(np.isfinite(cost))
    count = 2 * elastic.size
    if count:
        unit = np.repeat([-1.0, 1.0], elastic.size)
        place = (np.tile(elastic, 2), np.arange(count))
        matrix = sparse.csc_matrix((unit, place), shape=(cost.size, count))
        master.add(np.tile(cost[elastic], 2), np.zeros(count), np.full(count, np.inf), matrix)
    return count
