"""Statistics of a weekly Rank IC series: the paper's tables 5 and 6, and what overlap asks for."""

from collections.abc import Mapping

import numpy as np
from scipy import stats

from models_ml.arrays import Floats

STATISTICS: tuple[str, ...] = (
    "ir",
    "kurtosis",
    "mean",
    "negative",
    "p_value",
    "positive",
    "sig_negative",
    "sig_positive",
    "significance",
    "skew",
    "std",
    "t_stat",
    "t_stat_newey_west",
    "mean_non_overlapping",
    "t_stat_non_overlapping",
    "week_count",
)
_SIGNIFICANCE_LEVEL = 0.05


def rank_ic_summary(rank_ic: Floats, p_value: Floats, *, horizon_weeks: int) -> Mapping[str, float]:
    """Summarise a weekly Rank IC series.

    Parameters
    ----------
    rank_ic
        float64 [w], one value per week in time order; NaN = no value that week.
    p_value
        float64 [w], two-sided p-value of each week's own correlation.
    horizon_weeks
        Horizon h of the label: sets the Newey-West lag, max(1, h), and the number of
        non-overlapping sub-samples (weeks k, k + h, k + 2h, ...).

    Returns
    -------
    Mapping[str, float]
        One value per name of `STATISTICS`. mean, std (n - 1), ir = mean / std,
        t_stat = ir * sqrt(n), p_value (t, n - 1 degrees, two-sided), skew and excess kurtosis
        (bias-corrected), positive and negative counts; sig_positive, sig_negative and
        significance are shares of the n weeks with a value. mean_non_overlapping and
        t_stat_non_overlapping are means over the h sub-samples. NaN where too few weeks are
        left (std 2, skew 3, kurtosis 4) or the series is constant.
    """
    present = np.isfinite(rank_ic)
    values = np.asarray(rank_ic, dtype=np.float64)[present]
    significant = np.asarray(p_value, dtype=np.float64)[present] < _SIGNIFICANCE_LEVEL
    n = len(values)
    mean, std = _mean(values), _std(values)
    ir = mean / std if std > 0.0 else np.nan
    t_stat = ir * np.sqrt(n)
    sub_means, sub_t_stats = _non_overlapping(rank_ic, horizon_weeks)
    sig_positive = _mean(significant & (values > 0.0))
    sig_negative = _mean(significant & (values < 0.0))
    summary = {
        "ir": ir,
        "kurtosis": stats.kurtosis(values, bias=False) if n > 3 and std > 0.0 else np.nan,
        "mean": mean,
        "negative": np.count_nonzero(values < 0.0),
        "p_value": 2.0 * stats.t.sf(abs(t_stat), n - 1) if n > 1 else np.nan,
        "positive": np.count_nonzero(values > 0.0),
        "sig_negative": sig_negative,
        "sig_positive": sig_positive,
        "significance": _mean(significant),
        "skew": stats.skew(values, bias=False) if n > 2 and std > 0.0 else np.nan,
        "std": std,
        "t_stat": t_stat,
        "t_stat_newey_west": newey_west_t(values, lag=max(1, horizon_weeks)),
        "mean_non_overlapping": sub_means,
        "t_stat_non_overlapping": sub_t_stats,
        "week_count": n,
    }
    return {name: float(summary[name]) for name in STATISTICS}


def newey_west_t(values: Floats, *, lag: int) -> float:
    """Return the t statistic of a mean with Newey and West's (1987) variance.

    Parameters
    ----------
    values
        float64 [n], finite, in time order.
    lag
        Number of autocovariances, with Bartlett weights 1 - l / (lag + 1); no small-sample
        correction.

    Returns
    -------
    float
        NaN with fewer than two values or no positive variance.
    """
    n = len(values)
    if n < 2:
        return float("nan")
    deviation = values - np.mean(values)
    total = float(deviation @ deviation)
    for step in range(1, min(lag, n - 1) + 1):
        weight = 1.0 - step / (lag + 1.0)
        total += 2.0 * weight * float(deviation[step:] @ deviation[:-step])
    if total <= 0.0:
        return float("nan")
    return float(np.mean(values) / np.sqrt(total) * n)


def _non_overlapping(rank_ic: Floats, horizon_weeks: int) -> tuple[float, float]:
    means, t_stats = [], []
    for first in range(horizon_weeks):
        sample = np.asarray(rank_ic, dtype=np.float64)[first::horizon_weeks]
        sample = sample[np.isfinite(sample)]
        std = _std(sample)
        means.append(_mean(sample))
        t_stats.append(_mean(sample) / std * np.sqrt(len(sample)) if std > 0.0 else np.nan)
    return float(np.mean(means)), float(np.mean(t_stats))


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _std(values: Floats) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
