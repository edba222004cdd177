"""Statistics over dense arrays with missing values, rows in time and columns by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def autocorrelation(series: FloatArray, lag: int) -> FloatArray:
    """Autocorrelation per column over pairs that are both known."""
    return correlation(series[:-lag], series[lag:], axis=0)


def correlation(left: FloatArray, right: FloatArray, axis: int) -> FloatArray:
    """Pearson correlation along an axis over pairs that are both known."""
    both = np.isfinite(left) & np.isfinite(right)
    x, y = np.where(both, left, np.nan), np.where(both, right, np.nan)
    x = x - np.nanmean(x, axis=axis, keepdims=True)
    y = y - np.nanmean(y, axis=axis, keepdims=True)
    scale = np.sqrt(np.nansum(x * x, axis=axis) * np.nansum(y * y, axis=axis))
    result: FloatArray = np.nansum(x * y, axis=axis) / scale
    return result


def standardised_moment(values: FloatArray, order: int) -> float:
    """Standardised central moment of the known values: 3 the skew, 4 the kurtosis (normal: 3)."""
    known = values[np.isfinite(values)]
    centred = known - known.mean()
    return float((centred**order).mean() / known.std() ** order)


def window_mean(values: FloatArray, window: int) -> FloatArray:
    """Mean of the known values among the last `window` rows; NaN with fewer than half."""
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=0)
    count = np.cumsum(known, axis=0).astype(np.float64)
    total[window:] -= total[:-window].copy()
    count[window:] -= count[:-window].copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        result: FloatArray = np.where(count >= window / 2, total / count, np.nan)
    return result
