"""Preprocessing of one factor in one week, step by step as the method states it, in NumPy.

Written apart from the SQL: the regression is a least-squares fit on a full matrix of industry
dummies and ln(cap), not sums of centred products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Preprocessed:
    """Exposures of a week and what was done to get them."""

    exposures: Floats
    share_present: float
    share_clipped: float
    is_mad_zero: bool
    is_constant: bool


def preprocess(
    values: Floats,
    industries: NDArray[np.str_],
    caps: Floats,
    *,
    clips_at_percentiles: bool,
    neutralises_cap: bool,
) -> Preprocessed:
    """Preprocess the values of one factor over the universe of one week."""
    cleaned = np.where(np.isfinite(values), values, np.nan)
    present = ~np.isnan(cleaned)
    clipped, is_mad_zero = _clip(cleaned, clips_at_percentiles)
    filled = _fill(clipped, industries)
    residuals = _neutralise(filled, industries, np.log(caps) if neutralises_cap else None)
    deviation = _deviation(residuals)
    is_constant = bool(
        np.isnan(deviation) or deviation <= 1e-12 or deviation <= 1e-9 * _deviation(filled)
    )
    exposures = np.zeros_like(values) if is_constant else (residuals - residuals.mean()) / deviation
    return Preprocessed(
        exposures=exposures,
        share_present=float(present.mean()),
        share_clipped=float(np.mean(present & (clipped != cleaned))),
        is_mad_zero=is_mad_zero,
        is_constant=is_constant,
    )


def _clip(values: Floats, clips_at_percentiles: bool) -> tuple[Floats, bool]:
    known = values[~np.isnan(values)]
    if known.size == 0:
        return values, False
    median = np.median(known)
    mad = np.median(np.abs(known - median))
    if mad > 0:
        return np.clip(values, median - 5 * mad, median + 5 * mad), False
    if clips_at_percentiles:
        low, high = np.percentile(known, [1, 99])
        return np.clip(values, low, high), True
    return values, True


def _fill(values: Floats, industries: NDArray[np.str_]) -> Floats:
    filled = values.copy()
    universe_mean = np.nan if np.isnan(values).all() else np.nanmean(values)
    for industry in np.unique(industries):
        members = industries == industry
        known = values[members & ~np.isnan(values)]
        mean = known.mean() if known.size else universe_mean
        filled[members & np.isnan(values)] = mean
    return np.nan_to_num(filled, nan=0.0)


def _neutralise(filled: Floats, industries: NDArray[np.str_], log_caps: Floats | None) -> Floats:
    columns = [(industries == industry).astype(float) for industry in np.unique(industries)]
    if log_caps is not None:
        columns.append(log_caps - log_caps.mean())
    design = np.column_stack(columns)
    scale = np.abs(filled).max() or 1.0
    coefficients, *_ = np.linalg.lstsq(design, filled / scale, rcond=1e-11)
    return (filled / scale - design @ coefficients) * scale


def _deviation(values: Floats) -> float:
    return float(np.std(values, ddof=1)) if values.size > 1 else float("nan")
