"""What stopping weeks decide: the score of a forecast, and the best of the smoothed rounds."""

from collections.abc import Callable

import numpy as np

from models_ml.arrays import Floats, Rows
from models_ml.metrics import RankICScorer
from models_ml.panel import Panel
from models_ml.rules import StoppingRule, TrainingRules
from models_ml.specs import Loss

Score = Callable[[Floats], float]


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


class StoppingTracker:
    """Follow the score of each round; higher is better.

    Parameters
    ----------
    rule
        Patience and smoothing. The smoothed score of a round is the mean over the last
        `smoothing_rounds` rounds; it exists from the first full mean on.
    """

    def __init__(self, rule: StoppingRule) -> None:
        self._rule = rule
        self._scores: list[float] = []
        self._best_score = -np.inf
        self._best_rounds = 0

    @property
    def best_rounds(self) -> int:
        """Number of rounds, from 1, at the best smoothed score (of equal ones the fewest)."""
        return self._best_rounds or len(self._scores)

    def add(self, score: float) -> bool:
        """Take the score of the next round and tell whether training should stop."""
        self._scores.append(score)
        rounds = len(self._scores)
        if rounds < self._rule.smoothing_rounds:
            return False
        smoothed = float(np.mean(self._scores[-self._rule.smoothing_rounds :]))
        if smoothed > self._best_score:
            self._best_score, self._best_rounds = smoothed, rounds
        return rounds - self._best_rounds >= self._rule.patience
