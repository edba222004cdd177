"""Clarabel as it is needed here: a quadratic over some columns, with a cone for a risk bound.

Unknowns are the columns, the activity of every row and the active exposure to every factor:
exposures stay as sparse as they are, each band is a bound on one unknown, and nothing is of size
names by names. Written to the solver itself, because compiling costs more than solving.
"""

from __future__ import annotations

from dataclasses import dataclass

import clarabel
import numpy as np
from scipy import sparse

from optimizer.arrays import FloatArray, IntArray
from optimizer.errors import SolverError
from optimizer.problem.risk_part import RiskPart
from optimizer.solve.split import SplitProgram

_GAP, _FEASIBILITY = 1e-12, 1e-10
_NO_SOLUTION = ("PrimalInfeasible", "AlmostPrimalInfeasible")


@dataclass(frozen=True)
class ConeAnswer:
    """Optimum over some columns.

    Attributes
    ----------
    columns
        [columns].
    row_duals
        [rows], of the minimum, as HiGHS signs them.
    tracking_price
        Multiplier of the bound on the deviation, in the units of the program's cost.
    """

    columns: FloatArray
    row_duals: FloatArray
    tracking_price: float


def solve_columns(
    split: SplitProgram, columns: IntArray, cost: FloatArray, risk: RiskPart, aversion: float
) -> ConeAnswer | None:
    """Minimise cost and risk over some columns; the others are 0. None if that is infeasible.

    A bound on risk that is barely or not within reach may end in numerical trouble; that counts as
    infeasible, and the caller asks for the least risk instead.

    Parameters
    ----------
    cost
        [all columns].
    aversion
        In the units of the cost.

    Raises
    ------
    SolverError
        If Clarabel ends in any other way.
    """
    blocks = _Blocks(split, columns, risk)
    quadratic, linear = blocks.objective(cost[columns], aversion)
    matrix, bound, cones = blocks.constraints()
    found = clarabel.DefaultSolver(quadratic, linear, matrix, bound, cones, _settings()).solve()
    status = str(found.status)
    bounded = np.isfinite(risk.limit)
    if status in _NO_SOLUTION or (bounded and status != "Solved"):
        return None
    if status not in ("Solved", "AlmostSolved"):
        raise SolverError(
            f"Clarabel ended as {status} on {columns.size} columns; check forecasts, exposures and"
            " covariance for extreme values"
        )
    duals = np.asarray(found.z)
    first = blocks.cone_start
    return ConeAnswer(
        columns=np.asarray(found.x)[: columns.size],
        row_duals=duals[: blocks.rows],
        tracking_price=float(duals[first]) if bounded else 0.0,
    )


class _Blocks:
    """Matrices of the program in the unknowns [columns, rows, factors]."""

    def __init__(self, split: SplitProgram, columns: IntArray, risk: RiskPart) -> None:
        self._split, self._columns, self._risk = split, columns, risk
        self._name, self._sign = split.name[columns], split.sign[columns]
        self._offset = split.base - risk.benchmark
        self.rows = split.row_lower.size
        self._factors = risk.model.covariance.shape[0]
        self.cone_start = 0

    def objective(self, cost: FloatArray, aversion: float) -> tuple[sparse.csc_matrix, FloatArray]:
        """Upper triangle of the quadratic form, and the linear form."""
        names, place = np.unique(self._name, return_inverse=True)
        change = sparse.csc_matrix(
            (self._sign, (place, np.arange(place.size))), shape=(names.size, place.size)
        )
        weight = sparse.diags(2.0 * aversion * self._risk.model.specific[names])
        parts = [
            change.T @ weight @ change,
            sparse.csc_matrix((self.rows, self.rows)),
            sparse.csc_matrix(2.0 * aversion * self._risk.model.covariance),
        ]
        linear = np.zeros(place.size + self.rows + self._factors)
        specific = self._risk.model.specific[self._name] * self._offset[self._name]
        linear[: place.size] = cost + 2.0 * aversion * self._sign * specific
        return sparse.triu(sparse.block_diag(parts), format="csc"), linear

    def constraints(self) -> tuple[sparse.csc_matrix, FloatArray, list[object]]:
        """Rows ``matrix z + s = bound`` with s in the cones: equalities, bounds, risk."""
        split, columns = self._split, self._columns
        count, lower, upper = columns.size, split.row_lower, split.row_upper
        unit = sparse.eye(count + self.rows + self._factors, format="csr")
        rows, factors = unit[count : count + self.rows], unit[count + self.rows :]
        exposures = self._risk.model.sparse_exposures
        loaded = sparse.diags(self._sign) @ exposures[self._name]
        # Equal limits are equalities of the row's activity: the interior point needs an interior.
        equal, high, low = lower == upper, np.isfinite(upper), np.isfinite(lower)
        high, low = high & ~equal, low & ~equal
        blocks = [
            rows - _padded(split.matrix(columns), unit.shape[1]),
            factors - _padded(loaded.T, unit.shape[1]),
            rows[equal],
            unit[:count],
            -unit[:count],
            rows[high],
            -rows[low],
        ]
        bounds = [
            np.zeros(self.rows),
            exposures.T @ self._offset - self._risk.model.outside,
            upper[equal],
            split.upper[columns],
            -split.lower[columns],
            upper[high],
            -lower[low],
        ]
        zero = self.rows + self._factors + int(equal.sum())
        positive = 2 * count + int(high.sum()) + int(low.sum())
        cones: list[object] = [clarabel.ZeroConeT(zero), clarabel.NonnegativeConeT(positive)]
        self.cone_start = zero + positive
        if np.isfinite(self._risk.limit):
            matrix, bound = self._cone(unit.shape[1])
            blocks.append(matrix)
            bounds.append(bound)
            cones.append(clarabel.SecondOrderConeT(bound.size))
        return sparse.vstack(blocks, format="csc"), np.concatenate(bounds), cones

    def _cone(self, width: int) -> tuple[sparse.csr_matrix, FloatArray]:
        """Limit over factor risk, specific risk of the columns' names and of all others."""
        root = self._risk.model.root.T
        names, place = np.unique(self._name, return_inverse=True)
        specific = np.sqrt(self._risk.model.specific)
        moved = sparse.csr_matrix(
            (-specific[self._name] * self._sign, (place, np.arange(place.size))),
            shape=(names.size, width),
        )
        before = np.zeros((root.shape[0], width - self._factors))
        rest = np.delete(specific * self._offset, names)
        matrix = sparse.vstack(
            [
                sparse.csr_matrix((1, width)),
                sparse.csr_matrix(np.hstack([before, -root])),
                moved,
                sparse.csr_matrix((1, width)),
            ],
            format="csr",
        )
        own = specific[names] * self._offset[names]
        first, last = (
            np.array([self._risk.limit]),
            np.array([np.sqrt(rest @ rest + self._risk.model.outside_variance)]),
        )
        return matrix, np.concatenate([first, np.zeros(root.shape[0]), own, last])


def _padded(matrix: sparse.spmatrix, width: int) -> sparse.csr_matrix:
    empty = sparse.csr_matrix((matrix.shape[0], width - matrix.shape[1]))
    return sparse.hstack([matrix, empty], format="csr")


def _settings() -> object:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs, settings.tol_gap_rel = _GAP, _FEASIBILITY
    settings.tol_feas = _FEASIBILITY
    return settings
