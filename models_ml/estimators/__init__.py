"""Forecasters behind one small interface."""

from models_ml.estimators.base import FittedForecaster, Forecaster, ParameterSet, Resources
from models_ml.estimators.lightgbm_trees import (
    FittedLightGBM,
    LightGBMForecaster,
    LightGBMParameters,
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
    "FittedRidge",
    "FittedXGBoost",
    "Forecaster",
    "LightGBMForecaster",
    "LightGBMParameters",
    "ParameterSet",
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
        return RidgeForecaster(RidgeParameters.from_mapping(spec.parameters))
    if spec.library == "lightgbm":
        light = LightGBMParameters.from_mapping(spec.parameters)
        return LightGBMForecaster(light, seed=spec.seed, loss=spec.loss)
    extreme = XGBoostParameters.from_mapping(spec.parameters)
    return XGBoostForecaster(extreme, seed=spec.seed, loss=spec.loss)
