"""Range scan: each parameter alone, over and over a narrower range, as far as the folds can tell.

A point is good if its mean lies within the fold noise of the best one. The points of a pass race
through the folds together and those that are no longer good drop out. If every point is good the
parameter does not matter there; else its range shrinks to the good points and one step beyond.

Several processes may scan one study. They share the folds of the points, wait for each other before
anything is decided, and so all walk the way that one alone would.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from models_ml.folds import FoldRows
from models_ml.specs import ParameterValue
from models_ml.tuning.budget import TuningBudget
from models_ml.tuning.claims import Claims
from models_ml.tuning.host import (
    Evaluate,
    TuningHost,
    as_record,
    fold_scores,
    stored_trial,
)
from models_ml.tuning.records import TuningTrial
from models_ml.tuning.scoring import (
    FINAL_LEVEL,
    RACE_LEVEL,
    Objective,
    best_position,
    good_points,
)
from models_ml.tuning.space import ParameterRange, SearchSpace

_POINT = "point"


@dataclass(frozen=True)
class ScanResult:
    """What the scan left over.

    Parameters
    ----------
    ranges
        Parameters for the search, each in its narrowed range, its default the best one known.
    settled
        Parameters that stay at their default, by name.
    trials
        Every point that was looked at.
    """

    ranges: tuple[ParameterRange, ...]
    settled: dict[str, ParameterValue]
    trials: tuple[TuningTrial, ...]


@dataclass(frozen=True)
class RangeScan:
    """The scan of one window.

    Parameters
    ----------
    space
        What is scanned.
    fixed
        Parameters outside the space.
    budget
        Points, passes, how many parameters.
    objective
        What the folds are judged by.
    folds
        The folds.
    evaluate
        Score of one fold with all parameters.
    host
        Storage, clock, audience.
    study_name
        Name of the study that keeps the points.
    """

    space: SearchSpace
    fixed: Mapping[str, ParameterValue]
    budget: TuningBudget
    objective: Objective
    folds: tuple[FoldRows, ...]
    evaluate: Evaluate
    host: TuningHost
    study_name: str

    def run(self) -> ScanResult:
        """Scan parameter by parameter; points that the storage has are not done again."""
        study = optuna.create_study(
            study_name=self.study_name, storage=self.host.storage, load_if_exists=True
        )
        count = self.budget.scan_parameter_count
        scanned = self.space.ranges if count is None else self.space.ranges[:count]
        ranges: list[ParameterRange] = []
        settled: dict[str, ParameterValue] = {}
        trials: list[TuningTrial] = []
        for each in self.space.ranges:
            spent = sum(trial.seconds for trial in trials)
            is_scanned = each in scanned and not self.budget.is_spent(spent)
            narrowed = self._scan(study, each, trials) if is_scanned else each
            if narrowed is None:
                settled[each.name] = each.value(each.default)
            else:
                ranges.append(narrowed)
        return ScanResult(tuple(ranges), settled, tuple(trials))

    def _scan(
        self, study: Study, whole: ParameterRange, trials: list[TuningTrial]
    ) -> ParameterRange | None:
        """Range that is left of a parameter; None if it does not matter anywhere in it."""
        current = whole
        seen: set[ParameterValue] = set()
        for scan_pass in range(1, self.budget.scan_passes + 1):
            values = current.points(self.budget.scan_points)
            is_done = scan_pass > 1 and (current.is_resolved or seen.issuperset(values))
            if len(values) < 2 or is_done:
                break
            seen.update(values)
            numbers = [
                self._point(study, current, scan_pass, position, value)
                for position, value in enumerate(values)
            ]
            good = self._race(study, current, scan_pass, numbers, values)
            trials += self._records(study, current, scan_pass, numbers, values, len(trials))
            if len(good) == len(values):
                return None if scan_pass == 1 else current
            narrowed = self._narrowed(study, current, numbers, values, good)
            if (narrowed.low, narrowed.high) == (current.low, current.high):
                return narrowed
            current = narrowed
        return current

    def _point(
        self,
        study: Study,
        current: ParameterRange,
        scan_pass: int,
        position: int,
        value: ParameterValue,
    ) -> int:
        """Number of the trial of a point, created in one stroke if it is not there."""
        point = _point_name(current, scan_pass, position)
        if point not in _numbers(study):
            # An attribute, no parameter: a database allows a parameter one set of values per study.
            template = optuna.create_trial(
                state=TrialState.RUNNING, user_attrs={_POINT: point, current.name: value}
            )
            created = self.host.storage.create_new_trial(study._study_id, template)
            number = self.host.storage.get_trial_number_from_id(created)
            if number != _numbers(study)[point]:
                # Another process created it at the same time: the first one is the point.
                self.host.finish(study, number, TrialState.FAIL)
        return _numbers(study)[point]

    def _race(
        self,
        study: Study,
        current: ParameterRange,
        scan_pass: int,
        numbers: list[int],
        values: tuple[ParameterValue, ...],
    ) -> list[int]:
        """Run the points through the folds together; return the positions of the good ones."""
        alive = list(range(len(values)))
        for done, fold in enumerate(self.folds, start=1):
            work = {
                numbers[position]: _Work(
                    f"{_point_name(current, scan_pass, position)}/{done}",
                    self._parameters(current, values[position]),
                )
                for position in alive
            }
            self._run_fold(study, done, fold, work)
            if done < self.budget.pruning_warmup_folds and done < len(self.folds):
                continue
            scores = np.asarray(
                [fold_scores(stored_trial(study, numbers[position]))[:done] for position in alive]
            )
            level = RACE_LEVEL if done < len(self.folds) else FINAL_LEVEL
            good = [alive[row] for row in good_points(scores, self.objective, level)]
            if done < len(self.folds):
                self._close(study, numbers, set(alive) - set(good), TrialState.PRUNED)
                alive = good
        self._close(study, numbers, set(alive), TrialState.COMPLETE)
        return good

    def _run_fold(self, study: Study, done: int, fold: FoldRows, work: dict[int, "_Work"]) -> None:
        """Bring points to `done` folds together with the other processes; wait for theirs."""
        while waiting := [number for number in work if _folds_done(study, number) < done]:
            mine = next((each for each in waiting if self._claims.take(work[each].name)), None)
            if mine is None:
                self.host.pause()
            # Looked at again: whoever had it may have kept its score and gone since.
            elif _folds_done(study, mine) < done:
                self.host.run_fold(study, mine, fold, work[mine].parameters, self.evaluate)

    @cached_property
    def _claims(self) -> Claims:
        return Claims.on(self.study_name, self.host)

    def _close(
        self, study: Study, numbers: list[int], positions: set[int], state: TrialState
    ) -> None:
        for position in sorted(positions):
            if not stored_trial(study, numbers[position]).state.is_finished():
                # Another process may close it in between, and for the same scores alike.
                with suppress(UpdateFinishedTrialError):
                    self.host.finish(study, numbers[position], state)

    def _parameters(
        self, current: ParameterRange, value: ParameterValue
    ) -> dict[str, ParameterValue]:
        defaults = {each.name: each.value(each.default) for each in self.space.ranges}
        return {**self.fixed, **defaults, current.name: value}

    def _narrowed(
        self,
        study: Study,
        current: ParameterRange,
        numbers: list[int],
        values: tuple[ParameterValue, ...],
        good: list[int],
    ) -> ParameterRange:
        """From one step below to one step above the good points around the best one."""
        best = self._best(study, numbers)
        first = last = best
        while first - 1 in good:
            first -= 1
        while last + 1 in good:
            last += 1
        low, high = values[max(0, first - 1)], values[min(len(values) - 1, last + 1)]
        return current.narrowed(float(low), float(high), float(values[best]))

    def _best(self, study: Study, numbers: list[int]) -> int:
        trials = [stored_trial(study, number) for number in numbers]
        complete = [at for at, trial in enumerate(trials) if trial.state == TrialState.COMPLETE]
        means = [float(np.mean(fold_scores(trials[at]))) for at in complete]
        return complete[best_position(means, self.objective)]

    def _records(
        self,
        study: Study,
        current: ParameterRange,
        scan_pass: int,
        numbers: list[int],
        values: tuple[ParameterValue, ...],
        before: int,
    ) -> list[TuningTrial]:
        best = self._best(study, numbers)
        records = []
        for position, number in enumerate(numbers):
            trial: FrozenTrial = stored_trial(study, number)
            value = {current.name: values[position]}
            record = as_record(
                trial,
                before + position,
                len(self.folds),
                stage="range_scan",
                parameters=value,
                ranges={current.name: (current.low, current.high)},
                scanned_parameter=current.name,
                scan_pass=scan_pass,
            )
            record = replace(
                record,
                is_best=position == best,
                edge_parameters=self.space.edges(value) if position == best else (),
            )
            self.host.on_trial(record)
            records.append(record)
        return records


@dataclass(frozen=True)
class _Work:
    """One fold of a point: its name among the claims, and all parameters."""

    name: str
    parameters: dict[str, ParameterValue]


def _point_name(current: ParameterRange, scan_pass: int, position: int) -> str:
    return f"{current.name}/{scan_pass}/{position}"


def _numbers(study: Study) -> dict[str, int]:
    """Numbers of the trials by their point; the first of those that have one."""
    numbers: dict[str, int] = {}
    for trial in study.get_trials(deepcopy=False):
        numbers.setdefault(str(trial.user_attrs[_POINT]), trial.number)
    return numbers


def _folds_done(study: Study, number: int) -> int:
    return len(fold_scores(stored_trial(study, number)))
