"""A linear portfolio as columns: what is bought and what is sold of each name.

Changes are split into purchases and sales, w = base + purchases - sales with bounds on each, so the
turnover limit is one row, trading costs are coefficients, and the program has rows for bands,
budget and turnover alone. Names whose weight is fixed never enter; a name that is not held needs no
sale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.problem.linear import LinearPortfolio

# The first working set can hold the whole portfolio this many times over.
_ROOM = 2.0


@dataclass(frozen=True)
class SplitProgram:
    """Minimise ``cost' x`` over ``row_lower <= matrix x <= row_upper`` and bounds on x.

    Attributes
    ----------
    base
        [names], weights where every column is 0.
    name, sign
        [columns], name that is bought (1) or sold (-1).
    cost, lower, upper
        [columns]; cost is minus the reward, over the program's scale.
    rows
        [rows - 1, names]; the last row of the program is the turnover limit.
    turnover
        [columns], coefficients of the last row.
    row_lower, row_upper
        [rows].
    """

    base: FloatArray
    name: IntArray
    sign: FloatArray
    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    rows: sparse.csc_matrix
    turnover: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray

    def matrix(self, columns: IntArray) -> sparse.csc_matrix:
        """Coefficients of some columns, [rows, columns]."""
        body = self.rows[:, self.name[columns]].toarray() * self.sign[columns]
        return sparse.csc_matrix(np.vstack([body, self.turnover[columns]]))

    def prices(self, row_duals: FloatArray) -> FloatArray:
        """What each column pays for the rows it uses, [columns]."""
        per_name = self.rows.T @ row_duals[:-1]
        return np.asarray(
            self.sign * per_name[self.name] + self.turnover * row_duals[-1], dtype=np.float64
        )

    def weights(self, columns: IntArray, values: FloatArray) -> FloatArray:
        """Weights [names] where these columns have these values and all others are 0."""
        weights = self.base.copy()
        np.add.at(weights, self.name[columns], self.sign[columns] * values)
        return weights

    def first_working_set(self) -> BoolArray:
        """Columns to begin with: all of what is held, what must move, and the best purchases."""
        held = self.base[self.name] != 0.0
        working: BoolArray = held | (self.sign < 0.0) | (self.lower > 0.0)
        order = np.argsort(np.where(self.sign > 0.0, self.cost, np.inf), kind="stable")
        room = np.cumsum(self.upper[order])
        working[order[: int(np.searchsorted(room, _ROOM)) + 1]] = True
        return working


def split_program(lp: LinearPortfolio) -> SplitProgram:
    """Columns and rows of a program."""
    free = lp.upper > lp.lower
    base = np.where(free, lp.before, lp.lower) if lp.prices_changes else lp.lower
    buyable = np.flatnonzero(free & (lp.upper > base))
    sellable = np.flatnonzero(free & (lp.lower < base))
    name = np.concatenate([buyable, sellable])
    sign = np.repeat([1.0, -1.0], [buyable.size, sellable.size])
    trading = np.where(sign > 0.0, lp.buying_cost[name], lp.selling_cost[name])
    rise, fall = lp.upper - base, base - lp.lower
    activity = lp.matrix @ base
    limited = np.isfinite(lp.turnover_limit)
    fixed_turnover = np.abs(base - lp.before)[lp.counted & ~free].sum() if limited else 0.0
    return SplitProgram(
        base=base,
        name=name,
        sign=sign,
        cost=(trading - sign * lp.reward[name]) / lp.scale,
        lower=np.maximum(np.concatenate([-fall[buyable], -rise[sellable]]), 0.0),
        upper=np.concatenate([rise[buyable], fall[sellable]]),
        rows=lp.matrix.tocsc(),
        turnover=lp.counted[name].astype(np.float64),
        row_lower=np.append(lp.row_lower - activity, -np.inf),
        row_upper=np.append(lp.row_upper - activity, lp.turnover_limit - fixed_turnover),
    )
