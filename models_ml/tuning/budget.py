"""How much a tuning may do: a budget, and what that makes in fits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from models_ml.specs import ParameterValue, rounds_parameter
from models_ml.tuning.space import SearchSpace

ScanWindow = Literal["every", "first"]


@dataclass(frozen=True)
class TuningBudget:
    """What one tuning may do.

    Parameters
    ----------
    name
        As its file is called, such as 'smoke'; part of the model's key.
    fold_count
        Folds of the cross-validation.
    trial_count
        Trials of the search that follows the range scan.
    max_rounds
        Rounds or epochs per fit at most, in the folds and in the final fit.
    scan_points
        Points per parameter and pass of the range scan.
    scan_passes
        Times a range may be scanned, each time over what the last left of it.
    scan_parameter_count
        How many parameters are scanned, the first of the space; None: all.
    scan_window
        'every' window scans anew, or the 'first' window of the experiment scans for all.
    startup_trials
        Trials drawn at random before the sampler learns from them.
    pruning_startup_trials
        Complete trials before one may be given up.
    pruning_warmup_folds
        Folds of a trial or a point before it may be given up.
    pruning_percentile
        A trial is given up once its mean lies beyond this percentile of the complete trials.
    maximum_hours
        After so many hours of recorded fitting no parameter is scanned and no trial begins (one
        trial is always done); None: no limit. With a limit the result depends on the machine.
    """

    name: str
    fold_count: int
    trial_count: int
    max_rounds: int
    scan_points: int
    scan_passes: int
    scan_parameter_count: int | None
    scan_window: ScanWindow
    startup_trials: int
    pruning_startup_trials: int
    pruning_warmup_folds: int
    pruning_percentile: float
    maximum_hours: float | None = None

    def __post_init__(self) -> None:
        counts = (self.fold_count, self.trial_count, self.max_rounds, self.scan_passes)
        if min(counts) < 1 or self.scan_points < 2:
            raise ValueError(
                "expected at least one fold, trial, round and pass and two scan points in the "
                f"budget {self.name}, found {counts} and {self.scan_points}"
            )

    def is_spent(self, seconds: float) -> bool:
        """Whether so many seconds of fitting use the hours up."""
        return self.maximum_hours is not None and seconds >= self.maximum_hours * 3600.0


@dataclass(frozen=True)
class TuningPlan:
    """How one model is tuned: what is searched, and how long.

    Parameters
    ----------
    space
        The search space of the model's library.
    budget
        What the search may do.
    """

    space: SearchSpace
    budget: TuningBudget

    def to_mapping(self) -> dict[str, Any]:
        """Return the plan as JSON-serialisable values: equal values mean equal tunings."""
        return {"space": self.space.to_mapping(), "budget": asdict(self.budget)}

    def fixed_parameters(
        self, own: Mapping[str, ParameterValue]
    ) -> tuple[SearchSpace, dict[str, ParameterValue]]:
        """Split into what is searched and what is fixed; an experiment's own parameters win."""
        space = self.space.without(set(own))
        limit = {rounds_parameter(space.library): self.budget.max_rounds}
        return space, {**limit, **space.fixed, **own}

    @property
    def scan_evaluations(self) -> int:
        """Points of the range scan at most: every pass of every scanned parameter."""
        count = self.budget.scan_parameter_count
        scanned = self.space.ranges if count is None else self.space.ranges[:count]
        return sum(
            len(each.points(self.budget.scan_points)) * self.budget.scan_passes for each in scanned
        )
