"""What an objective term and a constraint have to offer.

Weights are fractions of the portfolio's value, one per name, in one fixed order of names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Rows:
    """Linear rows ``lower <= matrix @ w <= upper``.

    Attributes
    ----------
    labels
        One per row, for instance ``style:size``.
    matrix
        [rows, names].
    lower, upper
        [rows]; equal for an equality, infinite where one side is open.
    """

    group: str
    labels: tuple[str, ...]
    matrix: sparse.csr_matrix
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class Bounds:
    """Bounds ``lower <= w <= upper``, [names] each; infinite where open."""

    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class Turnover:
    """Bound ``sum over counted names of |w - before| <= limit``; [names] each."""

    before: FloatArray
    counted: BoolArray
    limit: float


LinearForm = Rows | Bounds | Turnover


class ObjectiveTerm(Protocol):
    """A concave function of the weights, to be maximised."""

    def value(self, weights: FloatArray) -> float:
        """Value of the term at these weights."""
        ...

    def to_cvxpy(self, weights: Any) -> Any:
        """Expression of the term in a cvxpy variable [names]."""
        ...

    def linear_reward(self) -> FloatArray:
        """Coefficients [names] of a term that is linear in the weights."""
        ...


class Constraint(Protocol):
    """A convex set of weights."""

    @property
    def group(self) -> str:
        """Family of the constraint, for instance ``style``."""
        ...

    def names(self) -> tuple[str, ...]:
        """One name per scalar condition."""
        ...

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Distance to each limit, one per name: negative by the amount of the violation."""
        ...

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """Conditions on a cvxpy variable [names]."""
        ...

    def linear_form(self) -> LinearForm:
        """The same set for a linear program."""
        ...


def is_satisfied(constraint: Constraint, weights: FloatArray, tolerance: float = 1e-9) -> bool:
    """Whether the weights lie in the constraint's set, up to a tolerance in weight."""
    return bool(np.all(constraint.slacks(weights) >= -tolerance))
