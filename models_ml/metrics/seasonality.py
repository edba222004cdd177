"""Whether calendar months differ: a permutation test within years."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_ml.arrays import Floats

Months = NDArray[np.int64]


@dataclass(frozen=True)
class MonthEffect:
    """What calendar months explain.

    Parameters
    ----------
    explained_share
        Share, 0 to 1, of the squared deviations from the year's mean that the means of the
        calendar months account for.
    p_value
        Share of permutations, the given order included, that explain at least as much.
    """

    explained_share: float
    p_value: float


def month_effect(
    years: Months, months: Months, values: Floats, *, permutations: int = 1999, seed: int = 777
) -> MonthEffect:
    """Test whether calendar months have means of their own.

    Under the null the months of one year are interchangeable, whatever the level of the year. So
    values are permuted within years, as in a randomised block design (Pitman, Significance Tests
    Which May be Applied to Samples From Any Populations III, Biometrika 29, 1938), and the given
    order counts as one of the permutations, which keeps the test exact (Phipson and Smyth,
    Permutation P-values Should Never Be Zero, SAGMB 9, 2010).

    Parameters
    ----------
    years, months
        int64 [n], calendar year and month (1 to 12) of each value; no pair twice.
    values
        float64 [n], finite.
    permutations
        Orders drawn.
    seed
        Seed of the draws.

    Returns
    -------
    MonthEffect
        NaN for both where the values do not vary within any year.

    Raises
    ------
    ValueError
        If a month of a year occurs twice or a value is missing.
    """
    if len(np.unique(years * 12 + months)) != len(years):
        raise ValueError("expected every month once, found one of them twice")
    if not np.isfinite(values).all():
        raise ValueError("expected finite values, found missing ones: leave those months out")
    _, year_of = np.unique(years, return_inverse=True)
    counts = np.bincount(year_of)
    centred = values - (np.bincount(year_of, values) / counts)[year_of]
    total = float(centred @ centred)
    if total <= (1e-12 * float(np.abs(values).max(initial=0.0))) ** 2 * len(values):
        return MonthEffect(np.nan, np.nan)
    observed = _between_months(centred[None, :], months)[0]
    drawn = _between_months(_permuted(centred, year_of, permutations, seed), months)
    # Equal orders may differ in the last digit.
    as_large = int(np.count_nonzero(drawn >= observed - 1e-12 * total))
    return MonthEffect(float(observed / total), (1 + as_large) / (1 + permutations))


def _permuted(values: Floats, year_of: Months, permutations: int, seed: int) -> Floats:
    """Rows of values, each shuffled inside every year."""
    generator = np.random.default_rng(seed)
    rows = np.tile(values, (permutations, 1))
    for year in np.unique(year_of):
        columns = np.flatnonzero(year_of == year)
        rows[:, columns] = generator.permuted(rows[:, columns], axis=1)
    return rows


def _between_months(rows: Floats, months: Months) -> Floats:
    """Sum over calendar months of count times squared mean, per row."""
    member = months[:, None] == np.unique(months)
    sums = rows @ member.astype(np.float64)
    return np.asarray((sums**2 / member.sum(axis=0)).sum(axis=1))
