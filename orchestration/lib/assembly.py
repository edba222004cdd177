"""All assets of an experiment in one graph."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.defs.forecast.assets import (
    forecast_output,
    rank_ic_judgement,
    training_window_asset,
)
from orchestration.defs.ingest.assets import landing
from orchestration.defs.portfolio.assets import backtest_output
from orchestration.defs.publish.assets import ops_output, published_database
from orchestration.defs.warehouse.assets import dbt_resource, warehouse_assets
from orchestration.lib.dbt import dbt_environment, ensure_manifest
from orchestration.lib.workspace import Workspace


def experiment_assets(workspace: Workspace) -> list[dg.AssetsDefinition]:
    """Landing, dbt, forecasters, back-tests and publishing of one experiment."""
    manifest = ensure_manifest(workspace.experiment, workspace.paths)
    return [
        landing,
        warehouse_assets(manifest),
        training_window_asset(workspace.experiment),
        forecast_output,
        rank_ic_judgement,
        backtest_output,
        ops_output,
        published_database,
    ]


def experiment_resources(workspace: Workspace) -> dict[str, object]:
    """What the assets ask for by name."""
    os.environ.update(dbt_environment(workspace.experiment, workspace.paths))
    return {
        "workspace": dg.ResourceDefinition.hardcoded_resource(workspace),
        "dbt": dbt_resource(),
    }


def build_definitions(workspace: Workspace) -> dg.Definitions:
    """Definitions for the scheduler.

    One process does all steps of a run: two could not open the warehouse at the same time.
    """
    return dg.Definitions(
        assets=experiment_assets(workspace),
        resources=experiment_resources(workspace),
        executor=dg.in_process_executor,
    )
