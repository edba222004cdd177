"""Fact 6: what industries and six styles explain of a week's cross-section."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import Market
from benchmarks.simulator_parts.signals import single_factors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_STYLES = (
    "ln float cap",
    "beta",
    "12-1 momentum",
    "20-day volatility",
    "20-day turnover",
    "4-week return",
)
_FEWEST = 100
_CLIP = 3.0


def risk_model_figures(market: Market) -> list[Figure]:
    """Adjusted R2 per week, equal weights; styles as robust z-scores clipped at three."""
    factors = single_factors(market)
    styles = np.stack([factors[name] for name in _STYLES], axis=-1)
    ends = market.week_ends[:-1]
    universe = market.traded[ends] & (market.age[ends] >= 120) & ~market.is_st[ends]
    universe &= market.in_period[market.week_ends[1:]][:, None]
    found = []
    for week, end in enumerate(ends):
        y = market.weekly_return[week]
        chosen = universe[week] & np.isfinite(y) & np.isfinite(styles[week]).all(axis=1)
        if chosen.sum() >= _FEWEST:
            x = _robust_z(styles[week][chosen])
            found.append(_fits(y[chosen], market.industry[end][chosen], x))
    industry, style, both = np.array(found).mean(axis=0)
    return [
        Figure("6", "weekly adjusted R2, industries", 0.07, 0.18, float(industry)),
        Figure("6", "weekly adjusted R2, six styles", 0.05, 0.12, float(style)),
        Figure("6", "weekly adjusted R2, industries and styles", 0.12, 0.26, float(both)),
    ]


def _robust_z(values: FloatArray) -> FloatArray:
    """Distance from the median in median absolute deviations (scaled to a normal), clipped."""
    centred = values - np.median(values, axis=0)
    spread = 1.4826 * np.median(np.abs(centred), axis=0)
    return np.clip(centred / spread, -_CLIP, _CLIP)


def _fits(y: FloatArray, industry: IntArray, styles: FloatArray) -> tuple[float, float, float]:
    dummies = (industry[:, None] == np.unique(industry)[None, :]).astype(np.float64)
    constant = np.ones((y.size, 1))
    return (
        adjusted_r_squared(y, dummies),
        adjusted_r_squared(y, np.hstack([constant, styles])),
        adjusted_r_squared(y, np.hstack([dummies, styles])),
    )


def adjusted_r_squared(y: FloatArray, x: FloatArray) -> float:
    """Adjusted R2 of least squares on columns that span a constant."""
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    total = ((y - y.mean()) ** 2).sum() / (y.size - 1)
    return float(1.0 - (residual**2).sum() / (y.size - x.shape[1]) / total)
