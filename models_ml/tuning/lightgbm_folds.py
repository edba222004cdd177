"""LightGBM on many folds: subsets of one data set of the window's training rows."""

from collections.abc import Callable, Mapping

import lightgbm as lgb
import numpy as np

from models_ml.arrays import Rows
from models_ml.estimators import LightGBMForecaster, LightGBMParameters
from models_ml.estimators.lightgbm_trees import binned_rows
from models_ml.specs import ParameterValue
from models_ml.tuning.binned_folds import BinnedFolds


class LightGBMFolds(BinnedFolds[lgb.Dataset]):
    """Folds whose rows are copied as bins, not binned anew.

    Memory: one byte per value of the window and per fold that a row takes part in.
    """

    def forecaster(self, parameters: Mapping[str, ParameterValue]) -> LightGBMForecaster:
        """Return the forecaster of some parameters."""
        hyper = LightGBMParameters.from_mapping(parameters)
        return LightGBMForecaster(hyper, seed=self.spec.seed, loss=self.spec.loss)

    def bin_rows(self, rows: Rows, max_bin: int) -> Callable[[Rows], lgb.Dataset]:
        """Bin some rows; what is returned gives any of them in the same bins."""
        whole = binned_rows(self.panel, rows, max_bin, self.resources).construct()
        return lambda part: whole.subset(np.searchsorted(rows, part)).construct()
