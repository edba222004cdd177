"""Forecasters behind one small interface."""

from models_ml.estimators.base import FittedForecaster, Forecaster, ParameterSet, Resources
from models_ml.estimators.ridge import FittedRidge, RidgeForecaster, RidgeParameters
from models_ml.estimators.xgboost_trees import (
    FittedXGBoost,
    XGBoostForecaster,
    XGBoostParameters,
)
from models_ml.specs import ModelSpec

__all__ = [
    "FittedForecaster",
    "FittedRidge",
    "FittedXGBoost",
    "Forecaster",
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
    return XGBoostForecaster(XGBoostParameters.from_mapping(spec.parameters), seed=spec.seed)
