"""Terms of the objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.arrays import FloatArray
from optimizer.errors import InputError


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

    def linear_reward(self) -> FloatArray:
        """The forecasts themselves."""
        return self.forecast
