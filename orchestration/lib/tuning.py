"""Tuning of a window partition: where its trials are kept, and who hears of them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import optuna
from filelock import FileLock
from optuna.storages import BaseStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalStorage
from optuna.storages.journal._file import BaseJournalFileLock

from models_ml.estimators import Resources
from models_ml.panel import Panel
from models_ml.tuning import Scan, TunedModel, TuningHost, TuningTrial, WindowTuner, tune_window
from orchestration.lib.fit_counts import FitCount, stored_fits, tuning_fits
from orchestration.lib.ledger import StudyEvent, now
from orchestration.lib.window_plan import WindowPartition, WindowTask
from orchestration.lib.workspace import Workspace

JOURNAL = "journal"
PAUSE_SECONDS = 0.5
SQLITE = "sqlite:///"
# How long a write to an SQLite file waits for those of other processes.
SQLITE_TIMEOUT_SECONDS = 120.0


def tune_partition(
    workspace: Workspace, partition: WindowPartition, task: WindowTask, panel: Panel
) -> TunedModel:
    """Tune one window; points and trials that were done before are found and not done again."""
    if task.tuning is None or partition.scan_key is None:
        raise ValueError(f"expected a tuned model, found {task.label}")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    resources = fit_resources(workspace, task)
    tuner = WindowTuner(panel, task.spec, task.window, task.rules, task.tuning, resources)
    scanner = WindowTuner(panel, task.spec, task.scan_window, task.rules, task.tuning, resources)
    listen = _listener(workspace, task.window.label, task.tuning.budget.trial_count)
    scan_study, search_study = _studies(workspace, partition.scan_key, partition.key, task)
    # Said before anything is fitted: what is killed and never finished counts as well.
    workspace.open_attempt()
    for study in (scan_study, search_study):
        workspace.ledger.append(study)
    scan = Scan(
        tuner if task.scan_window == task.window else scanner,
        tuning_host(workspace, partition.scan_key, listen),
        scan_study.study_name,
    )
    host = tuning_host(workspace, partition.key, listen)
    tuned = tune_window(tuner, host, search_study.study_name, scan)
    for study, stage in ((scan_study, "range_scan"), (search_study, "optuna")):
        done = tuning_fits(tuned.trials, stage)
        workspace.ledger.append(
            replace(study, at=now().isoformat(), fit_count=done.fits, trial_count=done.trials)
        )
    return tuned


def _studies(
    workspace: Workspace, scan_key: str, key: str, task: WindowTask
) -> tuple[StudyEvent, StudyEvent]:
    """The range scan, which other windows may share, and the search of a window, as begun."""
    run_id, at = workspace.run_id, now().isoformat()
    scan_label = task.label.replace(task.window.label, task.scan_window.label)
    return (
        StudyEvent(run_id, "range_scan", scan_key, scan_label, f"{scan_key}|range_scan", at),
        StudyEvent(run_id, "search", key, task.label, f"{key}|optuna", at),
    )


def fit_resources(workspace: Workspace, task: WindowTask) -> Resources:
    """What a fit may use; epochs of nets are shown beside the bar."""
    window = task.window.label
    return Resources(
        workspace.experiment.resources.fit_threads,
        task.device,
        lambda message: workspace.reporter.note(f"{window} {message}"),
    )


def tuning_host(
    workspace: Workspace, key: str, on_trial: Callable[[TuningTrial], None]
) -> TuningHost:
    """Storage of the studies of a partition, by setting, and the process that works on them."""
    return TuningHost(
        storage=open_storage(
            workspace.experiment.resources.tuning_storage, workspace.paths.tuning, key
        ),
        clock=time.monotonic,
        owner=process_name(),
        is_alive=is_alive,
        pause=lambda: time.sleep(PAUSE_SECONDS),
        on_trial=on_trial,
    )


def killed_fits(setting: str, tuning: Path, study: StudyEvent) -> FitCount:
    """Fits of a study that was begun and not finished, as far as its storage still has them.

    Parameters
    ----------
    setting, tuning
        As in `open_storage`.
    """
    if setting == JOURNAL and not _journal_file(tuning, study.partition_key).exists():
        return FitCount(0, 0)
    return stored_fits(open_storage(setting, tuning, study.partition_key), study.study_name)


def open_storage(setting: str, tuning: Path, key: str) -> BaseStorage:
    """A journal file per partition, or the database that the experiment names.

    Parameters
    ----------
    setting
        `tuning_storage` of the experiment's resources.
    tuning
        Directory of its journal files.
    """
    if setting != JOURNAL:
        return open_database(setting)
    return open_journal(_journal_file(tuning, key))


def _journal_file(tuning: Path, key: str) -> Path:
    return tuning / f"{key}.journal"


def open_database(url: str) -> BaseStorage:
    """Database of studies. The tables of a new SQLite file are made by one process alone."""
    file = url.removeprefix(SQLITE)
    if file == url:
        return RDBStorage(url)
    patience = {"connect_args": {"timeout": SQLITE_TIMEOUT_SECONDS}}
    with FileLock(f"{file}.lock"):
        return RDBStorage(url, engine_kwargs=patience)


def open_journal(file: Path) -> BaseStorage:
    """Journal file whose lock dies with its holder; a line cut short by a kill is removed.

    The library's own locks outlive a killed process by half a minute, and it would write the next
    line behind the torn one, after which it could not read the file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{file}.lock")
    with lock:
        _mend(file)
    return JournalStorage(JournalFileBackend(str(file), lock_obj=_Lock(lock)))


def process_name() -> str:
    """Machine and process number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_alive(owner: str) -> bool:
    """Whether another process works on; one of another machine is taken to."""
    machine, _, number = owner.rpartition(":")
    if owner == process_name() or not number.isdigit():
        return False
    if machine != socket.gethostname():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Lock(BaseJournalFileLock):
    """The lock as the library asks for it."""

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def acquire(self) -> bool:
        self._lock.acquire()
        return True

    def release(self) -> None:
        self._lock.release()


def _mend(file: Path) -> None:
    if not file.exists():
        return
    content = file.read_bytes()
    if content and not content.endswith(b"\n"):
        with file.open("r+b") as handle:
            handle.truncate(content.rfind(b"\n") + 1)


def _listener(workspace: Workspace, window: str, trials: int) -> Callable[[TuningTrial], None]:
    def hear(trial: TuningTrial) -> None:
        what = (
            f"scan of {trial.scanned_parameter}"
            if trial.stage == "range_scan"
            else f"trial {trial.trial + 1}/{trials}"
        )
        workspace.reporter.note(f"{window} {what}: {trial.score:.4f}")

    return hear
