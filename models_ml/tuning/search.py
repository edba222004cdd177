"""The search over what the range scan left: Optuna's TPE, given up fold by fold.

The sampler of a trial is seeded by the window's identity and the trial's number alone, and every
fold is stored when done: a search that was killed ends in the trials of one that was not. Several
processes may work on one study; then the order of their trials, and so the result, is theirs.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import optuna
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from models_ml.folds import FoldRows
from models_ml.specs import ParameterValue
from models_ml.tuning.budget import TuningBudget
from models_ml.tuning.host import (
    OWNER,
    Evaluate,
    TuningHost,
    as_record,
    fold_scores,
    fold_seconds,
    stored_trial,
)
from models_ml.tuning.records import TuningTrial
from models_ml.tuning.scoring import Objective, best_position, is_higher_better, is_hopeless
from models_ml.tuning.space import ParameterRange, SearchSpace


@dataclass(frozen=True)
class SearchResult:
    """Trials of the search, the best of them marked, and its parameters."""

    parameters: dict[str, ParameterValue]
    trials: tuple[TuningTrial, ...]


@dataclass(frozen=True)
class Search:
    """The search of one window.

    Parameters
    ----------
    space
        The space as it was before the range scan: the best value is held against its ends.
    ranges
        What is searched; the first trial is their defaults.
    fixed
        All other parameters.
    budget
        Trials, pruning, hours.
    objective
        What the folds are judged by.
    folds
        The folds.
    evaluate
        Score of one fold with all parameters.
    host
        Storage, clock, other processes, audience.
    study_name
        Name of the study.
    seed_text
        Seeds the sampler, together with the number of the trial.
    spent_seconds
        What the range scan took, counted towards the budget's hours.
    """

    space: SearchSpace
    ranges: tuple[ParameterRange, ...]
    fixed: Mapping[str, ParameterValue]
    budget: TuningBudget
    objective: Objective
    folds: tuple[FoldRows, ...]
    evaluate: Evaluate
    host: TuningHost
    study_name: str
    seed_text: str
    spent_seconds: float = 0.0

    def run(self) -> SearchResult:
        """Do the trials that are not done, and choose."""
        study = optuna.create_study(
            study_name=self.study_name,
            storage=self.host.storage,
            direction="maximize" if is_higher_better(self.objective) else "minimize",
            load_if_exists=True,
        )
        self._take_up(study)
        while self._may_begin(study):
            self._run_trial(study, self._next(study))
        while any(trial.state == TrialState.RUNNING for trial in study.get_trials(deepcopy=False)):
            # Another process is at work; if it dies meanwhile its trial is finished here.
            self.host.pause()
            self._take_up(study)
        return self._result(study)

    def _take_up(self, study: Study) -> None:
        """Finish what a killed process left, with the same parameters."""
        names = {each.name for each in self.ranges}
        for trial in study.get_trials(deepcopy=False):
            if not self.host.is_interrupted(trial):
                continue
            if set(trial.params) == names:
                self._run_trial(study, trial.number)
            else:
                # Killed before all its values were drawn: drawn again under the same seed.
                self.host.finish(study, trial.number, TrialState.FAIL)

    def _may_begin(self, study: Study) -> bool:
        begun = _begun(study)
        if len(begun) >= self.budget.trial_count:
            return False
        spent = self.spent_seconds + sum(sum(fold_seconds(trial)) for trial in begun)
        return not begun or not self.budget.is_spent(spent)

    def _next(self, study: Study) -> int:
        """Draw the parameters of the next trial; return its number in the storage."""
        position = len(_begun(study))
        study.sampler = TPESampler(
            seed=sampler_seed(self.seed_text, position),
            n_startup_trials=self.budget.startup_trials,
        )
        is_waiting = any(
            trial.state == TrialState.WAITING for trial in study.get_trials(deepcopy=False)
        )
        if not is_waiting:
            first = {each.name: each.value(each.default) for each in self.ranges}
            study.enqueue_trial(first if position == 0 else {}, user_attrs={OWNER: self.host.owner})
        trial = study.ask({each.name: each.distribution for each in self.ranges})
        trial.set_user_attr(OWNER, self.host.owner)
        return trial.number

    def _run_trial(self, study: Study, number: int) -> None:
        parameters = {**self.fixed, **stored_trial(study, number).params}
        complete = [
            fold_scores(other)
            for other in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        ]
        for done, fold in enumerate(self.folds, start=1):
            if len(fold_scores(stored_trial(study, number))) < done:
                self.host.run_fold(study, number, fold, parameters, self.evaluate)
            scores = fold_scores(stored_trial(study, number))[:done]
            if self._gives_up(scores, complete):
                self.host.finish(study, number, TrialState.PRUNED)
                break
        else:
            self.host.finish(study, number, TrialState.COMPLETE)
        self.host.on_trial(self._record(study, number))

    def _gives_up(self, scores: list[float], complete: list[list[float]]) -> bool:
        budget = self.budget
        return (
            len(complete) >= budget.pruning_startup_trials
            and budget.pruning_warmup_folds <= len(scores) < len(self.folds)
            and is_hopeless(scores, complete, self.objective, percentile=budget.pruning_percentile)
        )

    def _record(self, study: Study, number: int) -> TuningTrial:
        begun = [trial.number for trial in _begun(study)]
        trial = stored_trial(study, number)
        return as_record(
            trial,
            begun.index(number),
            len(self.folds),
            stage="optuna",
            parameters={each.name: trial.params[each.name] for each in self.ranges},
            ranges={each.name: (each.low, each.high) for each in self.ranges},
        )

    def _result(self, study: Study) -> SearchResult:
        trials = [self._record(study, trial.number) for trial in _begun(study)]
        complete = [trial for trial in trials if trial.state == "complete"]
        best = complete[best_position([trial.score for trial in complete], self.objective)]
        edges = self.space.edges(best.parameters)
        marked = replace(best, is_best=True, edge_parameters=edges)
        return SearchResult(
            parameters={**self.fixed, **best.parameters},
            trials=tuple(marked if trial is best else trial for trial in trials),
        )


def sampler_seed(text: str, position: int) -> int:
    """Seed of the sampler for one trial: 32 bits of a hash of a text and the trial's number."""
    digest = hashlib.sha256(f"{text}\x00{position}".encode()).digest()
    return int(np.frombuffer(digest[:4], dtype="<u4")[0])


def _begun(study: Study) -> list[FrozenTrial]:
    """Trials that count, in the order in which they were drawn."""
    passed_over = (TrialState.FAIL, TrialState.WAITING)
    return [trial for trial in study.get_trials(deepcopy=False) if trial.state not in passed_over]
