"""dbt models, seeds and tests."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.lib.dbt import build_arguments, dbt_vars
from orchestration.lib.paths import DBT_PROJECT_DIR
from orchestration.lib.translator import WarehouseTranslator
from orchestration.lib.workspace import Workspace


def dbt_resource() -> DbtCliResource:
    """Dbt on the project of this repository."""
    return DbtCliResource(
        project_dir=str(DBT_PROJECT_DIR),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=str(Path(sys.executable).with_name("dbt")),
    )


def warehouse_assets(manifest: Path) -> dg.AssetsDefinition:
    """Every dbt model as an asset, every data test as a check."""

    @dbt_assets(
        manifest=manifest,
        name="warehouse",
        dagster_dbt_translator=WarehouseTranslator(),
        pool="duckdb",
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
    variables = dbt_vars(workspace.experiment, paths)
    selected = len(context.selected_asset_keys)
    with (
        workspace.step(f"dbt: {_stage(context)}", total=selected) as reporter,
        (paths.logs / "dbt_terminal.log").open("a", encoding="utf-8") as log,
    ):
        invocation = dbt.cli(
            build_arguments(variables), context=context, target_path=paths.dbt_target
        )
        events = iter(invocation.stream())
        while True:
            # The integration repeats dbt's own log on standard output: keep it in a file.
            with contextlib.redirect_stdout(log):
                event = next(events, None)
            if event is None:
                break
            if isinstance(event, dg.Output):
                reporter.advance(event.output_name.rsplit("__", 1)[-1])
            yield event
        _keep_results(paths.dbt_target, context.op_handle.name)


def _stage(context: dg.AssetExecutionContext) -> str:
    schemas = {key.path[0] for key in context.selected_asset_keys}
    for public, label in (
        ("ops", "ops"),
        ("results", "results"),
        ("ml", "market, factors, panel"),
    ):
        if public in schemas:
            return label
    return "predictions"


def _keep_results(target: Path, step: str) -> None:
    """Keep the results of each invocation: the next one overwrites the file."""
    kept = target / "run_results"
    kept.mkdir(exist_ok=True)
    shutil.copyfile(target / "run_results.json", kept / f"{step}.json")
