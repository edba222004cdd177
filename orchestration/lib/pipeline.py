"""One run of an experiment: what is out of date, and the scheduler's runs that mend it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import dagster as dg

from orchestration.lib.assembly import experiment_assets, experiment_resources, landing_assets
from orchestration.lib.errors import UserError
from orchestration.lib.instance import EXPERIMENT_TAG, close_interrupted_runs, open_instance
from orchestration.lib.ledger import RunCompleted, now
from orchestration.lib.projection import project_training, total
from orchestration.lib.training_pool import windows_in_training
from orchestration.lib.window_plan import (
    WindowPartition,
    WindowTask,
    plan_windows,
)
from orchestration.lib.workspace import Workspace

FACTOR_RESEARCH = (
    dg.AssetSelection.key_prefixes("research_output")
    | dg.AssetSelection.groups("intermediate_factor_research")
).downstream()
RISK_MODEL = dg.AssetSelection.key_prefixes("risk_output").downstream()
CANARIES = dg.AssetSelection.assets(["model_output", "pipeline_canary"])
TRAINING_WINDOW = dg.AssetSelection.assets(["forecast", "training_window"])
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
# Name of the error that holds what another process said of its own.
REMOTE = "_RemoteTraceback"
INTERRUPTED = "DagsterExecutionInterruptedError"


class RunFailedError(UserError):
    """A step of the run failed; the message says which and why."""


@dataclass(frozen=True)
class RunOutcome:
    """What a run did."""

    run_id: str
    computed_windows: int
    reused_windows: int
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scheduler:
    """Materialises parts of the experiment's asset graph."""

    workspace: Workspace
    instance: dg.DagsterInstance

    def materialise(
        self,
        assets: Sequence[dg.AssetsDefinition],
        selection: dg.AssetSelection,
        partition_key: str | None = None,
    ) -> None:
        """Run the selected assets in one scheduler run.

        Raises
        ------
        RunFailedError
            With the error of every failed step.
        KeyboardInterrupt
            If a step was interrupted, of which the scheduler makes a failure.
        """
        result = dg.materialize(
            assets,
            selection=selection,
            instance=self.instance,
            resources=experiment_resources(self.workspace),
            partition_key=partition_key,
            run_config=QUIET,
            tags={EXPERIMENT_TAG: self.workspace.experiment.name},
            raise_on_error=False,
        )
        if was_interrupted(result):
            raise KeyboardInterrupt
        if not result.success:
            raise RunFailedError(failure_report(result))


def bring_up_to_date(workspace: Workspace) -> RunOutcome:
    """Do what of a run is not done, for the process that holds the experiment's lock.

    Raises
    ------
    RunFailedError
        If a step fails; what was completed before stays and is found by the next run.
    """
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    if workspace.is_current():
        return RunOutcome(workspace.run_id, 0, 0, ["Everything is up to date: nothing to do."])
    workspace.start_attempt()
    for store in (workspace.training_windows, workspace.backtests):
        store.sweep()
    with open_instance(workspace) as instance:
        close_interrupted_runs(instance, workspace.experiment.name)
        scheduler = Scheduler(workspace, instance)
        _land(scheduler)
        # Waits until dbt has compiled its project.
        assets = experiment_assets(workspace)
        notes = _build_upstream(scheduler, assets)
        windows = plan_windows(workspace)
        missing = _missing_windows(workspace, windows)
        # What needs no forecaster is built while other processes train, if there are any.
        with windows_in_training(workspace, missing) as shows_notes:
            _send_canaries(scheduler, assets)
            _judge_factors(scheduler, assets)
            _estimate_risk(scheduler, assets)
            shows_notes.set()
            _train_windows(scheduler, assets, missing)
        _build_downstream(scheduler, assets)
    workspace.ledger.append(
        RunCompleted(workspace.run_id, workspace.open_attempt(), now().isoformat())
    )
    return RunOutcome(workspace.run_id, len(missing), len(windows) - len(missing), notes)


def _land(scheduler: Scheduler) -> None:
    """Landing tables need no dbt: they are written while it compiles."""
    if not scheduler.workspace.landing_is_current():
        scheduler.materialise(landing_assets(), dg.AssetSelection.all())


def _build_upstream(scheduler: Scheduler, assets: Sequence[dg.AssetsDefinition]) -> list[str]:
    workspace = scheduler.workspace
    if workspace.upstream_is_current():
        return ["Landing and warehouse were up to date."]
    later = TRAINING_WINDOW.downstream() | FACTOR_RESEARCH | RISK_MODEL | CANARIES
    selection = dg.AssetSelection.all() - later - dg.AssetSelection.key_prefixes("landing")
    scheduler.materialise(assets, selection)
    if workspace.warehouse_build.panel_start_moved():
        workspace.warehouse_build.require_full()
        scheduler.materialise(assets, selection)
    workspace.warehouse_build.complete(workspace.warehouse_project_key)
    workspace.stages.complete("warehouse", workspace.warehouse_key)
    return [f"Warehouse built: {workspace.warehouse_build.last_plan()}."]


def _judge_factors(scheduler: Scheduler, assets: Sequence[dg.AssetsDefinition]) -> None:
    """Single factors need no forecaster: judged once per warehouse, whatever is trained on it."""
    workspace = scheduler.workspace
    if workspace.stages.is_current("factor_research", workspace.factor_research_key):
        return
    workspace.stages.begin("factor_research")
    scheduler.materialise(assets, FACTOR_RESEARCH - TRAINING_WINDOW.downstream())
    workspace.stages.complete("factor_research", workspace.factor_research_key)


def _estimate_risk(scheduler: Scheduler, assets: Sequence[dg.AssetsDefinition]) -> None:
    """Once per warehouse and settings, before any portfolio; no rows where nothing needs it."""
    workspace = scheduler.workspace
    if workspace.stages.is_current("risk_model", workspace.risk_model_key):
        return
    workspace.stages.begin("risk_model")
    scheduler.materialise(assets, RISK_MODEL - TRAINING_WINDOW.downstream())
    workspace.stages.complete("risk_model", workspace.risk_model_key)


def _send_canaries(scheduler: Scheduler, assets: Sequence[dg.AssetsDefinition]) -> None:
    """Before training, so that hours are not spent on what will not be published."""
    workspace = scheduler.workspace
    if workspace.stages.is_current("canaries", workspace.canary_key):
        return
    workspace.stages.begin("canaries")
    scheduler.materialise(assets, CANARIES)
    workspace.stages.complete("canaries", workspace.canary_key)


def _missing_windows(
    workspace: Workspace, windows: Sequence[WindowPartition]
) -> list[WindowPartition]:
    """Windows that are still to be trained; says what that will take, and which are there."""
    missing = [
        window for window in windows if not workspace.training_windows.is_complete(window.key)
    ]
    for window in windows:
        if window not in missing:
            _note_reused(workspace, window)
    if missing:
        trained = [window.task for window in missing if isinstance(window.task, WindowTask)]
        projected = project_training(workspace, trained)
        side_by_side = min(workspace.experiment.resources.training_processes, len(trained) or 1)
        workspace.reporter.say(
            f"training: {len(missing)} windows,"
            f" {sum(each.fits for each in projected):,} fits at most,"
            f" projected {total(projected) / side_by_side:.2f} hours"
            + (", under way beside the next steps" if side_by_side > 1 else "")
        )
    return missing


def _train_windows(
    scheduler: Scheduler,
    assets: Sequence[dg.AssetsDefinition],
    missing: Sequence[WindowPartition],
) -> None:
    trainer = [
        asset for asset in assets if dg.AssetKey(["forecast", "training_window"]) in asset.keys
    ]
    with scheduler.workspace.step("training windows", total=len(missing)) as reporter:
        for window in missing:
            scheduler.materialise(trainer, dg.AssetSelection.all(), partition_key=window.label)
            reporter.advance(window.label)


def _note_reused(workspace: Workspace, window: WindowPartition) -> None:
    workspace.partition_done("training_window", window.key, window.label, reused=True, seconds=0.0)


def _build_downstream(scheduler: Scheduler, assets: Sequence[dg.AssetsDefinition]) -> None:
    workspace = scheduler.workspace
    workspace.stages.begin("results")
    scheduler.materialise(assets, TRAINING_WINDOW.downstream() - TRAINING_WINDOW)
    workspace.stages.complete("results", workspace.run_id)


def failure_report(result: dg.ExecuteInProcessResult) -> str:
    """Readable text about every failed step of a scheduler run."""
    return "\n".join(f"step {failure.step}: {failure.message}" for failure in _failures(result))


def was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether a step of a scheduler run failed because somebody interrupted it."""
    return any(failure.error == INTERRUPTED for failure in _failures(result))


class _Failure(NamedTuple):
    """A failed step, the class of the first cause of its error, and what that says."""

    step: str
    error: str | None
    message: str


def _failures(result: dg.ExecuteInProcessResult) -> Iterator[_Failure]:
    for event in result.get_step_failure_events():
        cause = event.step_failure_data.error
        # Behind the error of another process stands its traceback: for the log.
        while cause is not None and cause.cause is not None and cause.cause.cls_name != REMOTE:
            cause = cause.cause
        if cause is None:
            yield _Failure(str(event.step_key), None, "failed")
        else:
            yield _Failure(str(event.step_key), cause.cls_name, cause.message.strip())
