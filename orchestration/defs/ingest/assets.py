"""Landing tables."""

from collections.abc import Iterator

import dagster as dg

from market_data.contract import LANDING_TABLES
from market_data.ingest import land
from orchestration.lib.workspace import Workspace


@dg.multi_asset(
    name="landing",
    specs=[
        dg.AssetSpec(["landing", name], group_name="landing", description=contract.description)
        for name, contract in LANDING_TABLES.items()
    ],
)
def landing(workspace: dg.ResourceParam[Workspace]) -> Iterator[dg.MaterializeResult[None]]:
    """Check the source against the landing contract and write every table."""
    with workspace.step("landing tables", total=len(LANDING_TABLES)) as reporter:
        manifest = land(
            workspace.experiment.source,
            workspace.paths.landing,
            workspace.paths.truth,
            mapping=workspace.experiment.market.column_mapping,
            table_mapping=workspace.experiment.market.table_mapping,
            progress=reporter.advance,
        )
    for table in manifest.tables:
        yield dg.MaterializeResult(
            asset_key=["landing", table.name],
            metadata={"rows": table.row_count, "sha256": table.sha256},
        )
