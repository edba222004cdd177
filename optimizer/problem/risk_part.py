"""The part of a problem that is not linear: risk against a benchmark, priced or bounded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InputError
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.linear import PortfolioProblem
from optimizer.problem.terms import ActiveRisk
from optimizer.problem.totals import TrackingError


@dataclass(frozen=True)
class RiskPart:
    """``-aversion x'Vx`` in the objective and ``x'Vx <= limit ** 2``, with x = w - benchmark.

    Attributes
    ----------
    model
        V in factor form, over the horizon of the forecast.
    benchmark
        [names].
    aversion
        Forecast return given up per unit of variance, at least 0.
    limit
        Largest standard deviation; infinite if there is no bound.
    """

    model: FactorModel
    benchmark: FloatArray
    aversion: float
    limit: float

    def slope(self, weights: FloatArray) -> FloatArray:
        """Half the gradient of the variance, Vx, [names]."""
        return self.model.covariance_with(weights - self.benchmark)

    def deviation(self, weights: FloatArray) -> float:
        """Standard deviation of the active return."""
        return float(np.sqrt(max(self.model.variance(weights - self.benchmark), 0.0)))

    def priced(self, weights: FloatArray, tracking_price: float) -> float:
        """Aversion that has the same gradient here as aversion and bound together."""
        if tracking_price <= 0.0:
            return self.aversion
        return self.aversion + tracking_price / (2.0 * self.deviation(weights))


def split_risk(problem: PortfolioProblem) -> tuple[PortfolioProblem, RiskPart | None]:
    """Linear rest of a problem and its risk; None where something else is not linear either.

    Raises
    ------
    InputError
        If two risk terms or two tracking errors meet, or their models or benchmarks differ.
    """
    averse = [term for term in problem.terms if isinstance(term, ActiveRisk)]
    bounded = [part for part in problem.constraints if isinstance(part, TrackingError)]
    rest = replace(
        problem,
        terms=tuple(term for term in problem.terms if not isinstance(term, ActiveRisk)),
        constraints=tuple(c for c in problem.constraints if not isinstance(c, TrackingError)),
    )
    found: list[ActiveRisk | TrackingError] = [*averse, *bounded]
    if not found or not rest.is_linear:
        return rest, None
    if len(averse) > 1 or len(bounded) > 1:
        raise InputError("one risk term and one tracking error at most")
    first = found[0]
    if any(p.model is not first.model or p.benchmark is not first.benchmark for p in found):
        raise InputError("risk term and tracking error need the same model and benchmark")
    aversion = averse[0].aversion if averse else 0.0
    limit = bounded[0].limit if bounded else np.inf
    return rest, RiskPart(first.model, first.benchmark, aversion, limit)
