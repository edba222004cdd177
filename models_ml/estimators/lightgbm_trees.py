"""Gradient-boosted trees by LightGBM (gbdt)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import lightgbm as lgb
import numpy as np

from models_ml.arrays import Features, Floats, Rows
from models_ml.estimators.base import ParameterSet
from models_ml.estimators.boosting import BoostedForecaster, TreeTask, tree_importances
from models_ml.panel import Panel
from models_ml.specs import Loss, ParameterValue


@dataclass(frozen=True)
class LightGBMParameters(ParameterSet):
    """Fixed parameters, by the library's own names."""

    description: ClassVar[str] = "lightgbm"

    learning_rate: float = 0.05
    num_leaves: int = 16
    max_depth: int = 4
    min_data_in_leaf: int = 500
    lambda_l2: float = 1000.0
    lambda_l1: float = 0.0
    min_gain_to_split: float = 0.0
    bagging_fraction: float = 0.5
    feature_fraction: float = 0.5
    max_bin: int = 63
    max_rounds: int = 400

    def __post_init__(self) -> None:
        if self.max_rounds < 1:
            raise ValueError(f"expected max_rounds of at least 1, found {self.max_rounds}")


@dataclass(frozen=True, eq=False)
class FittedLightGBM:
    """A booster with the parameters that made it."""

    format: ClassVar[str] = "lightgbm-text"

    booster: lgb.Booster
    feature_names: tuple[str, ...]
    boosting_rounds: int
    parameters: Mapping[str, ParameterValue]
    threads: int = 1

    def predict(self, panel: Panel, rows: Rows) -> Floats:
        """Forecast rows of a panel: float64 [len(rows)], in units of the training target.

        Missing features follow the default direction that each split learnt.
        """
        if len(rows) == 0:
            return np.empty(0)
        forecast = self.booster.predict(
            panel.take(rows), raw_score=True, num_threads=self.threads, validate_features=False
        )
        return np.asarray(forecast, dtype=np.float64)

    def importances(self, features: Features) -> dict[str, Floats]:
        """Return shares of the total gain of splits, and mean |SHAP| over some rows."""
        gain = self.booster.feature_importance(importance_type="gain")
        contributions = self.booster.predict(
            features, pred_contrib=True, num_threads=self.threads, validate_features=False
        )
        return tree_importances(gain, contributions)

    def to_bytes(self) -> bytes:
        """Return the booster as text, the library's own format; it restores the same bits."""
        return str(self.booster.model_to_string(num_iteration=-1)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "FittedLightGBM":
        """Read what `to_bytes` wrote; parameters other than the rounds are in the model card."""
        booster = lgb.Booster(model_str=content.decode())
        return cls(
            booster=booster,
            feature_names=tuple(booster.feature_name()),
            boosting_rounds=int(booster.current_iteration()),
            parameters={},
        )


@dataclass(frozen=True)
class LightGBMForecaster(BoostedForecaster[FittedLightGBM]):
    """Trees of LightGBM.

    Parameters
    ----------
    hyper
        Fixed parameters.
    seed
        Seed of row and column sampling.
    loss
        What training minimises.
    """

    hyper: LightGBMParameters = LightGBMParameters()
    seed: int = 777
    loss: Loss = "mse"

    @property
    def max_rounds(self) -> int:
        """Trees at the most."""
        return self.hyper.max_rounds

    def start(self, task: TreeTask) -> "_LightGBMRun":
        """Return a booster without trees."""
        return _LightGBMRun(task, self.hyper, self.seed)


class _LightGBMRun:
    """A booster of LightGBM under way."""

    def __init__(self, task: TreeTask, hyper: LightGBMParameters, seed: int) -> None:
        self._feature_names = task.panel.feature_names
        self._parameters = {**hyper.to_mapping(), "seed": seed}
        self._objective = task.objective
        self._threads = task.resources.threads
        settings = _settings(task, hyper, seed)
        train = _data_set(task, task.rows, settings)
        self._booster = lgb.Booster(settings, train)
        if task.stop_rows is not None:
            self._booster.add_valid(_data_set(task, task.stop_rows, settings, train), "stop")

    def add_tree(self) -> bool:
        """Fit one more tree; false if no split is possible any more, so that there is none."""
        if self._objective is None:
            return not self._booster.update()
        objective = self._objective
        return not self._booster.update(fobj=lambda forecast, _: objective(forecast))

    def stop_forecast(self) -> Floats:
        """Forecast the stopping rows: float64 [len(stop_rows)]."""
        found: list[Floats] = []

        def keep(forecast: Floats, _: lgb.Dataset) -> tuple[str, float, bool]:
            found.append(np.array(forecast, dtype=np.float64))
            return "kept", 0.0, True

        self._booster.eval_valid(keep)
        return found[0]

    def fitted(self, rounds: int) -> FittedLightGBM:
        """Return the model of the first trees, without the training data."""
        text = self._booster.model_to_string(num_iteration=rounds)
        booster = lgb.Booster(model_str=text)
        return FittedLightGBM(
            booster=booster,
            feature_names=self._feature_names,
            boosting_rounds=int(booster.current_iteration()),
            parameters=self._parameters,
            threads=self._threads,
        )


def _data_set(
    task: TreeTask, rows: Rows, settings: dict[str, Any], reference: lgb.Dataset | None = None
) -> lgb.Dataset:
    return lgb.Dataset(
        task.panel.take(rows),
        label=task.panel.target[rows],
        feature_name=list(task.panel.feature_names),
        reference=reference,
        params=settings,
    )


def _settings(task: TreeTask, hyper: LightGBMParameters, seed: int) -> dict[str, Any]:
    settings = hyper.to_mapping()
    del settings["max_rounds"]
    return {
        **settings,
        "boosting": "gbdt",
        "objective": "regression" if task.objective is None else "none",
        "metric": "none",
        "bagging_freq": int(task.resample_rows and hyper.bagging_fraction < 1.0),
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": task.resources.threads,
        "device_type": task.resources.device,
        "verbosity": -1,
    }
