"""Limits on the weight of each single name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.problem.base import Bounds


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
        return Bounds(np.full(self.cap.size, -np.inf), self.cap, "upper")


@dataclass(frozen=True)
class NameBand:
    """Weight of each name near the benchmark's, ``|w - centre| <= limit``; [names] each."""

    symbols: tuple[str, ...]
    centre: FloatArray
    limit: FloatArray
    group: str = "name_band"

    def names(self) -> tuple[str, ...]:
        """Upper sides first, then lower sides."""
        return tuple(
            f"{self.group}:{symbol}:{side}"
            for side in ("upper", "lower")
            for symbol in self.symbols
        )

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Distance to the upper, then to the lower edge of each band."""
        active = weights - self.centre
        return np.concatenate([self.limit - active, self.limit + active])

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """Two vector inequalities."""
        return [weights <= self.centre + self.limit, weights >= self.centre - self.limit]

    def linear_form(self) -> Bounds:
        """Both bounds of every name."""
        return Bounds(self.centre - self.limit, self.centre + self.limit, "both")


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
        return Bounds(np.zeros(size), np.full(size, np.inf), "lower")


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
            np.where(self.fixed, self.weights, -np.inf),
            np.where(self.fixed, self.weights, np.inf),
            "equal",
        )
