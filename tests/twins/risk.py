"""The risk model written plainly: loops over sessions and names, a Lagrange multiplier."""

from __future__ import annotations

import numpy as np


def constrained_regression(
    returns: np.ndarray, exposures: np.ndarray, weights: np.ndarray, constraint: np.ndarray
) -> np.ndarray:
    """Weighted least squares under ``constraint' f = 0`` by a Lagrange multiplier."""
    count = exposures.shape[1]
    system = np.zeros((count + 1, count + 1))
    right = np.zeros(count + 1)
    for name in range(returns.size):
        system[:count, :count] += weights[name] * np.outer(exposures[name], exposures[name])
        right[:count] += weights[name] * returns[name] * exposures[name]
    system[:count, count] = system[count, :count] = constraint
    return np.linalg.solve(system, right)[:count]


def long_run_covariance(
    first: np.ndarray, second: np.ndarray, weights: np.ndarray, lags: int
) -> float:
    """Bartlett sum of weighted cross-products of two series, pair of sessions by pair."""
    total = 0.0
    for s in range(first.size):
        for t in range(first.size):
            bartlett = max(1.0 - abs(s - t) / (lags + 1.0), 0.0)
            total += bartlett * (weights[s] * weights[t]) ** 0.5 * first[s] * second[t]
    return total


def halving_weights(sessions: int, half_life: float) -> np.ndarray:
    """Weights session by session, from the last back."""
    weights = [2.0 ** (-(sessions - 1 - session) / half_life) for session in range(sessions)]
    return np.array(weights) / sum(weights)
