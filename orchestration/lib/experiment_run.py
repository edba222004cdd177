"""One run of an experiment, begun before the libraries that it needs are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Loaded before whatever loads DuckDB: the other way round DuckDB's binding, which counts what is
# left of it when the process ends, prints a page about it.
import optuna  # noqa: F401
from filelock import FileLock, Timeout

from orchestration.lib.errors import UserError
from orchestration.lib.preparation import begin_preparation
from orchestration.lib.warehouse import replay_log
from orchestration.lib.workspace import Workspace

if TYPE_CHECKING:
    from orchestration.lib.pipeline import RunOutcome


class RunInterruptedError(UserError):
    """Somebody interrupted the run."""


class RunInProgressError(UserError):
    """Another process runs the same experiment."""


def run_experiment(workspace: Workspace) -> RunOutcome:
    """Bring every table of the experiment up to date.

    Completed work is found by its key and not done again: landing and warehouse by the hash of
    their inputs, training windows and back-tests one by one.

    Raises
    ------
    RunInProgressError
        If another process works on the experiment.
    RunFailedError
        If a step fails; what was completed before stays and is found by the next run.
    RunInterruptedError
        If somebody interrupts it; what was completed stays likewise.
    """
    workspace.paths.create()
    lock = FileLock(workspace.paths.state / "run.lock")
    try:
        with lock.acquire(timeout=0):
            replay_log(workspace.paths.warehouse)
            if not workspace.is_current():
                begin_preparation(workspace)
            # The scheduler and the learning libraries: seconds, while dbt compiles.
            from orchestration.lib.pipeline import bring_up_to_date

            return bring_up_to_date(workspace)
    except Timeout as error:
        raise RunInProgressError(
            f"another process is running the experiment {workspace.experiment.name!r} in"
            f" {workspace.paths.root}; wait for it, or choose another --home"
        ) from error
    except KeyboardInterrupt:
        raise RunInterruptedError(
            "interrupted; completed windows, trials and back-tests are kept: the same command goes"
            " on from there"
        ) from None
