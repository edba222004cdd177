"""From nearly optimal weights to the exact ones: which limits bind, and the equations they leave.

An interior point stops near its limits, never on them. Whether a weight is at a bound, at the
weight before or between is read off a proximal step (where would it go alone, by its own curvature
and prices); the weights between and the prices of the binding rows then solve linear equations.
Repeated, that is Newton's method on the optimality conditions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.problem.linear import LinearPortfolio
from optimizer.problem.risk_part import RiskPart
from optimizer.solve.certificate import Duals, reduced_rewards

_KINK = 1e-14


@dataclass(frozen=True)
class _Pattern:
    """What binds: free names and the side they are on, where the others stand, rows, turnover."""

    free: BoolArray
    side: FloatArray
    fixed: FloatArray
    rows: BoolArray
    limits: FloatArray
    turnover: bool


def improved(
    lp: LinearPortfolio, risk: RiskPart, aversion: float, weights: FloatArray, duals: Duals
) -> tuple[FloatArray, Duals]:
    """One step: weights and duals that are exact if the right limits were taken for binding.

    Parameters
    ----------
    aversion
        All of it, the price of a tracking error included; positive.
    """
    pattern = _pattern(lp, risk, aversion, weights, duals)
    return _solved(lp, risk, aversion, pattern)


def linearised_reward(
    lp: LinearPortfolio, risk: RiskPart, aversion: float, weights: FloatArray
) -> FloatArray:
    """Gradient of reward and risk at these weights, [names]."""
    return np.asarray(lp.reward - 2.0 * aversion * risk.slope(weights), dtype=np.float64)


def _pattern(
    lp: LinearPortfolio, risk: RiskPart, aversion: float, weights: FloatArray, duals: Duals
) -> _Pattern:
    curvature = (
        2.0 * aversion * np.maximum(risk.model.specific, 1e-3 * float(risk.model.specific.mean()))
    )
    price = np.where(lp.counted, max(duals.turnover, 0.0), 0.0)
    buying, selling = price + lp.buying_cost, price + lp.selling_cost
    pull = linearised_reward(lp, risk, aversion, weights) - lp.reward
    wish = weights + (reduced_rewards(lp, duals) + pull) / curvature
    above, below = wish - buying / curvature, wish + selling / curvature
    step = np.where(above > lp.before, above, np.where(below < lp.before, below, lp.before))
    at_kink = (step == lp.before) & (buying + selling > _KINK * lp.scale)
    at_bound = (step <= lp.lower) | (step >= lp.upper)
    free = ~at_bound & ~at_kink
    activity = lp.matrix @ weights
    dual = duals.rows / lp.scale
    equal = lp.row_lower == lp.row_upper
    upper = np.isfinite(lp.row_upper) & (dual > lp.row_upper - activity)
    lower = np.isfinite(lp.row_lower) & (-dual > activity - lp.row_lower)
    used = lp.turnover(weights)
    return _Pattern(
        free=free,
        side=np.where(step >= lp.before, 1.0, -1.0),
        fixed=np.clip(step, lp.lower, lp.upper),
        rows=equal | upper | lower,
        limits=np.where(lower & ~upper & ~equal, lp.row_lower, lp.row_upper),
        turnover=bool(
            np.isfinite(lp.turnover_limit) and duals.turnover / lp.scale > lp.turnover_limit - used
        ),
    )


def _solved(
    lp: LinearPortfolio, risk: RiskPart, aversion: float, pattern: _Pattern
) -> tuple[FloatArray, Duals]:
    """Weights between their limits and prices of what binds, from the stationarity equations.

    ``D w + U U' w + A' p = r`` and ``A w = b`` over the free names, with D of the specific risk and
    U of the factors: eliminating w leaves equations in factors and prices alone.
    """
    free, side = pattern.free, pattern.side
    fixed = np.where(free, 0.0, pattern.fixed)
    root = np.sqrt(2.0 * aversion) * risk.model.loadings.T
    inverse = 1.0 / (2.0 * aversion * risk.model.specific[free])
    cost = np.where(side > 0.0, lp.buying_cost, -lp.selling_cost)
    moved = risk.model.covariance_with(fixed - risk.benchmark)
    target = (lp.reward - cost - 2.0 * aversion * moved)[free]
    binding = lp.matrix[pattern.rows]
    values = pattern.limits[pattern.rows] - binding @ fixed
    stacked = [root[free].T, binding[:, free].toarray()]
    if pattern.turnover:
        counted = np.where(lp.counted, side, 0.0)
        stacked.append(counted[None, free])
        others = lp.counted & ~free
        spent = np.abs(fixed - lp.before)[others].sum() - (counted * lp.before)[free].sum()
        values = np.append(values, lp.turnover_limit - spent)
    system = np.vstack(stacked)
    scaled = system * inverse
    left, right = scaled @ system.T, scaled @ target
    factors = root.shape[1]
    left[:factors, :factors] += np.eye(factors)
    right[factors:] -= values
    prices = np.linalg.lstsq(left, right, rcond=None)[0]
    weights = fixed.copy()
    weights[free] = inverse * (target - system.T @ prices)
    duals = np.zeros(lp.row_lower.size)
    duals[pattern.rows] = prices[factors : factors + int(pattern.rows.sum())]
    return weights, Duals(duals, float(prices[-1]) if pattern.turnover else 0.0)
