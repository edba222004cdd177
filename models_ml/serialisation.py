"""Store fitted models in their libraries' own formats, each with a card that says what it is."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from models_ml.estimators import FittedForecaster, FittedRidge, FittedXGBoost
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.train import WindowResult

# File ending and reader per format. Each library reads its own files elsewhere too; no pickles.
_READERS: dict[str, Callable[[bytes], FittedForecaster]] = {
    FittedRidge.format: FittedRidge.from_bytes,
    FittedXGBoost.format: FittedXGBoost.from_bytes,
}
_ENDINGS = {FittedRidge.format: "json", FittedXGBoost.format: "ubj"}
_PACKAGES = {FittedRidge.format: "numpy", FittedXGBoost.format: "xgboost"}


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
    result: WindowResult, spec: ModelSpec, rules: TrainingRules, *, data_hash: str
) -> dict[str, Any]:
    """Describe a fitted model so that a reader needs nothing else to use it.

    Parameters
    ----------
    result
        What train_window gave.
    spec, rules
        What train_window was given.
    data_hash
        Hash of the data the panel was made from.

    Returns
    -------
    dict
        JSON-serialisable: name, format, library version, features in order, parameters, rule
        set, training span and row counts.
    """
    record = result.record
    package = _PACKAGES[_checked(result.model.format)]
    return {
        "model": spec.name,
        "specification": spec.to_json(),
        "format": result.model.format,
        "package": package,
        "package_version": version(package),
        "rule_set": rules.rule_set,
        "window_start": record.window_start.isoformat(),
        "window_end": record.window_end.isoformat(),
        "train_first_week": record.train_first_week.isoformat(),
        "train_last_week": record.train_last_week.isoformat(),
        "train_row_count": record.train_row_count,
        "boosting_rounds": record.boosting_rounds,
        "uses_future": record.uses_future,
        "features": list(result.model.feature_names),
        "parameters": dict(result.model.parameters),
        "data_hash": data_hash,
    }


def _checked(model_format: str) -> str:
    if model_format not in _READERS:
        raise ValueError(f"expected a format of {sorted(_READERS)}, found {model_format!r}")
    return model_format
