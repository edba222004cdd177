"""Optimised portfolios and back-tests."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib.optimizer_output_schemas import OPTIMIZER_OUTPUT
from orchestration.lib.portfolio import run_scenarios, write_portfolios
from orchestration.lib.workspace import Workspace

INPUTS = (
    ("core", "fct_bar_daily"),
    ("core", "fct_index_daily"),
    ("core", "fct_index_weight_week"),
    ("core", "fct_universe_week"),
    ("risk", "fct_style_exposure"),
    ("risk", "fct_factor_covariance"),
    ("risk", "fct_specific_risk"),
    ("intermediate", "int_rank_ic__by_week"),
    ("results", "fct_prediction"),
)


@dg.multi_asset(
    name="backtest_output",
    specs=[
        dg.AssetSpec(
            ["optimizer_output", name],
            deps=[dg.AssetKey(list(table)) for table in INPUTS],
            group_name="portfolio",
        )
        for name in OPTIMIZER_OUTPUT
    ],
)
def backtest_output(
    workspace: dg.ResourceParam[Workspace],
) -> Iterator[dg.MaterializeResult[None]]:
    """Optimise and back-test every scenario of the experiment."""
    of_study = run_scenarios(workspace)
    for name, rows in write_portfolios(workspace, of_study).items():
        yield dg.MaterializeResult(asset_key=["optimizer_output", name], metadata={"rows": rows})
