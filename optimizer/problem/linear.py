"""The canonical linear program in the weights, whatever objects it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InfeasibleError, InputError
from optimizer.problem.base import (
    Bounds,
    Constraint,
    LinearForm,
    LinearTerm,
    ObjectiveTerm,
    Reward,
    Rows,
    TradeCost,
    Turnover,
)

Form = TypeVar("Form", Turnover, TradeCost)


@dataclass(frozen=True)
class PortfolioProblem:
    """Maximise the sum of the terms over the intersection of the constraints.

    Attributes
    ----------
    symbols
        Names in the order of every vector.
    terms, constraints
        Composable parts; none knows the others.
    """

    symbols: tuple[str, ...]
    terms: tuple[ObjectiveTerm, ...]
    constraints: tuple[Constraint, ...]

    def objective(self, weights: FloatArray) -> float:
        """Value of the objective at these weights."""
        return sum(term.value(weights) for term in self.terms)

    @property
    def is_linear(self) -> bool:
        """Whether every term and constraint has a place in a linear program."""
        terms = all(term.linear_form() is not None for term in self.terms)
        return terms and all(part.linear_form() is not None for part in self.constraints)

    def slacks(self, weights: FloatArray) -> dict[str, float]:
        """Slack of every condition by name; negative where violated."""
        return {
            name: float(slack)
            for constraint in self.constraints
            for name, slack in zip(constraint.names(), constraint.slacks(weights), strict=True)
        }


@dataclass(frozen=True)
class LinearPortfolio:
    """Maximise ``reward' w`` less trading costs over rows, bounds and one turnover limit.

    Attributes
    ----------
    reward
        [names].
    matrix, row_lower, row_upper, row_labels, row_groups
        ``row_lower <= matrix w <= row_upper``, [rows]; infinite where open.
    lower, upper
        [names]; always finite, so that every vector of duals bounds the optimum.
    before, counted, turnover_limit
        ``sum over counted of |w - before| <= turnover_limit``; infinite if there is no limit.
    buying_cost, selling_cost
        [names], at least 0, per unit of weight above and below `before`.
    """

    symbols: tuple[str, ...]
    reward: FloatArray
    matrix: sparse.csr_matrix
    row_lower: FloatArray
    row_upper: FloatArray
    row_labels: tuple[str, ...]
    row_groups: tuple[str, ...]
    lower: FloatArray
    upper: FloatArray
    before: FloatArray
    counted: BoolArray
    turnover_limit: float
    buying_cost: FloatArray
    selling_cost: FloatArray
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.lower).all() and np.isfinite(self.upper).all()):
            raise InputError(
                "every weight needs a finite lower and upper bound: add LongOnly and NameCap"
            )
        if (self.lower > self.upper).any():
            first = int(np.flatnonzero(self.lower > self.upper)[0])
            raise InfeasibleError(
                f"bounds of {self.symbols[first]} exclude each other:"
                f" {self.lower[first]} > {self.upper[first]}"
            )
        coefficients = (self.reward, self.buying_cost, self.selling_cost)
        largest = max(float(np.abs(values).max(initial=0.0)) for values in coefficients)
        object.__setattr__(self, "scale", largest if largest > 0 else 1.0)

    @property
    def size(self) -> int:
        """Number of names."""
        return len(self.symbols)

    def rows_of(self, group: str) -> BoolArray:
        """Which rows belong to a group, [rows]."""
        return np.array([name == group for name in self.row_groups], dtype=np.bool_)

    @property
    def prices_changes(self) -> bool:
        """Whether the distance from `before` matters: a turnover limit or a trading cost."""
        return bool(
            np.isfinite(self.turnover_limit) or self.buying_cost.any() or self.selling_cost.any()
        )

    def objective(self, weights: FloatArray) -> float:
        """Reward less trading costs."""
        trading = TradeCost(self.before, self.buying_cost, self.selling_cost)
        return float(self.reward @ weights) - trading.cost(weights)

    def turnover(self, weights: FloatArray) -> float:
        """Two-way turnover of the counted names."""
        return float(np.abs(weights - self.before)[self.counted].sum())


def assemble(problem: PortfolioProblem) -> LinearPortfolio:
    """Collect the linear forms of all parts into one program.

    Raises
    ------
    InputError
        If a part is not linear, there are two turnover limits or trading costs or their weights
        before differ, or a name has no finite bounds.
    """
    size = len(problem.symbols)
    forms = [_linear(constraint) for constraint in problem.constraints]
    terms = [_linear(term) for term in problem.terms]
    rows = [form for form in forms if isinstance(form, Rows) and form.labels]
    bounds = [form for form in forms if isinstance(form, Bounds)]
    turnover = _at_most_one([form for form in forms if isinstance(form, Turnover)])
    cost = _at_most_one([term for term in terms if isinstance(term, TradeCost)])
    rewards = [term.coefficients for term in terms if isinstance(term, Reward)]
    matrix = sparse.vstack([form.matrix for form in rows], format="csr") if rows else None
    return LinearPortfolio(
        symbols=problem.symbols,
        reward=np.sum([np.zeros(size), *rewards], axis=0),
        matrix=sparse.csr_matrix((0, size)) if matrix is None else matrix,
        row_lower=_joined([form.lower for form in rows]),
        row_upper=_joined([form.upper for form in rows]),
        row_labels=tuple(label for form in rows for label in form.labels),
        row_groups=tuple(form.group for form in rows for _ in form.labels),
        lower=np.max([form.lower for form in bounds], axis=0) if bounds else np.full(size, -np.inf),
        upper=np.min([form.upper for form in bounds], axis=0) if bounds else np.full(size, np.inf),
        before=_before(turnover, cost, size),
        counted=turnover.counted if turnover else np.zeros(size, dtype=np.bool_),
        turnover_limit=turnover.limit if turnover else np.inf,
        buying_cost=cost.buying if cost else np.zeros(size),
        selling_cost=cost.selling if cost else np.zeros(size),
    )


def _linear(part: ObjectiveTerm | Constraint) -> LinearTerm | LinearForm:
    form = part.linear_form()
    if form is None:
        raise InputError(
            f"{type(part).__name__} is not linear: solve the problem with solve_convex"
        )
    return form


def _at_most_one(forms: Sequence[Form]) -> Form | None:
    if len(forms) > 1:
        word = "turnover limit" if isinstance(forms[0], Turnover) else "trading cost"
        raise InputError(f"one {word} at most, found {len(forms)}")
    return forms[0] if forms else None


def _before(turnover: Turnover | None, cost: TradeCost | None, size: int) -> FloatArray:
    if turnover and cost and not np.array_equal(turnover.before, cost.before):
        raise InputError("turnover limit and trading cost start from different weights before")
    part = turnover or cost
    return part.before if part else np.zeros(size)


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.empty(0)
