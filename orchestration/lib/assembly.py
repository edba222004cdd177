"""All assets of an experiment in one graph."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.defs.forecast.assets import (
    attainable_canary,
    claim_judgement,
    forecast_output,
    pipeline_canary,
    rank_ic_judgement,
    training_window_asset,
)
from orchestration.defs.ingest.assets import landing
from orchestration.defs.portfolio.assets import backtest_output
from orchestration.defs.publish.assets import ops_output_asset, published_asset, report
from orchestration.defs.research.assets import factor_judgement, factor_p_value
from orchestration.defs.risk.assets import risk_model
from orchestration.defs.warehouse.assets import dbt_resource, warehouse_assets
from orchestration.lib.dbt import dbt_environment, project_directory
from orchestration.lib.preparation import prepared_manifest
from orchestration.lib.publishing import PUBLIC_SCHEMAS
from orchestration.lib.workspace import Workspace


def landing_assets() -> list[dg.AssetsDefinition]:
    """Landing tables alone: they need no manifest of dbt."""
    return [landing]


def experiment_assets(workspace: Workspace) -> list[dg.AssetsDefinition]:
    """Landing, dbt, forecasters, back-tests and publishing of one experiment."""
    warehouse = warehouse_assets(prepared_manifest(workspace))
    public = sorted(key for key in warehouse.keys if key.path[0] in PUBLIC_SCHEMAS)
    after_journal = _downstream_of(warehouse, "ops_output")
    results = [key for key in public if key.path[0] == "results" and key not in after_journal]
    return [
        *landing_assets(),
        warehouse,
        factor_judgement,
        factor_p_value,
        risk_model,
        pipeline_canary,
        training_window_asset(workspace.experiment),
        forecast_output,
        rank_ic_judgement,
        attainable_canary,
        backtest_output,
        claim_judgement,
        ops_output_asset(results),
        published_asset(public),
        report,
    ]


def _downstream_of(warehouse: dg.AssetsDefinition, source: str) -> set[dg.AssetKey]:
    """Models that read a dbt source, directly or through others."""
    reached: set[dg.AssetKey] = set()
    size = -1
    while len(reached) > size:
        size = len(reached)
        reached |= {
            key
            for key, upstream in warehouse.asset_deps.items()
            if any(parent in reached or parent.path[0] == source for parent in upstream)
        }
    return reached


def experiment_resources(workspace: Workspace) -> dict[str, object]:
    """What the assets ask for by name."""
    os.environ.update(dbt_environment(workspace.experiment, workspace.paths))
    return {
        "workspace": dg.ResourceDefinition.hardcoded_resource(workspace),
        "dbt": dbt_resource(project_directory(workspace.experiment, workspace.paths)),
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
