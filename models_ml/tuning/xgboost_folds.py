"""XGBoost on many folds: matrices in the bins of the window's training rows."""

from collections.abc import Callable, Mapping
from functools import partial

import xgboost as xgb

from models_ml.arrays import Rows
from models_ml.estimators import XGBoostForecaster, XGBoostParameters
from models_ml.estimators.quantile_matrix import quantile_matrix
from models_ml.specs import ParameterValue
from models_ml.tuning.binned_folds import BinnedFolds


class XGBoostFolds(BinnedFolds[xgb.QuantileDMatrix]):
    """Folds as matrices of their own.

    Memory: one byte per value and fold that a row takes part in.
    """

    def forecaster(self, parameters: Mapping[str, ParameterValue]) -> XGBoostForecaster:
        """Return the forecaster of some parameters."""
        hyper = XGBoostParameters.from_mapping(parameters)
        return XGBoostForecaster(hyper, seed=self.spec.seed, loss=self.spec.loss)

    def bin_rows(self, rows: Rows, max_bin: int) -> Callable[[Rows], xgb.QuantileDMatrix]:
        """Bin some rows; what is returned gives any of them in the same bins."""
        matrix = partial(
            quantile_matrix, self.panel, max_bin=max_bin, threads=self.resources.threads
        )
        return partial(matrix, reference=matrix(rows))
