"""The canonical linear program in the weights, whatever objects it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InfeasibleError, InputError
from optimizer.problem.base import Bounds, Constraint, ObjectiveTerm, Rows, Turnover


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

    def slacks(self, weights: FloatArray) -> dict[str, float]:
        """Slack of every condition by name; negative where violated."""
        return {
            name: float(slack)
            for constraint in self.constraints
            for name, slack in zip(constraint.names(), constraint.slacks(weights), strict=True)
        }


@dataclass(frozen=True)
class LinearPortfolio:
    """Maximise ``reward' w`` over rows, bounds and one turnover limit.

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
        largest = float(np.abs(self.reward).max(initial=0.0))
        object.__setattr__(self, "scale", largest if largest > 0 else 1.0)

    @property
    def size(self) -> int:
        """Number of names."""
        return len(self.symbols)

    def rows_of(self, group: str) -> BoolArray:
        """Which rows belong to a group, [rows]."""
        return np.array([name == group for name in self.row_groups], dtype=np.bool_)

    def turnover(self, weights: FloatArray) -> float:
        """Two-way turnover of the counted names."""
        return float(np.abs(weights - self.before)[self.counted].sum())


def assemble(problem: PortfolioProblem) -> LinearPortfolio:
    """Collect the linear forms of all parts into one program.

    Raises
    ------
    InputError
        If there are two turnover limits, or a name without finite bounds.
    """
    size = len(problem.symbols)
    forms = [constraint.linear_form() for constraint in problem.constraints]
    rows = [form for form in forms if isinstance(form, Rows) and form.labels]
    bounds = [form for form in forms if isinstance(form, Bounds)]
    turnover = _single_turnover([form for form in forms if isinstance(form, Turnover)], size)
    matrix = sparse.vstack([form.matrix for form in rows], format="csr") if rows else None
    return LinearPortfolio(
        symbols=problem.symbols,
        reward=np.sum([term.linear_reward() for term in problem.terms], axis=0),
        matrix=sparse.csr_matrix((0, size)) if matrix is None else matrix,
        row_lower=_joined([form.lower for form in rows]),
        row_upper=_joined([form.upper for form in rows]),
        row_labels=tuple(label for form in rows for label in form.labels),
        row_groups=tuple(form.group for form in rows for _ in form.labels),
        lower=np.max([form.lower for form in bounds], axis=0) if bounds else np.full(size, -np.inf),
        upper=np.min([form.upper for form in bounds], axis=0) if bounds else np.full(size, np.inf),
        before=turnover.before,
        counted=turnover.counted,
        turnover_limit=turnover.limit,
    )


def _single_turnover(forms: Sequence[Turnover], size: int) -> Turnover:
    if len(forms) > 1:
        raise InputError(f"one turnover limit at most, found {len(forms)}")
    if forms:
        return forms[0]
    return Turnover(np.zeros(size), np.zeros(size, dtype=np.bool_), np.inf)


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.empty(0)
