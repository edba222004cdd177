"""Canaries of the pipeline between panel and judgement: what must be heard, and what must not be.

They judge features, labels and splits, not a model, so a linear probe stands for all of them. Each
is compared with its own randomisations: one fitted model over many weeks varies about twice as
much as its weekly standard error says.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from models_ml.arrays import Floats, Rows
from models_ml.canaries import RandomisationTest, randomise_labels
from models_ml.estimators.ridge import standardise_within_weeks
from models_ml.linear_probe import FeatureView, LinearProbe
from models_ml.metrics import RankICScorer, WeeklyRankIC, newey_west_t, weekly_rank_ic
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.windows import TestWindow

Canary = Literal["oracle_factor", "shuffled_labels", "shifted_dates", "permuted_stocks"]
Expectation = Literal["heard", "silent"]

# A failed canary stops the publishing, so a false alarm has to be rare.
LEVEL = 0.001
RANDOMISATIONS = 19
# Standard deviations of the label: the oracle's correlation with it is then a fifth.
ORACLE_NOISE = 5.0
# Weekly differences that have a spread.
_MINIMUM_WEEKS = 2
# Label sets at a time: bounds what the targets take beside the matrix.
_BATCH = 8


@dataclass(frozen=True)
class CanaryResult:
    """One canary.

    Parameters
    ----------
    canary
        Its name.
    expectation
        'heard': the statistic has to be positive beyond chance; 'silent': it has to be chance.
    observed
        The statistic: a mean weekly out-of-sample Rank IC, or a mean weekly difference of two.
    spread
        Its standard deviation by chance.
    p_value
        Of the statistic if nothing but chance were at work.
    randomisation_count
        Randomisations behind the spread; 0: a Newey-West error of the weeks.
    week_count
        Test weeks.
    """

    canary: Canary
    expectation: Expectation
    observed: float
    spread: float
    p_value: float
    randomisation_count: int
    week_count: int

    @property
    def is_passed(self) -> bool:
        """Whether the statistic is what it has to be."""
        if self.expectation == "heard":
            return self.observed > 0.0 and self.p_value < LEVEL
        return self.p_value >= LEVEL


def pipeline_canaries(
    panel: Panel,
    windows: Sequence[TestWindow],
    rules: TrainingRules,
    *,
    randomisations: int = RANDOMISATIONS,
    seed: int = 777,
) -> tuple[CanaryResult, ...]:
    """Send every canary through the splits of a panel.

    - `shuffled_labels`: training labels are shuffled within their weeks; the forecasts are judged
      on the true labels. Silent, unless labels reach the forecast by another way than training.
    - `permuted_stocks`: the stocks of every week change places, in training and test alike; judged
      on what they changed to. Silent, unless test rows train.
    - `oracle_factor`: a further factor is the label under noise. Heard, unless the label that
      trains and the label that judges belong to different rows.
    - `shifted_dates`: every row gets the features of the week after, which hold most of the
      label's return. Heard above the honest dates, unless these know as much themselves.

    Parameters
    ----------
    panel, windows, rules
        As for train_window, which trains the same rows.
    randomisations
        Shuffles behind the first three.
    seed
        Seed of the shuffles and of the oracle's noise.

    Returns
    -------
    tuple
        One result per canary. Empty where fewer than two test weeks have enough names for a Rank
        IC; without `shifted_dates` where that holds of the weeks that another one follows.

    Raises
    ------
    ValueError
        If a window has no weeks to train or test on.
    """
    panel = _standardised(panel)
    plain = LinearProbe(FeatureView.plain(panel), windows, rules)
    honest = _weekly(plain, panel)
    if np.count_nonzero(np.isfinite(honest.rank_ic)) < _MINIMUM_WEEKS:
        return ()
    shuffled, permuted = _randomised(plain, panel, range(seed, seed + randomisations))
    weeks = len(honest.week_dates)
    return (
        _silent("shuffled_labels", shuffled, weeks),
        _silent("permuted_stocks", permuted, weeks),
        _oracle(panel, windows, rules, shuffled, seed),
        *_shifted(panel, windows, rules, honest),
    )


def _standardised(panel: Panel) -> Panel:
    """The panel with targets standardised within their weeks."""
    target = np.full(panel.row_count, np.nan)
    rows = np.flatnonzero(np.isfinite(panel.target))
    target[rows], _, _ = standardise_within_weeks(panel.target[rows], panel.week_dates[rows])
    return panel.with_labels(target, panel.raw_label)


def _randomised(probe: LinearProbe, panel: Panel, seeds: range) -> tuple[Floats, Floats]:
    """Mean Rank IC per shuffle, judged on the true and on the shuffled labels."""
    rows = probe.test_rows
    weeks = panel.week_dates[rows]
    labelled = np.isfinite(panel.raw_label[rows])
    truth = RankICScorer(weeks[labelled], panel.raw_label[rows][labelled])
    on_truth, on_shuffled = [], []
    for first in range(0, len(seeds), _BATCH):
        shuffles = [randomise_labels(panel, "shuffle", s) for s in seeds[first : first + _BATCH]]
        # A shuffle within the week changes neither its mean nor its spread.
        forecasts = probe.forecast(np.column_stack([shuffle.target for shuffle in shuffles]))
        for forecast, shuffle in zip(forecasts.T, shuffles, strict=True):
            on_truth.append(truth.mean(forecast[labelled]))
            on_shuffled.append(_mean(weekly_rank_ic(weeks, forecast, shuffle.raw_label[rows])))
    return np.asarray(on_truth), np.asarray(on_shuffled)


def _silent(canary: Canary, values: Floats, week_count: int) -> CanaryResult:
    """Mean over the randomisations against its standard error among them."""
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    observed = float(np.mean(values))
    # Without any spread there is no forecast that could know something.
    t = abs(observed) / error if error > 0.0 else 0.0
    p_value = float(2.0 * stats.t.sf(t, len(values) - 1))
    return CanaryResult(canary, "silent", observed, error, p_value, len(values), week_count)


def _oracle(
    panel: Panel,
    windows: Sequence[TestWindow],
    rules: TrainingRules,
    null_values: Floats,
    seed: int,
) -> CanaryResult:
    noise = np.random.default_rng(seed).normal(0.0, ORACLE_NOISE, panel.row_count)
    oracle = (panel.raw_label / float(np.nanstd(panel.raw_label)) + noise) / ORACLE_NOISE
    probe = LinearProbe(FeatureView.plain(panel, oracle[:, None]), windows, rules)
    heard = _weekly(probe, panel)
    test = RandomisationTest.judge(_mean(heard), null_values)
    return CanaryResult(
        canary="oracle_factor",
        expectation="heard",
        observed=test.observed,
        spread=math.sqrt(float(np.mean(null_values**2))),
        p_value=test.t_p_value,
        randomisation_count=len(null_values),
        week_count=len(heard.week_dates),
    )


def _shifted(
    panel: Panel, windows: Sequence[TestWindow], rules: TrainingRules, honest: WeeklyRankIC
) -> tuple[CanaryResult, ...]:
    late = _weekly(LinearProbe(FeatureView(panel, following_week(panel)), windows, rules), panel)
    # The last week of the panel has none that follows it.
    shared = np.isin(honest.week_dates, late.week_dates)
    difference = late.rank_ic - honest.rank_ic[shared]
    difference = difference[np.isfinite(difference)]
    if len(difference) < _MINIMUM_WEEKS:
        return ()
    observed = float(np.mean(difference))
    t = newey_west_t(difference, lag=1)
    result = CanaryResult(
        canary="shifted_dates",
        expectation="heard",
        observed=observed,
        spread=abs(observed / t) if t else 0.0,
        p_value=float(stats.t.sf(t, len(difference) - 1)),
        randomisation_count=0,
        week_count=len(difference),
    )
    return (result,)


def following_week(panel: Panel) -> Rows:
    """Row of the same stock in the panel's next week: int64 [n]; -1: it is not there."""
    week_of = np.searchsorted(panel.weeks, panel.week_dates)
    stock_count = len(panel.symbols)
    key = week_of.astype(np.int64) * stock_count + panel.symbol_codes
    wanted = key + stock_count
    position = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    rows: Rows = np.where(key[position] == wanted, position, -1)
    return rows


def _weekly(probe: LinearProbe, panel: Panel) -> WeeklyRankIC:
    """Weekly Rank IC of the probe trained on the panel's own target."""
    rows = probe.test_rows
    forecast = probe.forecast(panel.target[:, None])[:, 0]
    return weekly_rank_ic(panel.week_dates[rows], forecast, panel.raw_label[rows])


def _mean(weekly: WeeklyRankIC) -> float:
    # Constant in every week: nothing is known.
    return weekly.mean if np.isfinite(weekly.rank_ic).any() else 0.0
