"""Scores of the folds, their noise, and when a trial is given up."""

from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
from scipy import stats

from models_ml.arrays import Floats, Rows
from models_ml.metrics import RankICScorer, mean_squared_error
from models_ml.panel import Panel

Objective = Literal["mse", "rank_ic"]

# At the end of a race, and stricter while it runs: there the question is asked fold after fold.
FINAL_LEVEL, RACE_LEVEL = 0.95, 0.99


def is_higher_better(objective: Objective) -> bool:
    """Tell the direction of an objective."""
    return objective == "rank_ic"


def best_position(scores: Sequence[float], objective: Objective) -> int:
    """Position of the best score; of equal ones the first."""
    choose = np.argmax if is_higher_better(objective) else np.argmin
    return int(choose(np.asarray(scores)))


class FoldJudge:
    """Score of a forecast on the test rows of a fold.

    Parameters
    ----------
    panel
        The panel.
    rows
        The fold's test rows, ascending.
    objective
        'mse': mean squared error in squared units of the training target. 'rank_ic': mean weekly
        Rank IC against the raw label; a week of constant forecasts counts as zero.
    """

    def __init__(self, panel: Panel, rows: Rows, objective: Objective) -> None:
        self._objective = objective
        self._target = panel.target[rows]
        label = panel.raw_label[rows]
        self._labelled = np.isfinite(label)
        self._weeks, self._label = panel.week_dates[rows][self._labelled], label[self._labelled]
        self._scorer = RankICScorer(self._weeks, self._label)

    def score(self, forecast: Floats) -> float:
        """Return the score of a forecast: float64 [number of test rows], NaN = no forecast."""
        if self._objective == "mse":
            return mean_squared_error(forecast, self._target)
        values = forecast[self._labelled]
        is_known = np.isfinite(values)
        if is_known.all():
            return self._scorer.mean(values)
        return RankICScorer(self._weeks[is_known], self._label[is_known]).mean(values[is_known])


def fold_noise(scores: Floats, level: float = FINAL_LEVEL) -> float:
    """How far the mean scores of points can lie apart by the noise of the folds alone.

    Tukey's honestly significant difference: the studentised range times the standard
    error of a point's mean. What all points share in a fold (a calm or a wild half-year) is taken
    out first, so the error is that of the paired comparison.

    Parameters
    ----------
    scores
        float64 [points, folds].
    level
        Probability with which noise alone stays within it.

    Returns
    -------
    float
        In units of the score; infinite with fewer than two points or folds.
    """
    points, folds = scores.shape
    if points < 2 or folds < 2:
        return float("inf")
    residual = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
    freedom = (points - 1) * (folds - 1)
    error = np.sqrt(np.sum(residual**2) / freedom / folds)
    return _studentised_range(level, points, freedom) * float(error)


@cache
def _studentised_range(level: float, points: int, freedom: int) -> float:
    # Half a second of integration, for arguments that come again and again.
    return float(stats.studentized_range.ppf(level, points, freedom))


def good_points(scores: Floats, objective: Objective, level: float = FINAL_LEVEL) -> list[int]:
    """Positions whose mean lies within the fold noise of the best one, ascending.

    Parameters
    ----------
    scores
        float64 [points, folds].
    objective
        Which direction is better.
    level
        As for `fold_noise`.
    """
    means = scores.mean(axis=1)
    best = means[best_position(means.tolist(), objective)]
    return np.flatnonzero(np.abs(means - best) <= fold_noise(scores, level)).tolist()


def is_hopeless(
    scores: Sequence[float],
    complete: Sequence[Sequence[float]],
    objective: Objective,
    *,
    percentile: float,
) -> bool:
    """Whether a trial's mean lies beyond a percentile of complete trials on the same folds.

    Parameters
    ----------
    scores
        Of the trial, over the folds it has done.
    complete
        Scores of complete trials, all folds each.
    percentile
        50: worse than the median.
    """
    folds = len(scores)
    others = [float(np.mean(other[:folds])) for other in complete]
    own = float(np.mean(scores))
    if is_higher_better(objective):
        return own < float(np.percentile(others, 100.0 - percentile))
    return own > float(np.percentile(others, percentile))
