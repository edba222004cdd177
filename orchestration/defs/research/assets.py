"""Single factors, judged."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib.factor_research import (
    JUDGEMENTS,
    P_VALUES,
    write_factor_judgement,
    write_factor_p_values,
)
from orchestration.lib.workspace import Workspace

INPUTS = (
    ("core", "dim_week"),
    ("factors", "dim_factor"),
    ("factors", "fct_factor_raw"),
    ("intermediate", "int_panel_return__weekly"),
    ("ml", "fct_training_panel"),
)


@dg.multi_asset(
    name="factor_judgement",
    specs=[
        dg.AssetSpec(
            ["research_output", name],
            deps=[dg.AssetKey(list(table)) for table in INPUTS],
            group_name="research",
        )
        for name in JUDGEMENTS
    ],
)
def factor_judgement(
    workspace: dg.ResourceParam[Workspace],
) -> Iterator[dg.MaterializeResult[None]]:
    """Rank every factor in every week."""
    with workspace.step("single factors"):
        counts = write_factor_judgement(workspace)
    for name, rows in counts.items():
        yield dg.MaterializeResult(asset_key=["research_output", name], metadata={"rows": rows})


@dg.asset(
    key=["research_output", P_VALUES],
    deps=[dg.AssetKey(["intermediate", "int_research_rank_ic__summarised"])],
    group_name="research",
)
def factor_p_value(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """P-values that SQL lacks."""
    with workspace.step("factor p-values"):
        rows = write_factor_p_values(workspace)
    return dg.MaterializeResult(metadata={"rows": rows})
