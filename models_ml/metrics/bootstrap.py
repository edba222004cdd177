"""Intervals of paired differences of dependent series: the stationary bootstrap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_ml.arrays import Floats

Positions = NDArray[np.int64]
Statistic = Callable[[Floats], Floats]

# 244 sessions a year, five a week.
WEEKS_PER_YEAR = 244 / 5


@dataclass(frozen=True)
class BootstrapRule:
    """How many resamples are drawn, from which seed, and how wide the interval is.

    Parameters
    ----------
    replications
        Resamples.
    level
        Confidence level, between 0 and 1.
    seed
        Seed of the draws: series of equal length and block length share them.
    minimum_count
        With fewer observations there is no interval.
    """

    replications: int = 1999
    level: float = 0.95
    seed: int = 777
    minimum_count: int = 10

    def __post_init__(self) -> None:
        if self.replications < 1 or not 0.0 < self.level < 1.0 or self.minimum_count < 2:
            raise ValueError(
                "expected one replication or more, a level between 0 and 1 and a least count of"
                f" two or more, found {self}"
            )


@dataclass(frozen=True)
class PairedInterval:
    """Difference of a statistic between two series, and where it lies with the stated confidence.

    Parameters
    ----------
    effect
        Statistic of the first series less that of the second.
    lower, upper
        Ends of the percentile interval; NaN with too few observations.
    mean_block_length
        Expected length of the blocks, in observations; NaN with too few.
    """

    effect: float
    lower: float
    upper: float
    mean_block_length: float


def mean_of(values: Floats) -> Floats:
    """Mean over the last axis."""
    return np.asarray(values.mean(axis=-1))


def standard_deviation(values: Floats) -> Floats:
    """Sample standard deviation over the last axis."""
    return np.asarray(values.std(axis=-1, ddof=1))


def sharpe_ratio(values: Floats) -> Floats:
    """Annualised mean over sample standard deviation of weekly returns; 0 if they are constant."""
    deviation = values.std(axis=-1, ddof=1)
    ratio = np.zeros(deviation.shape)
    np.divide(values.mean(axis=-1), deviation, out=ratio, where=deviation > 1e-14)
    return np.asarray(ratio * np.sqrt(WEEKS_PER_YEAR))


def max_drawdown(values: Floats) -> Floats:
    """Deepest fall of the compounded returns from their high, at most 0; the start counts."""
    wealth = np.cumprod(1.0 + values, axis=-1)
    high = np.maximum(np.maximum.accumulate(wealth, axis=-1), 1.0)
    return np.asarray((wealth / high - 1.0).min(axis=-1))


STATISTICS_OF_PAIRS: Mapping[str, Statistic] = {
    "mean": mean_of,
    "std": standard_deviation,
    "sharpe_ratio": sharpe_ratio,
    "max_drawdown": max_drawdown,
}


def paired_interval(
    first: Floats,
    second: Floats,
    statistic: Statistic = mean_of,
    rule: BootstrapRule | None = None,
) -> PairedInterval:
    """Difference of a statistic between two series observed together, with its interval.

    Both series are resampled at the same places, in blocks of random length, so that what they
    have in common cancels and what lasts from one observation to the next is kept: Politis and
    Romano, The Stationary Bootstrap, JASA 89 (1994).

    Parameters
    ----------
    first, second
        float64 [n], finite, in time order.
    statistic
        Takes [..., n] and reduces the last axis.
    rule
        Resamples, level, seed.

    Returns
    -------
    PairedInterval
        Percentile interval.

    Raises
    ------
    ValueError
        If the lengths differ, there is no observation, or a value is missing.
    """
    rule = rule or BootstrapRule()
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1 or len(first) == 0:
        raise ValueError(
            f"expected two series of one length, found shapes {first.shape} and {second.shape}"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("expected finite series, found missing values: leave those weeks out")
    if len(first) < rule.minimum_count:
        effect = float(mean_of(first) - mean_of(second)) if statistic is mean_of else np.nan
        return PairedInterval(effect, np.nan, np.nan, np.nan)
    # The selected length is 1 where a short series hides its dependence: the rate decides then.
    length = max(mean_block_length(first - second), len(first) ** (1.0 / 3.0))
    places = stationary_positions(len(first), length, rule.replications, rule.seed)
    resampled = statistic(first[places]) - statistic(second[places])
    tail = (1.0 - rule.level) / 2.0
    lower, upper = np.quantile(resampled, [tail, 1.0 - tail])
    return PairedInterval(
        float(statistic(first) - statistic(second)), float(lower), float(upper), length
    )


def stationary_positions(count: int, mean_length: float, replications: int, seed: int) -> Positions:
    """Places that each resample reads: blocks of geometric length on the series as a circle.

    Parameters
    ----------
    count
        Length of the series.
    mean_length
        Expected block length, at least 1.
    replications
        Resamples.
    seed
        Seed of the draws.

    Returns
    -------
    int64 [replications, count]
    """
    generator = np.random.default_rng(seed)
    places = generator.integers(0, count, size=(replications, count))
    begins = generator.random((replications, count)) < 1.0 / mean_length
    begins[:, 0] = True
    # Inside a block the place is that of the block's first observation, plus the steps since.
    steps = np.arange(count)
    block_start = np.maximum.accumulate(np.where(begins, steps, 0), axis=1)
    positions: Positions = (np.take_along_axis(places, block_start, axis=1) + steps) - block_start
    return positions % count


def mean_block_length(series: Floats) -> float:
    """Expected block length of the stationary bootstrap that suits the mean of a series.

    Politis and White, Automatic Block-Length Selection for the Dependent Bootstrap, Econometric
    Reviews 23 (2004), with the correction of Patton, Politis and White (2009): the flat-top lag
    window up to twice the lag after which autocorrelation is no more than chance.

    Parameters
    ----------
    series
        float64 [n], finite.

    Returns
    -------
    float
        Between 1 and ceil(min(3 sqrt(n), n / 3)); 1 for a constant series.
    """
    count = len(series)
    longest = float(np.ceil(min(3.0 * np.sqrt(count), count / 3.0)))
    centred = series - series.mean()
    variance = float(np.mean(centred * centred))
    # Rounding alone, where the difference is the same every week.
    if variance <= (1e-12 * float(np.abs(series).max(initial=0.0))) ** 2:
        return 1.0
    run = max(5, int(np.ceil(np.sqrt(np.log10(count)))))
    last_lag = min(int(np.ceil(np.sqrt(count))) + run, count - 1)
    covariance = np.array(
        [centred[: count - lag] @ centred[lag:] / count for lag in range(last_lag + 1)]
    )
    cut = 2 * _last_significant_lag(covariance / variance, count, run)
    lags = np.arange(1, min(cut, last_lag) + 1)
    if len(lags) == 0:
        return 1.0
    weight = np.clip(2.0 * (1.0 - lags / cut), 0.0, 1.0)
    spectrum = variance + 2.0 * float(weight @ covariance[lags])
    slope = 2.0 * float((weight * lags) @ covariance[lags])
    if spectrum <= 0.0:
        return 1.0
    length = (slope**2 / spectrum**2) ** (1.0 / 3.0) * count ** (1.0 / 3.0)
    return float(np.clip(length, 1.0, max(longest, 1.0)))


def _last_significant_lag(correlation: Floats, count: int, run: int) -> int:
    """Smallest lag after which `run` autocorrelations in a row are within the bounds of chance."""
    bound = 2.0 * np.sqrt(np.log10(count) / count)
    significant = np.flatnonzero(np.abs(correlation[1:]) >= bound) + 1
    for lag in range(len(correlation) - run):
        if not ((significant > lag) & (significant <= lag + run)).any():
            return lag
    return int(significant.max(initial=0))
