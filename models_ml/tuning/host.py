"""What tuning is handed from outside, and the trials it keeps there fold by fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from models_ml.folds import FoldRows
from models_ml.specs import ParameterValue
from models_ml.tuning.records import TuningTrial

_SECONDS = "fold_seconds"

# Score of one fold with some parameters.
Evaluate = Callable[[FoldRows, Mapping[str, ParameterValue]], float]


def _nobody(owner: str) -> bool:
    return False


def _nothing() -> None:
    return None


def _unheard(trial: TuningTrial) -> None:
    return None


@dataclass(frozen=True)
class TuningHost:
    """What only the outside has: storage, time, other processes, an audience.

    Parameters
    ----------
    storage
        Where every fold of every trial is kept as soon as it is done: in memory, a journal file,
        or a database.
    clock
        Seconds since some moment.
    owner
        Name of this process among those that work on a study.
    is_alive
        Whether a process of that name, other than this one, is still at work. What it had begun
        is taken up where it was left if it is not.
    pause
        Called while other processes finish what they have claimed.
    on_trial
        Hears of every point and trial that this process finishes or finds finished.
    """

    storage: BaseStorage
    clock: Callable[[], float]
    owner: str = "alone"
    is_alive: Callable[[str], bool] = _nobody
    pause: Callable[[], None] = _nothing
    on_trial: Callable[[TuningTrial], None] = _unheard

    def is_at_work(self, owner: str) -> bool:
        """Whether a process of that name lives, this one included."""
        return owner == self.owner or self.is_alive(owner)

    def run_fold(
        self,
        study: Study,
        number: int,
        fold: FoldRows,
        parameters: Mapping[str, ParameterValue],
        evaluate: Evaluate,
    ) -> None:
        """Do the next fold of a trial and keep its score at once."""
        trial = stored_trial(study, number)
        done = fold_scores(trial)
        started = self.clock()
        score = evaluate(fold, parameters)
        seconds = [*fold_seconds(trial)[: len(done)], self.clock() - started]
        # Seconds first: a fold without its score is done again, and its time then replaced.
        self.storage.set_trial_user_attr(trial._trial_id, _SECONDS, seconds)
        self.storage.set_trial_intermediate_value(trial._trial_id, len(done), score)

    def finish(self, study: Study, number: int, state: TrialState) -> None:
        """Close a trial; its value is the mean of its folds."""
        trial = stored_trial(study, number)
        scores = fold_scores(trial)
        self.storage.set_trial_state_values(
            trial._trial_id, state, [sum(scores) / len(scores)] if scores else None
        )


def stored_trial(study: Study, number: int) -> FrozenTrial:
    """Return a trial as the storage has it now."""
    return study.get_trials(deepcopy=False)[number]


def fold_scores(trial: FrozenTrial) -> list[float]:
    """Scores of the folds that are done, in fold order."""
    values = trial.intermediate_values
    return [values[step] for step in sorted(values)]


def fold_seconds(trial: FrozenTrial) -> list[float]:
    """Seconds of the folds that are done."""
    seconds: Sequence[float] = trial.user_attrs.get(_SECONDS, [])
    return list(seconds)


def as_record(trial: FrozenTrial, number: int, fold_count: int, **details: Any) -> TuningTrial:
    """Return a finished trial as a row; `details` are the fields that only the stage knows."""
    scores = tuple(fold_scores(trial))
    return TuningTrial(
        trial=number,
        fold_scores=scores,
        fold_count=fold_count,
        state="complete" if trial.state == TrialState.COMPLETE else "pruned",
        seconds=sum(fold_seconds(trial)[: len(scores)]),
        **details,
    )
