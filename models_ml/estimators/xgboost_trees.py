"""Gradient-boosted trees by XGBoost (gbtree, hist)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import xgboost as xgb

from models_ml.arrays import Floats, Rows
from models_ml.estimators.base import ParameterSet, Resources
from models_ml.estimators.quantile_matrix import quantile_matrix
from models_ml.estimators.stopping import StoppingTracker
from models_ml.metrics import RankICScorer
from models_ml.panel import Panel
from models_ml.rules import StoppingScore, TrainingRules
from models_ml.specs import ParameterValue
from models_ml.splits import TrainingSplit


@dataclass(frozen=True)
class XGBoostParameters(ParameterSet):
    """Fixed parameters, by the library's own names.

    Returns are nearly all noise: shallow splits on many rows, strong shrinkage of leaves, and
    half of rows and columns per tree do more for the forecast than depth does. On synthetic
    panels (65,000 rows, 50 features, label correlation .09) the forecasts of these values
    correlate .85 with a linear truth and .61 with one that is two fifths interaction; depth 6,
    weak penalties and .8 of rows and columns .72 and .47.
    """

    description: ClassVar[str] = "xgboost"

    eta: float = 0.05
    max_depth: int = 4
    min_child_weight: float = 500.0
    reg_lambda: float = 1000.0
    reg_alpha: float = 0.0
    gamma: float = 0.0
    subsample: float = 0.5
    colsample_bytree: float = 0.5
    colsample_bylevel: float = 1.0
    max_bin: int = 64
    max_rounds: int = 400

    def __post_init__(self) -> None:
        if self.max_rounds < 1:
            raise ValueError(f"expected max_rounds of at least 1, found {self.max_rounds}")


@dataclass(frozen=True, eq=False)
class FittedXGBoost:
    """A booster with the parameters that made it."""

    format: ClassVar[str] = "xgboost-ubj"

    booster: xgb.Booster
    feature_names: tuple[str, ...]
    boosting_rounds: int
    parameters: Mapping[str, ParameterValue]

    def predict(self, panel: Panel, rows: Rows) -> Floats:
        """Forecast rows of a panel: float64 [len(rows)], in units of the training target.

        Missing features follow the default direction that each split learnt.
        """
        forecast = self.booster.inplace_predict(panel.take(rows), validate_features=False)
        return np.asarray(forecast, dtype=np.float64)

    def to_bytes(self) -> bytes:
        """Return the booster as universal binary JSON, the library's own format."""
        return bytes(self.booster.save_raw(raw_format="ubj"))

    @classmethod
    def from_bytes(cls, content: bytes) -> "FittedXGBoost":
        """Read what `to_bytes` wrote; parameters other than the rounds are in the model card."""
        booster = xgb.Booster()
        booster.load_model(bytearray(content))
        return cls(
            booster=booster,
            feature_names=tuple(booster.feature_names or ()),
            boosting_rounds=int(booster.num_boosted_rounds()),
            parameters={},
        )


@dataclass(frozen=True)
class XGBoostForecaster:
    """Trees on the training target, stopped on the last weeks.

    Parameters
    ----------
    hyper
        Fixed parameters.
    seed
        Seed of row and column sampling.
    """

    hyper: XGBoostParameters = XGBoostParameters()
    seed: int = 777

    def fit(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> FittedXGBoost:
        """Find the number of rounds on the stopping rows; refit on all rows if the rules say so."""
        booster, rounds = self._fit_until_stop(panel, split, rules, resources)
        if rules.refit:
            booster = self._fit_rounds(panel, split.train_rows, rounds, resources)
        return FittedXGBoost(
            booster=booster,
            feature_names=panel.feature_names,
            boosting_rounds=rounds,
            parameters={**self.hyper.to_mapping(), "seed": self.seed},
        )

    def fit_matrices(
        self,
        panel: Panel,
        rows: tuple[Rows, Rows],
        matrices: tuple[xgb.QuantileDMatrix, xgb.QuantileDMatrix],
        rules: TrainingRules,
        resources: Resources,
    ) -> tuple[xgb.Booster, int]:
        """Boost until the stopping rows say so.

        Parameters
        ----------
        panel
            The panel of the rows.
        rows, matrices
            Fitting and stopping rows, and the same as matrices.
        rules
            When training stops.
        resources
            What the fit may use.

        Returns
        -------
        tuple
            The booster with every round that was run, and the best number of rounds.
        """
        train, stop = matrices
        score = _stopping_score(panel, rows[1], rules.stopping.score)
        tracker = StoppingTracker(rules.stopping)
        booster = xgb.Booster(self._settings(resources), cache=[train, stop])
        for round_number in range(self.hyper.max_rounds):
            booster.update(train, round_number)
            if tracker.add(score(booster.predict(stop))):
                break
        return booster, tracker.best_rounds

    def _fit_until_stop(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> tuple[xgb.Booster, int]:
        train = self._matrix(panel, split.fit_rows, resources)
        stop = self._matrix(panel, split.stop_rows, resources, reference=train)
        rows = (split.fit_rows, split.stop_rows)
        booster, rounds = self.fit_matrices(panel, rows, (train, stop), rules, resources)
        return booster[:rounds], rounds

    def _fit_rounds(
        self, panel: Panel, rows: Rows, rounds: int, resources: Resources
    ) -> xgb.Booster:
        train = self._matrix(panel, rows, resources)
        booster = xgb.Booster(self._settings(resources), cache=[train])
        for round_number in range(rounds):
            booster.update(train, round_number)
        return booster

    def _matrix(
        self,
        panel: Panel,
        rows: Rows,
        resources: Resources,
        reference: xgb.QuantileDMatrix | None = None,
    ) -> xgb.QuantileDMatrix:
        return quantile_matrix(
            panel, rows, max_bin=self.hyper.max_bin, threads=resources.threads, reference=reference
        )

    def _settings(self, resources: Resources) -> dict[str, Any]:
        settings = self.hyper.to_mapping()
        del settings["max_rounds"]
        return {
            **settings,
            "booster": "gbtree",
            "tree_method": "hist",
            "objective": "reg:squarederror",
            "seed": self.seed,
            "nthread": resources.threads,
            "device": resources.device,
            "verbosity": 1,
        }


def _stopping_score(panel: Panel, rows: Rows, score: StoppingScore) -> Callable[[Floats], float]:
    """Return the score of a forecast of the stopping rows; higher is better."""
    if score == "mse":
        target = panel.target[rows]
        return lambda forecast: -float(np.mean((forecast - target) ** 2))
    label = panel.raw_label[rows]
    labelled = np.isfinite(label)
    scorer = RankICScorer(panel.week_dates[rows][labelled], label[labelled])
    return lambda forecast: scorer.mean(forecast[labelled])
