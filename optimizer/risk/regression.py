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

# Eigenvalues of the factors' correlations below this mean that some combination is constant.
_SINGULAR = 1e-10


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
    t_stats
        [1 + styles + industries], return over its standard error, in the order of
        `exposure_matrix`; NaN where there is no return.
    inflation
        [styles], variance inflation: 1 for a style that the other factors do not explain.
    capitalisation
        [industries], of the names in the regression.
    mean_square
        Weighted mean of the squared specific returns.
    """

    market: float
    styles: FloatArray
    industries: FloatArray
    specific: FloatArray
    r_squared: float
    t_stats: FloatArray
    inflation: FloatArray
    capitalisation: FloatArray
    mean_square: float


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
    weight = np.sqrt(capitalisation[used])
    reduced = exposures @ free
    gram = (reduced.T * weight) @ reduced
    inverse = _inverse(gram, int(used.sum()))
    factors = free @ (inverse @ (reduced.T @ (weight * returns[used])))
    specific = np.full(returns.size, np.nan)
    specific[used] = returns[used] - exposures @ factors
    square = float(weight @ specific[used] ** 2)
    count = styles.shape[1]
    present = np.concatenate([np.ones(1 + count, dtype=np.bool_), cap > 0])
    freedom = max(int(used.sum()) - free.shape[1], 1)
    spread = np.einsum("fk,kl,fl->f", free, inverse, free) * square / freedom
    error = np.sqrt(np.where(present, spread, np.nan))
    mean = weight @ exposures[:, 1 : 1 + count] / weight.sum()
    own = weight @ (exposures[:, 1 : 1 + count] - mean) ** 2
    return FactorReturns(
        market=float(factors[0]),
        styles=factors[1 : 1 + count],
        industries=np.where(cap > 0, factors[1 + count :], np.nan),
        specific=specific,
        r_squared=1.0 - square / float(weight @ returns[used] ** 2),
        t_stats=np.divide(factors, error, out=np.full(factors.size, np.nan), where=error > 0),
        inflation=np.asarray(own * np.diag(inverse)[1 : 1 + count], dtype=np.float64),
        capitalisation=cap,
        mean_square=square / float(weight.sum()),
    )


def _inverse(gram: FloatArray, names: int) -> FloatArray:
    """Inverse of the weighted products of the free factors."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(gram), np.finfo(np.float64).tiny))
    values, vectors = np.linalg.eigh(gram * np.outer(scale, scale))
    rank = int((values > _SINGULAR).sum())
    if rank < values.size:
        raise InputError(
            f"factor returns: {names} names determine {rank} of {values.size} factors; drop styles"
            " that are constant or combinations of others"
        )
    scaled = scale[:, None] * vectors
    return np.asarray((scaled / values) @ scaled.T, dtype=np.float64)


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
