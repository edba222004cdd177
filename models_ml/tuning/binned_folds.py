"""Folds binned once: what the adapters of all boosting libraries share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from models_ml.arrays import Floats, Rows
from models_ml.estimators import FittedForecaster, ParameterSet, Resources
from models_ml.estimators.boosting import BoostedForecaster
from models_ml.folds import FoldRows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec, ParameterValue

Binned = TypeVar("Binned")


@dataclass(frozen=True, eq=False)
class BinnedFolds(ABC, Generic[Binned]):
    """Fitting and stopping rows of every fold in bins, made when first needed.

    The bins of a feature come from all training rows of the window, as in the final fit; no label
    enters them. They are kept by number of bins, so that all trials with as many share them.
    """

    panel: Panel
    folds: tuple[FoldRows, ...]
    spec: ModelSpec
    rules: TrainingRules
    resources: Resources
    _kept: dict[int, dict[int, tuple[Binned, Binned]]] = field(default_factory=dict)

    @abstractmethod
    def forecaster(
        self, parameters: Mapping[str, ParameterValue]
    ) -> BoostedForecaster[FittedForecaster, Binned]:
        """Return the forecaster of some parameters."""

    @abstractmethod
    def bin_rows(self, rows: Rows, max_bin: int) -> Callable[[Rows], Binned]:
        """Bin some rows; what is returned gives any of them in the same bins."""

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows: float64 [len(fold.test)]."""
        forecaster = self.forecaster(parameters)
        booster, rounds = forecaster.fit_binned(
            self.panel,
            (fold.train, fold.valid),
            self.binned(fold, forecaster.hyper.max_bin),
            self.rules,
            self.resources,
        )
        return booster.forecast(self.panel.take(fold.test), rounds)

    def binned(self, fold: FoldRows, max_bin: int) -> tuple[Binned, Binned]:
        """Fitting and stopping rows of a fold."""
        if max_bin not in self._kept:
            every = [part for each in self.folds for part in (each.train, each.test)]
            part_of = self.bin_rows(np.unique(np.concatenate(every)), max_bin)
            self._kept[max_bin] = {
                each.number: (part_of(each.train), part_of(each.valid)) for each in self.folds
            }
        return self._kept[max_bin][fold.number]


@dataclass(frozen=True)
class BinnedAdapter:
    """A boosting library in the tuning: its parameters, and how it bins folds."""

    parameter_set: type[ParameterSet]
    folds: Callable[
        [Panel, tuple[FoldRows, ...], ModelSpec, TrainingRules, Resources], BinnedFolds[object]
    ]

    def prepare(
        self,
        panel: Panel,
        folds: tuple[FoldRows, ...],
        spec: ModelSpec,
        rules: TrainingRules,
        resources: Resources,
    ) -> BinnedFolds[object]:
        """Return the folds; their rows are binned at the first fit."""
        return self.folds(panel, folds, spec, rules, resources)
