"""Terms of the objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InputError
from optimizer.problem.base import Reward, TradeCost
from optimizer.problem.factor_model import FactorModel


@dataclass(frozen=True)
class ExpectedReturn:
    """Forecast return of the portfolio, ``w' r`` (equation 1 of the paper).

    Parameters
    ----------
    forecast
        [names], in the forecaster's units. Names that cannot be chosen may carry any finite
        value; NaN is refused, because a missing forecast must be decided on before.
    """

    forecast: FloatArray

    def __post_init__(self) -> None:
        if not np.isfinite(self.forecast).all():
            raise InputError(
                f"{int((~np.isfinite(self.forecast)).sum())} forecasts are not finite: leave names"
                " without a forecast out of the candidates"
            )

    def value(self, weights: FloatArray) -> float:
        """Weighted sum of the forecasts."""
        return float(self.forecast @ weights)

    def to_cvxpy(self, weights: Any) -> Any:
        """Affine expression in the weights."""
        return self.forecast @ weights

    def linear_form(self) -> Reward:
        """The forecasts themselves."""
        return Reward(self.forecast)


@dataclass(frozen=True)
class TradingCost:
    """Cost in proportion to what is traded, buying and selling at rates of their own.

    Parameters
    ----------
    before
        [names], weights held.
    buying, selling
        [names], share of the value traded, at least 0; in the units of the forecast and over its
        horizon.
    """

    before: FloatArray
    buying: FloatArray
    selling: FloatArray

    def __post_init__(self) -> None:
        if not all((rate >= 0).all() for rate in (self.buying, self.selling)):
            raise InputError("trading cost: rates must be at least 0 and not missing")

    def value(self, weights: FloatArray) -> float:
        """Minus the cost."""
        return -self.linear_form().cost(weights)

    def to_cvxpy(self, weights: Any) -> Any:
        """Concave, piecewise linear expression."""
        change = weights - self.before
        return -(self.buying @ cp.pos(change) + self.selling @ cp.neg(change))

    def linear_form(self) -> TradeCost:
        """Left to the solver, which splits the change into purchases and sales."""
        return TradeCost(self.before, self.buying, self.selling)


@dataclass(frozen=True)
class ActiveRisk:
    """Minus the variance of the return in excess of the benchmark's, times an aversion.

    Parameters
    ----------
    model
        Risk of the names, over the horizon of the forecast.
    benchmark
        [names], weights of the benchmark; zeros for the risk of the portfolio itself.
    aversion
        Forecast return given up per unit of variance, at least 0.
    """

    model: FactorModel
    benchmark: FloatArray
    aversion: float

    def __post_init__(self) -> None:
        if not self.aversion >= 0:
            raise InputError(f"active risk: the aversion must be at least 0, is {self.aversion}")

    def value(self, weights: FloatArray) -> float:
        """Minus the weighted variance."""
        return -self.aversion * self.model.variance(weights - self.benchmark)

    def to_cvxpy(self, weights: Any) -> Any:
        """Concave quadratic expression in factor form."""
        return -self.aversion * self.model.compiled_variance(weights - self.benchmark)

    def linear_form(self) -> None:
        """None: quadratic."""
