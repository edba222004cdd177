"""dbt models, seeds and tests."""

import contextlib
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets
from packaging.version import Version, parse

from orchestration.lib.dbt import (
    DbtError,
    build_arguments,
    dbt_vars,
    forget_run_results,
    keep_run_results,
)
from orchestration.lib.dbt_failures import describe_failure, describe_stop
from orchestration.lib.paths import DBT_PROJECT_DIR, ExperimentPaths
from orchestration.lib.progress import Reporter
from orchestration.lib.translator import WarehouseTranslator
from orchestration.lib.warehouse import replay_log
from orchestration.lib.window_plan import forget_panel_hashes
from orchestration.lib.workspace import Workspace

PANEL_STAGE = "market, factors, panel"
STAGES = {
    ("ml", "fct_training_panel"): PANEL_STAGE,
    ("results", "mart_factor_rank_ic"): "factors tested",
    ("intermediate", "int_research_rank_ic__summarised"): "factors summarised",
    ("risk", "mart_risk_forecast_quality"): "risk model",
    ("ops", "fct_run"): "journal",
    ("results", "mart_claim"): "claims",
    ("results", "mart_backtest_summary"): "back-tests",
    ("results", "fct_prediction"): "predictions",
}


class InstalledDbt(DbtCliResource):
    """Dbt as a command, without what the resource does beside it before every build.

    `dbt --version` looks for newer releases in the package index: three seconds each time, more
    where the index cannot be reached. An adapter of the resource's own, for metadata of columns
    that nothing here asks for, parses every macro: half a second, two the first time.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return parse(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


def dbt_resource(project: Path = DBT_PROJECT_DIR) -> DbtCliResource:
    """Dbt on the project of this repository, or on a copy of it."""
    return InstalledDbt(
        project_dir=str(project),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=str(Path(sys.executable).with_name("dbt")),
    )


def warehouse_assets(manifest: Path) -> dg.AssetsDefinition:
    """Every dbt model as an asset, every data test as a check."""

    @dbt_assets(
        manifest=manifest,
        name="warehouse",
        dagster_dbt_translator=WarehouseTranslator(),
    )
    def warehouse(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        workspace: dg.ResourceParam[Workspace],
    ) -> Iterator[Any]:
        """Build the selected part of the warehouse."""
        yield from _build(context, dbt, workspace)

    return warehouse


def _build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, workspace: Workspace
) -> Iterator[Any]:
    paths = workspace.paths
    replay_log(paths.warehouse)
    stage = _stage(context)
    arguments = build_arguments(dbt_vars(workspace.experiment, paths))
    if stage == PANEL_STAGE:
        workspace.stages.begin("warehouse")
        forget_panel_hashes(workspace)
        plan = workspace.plan_warehouse()
        workspace.warehouse_build.begin(plan)
        arguments += plan.dbt_arguments
        os.environ.update(plan.environment)
    with workspace.step(f"dbt: {stage}", total=len(context.selected_asset_keys)) as reporter:
        failure = yield from _invoke(context, dbt, paths, stage, arguments, reporter)
    if failure is not None:
        raise DbtError(failure)


def _invoke(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    paths: ExperimentPaths,
    stage: str,
    arguments: list[str],
    reporter: Reporter,
) -> Generator[Any, None, str | None]:
    """Pass on what dbt reports, and return what went wrong, if anything did.

    Raised from here, the scheduler would keep this frame with the fault, and with the frame the
    integration's own connection to the database.
    """
    forget_run_results(paths.dbt_target, stage)
    invocation = dbt.cli(
        arguments, context=context, target_path=paths.dbt_target, raise_on_error=False
    )
    events = iter(invocation.stream())
    with paths.build_log.open("a", encoding="utf-8") as log:
        while True:
            # The integration repeats dbt's own log on standard output: keep it in a file.
            with contextlib.redirect_stdout(log):
                event = next(events, None)
            if event is None:
                break
            if isinstance(event, dg.Output):
                reporter.advance(event.output_name.rsplit("__", 1)[-1])
            yield event
    began = keep_run_results(paths.dbt_target, stage)
    if invocation.is_successful():
        return None
    return describe_failure(paths) if began else describe_stop(paths, invocation.get_error())


def _stage(context: dg.AssetExecutionContext) -> str:
    """Name the part of the warehouse that a call builds by its last table."""
    selected = context.selected_asset_keys
    for last_table, stage in STAGES.items():
        if dg.AssetKey(list(last_table)) in selected:
            return stage
    return "models"
