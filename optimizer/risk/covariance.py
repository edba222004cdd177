"""Covariance of factor returns: recent sessions count more, and neighbours may be correlated."""

from __future__ import annotations

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InputError


def exponential_weights(sessions: int, half_life: float) -> FloatArray:
    """Weights [sessions] that halve every `half_life` sessions back; the last is largest; sum 1."""
    weights = 0.5 ** (np.arange(sessions)[::-1] / half_life)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def newey_west(values: FloatArray, weights: FloatArray, lags: int) -> FloatArray:
    """Weighted long-run covariance per session, [series, series] (Newey and West, 1987).

    The sum of autocovariances up to a lag with Bartlett's weights. A product of two sessions has
    the geometric mean of their weights, so that the result is positive semidefinite whatever the
    weights are.

    Parameters
    ----------
    values
        [sessions, series]; the weighted mean is taken off. A missing session (NaN) of a series has
        no weight, the others of the series have all of it; every series needs one session.
    weights
        [sessions], sum 1.
    lags
        Sessions over which returns may be correlated; 0 for none.
    """
    known = np.isfinite(values)
    share = weights[:, None] * known
    share = share / share.sum(axis=0)
    present = np.where(known, values, 0.0)
    scaled = np.sqrt(share) * np.where(known, present - (share * present).sum(axis=0), 0.0)
    total = scaled.T @ scaled
    for lag in range(1, lags + 1):
        shifted = scaled[lag:].T @ scaled[:-lag]
        total += (1.0 - lag / (lags + 1.0)) * (shifted + shifted.T)
    return np.asarray(total, dtype=np.float64)


def factor_covariance(
    returns: FloatArray,
    *,
    volatility_half_life: float,
    correlation_half_life: float,
    volatility_lags: int,
    correlation_lags: int,
) -> FloatArray:
    """Covariance of factor returns per session, [factors, factors].

    Volatilities and correlations are estimated apart, each with its own half-life and lags, because
    volatility changes faster.

    Parameters
    ----------
    returns
        [sessions, factors], oldest first; NaN where a factor had no name. The covariance of two
        factors with few sessions in common is drawn towards zero by that share.

    Raises
    ------
    InputError
        If a factor has no return at all or there are fewer sessions than lags need.
    """
    sessions = returns.shape[0]
    if not np.isfinite(returns).any(axis=0).all():
        raise InputError(
            "factor covariance: a factor has no return on any session of the window; leave it out"
        )
    needed = max(volatility_lags, correlation_lags) + 2
    if sessions < needed:
        raise InputError(f"factor covariance: {sessions} sessions, at least {needed} are needed")
    fast = exponential_weights(sessions, volatility_half_life)
    slow = exponential_weights(sessions, correlation_half_life)
    volatility = np.sqrt(np.diag(newey_west(returns, fast, volatility_lags)))
    covariance = newey_west(returns, slow, correlation_lags)
    deviation = np.sqrt(np.diag(covariance))
    scale = np.divide(volatility, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return np.asarray(covariance * np.outer(scale, scale), dtype=np.float64)
