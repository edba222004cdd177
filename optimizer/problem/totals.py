"""Limits on the portfolio as a whole: turnover, investment, distance from the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray
from optimizer.problem.base import Rows, Turnover
from optimizer.problem.factor_model import FactorModel


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
        return Rows(self.group, (self.group,), _sum_of(self.size), bound, bound, "equal")


@dataclass(frozen=True)
class InvestedShare:
    """Invested share between two limits, ``least <= sum w <= most``; the rest is cash."""

    size: int
    least: float
    most: float = 1.0
    group: str = "invested"

    def names(self) -> tuple[str, ...]:
        """Upper side (least cash), then lower side (most cash)."""
        return (f"{self.group}:upper", f"{self.group}:lower")

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Distance to the upper, then to the lower limit."""
        invested = float(weights.sum())
        return np.array([self.most - invested, invested - self.least])

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """Two inequalities."""
        return [cp.sum(weights) <= self.most, cp.sum(weights) >= self.least]

    def linear_form(self) -> Rows:
        """One ranged row."""
        return Rows(
            group=self.group,
            labels=(self.group,),
            matrix=_sum_of(self.size),
            lower=np.array([self.least]),
            upper=np.array([self.most]),
        )


@dataclass(frozen=True)
class TrackingError:
    """Largest standard deviation of the return in excess of the benchmark's.

    Parameters
    ----------
    model
        Risk of the names, over the horizon of `limit`.
    benchmark
        [names], weights of the benchmark.
    limit
        Standard deviation, at least 0.
    """

    model: FactorModel
    benchmark: FloatArray
    limit: float
    group: str = "tracking_error"

    def names(self) -> tuple[str, ...]:
        """A single one."""
        return (self.group,)

    def slacks(self, weights: FloatArray) -> FloatArray:
        """Standard deviation still allowed."""
        return np.array([self.limit - np.sqrt(self.model.variance(weights - self.benchmark))])

    def to_cvxpy(self, weights: Any) -> list[Any]:
        """One norm inequality over factor and specific risk."""
        parts = self.model.deviations(weights - self.benchmark)
        return [cp.norm2(cp.hstack(parts)) <= self.limit]

    def linear_form(self) -> None:
        """None: a cone, not a set of rows."""


def _sum_of(size: int) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.ones((1, size)))
