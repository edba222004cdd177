"""The search over what the range scan left: Optuna's TPE, given up fold by fold.

The sampler of a trial is seeded by the window's identity and the trial's number alone, and every
fold is stored when done: a search that was killed ends in the trials of one that was not. Several
processes may work on one study, each trial in one of them; what a trial knew of the others when it
was drawn, and so the result, then depends on their timing. Values that were drawn before have the
scores they had: nothing is fitted for them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import optuna
from optuna.samplers import TPESampler
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
    fold_seconds,
    stored_trial,
)
from models_ml.tuning.records import TuningTrial
from models_ml.tuning.scoring import Objective, best_position, is_higher_better, is_hopeless
from models_ml.tuning.space import ParameterRange, SearchSpace

_POSITION = "position"


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
        while pending := self._pending(study):
            for position in pending:
                if self._claims.take(str(position)):
                    self._bring_to_an_end(study, position)
                    break
            else:
                # Others are at work on all of them; if one dies its trial is finished here.
                self.host.pause()
        return self._result(study)

    @cached_property
    def _claims(self) -> Claims:
        return Claims.on(self.study_name, self.host)

    def _pending(self, study: Study) -> list[int]:
        """Positions of trials that are under way, then the next one if one may begin."""
        begun = _begun(study)
        pending = [at for at, trial in begun.items() if not trial.state.is_finished()]
        # Where the scan left nothing to search, one trial says all.
        count = self.budget.trial_count if self.ranges else 1
        free = (at for at in range(count) if at not in begun)
        following = next(free, None)
        if following is not None and self._may_begin(begun):
            pending.append(following)
        return pending

    def _may_begin(self, begun: Mapping[int, FrozenTrial]) -> bool:
        seconds = sum(sum(fold_seconds(trial)) for trial in begun.values())
        return not begun or not self.budget.is_spent(self.spent_seconds + seconds)

    def _bring_to_an_end(self, study: Study, position: int) -> None:
        """Draw a trial, or take up what a killed process left of it, and run its folds."""
        trial = _begun(study).get(position)
        if trial is not None and trial.state.is_finished():
            return
        if trial is not None and set(trial.params) != {each.name for each in self.ranges}:
            # Killed before all its values were drawn: drawn again under the same seed.
            self.host.finish(study, trial.number, TrialState.FAIL)
            trial = None
        self._run_trial(study, self._draw(position) if trial is None else trial.number)

    def _draw(self, position: int) -> int:
        """Draw the parameters of a trial; return its number in the storage."""
        # Read anew, so that the sampler sees the trials as they are now.
        seen = optuna.load_study(
            study_name=self.study_name,
            storage=self.host.storage,
            sampler=TPESampler(
                seed=sampler_seed(self.seed_text, position),
                n_startup_trials=self.budget.startup_trials,
            ),
        )
        first = {each.name: each.value(each.default) for each in self.ranges}
        # Not asked of the study, which would give out a trial that another process is drawing.
        template = optuna.create_trial(
            state=TrialState.RUNNING,
            user_attrs={_POSITION: position},
            system_attrs={"fixed_params": first} if position == 0 else {},
        )
        trial = optuna.Trial(seen, seen._storage.create_new_trial(seen._study_id, template))
        for each in self.ranges:
            trial._suggest(each.name, each.distribution)
        return trial.number

    def _run_trial(self, study: Study, number: int) -> None:
        parameters = {**self.fixed, **stored_trial(study, number).params}
        complete = [
            fold_scores(other)
            for other in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        ]
        for done, fold in enumerate(self.folds, start=1):
            if len(fold_scores(stored_trial(study, number))) < done:
                known = _known_score(study, number, done)
                evaluate = self.evaluate if known is None else _always(known)
                self.host.run_fold(study, number, fold, parameters, evaluate)
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
        trial = stored_trial(study, number)
        return as_record(
            trial,
            trial.user_attrs[_POSITION],
            len(self.folds),
            stage="optuna",
            parameters={each.name: trial.params[each.name] for each in self.ranges},
            ranges={each.name: (each.low, each.high) for each in self.ranges},
        )

    def _result(self, study: Study) -> SearchResult:
        trials = [self._record(study, trial.number) for trial in _begun(study).values()]
        complete = [trial for trial in trials if trial.state == "complete"]
        best = complete[best_position([trial.score for trial in complete], self.objective)]
        edges = self.space.edges(best.parameters)
        marked = replace(best, is_best=True, edge_parameters=edges)
        return SearchResult(
            parameters={**self.fixed, **best.parameters},
            trials=tuple(marked if trial is best else trial for trial in trials),
        )


def _known_score(study: Study, number: int, fold: int) -> float | None:
    """Score of a fold, from 1, with the values of a trial, if another trial had the same ones."""
    own = stored_trial(study, number).params
    for other in study.get_trials(deepcopy=False):
        scores = fold_scores(other)
        if other.number != number and other.params == own and len(scores) >= fold:
            return scores[fold - 1]
    return None


def _always(score: float) -> Evaluate:
    return lambda fold, parameters: score


def sampler_seed(text: str, position: int) -> int:
    """Seed of the sampler for one trial: 32 bits of a hash of a text and the trial's number."""
    digest = hashlib.sha256(f"{text}\x00{position}".encode()).digest()
    return int(np.frombuffer(digest[:4], dtype="<u4")[0])


def _begun(study: Study) -> dict[int, FrozenTrial]:
    """Trials that count by their position, in its order."""
    begun = {
        int(trial.user_attrs[_POSITION]): trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state != TrialState.FAIL
    }
    return dict(sorted(begun.items()))
