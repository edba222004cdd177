"""Folds binned once: what the boosting libraries share in the tuning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models_ml.arrays import Floats
from models_ml.estimators import FittedForecaster, ParameterSet, Resources
from models_ml.estimators.boosting import BoostedForecaster
from models_ml.folds import FoldRows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import Loss, ModelSpec, ParameterValue

Boosted = BoostedForecaster[FittedForecaster, Any]


@dataclass(frozen=True, eq=False)
class BinnedFolds:
    """Fitting and stopping rows of every fold in bins, made when first needed.

    The bins of a feature come from all training rows of the window, as in the final fit; no label
    enters them. They are kept by number of bins, so that all trials with as many share them.
    Memory: one byte per value of the window and per fold that a row takes part in.
    """

    panel: Panel
    folds: tuple[FoldRows, ...]
    forecaster: Callable[[Mapping[str, ParameterValue]], Boosted]
    rules: TrainingRules
    resources: Resources
    _kept: dict[int, dict[int, tuple[Any, Any]]] = field(default_factory=dict)

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows: float64 [len(fold.test)]."""
        forecaster = self.forecaster(parameters)
        booster, rounds = forecaster.fit_binned(
            self.panel,
            (fold.train, fold.valid),
            self._binned(forecaster)[fold.number],
            self.rules,
            self.resources,
        )
        return booster.forecast(self.panel.take(fold.test), rounds)

    def _binned(self, forecaster: Boosted) -> dict[int, tuple[Any, Any]]:
        max_bin = forecaster.hyper.max_bin
        if max_bin not in self._kept:
            every = [part for each in self.folds for part in (each.train, each.test)]
            rows = np.unique(np.concatenate(every))
            part_of = forecaster.bin_rows(self.panel, rows, self.resources)
            self._kept[max_bin] = {
                each.number: (part_of(each.train), part_of(each.valid)) for each in self.folds
            }
        return self._kept[max_bin]


@dataclass(frozen=True)
class BinnedAdapter:
    """A boosting library in the tuning: its parameters, and its forecaster of them."""

    parameter_set: type[ParameterSet]
    forecaster: Callable[[Any, int, Loss], Boosted]

    def prepare(
        self,
        panel: Panel,
        folds: tuple[FoldRows, ...],
        spec: ModelSpec,
        rules: TrainingRules,
        resources: Resources,
    ) -> BinnedFolds:
        """Return the folds; their rows are binned at the first fit."""

        def forecaster(parameters: Mapping[str, ParameterValue]) -> Boosted:
            return self.forecaster(
                self.parameter_set.from_mapping(parameters), spec.seed, spec.loss
            )

        return BinnedFolds(panel, folds, forecaster, rules, resources)
