"""Forecasters behind one small interface."""

from models_ml.estimators.base import FittedForecaster, Forecaster, ParameterSet, Resources
from models_ml.estimators.lightgbm_trees import (
    FittedLightGBM,
    LightGBMForecaster,
    LightGBMParameters,
)
from models_ml.estimators.recurrent_nets import (
    FittedRecurrent,
    RecurrentForecaster,
    RecurrentParameters,
)
from models_ml.estimators.ridge import FittedRidge, RidgeForecaster, RidgeParameters
from models_ml.estimators.xgboost_trees import (
    FittedXGBoost,
    XGBoostForecaster,
    XGBoostParameters,
)
from models_ml.specs import ModelSpec

__all__ = [
    "FittedForecaster",
    "FittedLightGBM",
    "FittedRecurrent",
    "FittedRidge",
    "FittedXGBoost",
    "Forecaster",
    "LightGBMForecaster",
    "LightGBMParameters",
    "ParameterSet",
    "RecurrentForecaster",
    "RecurrentParameters",
    "Resources",
    "RidgeForecaster",
    "RidgeParameters",
    "XGBoostForecaster",
    "XGBoostParameters",
    "create_forecaster",
]


def create_forecaster(spec: ModelSpec) -> Forecaster:
    """Return the unfitted forecaster of a specification.

    Raises
    ------
    ValueError
        If the specification names a parameter its library does not have here.
    """
    if spec.library == "ridge":
        return RidgeForecaster(RidgeParameters.from_mapping(spec.parameters), spec.loss)
    if spec.library == "lightgbm":
        light = LightGBMParameters.from_mapping(spec.parameters)
        return LightGBMForecaster(light, seed=spec.seed, loss=spec.loss)
    if spec.library == "rnn" or spec.library == "lstm" or spec.library == "gru":
        nets = RecurrentParameters.from_mapping(spec.parameters)
        return RecurrentForecaster(spec.library, nets, spec.seed, spec.loss, spec.order)
    extreme = XGBoostParameters.from_mapping(spec.parameters)
    return XGBoostForecaster(extreme, seed=spec.seed, loss=spec.loss)
