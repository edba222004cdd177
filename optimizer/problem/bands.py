"""Limits on sums over groups of names: styles, industries and other exposures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from optimizer.arrays import FloatArray
from optimizer.errors import InputError
from optimizer.problem.base import Rows


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
class GroupCap:
    """Largest total weight of each of some groups of names, ``G w <= cap``.

    Parameters
    ----------
    labels
        [groups], for instance ``board:star``.
    membership
        [groups, names], 0 or 1; groups may overlap.
    cap
        [groups].
    """

    labels: tuple[str, ...]
    membership: sparse.csr_matrix
    cap: FloatArray
    group: str = "group_cap"

    def __post_init__(self) -> None:
        groups = len(self.labels)
        if self.membership.shape[0] != groups or self.cap.shape != (groups,):
            raise InputError(
                f"{self.group}: {groups} labels, membership {self.membership.shape} and"
                f" {self.cap.size} caps do not belong together"
            )

    def names(self) -> tuple[str, ...]:
        """One per group."""
        return tuple(f"{self.group}:{label}" for label in self.labels)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Room below each cap."""
        return np.asarray(self.cap - self.membership @ weights, dtype=np.float64)

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One vector inequality."""
        return [self.membership @ weights <= self.cap]

    def linear_form(self) -> Rows:
        """Rows without a lower side."""
        return Rows(
            group=self.group,
            labels=self.names(),
            matrix=self.membership,
            lower=np.full(self.cap.size, -np.inf),
            upper=self.cap,
            sides="upper",
        )
