"""Factor returns of one session: a weighted regression of returns across names.

Each return is explained by the market, the styles and one industry (Barra's form). Market and
industries would be collinear, so the industries' returns, weighted by capitalisation, sum to zero:
the market's return is then that of all names together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import FloatArray, IntArray
from optimizer.errors import InputError


@dataclass(frozen=True)
class FactorReturns:
    """Result of one session.

    Attributes
    ----------
    market
        Return of the market.
    styles
        [styles], per unit of exposure.
    industries
        [industries], in excess of the market; NaN where no name was in the regression.
    specific
        [names], what the factors leave; NaN for names outside the regression.
    r_squared
        Weighted share of the squared returns that the factors explain.
    """

    market: float
    styles: FloatArray
    industries: FloatArray
    specific: FloatArray
    r_squared: float


def exposure_matrix(styles: FloatArray, industry: IntArray, industries: int) -> FloatArray:
    """Exposures to market, styles and industries, [names, 1 + styles + industries].

    Parameters
    ----------
    styles
        [names, styles].
    industry
        [names], position of each name's industry; -1 for none.
    """
    dummies = industry[:, None] == np.arange(industries)
    return np.column_stack([np.ones(industry.size), styles, dummies])


def factor_returns(
    returns: FloatArray,
    styles: FloatArray,
    industry: IntArray,
    capitalisation: FloatArray,
    industries: int,
) -> FactorReturns:
    """Regress returns on the exposures of the latest week, weighted by the root of capitalisation.

    Names with a missing return, exposure or capitalisation, or without industry, are left out.

    Parameters
    ----------
    returns
        [names], of the session; NaN where missing.
    styles
        [names, styles], known before the session.
    industry, capitalisation
        [names], known before the session.

    Raises
    ------
    InputError
        If the names at hand do not determine the factors.
    """
    used = np.isfinite(returns) & np.isfinite(styles).all(axis=1) & (industry >= 0)
    used &= np.isfinite(capitalisation) & (capitalisation > 0)
    cap = np.bincount(industry[used], capitalisation[used], industries).astype(np.float64)
    exposures = exposure_matrix(styles, industry, industries)[used]
    free = _free_factors(cap, styles.shape[1])
    root = capitalisation[used] ** 0.25
    solved, _, rank, _ = np.linalg.lstsq(root[:, None] * (exposures @ free), root * returns[used])
    if rank < free.shape[1]:
        raise InputError(
            f"factor returns: {int(used.sum())} names determine {rank} of {free.shape[1]} factors;"
            " drop styles that are constant or combinations of others"
        )
    factors = free @ solved
    specific = np.full(returns.size, np.nan)
    specific[used] = returns[used] - exposures @ factors
    explained = 1.0 - _square(root, specific[used]) / _square(root, returns[used])
    sectors = np.where(cap > 0, factors[1 + styles.shape[1] :], np.nan)
    return FactorReturns(
        float(factors[0]), factors[1 : 1 + styles.shape[1]], sectors, specific, explained
    )


def _free_factors(cap: FloatArray, styles: int) -> FloatArray:
    """Columns that span all factor returns whose industries sum to zero, [factors, free]."""
    present = np.flatnonzero(cap)
    if not present.size:
        raise InputError("factor returns: no name has a return, exposures and an industry")
    largest = present[np.argmax(cap[present])]
    others = present[present != largest]
    free = np.zeros((1 + styles + cap.size, 1 + styles + others.size))
    plain = np.arange(1 + styles)
    free[plain, plain] = 1.0
    columns = 1 + styles + np.arange(others.size)
    free[1 + styles + others, columns] = 1.0
    free[1 + styles + largest, columns] = -cap[others] / cap[largest]
    return free


def _square(root: FloatArray, values: FloatArray) -> float:
    return float(((root * values) ** 2).sum())
