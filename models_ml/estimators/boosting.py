"""What gradient-boosted trees of any library share: labels, the search for rounds, the refit."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from models_ml.arrays import Features, Floats, Rows
from models_ml.estimators.base import FittedForecaster, Resources
from models_ml.estimators.stopping import Score, StoppingTracker, stopping_score
from models_ml.losses import RankICLoss, RankICObjective
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import Loss
from models_ml.splits import TrainingSplit

# From the forecasts so far to gradient and Hessian of the next tree.
Objective = Callable[[Floats], tuple[Floats, Floats]]
# Edges of bins are found on at most so many rows for each bin.
ROWS_PER_BIN = 512

F_co = TypeVar("F_co", bound=FittedForecaster, covariant=True)
Binned = TypeVar("Binned")


@dataclass(frozen=True, eq=False)
class TreeTask(Generic[Binned]):
    """What one booster learns from.

    Parameters
    ----------
    train
        Rows to learn from, in bins.
    stop
        Rows whose forecasts decide when to stop, in the same bins; None in a refit.
    objective
        Custom objective; None = the library's own squared error.
    resample_rows
        As in TrainingRules.
    resources
        Threads and device.
    """

    train: Binned
    stop: Binned | None
    objective: Objective | None
    resample_rows: bool
    resources: Resources


class TreeParameters(Protocol):
    """What both libraries call alike."""

    @property
    def max_bin(self) -> int:
        """Bins per feature."""
        ...

    @property
    def max_rounds(self) -> int:
        """Trees at the most."""
        ...


class Booster(Protocol[F_co]):
    """A library's booster under way."""

    def add_tree(self) -> bool:
        """Fit one more tree; false if no split is possible any more, so that there is none."""
        ...

    def stop_forecast(self) -> Floats:
        """Forecast the stopping rows by all trees so far: float64 [len(stop_rows)]."""
        ...

    def forecast(self, features: Features, rounds: int) -> Floats:
        """Forecast any rows by the first trees: float64 [len(features)]."""
        ...

    def fitted(self, rounds: int) -> F_co:
        """Return the model of the first trees."""
        ...


class BoostedForecaster(ABC, Generic[F_co, Binned]):
    """Trees on the training target, stopped on the last weeks, fitted anew if the rules say so."""

    @property
    @abstractmethod
    def loss(self) -> Loss:
        """What training minimises."""

    @property
    @abstractmethod
    def hyper(self) -> TreeParameters:
        """Fixed parameters."""

    @abstractmethod
    def bin_rows(self, panel: Panel, rows: Rows, resources: Resources) -> Callable[[Rows], Binned]:
        """Find bins on some rows, or on a draw of `ROWS_PER_BIN` for each bin if there are more.

        Parameters
        ----------
        panel
            Features and training target; no target enters the bins.
        rows
            Row numbers, ascending.
        resources
            Threads.

        Returns
        -------
        callable
            Gives any of the rows, features in these bins and target.
        """

    @abstractmethod
    def start(self, task: TreeTask[Binned]) -> Booster[F_co]:
        """Return a booster without trees."""

    def fit(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> F_co:
        """Find the number of rounds on the stopping rows; refit on all rows if the rules say so."""
        part_of = self.bin_rows(panel, split.train_rows, resources)
        rows = (split.fit_rows, split.stop_rows)
        binned = (part_of(split.fit_rows), part_of(split.stop_rows))
        booster, rounds = self.fit_binned(panel, rows, binned, rules, resources)
        if rules.refit:
            whole = part_of(split.train_rows)
            booster = self._begin(panel, split.train_rows, (whole, None), rules, resources)
            for _ in range(rounds):
                if not booster.add_tree():
                    break
        return booster.fitted(rounds)

    def fit_binned(
        self,
        panel: Panel,
        rows: tuple[Rows, Rows],
        binned: tuple[Binned, Binned],
        rules: TrainingRules,
        resources: Resources,
    ) -> tuple[Booster[F_co], int]:
        """Boost until the stopping rows say so.

        Parameters
        ----------
        panel
            The panel of the rows.
        rows, binned
            Fitting and stopping rows, and the same in bins.
        rules
            When training stops.
        resources
            What the fit may use.

        Returns
        -------
        tuple
            The booster with every round that was run, and the best number of rounds.
        """
        booster = self._begin(panel, rows[0], binned, rules, resources)
        score = stopping_score(panel, rows[1], self.loss, rules)
        tracker = StoppingTracker(rules.stopping)
        return booster, rounds_until_stop(booster, score, tracker, self.hyper.max_rounds)

    def _begin(
        self,
        panel: Panel,
        rows: Rows,
        binned: tuple[Binned, Binned | None],
        rules: TrainingRules,
        resources: Resources,
    ) -> Booster[F_co]:
        objective = objective_of(panel, rows, self.loss, rules, self.hyper.max_rounds)
        return self.start(TreeTask(*binned, objective, rules.resample_rows, resources))


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


def objective_of(
    panel: Panel, rows: Rows, loss: Loss, rules: TrainingRules, max_rounds: int
) -> Objective | None:
    """Return the custom objective of a loss on some rows; None where the library has its own."""
    if loss == "mse":
        return None
    ranked = RankICLoss.of(rules.rank_ic.form, panel.week_dates[rows], panel.target[rows])
    return RankICObjective(ranked, rules.rank_ic, max_rounds)


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
