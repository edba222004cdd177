"""XGBoost on many folds: one binning of the window's training rows serves every fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xgboost as xgb

from models_ml.arrays import Floats
from models_ml.estimators import ParameterSet, Resources, XGBoostForecaster, XGBoostParameters
from models_ml.estimators.quantile_matrix import quantile_matrix
from models_ml.folds import FoldRows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec, ParameterValue


@dataclass(frozen=True, eq=False)
class _FoldMatrices:
    train: xgb.QuantileDMatrix
    valid: xgb.QuantileDMatrix


@dataclass(frozen=True, eq=False)
class XGBoostFolds:
    """Binned fold matrices, built when first needed and kept by number of bins.

    The bins of a feature come from all training rows of the window, as in the final fit; no label
    enters them. Memory: one byte per value and fold that a row takes part in.
    """

    panel: Panel
    folds: tuple[FoldRows, ...]
    spec: ModelSpec
    rules: TrainingRules
    resources: Resources
    _matrices: dict[int, dict[int, _FoldMatrices]] = field(default_factory=dict)

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows: float64 [len(fold.test)]."""
        forecaster = XGBoostForecaster(
            XGBoostParameters.from_mapping(parameters), seed=self.spec.seed, loss=self.spec.loss
        )
        matrices = self._of(forecaster.hyper.max_bin)[fold.number]
        booster, rounds = forecaster.fit_matrices(
            self.panel,
            (fold.train, fold.valid),
            (matrices.train, matrices.valid),
            self.rules,
            self.resources,
        )
        forecast = booster.inplace_predict(
            self.panel.take(fold.test), iteration_range=(0, rounds), validate_features=False
        )
        return np.asarray(forecast, dtype=np.float64)

    def _of(self, max_bin: int) -> dict[int, _FoldMatrices]:
        if max_bin not in self._matrices:
            self._matrices[max_bin] = self._build(max_bin)
        return self._matrices[max_bin]

    def _build(self, max_bin: int) -> dict[int, _FoldMatrices]:
        everything = np.unique(
            np.concatenate([part for fold in self.folds for part in (fold.train, fold.test)])
        )
        threads = self.resources.threads
        bins = quantile_matrix(self.panel, everything, max_bin=max_bin, threads=threads)
        built = {}
        for fold in self.folds:
            train, valid = (
                quantile_matrix(self.panel, rows, max_bin=max_bin, threads=threads, reference=bins)
                for rows in (fold.train, fold.valid)
            )
            built[fold.number] = _FoldMatrices(train, valid)
        return built


@dataclass(frozen=True)
class XGBoostAdapter:
    """XGBoost in the tuning."""

    parameter_set: type[ParameterSet] = XGBoostParameters

    def prepare(
        self,
        panel: Panel,
        folds: tuple[FoldRows, ...],
        spec: ModelSpec,
        rules: TrainingRules,
        resources: Resources,
    ) -> XGBoostFolds:
        """Return the folds; matrices are built at the first fit."""
        return XGBoostFolds(panel, folds, spec, rules, resources)
