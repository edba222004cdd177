"""LightGBM on many folds: one binning of the window's training rows serves every fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

from models_ml.arrays import Floats
from models_ml.estimators import LightGBMForecaster, LightGBMParameters, ParameterSet, Resources
from models_ml.estimators.lightgbm_trees import binned_rows
from models_ml.folds import FoldRows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec, ParameterValue


@dataclass(frozen=True, eq=False)
class _FoldDataSets:
    train: lgb.Dataset
    valid: lgb.Dataset


@dataclass(frozen=True, eq=False)
class LightGBMFolds:
    """Binned rows of the folds, made when first needed and kept by number of bins.

    The bins of a feature come from all training rows of the window, as in the final fit; no label
    enters them. Folds are subsets of one data set: their rows are copied as bins, not binned anew.
    Memory: one byte per value of the window and per fold that a row takes part in.
    """

    panel: Panel
    folds: tuple[FoldRows, ...]
    spec: ModelSpec
    rules: TrainingRules
    resources: Resources
    _data_sets: dict[int, dict[int, _FoldDataSets]] = field(default_factory=dict)

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows: float64 [len(fold.test)]."""
        forecaster = LightGBMForecaster(
            LightGBMParameters.from_mapping(parameters), seed=self.spec.seed, loss=self.spec.loss
        )
        data_sets = self._of(forecaster.hyper.max_bin)[fold.number]
        booster, rounds = forecaster.fit_data_sets(
            self.panel,
            (fold.train, fold.valid),
            (data_sets.train, data_sets.valid),
            self.rules,
            self.resources,
        )
        forecast = booster.predict(
            self.panel.take(fold.test),
            num_iteration=rounds,
            raw_score=True,
            num_threads=self.resources.threads,
            validate_features=False,
        )
        return np.asarray(forecast, dtype=np.float64)

    def _of(self, max_bin: int) -> dict[int, _FoldDataSets]:
        if max_bin not in self._data_sets:
            self._data_sets[max_bin] = self._build(max_bin)
        return self._data_sets[max_bin]

    def _build(self, max_bin: int) -> dict[int, _FoldDataSets]:
        everything = np.unique(
            np.concatenate([part for fold in self.folds for part in (fold.train, fold.test)])
        )
        whole = binned_rows(self.panel, everything, max_bin, self.resources).construct()
        built = {}
        for fold in self.folds:
            train, valid = (
                whole.subset(np.searchsorted(everything, rows)).construct()
                for rows in (fold.train, fold.valid)
            )
            built[fold.number] = _FoldDataSets(train, valid)
        return built


@dataclass(frozen=True)
class LightGBMAdapter:
    """LightGBM in the tuning."""

    parameter_set: type[ParameterSet] = LightGBMParameters

    def prepare(
        self,
        panel: Panel,
        folds: tuple[FoldRows, ...],
        spec: ModelSpec,
        rules: TrainingRules,
        resources: Resources,
    ) -> LightGBMFolds:
        """Return the folds; their rows are binned at the first fit."""
        return LightGBMFolds(panel, folds, spec, rules, resources)
