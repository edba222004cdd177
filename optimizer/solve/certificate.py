"""Independent proof that weights are optimal: from the problem's data and the duals alone.

For duals y of the rows and t >= 0 of the turnover limit, weak duality bounds the objective of every
feasible portfolio by

    D(y, t) = sum(y+ * row_upper - y- * row_lower) + t * limit
              + sum_i max over lower_i <= w_i <= upper_i of
                z_i w_i - (t + buying_i) (w_i - before_i)+ - (t + selling_i) (before_i - w_i)+

with z = reward - matrix' y, and t for names that count only. Each inner maximum is attained at
lower_i, upper_i or before_i, so D costs one product with the matrix. Primal feasibility and D equal
to the objective prove optimality, whichever solver, formulation or subset of columns produced the
weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import CertificateError
from optimizer.problem.linear import LinearPortfolio

TOLERANCE = 1e-8
_AT_BREAKPOINT = 1e-9


@dataclass(frozen=True)
class Duals:
    """Marginal value of every row's bound, [rows], and of the turnover limit.

    A positive row dual belongs to the upper bound, a negative one to the lower; both are changes of
    the objective per unit of the bound.
    """

    rows: FloatArray
    turnover: float


@dataclass(frozen=True)
class Certificate:
    """Scaled residuals of the optimality conditions; 0 is perfect.

    Attributes
    ----------
    primal_residual
        Largest violation of a row, bound or the turnover limit, over 1 + |limit|.
    dual_residual
        Largest marginal gain left at any single name, or wrong sign of a dual, over the largest
        |reward|.
    gap
        Distance of the objective from the dual bound, over the largest |reward| + |objective|.
    """

    primal_residual: float
    dual_residual: float
    gap: float

    @property
    def worst(self) -> float:
        """Largest of the three; NaN if one is."""
        return float(np.max([self.primal_residual, self.dual_residual, self.gap]))

    def require(self, tolerance: float = TOLERANCE) -> None:
        """Raise unless every residual is within the tolerance.

        Raises
        ------
        CertificateError
            Naming the residuals.
        """
        if not self.worst <= tolerance:
            raise CertificateError(
                f"the solution is not certified to {tolerance:g}: primal residual"
                f" {self.primal_residual:.3g}, dual residual {self.dual_residual:.3g},"
                f" gap {self.gap:.3g}; check the scaling of forecasts and exposures"
            )


def certify(
    lp: LinearPortfolio,
    weights: FloatArray,
    duals: Duals,
    at_breakpoint: float = _AT_BREAKPOINT,
) -> Certificate:
    """Residuals of the optimality conditions of weights [names] under these duals.

    Names within `at_breakpoint` of a bound or of the weight before count as being there in the dual
    residual; the gap needs no such tolerance.
    """
    objective = lp.objective(weights)
    bound = dual_bound(lp, duals)
    return Certificate(
        primal_residual=_primal_residual(lp, weights),
        dual_residual=_dual_residual(lp, weights, duals, at_breakpoint) / lp.scale,
        gap=abs(bound - objective) / (lp.scale + abs(objective)),
    )


def reduced_rewards(lp: LinearPortfolio, duals: Duals) -> FloatArray:
    """Reward of each name net of the price of the rows it uses, [names]."""
    return np.asarray(lp.reward - lp.matrix.T @ duals.rows, dtype=np.float64)


def dual_bound(lp: LinearPortfolio, duals: Duals) -> float:
    """Upper bound on the objective of every feasible portfolio (see the module's text)."""
    z = reduced_rewards(lp, duals)
    buying, selling = _trading_prices(lp, max(duals.turnover, 0.0))
    middle = np.clip(lp.before, lp.lower, lp.upper)
    points = np.stack([lp.lower, middle, lp.upper])
    change = points - lp.before
    prices = buying * np.maximum(change, 0.0) + selling * np.maximum(-change, 0.0)
    best = (z * points - prices).max(axis=0)
    above, below = duals.rows > 0, duals.rows < 0
    rows = duals.rows[above] @ lp.row_upper[above] + duals.rows[below] @ lp.row_lower[below]
    limit = duals.turnover * lp.turnover_limit if duals.turnover > 0 else 0.0
    return float(rows + limit + best.sum())


def _primal_residual(lp: LinearPortfolio, weights: FloatArray) -> float:
    activity = np.asarray(lp.matrix @ weights)
    over = _scaled_excess(activity, lp.row_upper)
    under = _scaled_excess(-activity, -lp.row_lower)
    bounds = float(np.max([weights - lp.upper, lp.lower - weights]))
    turnover = _scaled_excess(np.array([lp.turnover(weights)]), np.array([lp.turnover_limit]))
    return float(np.max([over, under, bounds, turnover, 0.0]))


def _scaled_excess(activity: FloatArray, limit: FloatArray) -> float:
    finite = np.isfinite(limit)
    if not finite.any():
        return 0.0
    return float(((activity - limit)[finite] / (1.0 + np.abs(limit[finite]))).max())


def _dual_residual(
    lp: LinearPortfolio, weights: FloatArray, duals: Duals, at_breakpoint: float
) -> float:
    """Largest one-sided derivative of the Lagrangian that still points to a gain."""
    right, left = one_sided_derivatives(lp, weights, duals, at_breakpoint)
    may_rise = weights < lp.upper - at_breakpoint
    may_fall = weights > lp.lower + at_breakpoint
    gain_up = np.where(may_rise, right, -np.inf).max(initial=0.0)
    gain_down = np.where(may_fall, -left, -np.inf).max(initial=0.0)
    wrong_sign = max(-duals.turnover, 0.0)
    open_upper = np.where(np.isinf(lp.row_upper), duals.rows, 0.0).max(initial=0.0)
    open_lower = np.where(np.isinf(lp.row_lower), -duals.rows, 0.0).max(initial=0.0)
    return float(np.max([gain_up, gain_down, wrong_sign, open_upper, open_lower]))


def one_sided_derivatives(
    lp: LinearPortfolio,
    weights: FloatArray,
    duals: Duals,
    at_breakpoint: float = _AT_BREAKPOINT,
) -> tuple[FloatArray, FloatArray]:
    """Right and left derivatives of the Lagrangian in each weight, [names] each.

    They differ only at the weight before, where turnover and trading costs have their kink.
    """
    z = reduced_rewards(lp, duals)
    buying, selling = _trading_prices(lp, duals.turnover)
    change = weights - lp.before
    right = z - np.where(change >= -at_breakpoint, buying, -selling)
    left = z - np.where(change > at_breakpoint, buying, -selling)
    return right, left


def _trading_prices(lp: LinearPortfolio, turnover: float) -> tuple[FloatArray, FloatArray]:
    """Price of one unit bought and of one unit sold, [names] each."""
    price = np.where(lp.counted, turnover, 0.0)
    return price + lp.buying_cost, price + lp.selling_cost
