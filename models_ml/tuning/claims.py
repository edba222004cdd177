"""Claims: which of several living processes does a piece of work, in any storage.

The one thing that every storage of Optuna does in a total order is to number the trials of a
study. A claim is such a trial in a study of its own, and the first claim of a living process
counts. So there is no lock to be left behind, and a piece of work whose process died falls to the
next that claims it.
"""

from dataclasses import dataclass

import optuna
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from models_ml.tuning.host import TuningHost

_WORK, _OWNER = "work", "owner"


@dataclass(frozen=True)
class Claims:
    """Claims on the pieces of one study.

    Parameters
    ----------
    study
        Keeps the claims: one trial each, never run.
    host
        This process, and which others are alive.
    """

    study: Study
    host: TuningHost

    @classmethod
    def on(cls, study_name: str, host: TuningHost) -> "Claims":
        """Open the claims that belong to a study."""
        study = optuna.create_study(
            study_name=f"{study_name}|claims", storage=host.storage, load_if_exists=True
        )
        return cls(study, host)

    def take(self, work: str) -> bool:
        """Whether this process is to do a piece of work, claiming it if no living one has.

        Parameters
        ----------
        work
            Name of the piece. It is never given back: asked again, the answer is the same until
            the process that has it dies.
        """
        if not self._standing(work):
            claim = {_WORK: work, _OWNER: self.host.owner}
            # Waiting trials are inert: nobody asks this study for one.
            self.study.add_trial(optuna.create_trial(state=TrialState.WAITING, user_attrs=claim))
        standing = self._standing(work)
        return bool(standing) and standing[0].user_attrs[_OWNER] == self.host.owner

    def _standing(self, work: str) -> list[FrozenTrial]:
        """Claims of living processes on a piece, the first one first."""
        return [
            claim
            for claim in self.study.get_trials(deepcopy=False)
            if claim.user_attrs.get(_WORK) == work
            and self.host.is_at_work(str(claim.user_attrs[_OWNER]))
        ]
