"""XGBoost on many folds: matrices in the bins of the window's training rows."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import xgboost as xgb

from models_ml.arrays import Floats, Rows
from models_ml.estimators import XGBoostForecaster, XGBoostParameters
from models_ml.estimators.quantile_matrix import quantile_matrix
from models_ml.folds import FoldRows
from models_ml.specs import ParameterValue
from models_ml.tuning.binned_folds import BinnedFolds


class XGBoostFolds(BinnedFolds[xgb.QuantileDMatrix]):
    """Folds as matrices of their own.

    Memory: one byte per value and fold that a row takes part in.
    """

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows: float64 [len(fold.test)]."""
        forecaster = XGBoostForecaster(
            XGBoostParameters.from_mapping(parameters), seed=self.spec.seed, loss=self.spec.loss
        )
        booster, rounds = forecaster.fit_matrices(
            self.panel,
            (fold.train, fold.valid),
            self.binned(fold, forecaster.hyper.max_bin),
            self.rules,
            self.resources,
        )
        forecast = booster.inplace_predict(
            self.panel.take(fold.test), iteration_range=(0, rounds), validate_features=False
        )
        return np.asarray(forecast, dtype=np.float64)

    def bin_rows(self, rows: Rows, max_bin: int) -> Callable[[Rows], xgb.QuantileDMatrix]:
        """Bin some rows; what is returned gives any of them in the same bins."""
        matrix = partial(
            quantile_matrix, self.panel, max_bin=max_bin, threads=self.resources.threads
        )
        return partial(matrix, reference=matrix(rows))
