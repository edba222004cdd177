"""Constraints of the portfolio, each a small object that can be checked without solving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InputError
from optimizer.problem.base import Bounds, Rows, Turnover


@dataclass(frozen=True)
class ExposureBand:
    """Active exposures within a band: ``|X w - centre| <= limit``, one row per exposure.

    Parameters
    ----------
    labels
        [rows], what is banded.
    exposures
        [rows, names]; finite.
    centre
        [rows], the benchmark's own exposures.
    limit
        Half-width of the band, the same for every row, at least 0.
    """

    labels: tuple[str, ...]
    exposures: sparse.csr_matrix
    centre: FloatArray
    limit: float

    def __post_init__(self) -> None:
        rows = len(self.labels)
        if self.exposures.shape[0] != rows or self.centre.shape != (rows,):
            raise InputError(
                f"{self.group} band: {rows} labels, exposures {self.exposures.shape},"
                f" centre {self.centre.shape} do not belong together"
            )
        if not (np.isfinite(self.exposures.data).all() and np.isfinite(self.centre).all()):
            raise InputError(f"{self.group} band: exposures and centre must be finite")
        if not self.limit >= 0:
            raise InputError(f"{self.group} band: the limit must be at least 0, is {self.limit}")

    @property
    def group(self) -> str:
        """Family of the constraint."""
        return "exposure"

    def names(self) -> tuple[str, ...]:
        """Upper sides first, then lower sides."""
        return tuple(
            f"{self.group}:{label}:{side}" for side in ("upper", "lower") for label in self.labels
        )

    def active_exposures(self, weights: FloatArray) -> FloatArray:
        """Exposures of the portfolio less those of the benchmark, [rows]."""
        return np.asarray(self.exposures @ weights - self.centre, dtype=np.float64)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Distance to the upper, then to the lower edge of each band."""
        active = self.active_exposures(weights)
        return np.concatenate([self.limit - active, self.limit + active])

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """Two vector inequalities."""
        exposure = self.exposures @ weights
        return [exposure <= self.centre + self.limit, exposure >= self.centre - self.limit]

    def linear_form(self) -> Rows:
        """Ranged rows."""
        return Rows(
            group=self.group,
            labels=tuple(f"{self.group}:{label}" for label in self.labels),
            matrix=self.exposures,
            lower=self.centre - self.limit,
            upper=self.centre + self.limit,
        )


@dataclass(frozen=True)
class StyleBand(ExposureBand):
    """Barra style exposures against the index (equation 2 of the paper)."""

    @property
    def group(self) -> str:
        """Family of the constraint."""
        return "style"


@dataclass(frozen=True)
class IndustryBand(ExposureBand):
    """Industry weights against the index (equation 3 of the paper); exposures are 0 or 1."""

    @property
    def group(self) -> str:
        """Family of the constraint."""
        return "industry"


@dataclass(frozen=True)
class NameCap:
    """Largest weight of each name, ``w <= cap`` (equation 4 of the paper), [names]."""

    symbols: tuple[str, ...]
    cap: FloatArray
    group: str = "name_cap"

    def names(self) -> tuple[str, ...]:
        """One per symbol."""
        return tuple(f"{self.group}:{symbol}" for symbol in self.symbols)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Room below each cap."""
        return self.cap - weights

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One vector inequality."""
        return [weights <= self.cap]

    def linear_form(self) -> Bounds:
        """Upper bounds."""
        return Bounds(np.full(self.cap.size, -np.inf), self.cap)


@dataclass(frozen=True)
class LongOnly:
    """No short positions (equation 6 of the paper)."""

    symbols: tuple[str, ...]
    group: str = "long_only"

    def names(self) -> tuple[str, ...]:
        """One per symbol."""
        return tuple(f"{self.group}:{symbol}" for symbol in self.symbols)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """The weights themselves."""
        return weights

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One vector inequality."""
        return [weights >= 0]

    def linear_form(self) -> Bounds:
        """Lower bounds of zero."""
        size = len(self.symbols)
        return Bounds(np.zeros(size), np.full(size, np.inf))


@dataclass(frozen=True)
class FixedNames:
    """Names whose weight is given: frozen ones at what is held, forced exits at zero.

    Parameters
    ----------
    symbols
        [names], all of them.
    fixed
        [names], True where the weight is given.
    weights
        [names], the given weights; ignored elsewhere.
    group
        ``frozen`` or ``exit``.
    """

    symbols: tuple[str, ...]
    fixed: BoolArray
    weights: FloatArray
    group: str

    def names(self) -> tuple[str, ...]:
        """One per fixed symbol."""
        return tuple(f"{self.group}:{self.symbols[i]}" for i in np.flatnonzero(self.fixed))

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Minus the distance from the given weight."""
        distance: FloatArray = np.abs(weights - self.weights)[self.fixed]
        return -distance

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One vector equality, nothing if no name is fixed."""
        index = np.flatnonzero(self.fixed)
        return [weights[index] == self.weights[index]] if index.size else []

    def linear_form(self) -> Bounds:
        """Equal lower and upper bounds."""
        return Bounds(
            np.where(self.fixed, self.weights, -np.inf), np.where(self.fixed, self.weights, np.inf)
        )


@dataclass(frozen=True)
class TurnoverLimit:
    """Two-way turnover of the names the optimiser may choose: ``sum |w - before| <= limit``.

    The paper prints the sum without the absolute value (equation 5); between two fully invested
    portfolios that sum is always zero, so the absolute value is meant.
    """

    before: FloatArray
    counted: BoolArray
    limit: float
    group: str = "turnover"

    def names(self) -> tuple[str, ...]:
        """A single one."""
        return (self.group,)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Turnover still allowed."""
        change = np.abs(weights - self.before)[self.counted]
        return np.array([self.limit - change.sum()])

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One norm inequality, nothing if no name counts."""
        index = np.flatnonzero(self.counted)
        if not index.size:
            return []
        return [cp.norm1(weights[index] - self.before[index]) <= self.limit]

    def linear_form(self) -> Turnover:
        """Left to the solver, which splits the change into purchases and sales."""
        return Turnover(self.before, self.counted, self.limit)


@dataclass(frozen=True)
class FullInvestment:
    """Weights of all names sum to a total (equation 7 of the paper); the rest is cash."""

    size: int
    total: float = 1.0
    group: str = "full_investment"

    def names(self) -> tuple[str, ...]:
        """A single one."""
        return (self.group,)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Minus the distance from the total."""
        return np.array([-abs(float(weights.sum()) - self.total)])

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One equality."""
        return [cp.sum(weights) == self.total]

    def linear_form(self) -> Rows:
        """One equality row."""
        bound = np.array([self.total])
        ones = sparse.csr_matrix(np.ones((1, self.size)))
        return Rows(self.group, (self.group,), ones, bound, bound)
