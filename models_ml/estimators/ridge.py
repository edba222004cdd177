"""Ridge regression: the linear baseline that stands in every table beside the trees."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from models_ml.arrays import Dates, Features, Floats, Rows
from models_ml.estimators.base import ParameterSet, Resources
from models_ml.estimators.stopping import stopping_score
from models_ml.losses import RankICLoss
from models_ml.metrics import RankICScorer
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import Loss, ParameterValue
from models_ml.splits import TrainingSplit

# Rows turned into double precision at a time.
_BLOCK_ROWS = 32_768


@dataclass(frozen=True)
class RidgeParameters(ParameterSet):
    """Grid of penalties, equally spaced in logarithms.

    Parameters
    ----------
    penalty_min, penalty_max
        Ends of the grid, per row: the fit minimises mean squared error + penalty * |b|^2, so
        that a penalty means the same for two years of rows and for ten.
    penalty_count
        Number of grid points.
    """

    description: ClassVar[str] = "ridge"

    penalty_min: float = 1e-3
    penalty_max: float = 1e2
    penalty_count: int = 11

    def __post_init__(self) -> None:
        if not 0.0 < self.penalty_min <= self.penalty_max or self.penalty_count < 1:
            raise ValueError(
                "expected 0 < penalty_min <= penalty_max and penalty_count >= 1, found "
                f"{self.penalty_min}, {self.penalty_max}, {self.penalty_count}"
            )

    @property
    def grid(self) -> Floats:
        """Penalties in ascending order."""
        return np.geomspace(self.penalty_min, self.penalty_max, self.penalty_count)


@dataclass(frozen=True, eq=False)
class FittedRidge:
    """prediction = intercept + features @ coefficients; a missing feature counts as zero.

    Zero is the mean of a factor that is standardised across the stocks of its week.
    """

    format: ClassVar[str] = "ridge-json"
    epochs: ClassVar[None] = None
    boosting_rounds: ClassVar[None] = None

    feature_names: tuple[str, ...]
    coefficients: Floats
    intercept: float
    penalty: float
    parameters: Mapping[str, ParameterValue]
    # Mean weekly Rank IC on the stopping weeks of the fit that had not seen them; None: no value.
    validation_rank_ic: float | None = None

    def predict(self, panel: Panel, rows: Rows) -> Floats:
        """Forecast rows of a panel: float64 [len(rows)], in units of the training target."""
        coefficients = self.coefficients[:, None]
        return self.intercept + _product(panel.take(rows), coefficients)[:, 0]

    def importances(self, panel: Panel, rows: Rows) -> dict[str, Floats]:
        """Return |coefficient| times the standard deviation of the feature over some rows."""
        spread = np.std(_filled(panel.take(rows)), axis=0)
        return {"abs_coefficient_std": np.abs(self.coefficients) * spread}

    def to_bytes(self) -> bytes:
        """Return the model as JSON; repr of a double restores the same bits."""
        content = {
            "feature_names": list(self.feature_names),
            "coefficients": self.coefficients.tolist(),
            "intercept": self.intercept,
            "penalty": self.penalty,
            "parameters": dict(self.parameters),
            "validation_rank_ic": self.validation_rank_ic,
        }
        return json.dumps(content, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "FittedRidge":
        """Read what `to_bytes` wrote."""
        fields = json.loads(content)
        return cls(
            feature_names=tuple(fields["feature_names"]),
            coefficients=np.asarray(fields["coefficients"], dtype=np.float64),
            intercept=fields["intercept"],
            penalty=fields["penalty"],
            parameters=fields["parameters"],
            validation_rank_ic=fields.get("validation_rank_ic"),
        )


@dataclass(frozen=True)
class RidgeForecaster:
    """Ridge on a target standardised per week, its penalty chosen on the stopping weeks.

    One eigendecomposition of the feature covariance serves the whole grid. After the choice the
    model is fitted on all training rows, under both rule sets: with a closed form there is no
    number of rounds to carry over. Under `mse` forecasts are given back in units of the training
    target (mean over weeks of its weekly mean and standard deviation), so that the MSE of all
    models compare.

    Under `rank_ic` the target is the standardised rank of the label inside its week (`pooled`:
    among all rows). Of linear forecasts with equal spread in every week, the one with least
    squared distance to it has the highest mean Pearson correlation with the ranked label, which
    is what the loss asks for; the scale of the forecasts has no meaning.
    """

    hyper: RidgeParameters = RidgeParameters()
    loss: Loss = "mse"

    def fit(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> FittedRidge:
        """Choose the penalty on the stopping rows, then fit all training rows.

        `resources` is without effect: the products are the linear algebra library's.
        """
        grid = self.hyper.grid
        candidates = self._solutions(panel, split.fit_rows, grid, rules)
        chosen = _best_penalty(panel, split.stop_rows, candidates, self.loss, rules)
        penalty = float(grid[chosen])
        final = self._solutions(panel, split.train_rows, grid[[chosen]], rules)
        return FittedRidge(
            feature_names=panel.feature_names,
            coefficients=final.coefficients[:, 0] * final.scale,
            intercept=float(final.centre + final.scale * final.intercepts[0]),
            penalty=penalty,
            parameters={**self.hyper.to_mapping(), "penalty": penalty},
            validation_rank_ic=_validation(panel, split.stop_rows, candidates, chosen),
        )

    def _solutions(
        self, panel: Panel, rows: Rows, penalties: Floats, rules: TrainingRules
    ) -> "_Solutions":
        target, weeks = panel.target[rows], panel.week_dates[rows]
        if self.loss == "rank_ic":
            ranked = RankICLoss.of(rules.rank_ic.form, weeks, target).label_rank
            return _solve(panel.take(rows), ranked, penalties)
        standardised, centre, scale = standardise_within_weeks(target, weeks)
        return replace(
            _solve(panel.take(rows), standardised, penalties), centre=centre, scale=scale
        )


@dataclass(frozen=True, eq=False)
class _Solutions:
    """One column of coefficients per penalty; centre + scale * fit is in units of the forecast."""

    coefficients: Floats
    intercepts: Floats
    centre: float = 0.0
    scale: float = 1.0


def _solve(features: Features, target: Floats, penalties: Floats) -> _Solutions:
    feature_mean = _column_means(features)
    covariance = np.zeros((features.shape[1], features.shape[1]))
    cross = np.zeros(features.shape[1])
    target_mean = float(np.mean(target))
    for first in range(0, len(target), _BLOCK_ROWS):
        block = _filled(features[first : first + _BLOCK_ROWS]) - feature_mean
        covariance += block.T @ block
        cross += block.T @ (target[first : first + _BLOCK_ROWS] - target_mean)
    eigenvalues, eigenvectors = np.linalg.eigh(covariance / len(target))
    rotated = eigenvectors.T @ (cross / len(target))
    shrunk = rotated[:, None] / (np.maximum(eigenvalues, 0.0)[:, None] + penalties[None, :])
    coefficients = eigenvectors @ shrunk
    return _Solutions(
        coefficients=coefficients, intercepts=target_mean - feature_mean @ coefficients
    )


def _best_penalty(
    panel: Panel, rows: Rows, candidates: _Solutions, loss: Loss, rules: TrainingRules
) -> np.intp:
    """Position of the best penalty; of equal ones the smallest, whatever the score."""
    predictions = _product(panel.take(rows), candidates.coefficients) + candidates.intercepts
    if loss == "mse" and rules.stopping.score == "mse":
        # Weeks count alike, as in the fit.
        target, _, _ = standardise_within_weeks(panel.target[rows], panel.week_dates[rows])
        return np.argmin(np.mean((predictions - target[:, None]) ** 2, axis=0))
    score = stopping_score(panel, rows, loss, rules)
    return np.argmax([score(column) for column in predictions.T])


def _validation(panel: Panel, rows: Rows, candidates: _Solutions, chosen: np.intp) -> float | None:
    rows = rows[np.isfinite(panel.raw_label[rows])]
    coefficients = candidates.coefficients[:, [chosen]]
    predictions = _product(panel.take(rows), coefficients)[:, 0]
    score = RankICScorer(panel.week_dates[rows], panel.raw_label[rows]).mean(predictions)
    return float(score) if np.isfinite(score) else None


def standardise_within_weeks(target: Floats, week_dates: Dates) -> tuple[Floats, float, float]:
    """Standardise a target inside each week.

    Parameters
    ----------
    target
        float64 [n], finite.
    week_dates
        datetime64[D] [n].

    Returns
    -------
    tuple
        (target - weekly mean) / weekly sample std, float64 [n], zero in weeks without spread;
        then the mean over weeks of the weekly means and of the weekly standard deviations.
    """
    _, week_of, counts = np.unique(week_dates, return_inverse=True, return_counts=True)
    means = np.bincount(week_of, target) / counts
    deviation = target - means[week_of]
    sums = np.bincount(week_of, deviation * deviation)
    stds = np.sqrt(sums / np.maximum(counts - 1, 1))
    scale = np.where(stds > 0.0, stds, np.inf)
    return deviation / scale[week_of], float(np.mean(means)), float(np.mean(stds))


def _filled(block: Features) -> Floats:
    filled = block.astype(np.float64)
    np.copyto(filled, 0.0, where=np.isnan(filled))
    return filled


def _column_means(features: Features) -> Floats:
    sums = np.zeros(features.shape[1])
    for first in range(0, len(features), _BLOCK_ROWS):
        sums += _filled(features[first : first + _BLOCK_ROWS]).sum(axis=0)
    return sums / len(features)


def _product(features: Features, coefficients: Floats) -> Floats:
    blocks = [
        _filled(features[first : first + _BLOCK_ROWS]) @ coefficients
        for first in range(0, len(features), _BLOCK_ROWS)
    ]
    return np.concatenate(blocks) if blocks else np.empty((0, coefficients.shape[1]))
