"""Store fitted models in their libraries' own formats, each with a card that says what it is."""

import json
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from models_ml.estimators import (
    FittedForecaster,
    FittedLightGBM,
    FittedRecurrent,
    FittedRidge,
    FittedXGBoost,
    Resources,
)
from models_ml.records import TrainingRecord
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec

# File ending and reader per format. Each library reads its own files elsewhere too; no pickles.
_READERS: dict[str, Callable[[bytes], FittedForecaster]] = {
    FittedRidge.format: FittedRidge.from_bytes,
    FittedXGBoost.format: FittedXGBoost.from_bytes,
    FittedLightGBM.format: FittedLightGBM.from_bytes,
    FittedRecurrent.format: FittedRecurrent.from_bytes,
}
_ENDINGS = {
    FittedRidge.format: "json",
    FittedXGBoost.format: "ubj",
    FittedLightGBM.format: "txt",
    FittedRecurrent.format: "safetensors",
}
_PACKAGES = {
    FittedRidge.format: "numpy",
    FittedXGBoost.format: "xgboost",
    FittedLightGBM.format: "lightgbm",
    FittedRecurrent.format: "torch",
}


def file_ending(model_format: str) -> str:
    """Return the file ending of a format, without a dot.

    Raises
    ------
    ValueError
        If the format is unknown.
    """
    return _ENDINGS[_checked(model_format)]


def read_model(model_format: str, content: bytes) -> FittedForecaster:
    """Read a model back; it forecasts the same bits as the one that was stored.

    Raises
    ------
    ValueError
        If the format is unknown.
    """
    return _READERS[_checked(model_format)](content)


def model_card(
    model: FittedForecaster,
    spec: ModelSpec,
    rules: TrainingRules,
    record: TrainingRecord,
    resources: Resources,
) -> dict[str, Any]:
    """Describe a fitted model so that a reader needs nothing else to use it.

    Parameters
    ----------
    model
        The fitted model.
    spec, rules
        What it was trained from.
    record
        What came of it.
    resources
        Threads and device of the fit, which a bit-identical repetition must have too.

    Returns
    -------
    dict
        JSON-serialisable: name, format, package version, features in order, parameters, rules,
        training span and row counts. Whoever read the data adds their hash.
    """
    package = _PACKAGES[_checked(model.format)]
    return {
        "model": spec.name,
        "specification": json.loads(spec.to_json()),
        "format": model.format,
        "package": package,
        "package_version": version(package),
        "rules": asdict(rules),
        "resources": {"threads": resources.threads, "device": resources.device},
        "window_start": record.window_start.isoformat(),
        "window_end": record.window_end.isoformat(),
        "train_first_week": record.train_first_week.isoformat(),
        "train_last_week": record.train_last_week.isoformat(),
        "train_row_count": record.train_row_count,
        "boosting_rounds": record.boosting_rounds,
        "epochs": record.epochs,
        "uses_future": record.uses_future,
        "features": list(model.feature_names),
        "parameters": dict(model.parameters),
    }


def _checked(model_format: str) -> str:
    if model_format not in _READERS:
        raise ValueError(f"expected a format of {sorted(_READERS)}, found {model_format!r}")
    return model_format
