"""When boosting stops: the smoothed score of each round and the best of them."""

import numpy as np

from models_ml.rules import StoppingRule


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
