"""The linear program handed straight to HiGHS.

Changes are split into purchases and sales, w = base + purchases - sales with bounds on each, so the
turnover limit is one row and the program has rows for bands, budget and turnover alone. Names whose
weight is fixed never enter; a name that is not held needs no sale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.errors import InfeasibleError, SolverError
from optimizer.problem.linear import LinearPortfolio
from optimizer.solve.certificate import Duals

_SOLVER_TOLERANCE = 1e-10
_NO_WEIGHTS = "no weights satisfy all rows, bounds and the turnover limit"
_INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


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


@dataclass(frozen=True)
class _Split:
    """Columns [purchases | sales] of a program, and the rows in terms of them."""

    base: FloatArray
    buyable: IntArray
    sellable: IntArray
    lower: FloatArray
    upper: FloatArray
    matrix: sparse.csc_matrix
    row_lower: FloatArray
    row_upper: FloatArray

    def weights(self, columns: FloatArray) -> FloatArray:
        weights = self.base.copy()
        weights[self.buyable] += columns[: self.buyable.size]
        weights[self.sellable] -= columns[self.buyable.size :]
        return weights


def solve_highs(lp: LinearPortfolio) -> Solution:
    """Solve the program.

    Raises
    ------
    InfeasibleError
        If no weights satisfy rows, bounds and turnover limit.
    SolverError
        If HiGHS ends in any other way than optimal or infeasible.
    """
    split = _split(lp)
    reward = lp.reward / lp.scale
    cost = -np.concatenate([reward[split.buyable], -reward[split.sellable]])
    columns, row_duals, seconds = _run(
        cost, split.lower, split.upper, split.matrix, split.row_lower, split.row_upper
    )
    duals = -row_duals * lp.scale
    weights = np.clip(split.weights(columns), lp.lower, lp.upper)
    return Solution(weights, Duals(duals[:-1], max(float(duals[-1]), 0.0)), seconds)


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
    split = _split(lp)
    elastic = np.flatnonzero(np.append(rows, turnover))
    count, all_rows = elastic.size, lp.matrix.shape[0] + 1
    unit = sparse.csc_matrix((np.ones(count), (elastic, np.arange(count))), shape=(all_rows, count))
    columns, _, _ = _run(
        np.concatenate([np.zeros(split.lower.size), np.ones(2 * count)]),
        np.concatenate([split.lower, np.zeros(2 * count)]),
        np.concatenate([split.upper, np.full(2 * count, np.inf)]),
        sparse.hstack([split.matrix, -unit, unit], format="csc"),
        split.row_lower,
        split.row_upper,
    )
    widening = np.zeros((2, all_rows))
    widening[:, elastic] = columns[split.lower.size :].reshape(2, count)
    return LeastViolation(widening[0, :-1], widening[1, :-1], float(widening[0, -1]))


def _split(lp: LinearPortfolio) -> _Split:
    free = lp.upper > lp.lower
    limited = np.isfinite(lp.turnover_limit)
    base = np.where(free, lp.before, lp.lower) if limited else lp.lower
    buyable = np.flatnonzero(free & (lp.upper > base))
    sellable = np.flatnonzero(free & (lp.lower < base))
    matrix = lp.matrix.tocsc()
    counted = lp.counted.astype(np.float64)
    body = sparse.hstack([matrix[:, buyable], -matrix[:, sellable]], format="csc")
    tail = sparse.csr_matrix(np.concatenate([counted[buyable], counted[sellable]])[None, :])
    activity = lp.matrix @ base
    fixed_turnover = np.abs(base - lp.before)[lp.counted & ~free].sum() if limited else 0.0
    return _Split(
        base=base,
        buyable=buyable,
        sellable=sellable,
        lower=np.concatenate(
            [
                np.maximum(lp.lower - base, 0.0)[buyable],
                np.maximum(base - lp.upper, 0.0)[sellable],
            ]
        ),
        upper=np.concatenate([(lp.upper - base)[buyable], (base - lp.lower)[sellable]]),
        matrix=sparse.vstack([body, tail], format="csc"),
        row_lower=np.append(lp.row_lower - activity, -np.inf),
        row_upper=np.append(lp.row_upper - activity, lp.turnover_limit - fixed_turnover),
    )


def _run(
    cost: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    matrix: sparse.csc_matrix,
    row_lower: FloatArray,
    row_upper: FloatArray,
) -> tuple[FloatArray, FloatArray, float]:
    """Minimise ``cost' x``; the answer's columns, row duals (of the minimum) and seconds."""
    if not cost.size:
        return _without_columns(row_lower, row_upper)
    model = _model(cost, lower, upper, matrix, row_lower, row_upper)
    solver = _solver()
    for presolve in ("choose", "off"):
        solver.setOptionValue("presolve", presolve)
        solver.passModel(model)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            answer = solver.getSolution()
            return (
                np.asarray(answer.col_value, dtype=np.float64),
                np.asarray(answer.row_dual, dtype=np.float64),
                float(solver.getRunTime()),
            )
    if status in _INFEASIBLE:
        raise InfeasibleError(_NO_WEIGHTS)
    raise SolverError(
        f"HiGHS ended with {solver.modelStatusToString(status)!r} on {cost.size} columns and"
        f" {row_lower.size} rows; check forecasts and exposures for extreme values"
    )


def _without_columns(
    row_lower: FloatArray, row_upper: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Answer where every weight is fixed: nothing to choose, the rows hold or do not."""
    holds = (row_lower <= _SOLVER_TOLERANCE) & (row_upper >= -_SOLVER_TOLERANCE)
    if not holds.all():
        raise InfeasibleError(_NO_WEIGHTS)
    return np.empty(0), np.zeros(row_lower.size), 0.0


def _solver() -> Any:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("primal_feasibility_tolerance", _SOLVER_TOLERANCE)
    solver.setOptionValue("dual_feasibility_tolerance", _SOLVER_TOLERANCE)
    return solver


def _model(
    cost: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    matrix: sparse.csc_matrix,
    row_lower: FloatArray,
    row_upper: FloatArray,
) -> Any:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = cost.size, row_lower.size
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_, model.row_upper_ = row_lower, row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    return model
