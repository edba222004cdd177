"""Specific risk: from each name's own residuals, drawn towards names of its size."""

from __future__ import annotations

import numpy as np

from optimizer.arrays import FloatArray, IntArray
from optimizer.errors import InputError
from optimizer.risk.covariance import exponential_weights

_RIDGE = 1.0


def specific_volatility(
    residuals: FloatArray, *, half_life: float, lags: int, least_sessions: int
) -> FloatArray:
    """Volatility of each name's specific return per session, [names].

    Exponential weights and Newey-West over the sessions a name has; its missing ones have no
    weight, and a product needs both sessions. Specific returns have mean zero by construction.

    Parameters
    ----------
    residuals
        [sessions, names], oldest first; NaN where missing.
    least_sessions
        Names with fewer residuals get NaN.
    """
    known = np.isfinite(residuals)
    weights = exponential_weights(residuals.shape[0], half_life)[:, None] * known
    total = weights.sum(axis=0)
    share = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    scaled = np.sqrt(share) * np.where(known, residuals, 0.0)
    variance = (scaled**2).sum(axis=0)
    for lag in range(1, lags + 1):
        covariance = (scaled[lag:] * scaled[:-lag]).sum(axis=0)
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * covariance
    enough = known.sum(axis=0) >= least_sessions
    return np.where(enough, np.sqrt(np.maximum(variance, 0.0)), np.nan)


def shrunk_volatility(
    volatility: FloatArray, capitalisation: FloatArray, *, groups: int, strength: float
) -> FloatArray:
    """Volatilities drawn towards the mean of names of like size, [names] (Barra's form).

    Within each of some groups of equal count by capitalisation, ``v m + (1 - v) s`` with m the mean
    by capitalisation, ``v = strength d / (D + strength d)``, d the name's distance from m and D the
    root mean square of these. Names without a volatility get m.

    Parameters
    ----------
    volatility
        [names]; NaN where unknown.
    capitalisation
        [names], positive.
    strength
        0 leaves volatilities as they are.

    Raises
    ------
    InputError
        If a capitalisation is missing, or no name of a group has a volatility.
    """
    if not (capitalisation > 0).all():
        raise InputError("specific risk: every name needs a positive capitalisation")
    result = np.empty(volatility.size)
    for members in np.array_split(np.argsort(capitalisation, kind="stable"), groups):
        if members.size:
            result[members] = _shrunk(volatility[members], capitalisation[members], strength)
    return result


def _shrunk(volatility: FloatArray, capitalisation: FloatArray, strength: float) -> FloatArray:
    known = np.isfinite(volatility)
    if not known.any():
        raise InputError(
            f"specific risk: none of {volatility.size} names of like size has a volatility; use"
            " fewer groups"
        )
    mean = np.average(volatility[known], weights=capitalisation[known])
    distance = np.abs(np.where(known, volatility, mean) - mean)
    spread = np.sqrt((distance[known] ** 2).mean())
    if spread == 0.0:
        return np.full(volatility.size, mean)
    pull = strength * distance / (spread + strength * distance)
    return np.asarray(
        pull * mean + (1.0 - pull) * np.where(known, volatility, mean), dtype=np.float64
    )


def structural_volatility(
    volatility: FloatArray, exposures: FloatArray, industry: IntArray
) -> FloatArray:
    """Volatilities with the missing ones filled by what exposures say, [names].

    The logarithm of known volatilities is regressed on exposures and industries; the mean of the
    fit is corrected so that it agrees on the names that are known.

    Parameters
    ----------
    volatility
        [names]; NaN where a name has too few sessions of its own. Zeros count as unknown.
    exposures
        [names, styles], finite.
    industry
        [names], positions.

    Raises
    ------
    InputError
        If no name has a volatility.
    """
    known = np.isfinite(volatility) & (volatility > 0)
    if not known.any():
        raise InputError(
            f"specific risk: none of {volatility.size} names has enough sessions of its own; lower"
            " specific_least_sessions"
        )
    if known.all():
        return volatility
    design = np.column_stack([exposures, industry[:, None] == np.unique(industry)])
    # A ridge, because some industries may have no known name.
    weight = design[known].T @ design[known] + _RIDGE * np.eye(design.shape[1])
    level = np.log(volatility[known])
    fitted = design @ np.linalg.solve(weight, design[known].T @ (level - level.mean()))
    said = np.exp(level.mean() + fitted)
    said *= volatility[known].mean() / said[known].mean()
    return np.where(known, volatility, said)
