"""What an objective term and a constraint have to offer.

Weights are fractions of the portfolio's value, one per name, in one fixed order of names. Every
part gives itself to cvxpy; the linear ones also give a form for the linear program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray

Sides = Literal["both", "upper", "lower", "equal"]
"""Which limits a form has. Names of conditions list all upper sides, then all lower sides."""


@dataclass(frozen=True)
class Reward:
    """Linear term ``coefficients' w``, [names]."""

    coefficients: FloatArray


@dataclass(frozen=True)
class TradeCost:
    """Term ``-(buying' max(w - before, 0) + selling' max(before - w, 0))``; [names] each."""

    before: FloatArray
    buying: FloatArray
    selling: FloatArray

    def cost(self, weights: FloatArray) -> float:
        """What reaching these weights costs."""
        change = weights - self.before
        bought, sold = np.maximum(change, 0.0), np.maximum(-change, 0.0)
        return float(self.buying @ bought + self.selling @ sold)


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
    sides: Sides = "both"


@dataclass(frozen=True)
class Bounds:
    """Bounds ``lower <= w <= upper``, [names] each; infinite where open.

    Names that are not bounded have no condition.
    """

    lower: FloatArray
    upper: FloatArray
    sides: Sides

    @property
    def bounded(self) -> BoolArray:
        """Names with a condition, [names]."""
        return np.isfinite(self.lower) | np.isfinite(self.upper)


@dataclass(frozen=True)
class Turnover:
    """Bound ``sum over counted names of |w - before| <= limit``; [names] each."""

    before: FloatArray
    counted: BoolArray
    limit: float


LinearTerm = Reward | TradeCost
LinearForm = Rows | Bounds | Turnover


class ObjectiveTerm(Protocol):
    """A concave function of the weights, to be maximised."""

    def value(self, weights: FloatArray) -> float:
        """Value of the term at these weights."""
        ...

    def to_cvxpy(self, weights: Any) -> Any:
        """Expression of the term in a cvxpy variable [names]."""
        ...

    def linear_form(self) -> LinearTerm | None:
        """The term for a linear program; None if it has no place in one."""
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

    def linear_form(self) -> LinearForm | None:
        """The same set for a linear program; None if it has no place in one."""
        ...


@dataclass(frozen=True)
class ConditionPrices:
    """Duals and slacks of all conditions of a constraint, in the order of its names.

    Attributes
    ----------
    dual
        Change of the objective per unit by which the limit widens, at least 0; of an equality, per
        unit of the given value.
    slack
        Distance to the limit, negative by the violation.
    """

    constraint: Constraint
    dual: FloatArray
    slack: FloatArray

    def by_name(self) -> dict[str, tuple[float, float]]:
        """Dual and slack of each condition."""
        pairs = zip(self.dual.tolist(), self.slack.tolist(), strict=True)
        return dict(zip(self.constraint.names(), pairs, strict=True))


def is_satisfied(constraint: Constraint, weights: FloatArray, tolerance: float = 1e-9) -> bool:
    """Whether the weights lie in the constraint's set, up to a tolerance in weight."""
    return bool(np.all(constraint.slacks(weights) >= -tolerance))
