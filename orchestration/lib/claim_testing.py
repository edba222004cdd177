"""Claims of the study: paired observations out of the warehouse, intervals back to it."""

from __future__ import annotations

from models_ml.claims import claim_intervals, rank_ic_seasonality
from orchestration.lib.handoff import write_handoff
from orchestration.lib.warehouse import query
from orchestration.lib.workspace import Workspace


def write_claim_judgement(workspace: Workspace) -> dict[str, int]:
    """Land intervals of every pair that a claim compares, and the tests of calendar months.

    Returns
    -------
    dict
        File name to number of rows.
    """
    warehouse = workspace.paths.warehouse
    observed = query(warehouse, "select * from intermediate.int_claim__observed")
    monthly = query(warehouse, "select * from results.mart_rank_ic_month")
    tables = {
        "claim_interval": claim_intervals(observed),
        "rank_ic_seasonality": rank_ic_seasonality(monthly),
    }
    for name, table in tables.items():
        write_handoff(workspace.paths.model_output, name, table)
    return {name: table.num_rows for name, table in tables.items()}
