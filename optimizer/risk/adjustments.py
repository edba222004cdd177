"""Corrections of a forecast covariance that its own history calls for (Menchero, Orr and Wang)."""

from __future__ import annotations

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.risk.covariance import exponential_weights

# Eigenvalues below this share of the largest are combinations without risk, left as they are.
_FLAT = 1e-9
_LEAST_SESSIONS = 21


def eigenfactor_adjusted(
    covariance: FloatArray, *, sessions: int, simulations: int, strength: float, seed: int
) -> FloatArray:
    """Covariance with the variance of its principal portfolios corrected, [factors, factors].

    A sample covariance of few sessions makes its safest combinations look safer than they are. How
    much is found by drawing samples of this length from the covariance itself.

    Parameters
    ----------
    sessions
        Length of a sample, at least 2.
    strength
        Multiple of the simulated bias that is corrected; returns are not normal, so above 1.
    seed
        Of the draws.
    """
    values, vectors = np.linalg.eigh(covariance)
    risky = values > _FLAT * values[-1]
    count = int(risky.sum())
    random = np.random.default_rng(seed)
    ratio = np.zeros(count)
    spread = np.sqrt(values[risky])
    for _ in range(simulations):
        sample = random.standard_normal((max(sessions, count + 2), count)) * spread
        found, directions = np.linalg.eigh(sample.T @ sample / sample.shape[0])
        true = ((directions * values[risky][:, None]) * directions).sum(axis=0)
        ratio += true / found
    bias = np.sqrt(ratio / simulations)
    factor = np.ones(values.size)
    factor[risky] = (1.0 + strength * (bias - 1.0)) ** 2
    adjusted = (vectors * (values * factor)) @ vectors.T
    return np.asarray(0.5 * (adjusted + adjusted.T), dtype=np.float64)


def regime_multiplier(squares: FloatArray, half_life: float) -> float:
    """Factor on all volatilities: root of the weighted mean of past squared standardised returns.

    Parameters
    ----------
    squares
        [sessions], oldest first: mean over factors (or names) of (return / forecast) squared; NaN
        where there was no forecast. With fewer than 21 the multiplier is 1.
    """
    known = np.isfinite(squares)
    if known.sum() < _LEAST_SESSIONS:
        return 1.0
    weights = exponential_weights(squares.size, half_life)[known]
    return float(np.sqrt(weights @ squares[known] / weights.sum()))
