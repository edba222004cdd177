"""The risk model, between the marts and the portfolios."""

from collections.abc import Iterator

import dagster as dg

from optimizer.risk.panel import RISK_TABLES
from orchestration.lib.risk_model import write_risk_model
from orchestration.lib.risk_output_schemas import RISK_OUTPUT
from orchestration.lib.workspace import Workspace


@dg.multi_asset(
    name="risk_model",
    specs=[
        dg.AssetSpec(
            ["risk_output", name],
            deps=[dg.AssetKey(table.split(".")) for table in RISK_TABLES],
            group_name="risk",
        )
        for name in RISK_OUTPUT
    ],
)
def risk_model(workspace: dg.ResourceParam[Workspace]) -> Iterator[dg.MaterializeResult[None]]:
    """Factor returns, their covariance and specific risk."""
    for name, rows in write_risk_model(workspace).items():
        yield dg.MaterializeResult(asset_key=["risk_output", name], metadata={"rows": rows})
