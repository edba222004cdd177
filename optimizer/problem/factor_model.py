"""Covariance of the names in factor form, ``B F B' + S``; never a matrix of names by names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cvxpy as cp
import numpy as np
from scipy import sparse

from optimizer.arrays import FloatArray
from optimizer.errors import InputError

# Negative eigenvalues down to this share of the largest are rounding.
_ROUNDING = 1e-10


@dataclass(frozen=True)
class FactorModel:
    """Risk of a set of names.

    Parameters
    ----------
    exposures
        B, [names, factors].
    covariance
        F, [factors, factors], of the factors' returns; symmetric and positive semidefinite.
    specific
        S, [names], specific variances, at least 0.
    outside_exposure, outside_variance
        [factors] and a number: exposure and specific variance of what the benchmark holds in names
        that are not among these. Active risk counts them; none by default.

    Raises
    ------
    InputError
        If shapes do not belong together, values are missing, or the risk could be negative.
    """

    exposures: FloatArray
    covariance: FloatArray
    specific: FloatArray
    outside_exposure: FloatArray | None = None
    outside_variance: float = 0.0

    def __post_init__(self) -> None:
        names, factors = self.exposures.shape
        if self.covariance.shape != (factors, factors) or self.specific.shape != (names,):
            raise InputError(
                f"risk model: exposures {self.exposures.shape}, covariance"
                f" {self.covariance.shape} and {self.specific.size} specific variances do not"
                " belong together"
            )
        parts = (self.exposures, self.covariance, self.specific)
        if not all(np.isfinite(part).all() for part in parts):
            raise InputError("risk model: exposures, covariance and specific must be finite")
        if (self.specific < 0).any():
            raise InputError("risk model: specific variances must be at least 0")
        if not np.allclose(self.covariance, self.covariance.T, rtol=1e-9, atol=0.0):
            raise InputError("risk model: the factor covariance must be symmetric")
        values = np.linalg.eigvalsh(self.covariance) if factors else np.zeros(1)
        if values[0] < -_ROUNDING * max(float(values[-1]), 0.0):
            raise InputError(
                f"risk model: the factor covariance has the eigenvalue {values[0]:.3g}; it must be"
                " positive semidefinite"
            )

    @cached_property
    def root(self) -> FloatArray:
        """R with ``F = R R'``, [factors, factors]."""
        values, vectors = np.linalg.eigh(self.covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)

    @cached_property
    def loadings(self) -> FloatArray:
        """Exposures to uncorrelated factors of variance 1, ``R' B'``."""
        return np.asarray((self.exposures @ self.root).T, dtype=np.float64)

    @cached_property
    def outside(self) -> FloatArray:
        """Exposure of the benchmark's other names, [factors]; zeros if it has none."""
        given = self.outside_exposure
        return np.zeros(self.covariance.shape[0]) if given is None else given

    def variance(self, weights: FloatArray) -> float:
        """Variance of a portfolio [names], at the price of names times factors."""
        factor = self.exposures.T @ weights - self.outside
        own = self.specific @ weights**2 + self.outside_variance
        return float(factor @ self.covariance @ factor + own)

    @cached_property
    def sparse_exposures(self) -> sparse.csr_matrix:
        """Exposures without the zeros of industries that a name is not in."""
        return sparse.csr_matrix(self.exposures)

    def covariance_with(self, weights: FloatArray) -> FloatArray:
        """Covariance of each name with a portfolio [names], at the price of `variance`."""
        factor = self.covariance @ (self.exposures.T @ weights - self.outside)
        return np.asarray(self.exposures @ factor + self.specific * weights, dtype=np.float64)

    def compiled_variance(self, weights: Any) -> Any:
        """Variance of a cvxpy expression.

        Exposures stay as sparse as they are: with industries among the factors the solver needs
        half the time that dense loadings take.
        """
        factor = self.sparse_exposures.T @ weights - self.outside
        specific = cp.sum_squares(cp.multiply(np.sqrt(self.specific), weights))
        return (
            cp.quad_form(factor, self.covariance, assume_PSD=True)
            + specific
            + self.outside_variance
        )

    def deviations(self, weights: Any) -> tuple[Any, Any, Any]:
        """Parts of a cvxpy expression whose squares sum to the variance."""
        factors = self.root.T @ (self.sparse_exposures.T @ weights - self.outside)
        own = cp.multiply(np.sqrt(self.specific), weights)
        return factors, own, np.array([np.sqrt(self.outside_variance)])
