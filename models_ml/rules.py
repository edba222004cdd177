"""Training rules: what the two rule sets do differently when a window is trained."""

from dataclasses import dataclass, replace
from typing import Literal

StoppingScore = Literal["mse", "rank_ic"]
RankICForm = Literal["weekly", "pooled"]


@dataclass(frozen=True)
class StoppingRule:
    """When to stop adding rounds, and which score chooses a penalty.

    Parameters
    ----------
    score
        'mse' (lower is better) or 'rank_ic' (mean weekly Rank IC, higher is better), measured on
        the stopping weeks.
    patience
        Rounds without a new best score before training stops.
    smoothing_rounds
        The score of a round is its mean over this many rounds up to it; 1 leaves it as it is.
        Rounds before the first full mean cannot be the best one: a lucky first tree is no result.
    """

    score: StoppingScore
    patience: int
    smoothing_rounds: int = 1

    def __post_init__(self) -> None:
        if self.patience < 1 or self.smoothing_rounds < 1:
            raise ValueError(
                "expected a patience and a smoothing of at least one round, found "
                f"patience={self.patience}, smoothing_rounds={self.smoothing_rounds}"
            )


@dataclass(frozen=True)
class RankICRule:
    """How trees learn under the loss `rank_ic`.

    Parameters
    ----------
    form
        What the loss and its stopping score correlate: 'weekly', a mean over weeks, or 'pooled',
        all rows at once.
    start_trees
        Trees that fit the centred label rank, where the gradient at constant forecasts is not
        defined, before the exact gradient takes over.
    step
        Factor on the exact gradient.
    start_share
        The start takes at most this share of the rounds that a fit may have: few rounds come to
        the gradient too.
    """

    form: RankICForm
    start_trees: int = 1
    step: float = 1.0
    start_share: float = 0.5

    def __post_init__(self) -> None:
        if self.start_trees < 1 or self.step <= 0.0 or not 0.0 <= self.start_share < 1.0:
            raise ValueError(
                "expected at least one tree to start, a positive step and a share below one, found "
                f"start_trees={self.start_trees}, step={self.step}, start_share={self.start_share}"
            )

    def start_of(self, max_rounds: int) -> int:
        """Trees that start a fit of so many rounds at most; at least one."""
        return max(1, min(self.start_trees, int(self.start_share * max_rounds)))


@dataclass(frozen=True)
class TrainingRules:
    """Which rows train a window, and how training stops.

    Parameters
    ----------
    rule_set
        'paper' or 'practitioner'; the key of the results.
    requires_known_label
        Train only on rows whose label was known at the window's first week_date.
    requires_tradable
        Leave out rows whose label has an end point without a trade.
    embargo_weeks
        How many of the last eligible weeks are dropped before the window.
    purge_weeks
        Weeks dropped between the fitting and the stopping weeks (the label span: 1 for h = 1).
    stop_share
        Share of the training weeks, taken from their end, that decides when to stop.
    stopping
        The stopping rule.
    refit
        Fit once more on all training weeks with the number of rounds that was found.
    rank_ic
        The loss `rank_ic` of these rules.
    resample_rows
        LightGBM draws the rows of bagging_fraction anew for every tree. False leaves its
        bagging_freq at the default, with which bagging_fraction is without effect.
    minimum_training_weeks
        Fewer training weeks are an error, not a model.
    """

    rule_set: str
    requires_known_label: bool
    requires_tradable: bool
    embargo_weeks: int
    stopping: StoppingRule
    refit: bool
    rank_ic: RankICRule
    resample_rows: bool = True
    purge_weeks: int = 1
    stop_share: float = 0.2
    minimum_training_weeks: int = 20

    def __post_init__(self) -> None:
        if self.embargo_weeks < 0 or self.purge_weeks < 0:
            raise ValueError(
                "expected embargo and purge of zero weeks or more, found "
                f"embargo_weeks={self.embargo_weeks}, purge_weeks={self.purge_weeks}"
            )
        if not 0.0 < self.stop_share < 1.0:
            raise ValueError(f"expected a stop_share between 0 and 1, found {self.stop_share}")

    def crossed(self, label: "TrainingRules", purge: "TrainingRules") -> "TrainingRules":
        """Return these rules with the label's and the purge's part taken from others.

        Parameters
        ----------
        label
            Says whether rows without a tradable label train.
        purge
            Says whether labels must be known, how long the embargo is, and how many weeks lie
            between fitting and stopping.
        """
        return replace(
            self,
            requires_tradable=label.requires_tradable,
            requires_known_label=purge.requires_known_label,
            embargo_weeks=purge.embargo_weeks,
            purge_weeks=purge.purge_weeks,
        )

    @classmethod
    def paper(cls) -> "TrainingRules":
        """Return the rules as printed: every week before the window, patience 10 on the MSE."""
        return cls(
            rule_set="paper",
            requires_known_label=False,
            requires_tradable=False,
            embargo_weeks=0,
            stopping=StoppingRule(score="mse", patience=10),
            refit=False,
            rank_ic=RankICRule(form="pooled"),
            resample_rows=False,
        )

    @classmethod
    def practitioner(cls, *, embargo_weeks: int = 1) -> "TrainingRules":
        """Return the rules without foresight: known, tradable labels, an embargo, and a refit."""
        return cls(
            rule_set="practitioner",
            requires_known_label=True,
            requires_tradable=True,
            embargo_weeks=embargo_weeks,
            stopping=StoppingRule(score="rank_ic", patience=50, smoothing_rounds=10),
            refit=True,
            rank_ic=RankICRule(form="weekly", start_trees=40, step=0.2),
        )

    @classmethod
    def of(cls, rule_set: str) -> "TrainingRules":
        """Return the rules of a rule set by its name.

        Raises
        ------
        ValueError
            If the name is neither 'paper' nor 'practitioner'.
        """
        if rule_set == "paper":
            return cls.paper()
        if rule_set == "practitioner":
            return cls.practitioner()
        raise ValueError(f"expected rule set 'paper' or 'practitioner', found {rule_set!r}")
