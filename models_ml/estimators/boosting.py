"""What gradient-boosted trees of any library share: labels, the search for rounds, the refit."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from models_ml.arrays import Floats, Rows
from models_ml.estimators.base import FittedForecaster, Resources
from models_ml.estimators.stopping import StoppingTracker
from models_ml.losses import RankICLoss, RankICObjective
from models_ml.metrics import RankICScorer
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import Loss
from models_ml.splits import TrainingSplit

# From the forecasts so far to gradient and Hessian of the next tree.
Objective = Callable[[Floats], tuple[Floats, Floats]]
Score = Callable[[Floats], float]

F_co = TypeVar("F_co", bound=FittedForecaster, covariant=True)


@dataclass(frozen=True, eq=False)
class TreeTask:
    """What one booster learns from.

    Parameters
    ----------
    panel
        The panel.
    rows
        Rows to learn from, ascending.
    stop_rows
        Rows whose forecasts decide when to stop; None in a refit.
    objective
        Custom objective; None = the library's own squared error.
    resample_rows
        As in TrainingRules.
    resources
        Threads and device.
    """

    panel: Panel
    rows: Rows
    stop_rows: Rows | None
    objective: Objective | None
    resample_rows: bool
    resources: Resources


class Booster(Protocol[F_co]):
    """A library's booster under way."""

    def add_tree(self) -> bool:
        """Fit one more tree; false if no split is possible any more, so that there is none."""
        ...

    def stop_forecast(self) -> Floats:
        """Forecast the stopping rows by all trees so far: float64 [len(stop_rows)]."""
        ...

    def fitted(self, rounds: int) -> F_co:
        """Return the model of the first trees."""
        ...


class BoostedForecaster(ABC, Generic[F_co]):
    """Trees on the training target, stopped on the last weeks, fitted anew if the rules say so."""

    @property
    @abstractmethod
    def loss(self) -> Loss:
        """What training minimises."""

    @property
    @abstractmethod
    def max_rounds(self) -> int:
        """Trees at the most."""

    @abstractmethod
    def start(self, task: TreeTask) -> Booster[F_co]:
        """Return a booster without trees."""

    def fit(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> F_co:
        """Find the number of rounds on the stopping rows; refit on all rows if the rules say so."""

        def task(rows: Rows, stop_rows: Rows | None) -> TreeTask:
            objective = objective_of(panel, rows, self.loss, rules)
            return TreeTask(panel, rows, stop_rows, objective, rules.resample_rows, resources)

        booster = self.start(task(split.fit_rows, split.stop_rows))
        rounds = self.run(booster, panel, split.stop_rows, rules)
        if rules.refit:
            booster = self.start(task(split.train_rows, None))
            for _ in range(rounds):
                if not booster.add_tree():
                    break
        return booster.fitted(rounds)

    def run(
        self, booster: Booster[F_co], panel: Panel, stop_rows: Rows, rules: TrainingRules
    ) -> int:
        """Add trees until the stopping rows say so; return the best number of rounds."""
        score = stopping_score(panel, stop_rows, self.loss, rules)
        return rounds_until_stop(booster, score, StoppingTracker(rules.stopping), self.max_rounds)


def rounds_until_stop(
    booster: Booster[FittedForecaster], score: Score, tracker: StoppingTracker, max_rounds: int
) -> int:
    """Add trees until the rule stops, no split is left or the maximum is reached.

    Returns
    -------
    int
        The best number of rounds.
    """
    for _ in range(max_rounds):
        if not booster.add_tree() or tracker.add(score(booster.stop_forecast())):
            break
    return tracker.best_rounds


def objective_of(panel: Panel, rows: Rows, loss: Loss, rules: TrainingRules) -> Objective | None:
    """Return the custom objective of a loss on some rows; None where the library has its own."""
    if loss == "mse":
        return None
    ranked = RankICLoss.of(rules.rank_ic.form, panel.week_dates[rows], panel.target[rows])
    return RankICObjective(ranked, rules.rank_ic)


def stopping_score(panel: Panel, rows: Rows, loss: Loss, rules: TrainingRules) -> Score:
    """Return the score of a forecast of the stopping rows; higher is better.

    Under `mse` the rules name it. Under `rank_ic` it is the Rank IC that the loss smooths: mean of
    the weekly ones, or one over all rows where the loss is pooled.
    """
    if loss == "mse" and rules.stopping.score == "mse":
        target = panel.target[rows]
        return lambda forecast: -float(np.mean((forecast - target) ** 2))
    label = panel.raw_label[rows]
    labelled = np.isfinite(label)
    groups = panel.week_dates[rows][labelled]
    if loss == "rank_ic" and rules.rank_ic.form == "pooled":
        groups = np.full_like(groups, groups[0]) if len(groups) else groups
    scorer = RankICScorer(groups, label[labelled])
    return lambda forecast: scorer.mean(forecast[labelled])


def tree_importances(gain: Floats, contributions: Floats) -> dict[str, Floats]:
    """Bring the importances of both libraries to the same units.

    Parameters
    ----------
    gain
        float64 [f], gain summed over the splits of each feature.
    contributions
        float [n, f + 1], SHAP values by the library's own routine, the constant last.

    Returns
    -------
    dict
        'gain': share of the total gain (zeros in a model without a split); 'mean_abs_shap': mean
        |contribution| in units of the forecast. float64 [f] each.
    """
    total = float(np.sum(gain))
    shares = np.asarray(gain, dtype=np.float64) / (total if total > 0.0 else 1.0)
    shap = np.mean(np.abs(np.asarray(contributions, dtype=np.float64)[:, :-1]), axis=0)
    return {"gain": shares, "mean_abs_shap": shap}
