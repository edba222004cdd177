"""Gradient-boosted trees by LightGBM (gbdt)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import lightgbm as lgb
import numpy as np

from models_ml.arrays import Features, Floats, Rows
from models_ml.estimators.base import ParameterSet, Resources
from models_ml.estimators.boosting import (
    ROWS_PER_BIN,
    BoostedForecaster,
    TreeTask,
    tree_importances,
)
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
    feature_fraction_bynode: float = 1.0
    max_bin: int = 63
    max_rounds: int = 400

    def __post_init__(self) -> None:
        if self.max_rounds < 1:
            raise ValueError(f"expected max_rounds of at least 1, found {self.max_rounds}")


@dataclass(frozen=True, eq=False)
class FittedLightGBM:
    """A booster with the parameters that made it."""

    format: ClassVar[str] = "lightgbm-text"
    epochs: ClassVar[None] = None

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

    def importances(self, panel: Panel, rows: Rows) -> dict[str, Floats]:
        """Return shares of the total gain of splits, and mean |SHAP| over some rows."""
        gain = self.booster.feature_importance(importance_type="gain")
        contributions = self.booster.predict(
            panel.take(rows), pred_contrib=True, num_threads=self.threads, validate_features=False
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
class LightGBMForecaster(BoostedForecaster[FittedLightGBM, lgb.Dataset]):
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

    def bin_rows(
        self, panel: Panel, rows: Rows, resources: Resources
    ) -> Callable[[Rows], lgb.Dataset]:
        """Bin some rows; what is returned copies any of them as bins, not binned anew.

        Memory: one byte per value of the rows, and of every part there is.
        """
        whole = binned_rows(panel, rows, self.hyper.max_bin, resources).construct()
        return lambda part: whole.subset(np.searchsorted(rows, part)).construct()

    def start(self, task: TreeTask[lgb.Dataset]) -> "_LightGBMRun":
        """Return a booster without trees."""
        return _LightGBMRun(self, task)


class _LightGBMRun:
    """A booster of LightGBM under way."""

    def __init__(self, forecaster: LightGBMForecaster, task: TreeTask[lgb.Dataset]) -> None:
        hyper = forecaster.hyper
        self._parameters = {**hyper.to_mapping(), "seed": forecaster.seed}
        self._objective = task.objective
        self._threads = task.resources.threads
        settings = {
            **_settings(hyper, forecaster.seed, task.resources),
            "objective": "regression" if task.objective is None else "none",
            "bagging_freq": int(task.resample_rows and hyper.bagging_fraction < 1.0),
        }
        self._booster = lgb.Booster(settings, task.train)
        if task.stop is not None:
            self._booster.add_valid(task.stop, "stop")

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

    def forecast(self, features: Features, rounds: int) -> Floats:
        """Forecast any rows by the first trees: float64 [len(features)]."""
        forecast = self._booster.predict(
            features,
            num_iteration=rounds,
            raw_score=True,
            num_threads=self._threads,
            validate_features=False,
        )
        return np.asarray(forecast, dtype=np.float64)

    def fitted(self, rounds: int) -> FittedLightGBM:
        """Return the model of the first trees, without the training data."""
        text = self._booster.model_to_string(num_iteration=rounds)
        booster = lgb.Booster(model_str=text)
        return FittedLightGBM(
            booster=booster,
            feature_names=tuple(self._booster.feature_name()),
            boosting_rounds=int(booster.current_iteration()),
            parameters=self._parameters,
            threads=self._threads,
        )


def binned_rows(
    panel: Panel,
    rows: Rows,
    max_bin: int,
    resources: Resources,
    *,
    reference: lgb.Dataset | None = None,
) -> lgb.Dataset:
    """Bin the features of some rows.

    Parameters
    ----------
    panel
        Features and training target.
    rows
        Row numbers, ascending.
    max_bin
        Bins per feature, the one for missing values included.
    resources
        Threads.
    reference
        A data set whose bins are used; None: bins from these rows, or a draw of them.

    Returns
    -------
    lightgbm.Dataset
        Binned when first used; of no seed, so that fits of all seeds can share it. No feature is
        left out for want of rows: which ones could be depends on parameters of the fit.
    """
    return lgb.Dataset(
        panel.take(rows),
        label=panel.target[rows],
        feature_name=list(panel.feature_names),
        reference=reference,
        params={
            "max_bin": max_bin,
            "bin_construct_sample_cnt": ROWS_PER_BIN * max_bin,
            "feature_pre_filter": False,
            "num_threads": resources.threads,
            "verbosity": -1,
        },
    )


def _settings(hyper: LightGBMParameters, seed: int, resources: Resources) -> dict[str, Any]:
    settings = hyper.to_mapping()
    del settings["max_rounds"]
    return {
        **settings,
        "boosting": "gbdt",
        "metric": "none",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": resources.threads,
        "device_type": resources.device,
        "verbosity": -1,
    }
