"""HiGHS as it is needed here: a program that gains columns and is solved again from where it was.

One thread and no random choice: the same columns in the same order give the same digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from optimizer.arrays import FloatArray
from optimizer.errors import SolverError

SOLVER_TOLERANCE = 1e-10
_PRIMAL_SIMPLEX = 4
_INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


@dataclass(frozen=True)
class Answer:
    """Optimum of a program.

    Attributes
    ----------
    columns
        [columns], in the order they were added.
    row_duals
        [rows], of the minimum.
    objective
        Value of the minimum.
    seconds
        As HiGHS counted them, of all solutions so far.
    """

    columns: FloatArray
    row_duals: FloatArray
    objective: float
    seconds: float


class Master:
    """A minimisation over rows that are fixed and columns that are added."""

    def __init__(self, row_lower: FloatArray, row_upper: FloatArray) -> None:
        self._solver = _solver()
        self._row_lower, self._row_upper = row_lower, row_upper
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 0, row_lower.size
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.zeros(1, dtype=np.int32)
        self._solver.passModel(model)

    def add(
        self, cost: FloatArray, lower: FloatArray, upper: FloatArray, matrix: sparse.csc_matrix
    ) -> None:
        """Add columns, [columns] each and [rows, columns]."""
        self._solver.addCols(
            cost.size,
            cost,
            lower,
            upper,
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )

    def solve(self) -> Answer | None:
        """Optimum, from the last one if there was one; None if the program is infeasible.

        Raises
        ------
        SolverError
            If HiGHS ends in any other way, even when it starts afresh with its presolve.
        """
        solver = self._solver
        if not solver.numVariables:
            return self._without_columns()
        status = _run(solver)
        if status not in (highspy.HighsModelStatus.kOptimal, *_INFEASIBLE):
            solver.clearSolver()
            solver.setOptionValue("presolve", "on")
            status = _run(solver)
        if status in _INFEASIBLE:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(
                f"HiGHS ended with {solver.modelStatusToString(status)!r} on {solver.numVariables}"
                f" columns and {solver.numConstrs} rows; check forecasts and exposures for extreme"
                " values"
            )
        # New columns leave the optimum feasible, so the primal simplex goes on from it.
        solver.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
        found = solver.getSolution()
        return Answer(
            columns=np.asarray(found.col_value, dtype=np.float64),
            row_duals=np.asarray(found.row_dual, dtype=np.float64),
            objective=float(solver.getObjectiveValue()),
            seconds=float(solver.getRunTime()),
        )

    def _without_columns(self) -> Answer | None:
        """Where nothing can be chosen the rows hold or do not."""
        low, high = self._row_lower, self._row_upper
        holds = ((low <= SOLVER_TOLERANCE) & (high >= -SOLVER_TOLERANCE)).all()
        return Answer(np.empty(0), np.zeros(low.size), 0.0, 0.0) if holds else None


def _run(solver: Any) -> Any:
    solver.run()
    return solver.getModelStatus()


def _solver() -> Any:
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("solver", "simplex"),
        ("presolve", "off"),
        ("primal_feasibility_tolerance", SOLVER_TOLERANCE),
        ("dual_feasibility_tolerance", SOLVER_TOLERANCE),
    ):
        solver.setOptionValue(option, value)
    return solver
