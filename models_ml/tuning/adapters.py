"""What tuning needs of a library: fold data built once, and a fit on one of them."""

from collections.abc import Mapping
from typing import Protocol

from models_ml.arrays import Floats
from models_ml.estimators import (
    LightGBMForecaster,
    LightGBMParameters,
    ParameterSet,
    Resources,
    XGBoostForecaster,
    XGBoostParameters,
)
from models_ml.folds import FoldRows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec, ParameterValue
from models_ml.tuning.binned_folds import BinnedAdapter
from models_ml.tuning.recurrent_folds import RecurrentAdapter


class PreparedFolds(Protocol):
    """The folds in the form the library trains on, shared by every trial."""

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows: float64 [len(fold.test)].

        NaN for rows that the library cannot forecast.
        """
        ...


class TuningAdapter(Protocol):
    """One library's way to train on many folds without building its data for each fit."""

    @property
    def parameter_set(self) -> type[ParameterSet]:
        """The library's parameters."""
        ...

    def prepare(
        self,
        panel: Panel,
        folds: tuple[FoldRows, ...],
        spec: ModelSpec,
        rules: TrainingRules,
        resources: Resources,
    ) -> PreparedFolds:
        """Take what is needed of the panel; the heavy part may wait for the first fit."""
        ...


ADAPTERS: dict[str, TuningAdapter] = {
    "xgboost": BinnedAdapter(XGBoostParameters, XGBoostForecaster),
    "lightgbm": BinnedAdapter(LightGBMParameters, LightGBMForecaster),
    "rnn": RecurrentAdapter("rnn"),
    "lstm": RecurrentAdapter("lstm"),
    "gru": RecurrentAdapter("gru"),
}


def adapter_of(library: str) -> TuningAdapter:
    """Return the adapter of a library.

    Raises
    ------
    ValueError
        If the library has none.
    """
    if library not in ADAPTERS:
        raise ValueError(
            f"expected a library that can be tuned, {sorted(ADAPTERS)}, found {library!r}"
        )
    return ADAPTERS[library]
