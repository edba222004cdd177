"""Training windows, predictions and their judgement."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib.canary_records import (
    ATTAINABLE,
    PIPELINE,
    write_attainable_canaries,
    write_pipeline_canaries,
)
from orchestration.lib.claim_testing import write_claim_judgement
from orchestration.lib.experiment import Experiment
from orchestration.lib.forecasting import write_forecasts, write_rank_ic_judgement
from orchestration.lib.training_pool import trained_window
from orchestration.lib.window_plan import plan_windows, window_tasks
from orchestration.lib.workspace import Workspace

TRAINING_WINDOW_KEY = dg.AssetKey(["forecast", "training_window"])


def training_window_asset(experiment: Experiment) -> dg.AssetsDefinition:
    """One partition per rule set, model and half-year."""

    @dg.asset(
        key=TRAINING_WINDOW_KEY,
        group_name="forecast",
        partitions_def=dg.StaticPartitionsDefinition(
            [task.label for task in window_tasks(experiment)]
        ),
        deps=[
            dg.AssetKey(["ml", "fct_training_panel"]),
            dg.AssetKey(["ml", "fct_crossed_label"]),
        ],
    )
    def training_window(
        context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]
    ) -> dg.MaterializeResult[None]:
        """Train one model in one window, or combine its members, and predict its weeks."""
        by_label = {partition.label: partition for partition in plan_windows(workspace)}
        record = trained_window(workspace, by_label[context.partition_key])
        return dg.MaterializeResult(
            metadata={
                "train_rows": record.train_row_count,
                "out_of_sample_rank_ic": record.out_of_sample_rank_ic or 0.0,
                "parameters": record.parameters,
            }
        )

    return training_window


@dg.multi_asset(
    name="forecast_output",
    specs=[
        dg.AssetSpec(["model_output", name], deps=[TRAINING_WINDOW_KEY], group_name="forecast")
        for name in (
            "prediction",
            "feature_importance",
            "sequence_shape",
            "training_epoch",
            "training_window",
            "model",
            "tuning_trial",
        )
    ],
)
def forecast_output(workspace: dg.ResourceParam[Workspace]) -> Iterator[dg.MaterializeResult[None]]:
    """Collect the windows of the run into the files that dbt reads."""
    with workspace.step("collect predictions"):
        counts = write_forecasts(workspace)
    for name, rows in counts.items():
        yield dg.MaterializeResult(asset_key=["model_output", name], metadata={"rows": rows})


@dg.multi_asset(
    name="rank_ic_judgement",
    specs=[
        dg.AssetSpec(
            ["model_output", name],
            deps=[dg.AssetKey(["intermediate", "int_rank_ic__by_week"])],
            group_name="forecast",
        )
        for name in ("rank_ic_p_value", "rank_ic_statistic")
    ],
)
def rank_ic_judgement(
    workspace: dg.ResourceParam[Workspace],
) -> Iterator[dg.MaterializeResult[None]]:
    """P-values and statistics that SQL lacks."""
    with workspace.step("Rank IC statistics"):
        counts = write_rank_ic_judgement(workspace)
    for name, rows in counts.items():
        yield dg.MaterializeResult(asset_key=["model_output", name], metadata={"rows": rows})


@dg.asset(
    key=["model_output", PIPELINE],
    deps=[dg.AssetKey(["ml", "fct_training_panel"])],
    group_name="forecast",
)
def pipeline_canary(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Send canaries through panel, splits and judgement."""
    with workspace.step("canaries"):
        rows = write_pipeline_canaries(workspace)
    return dg.MaterializeResult(metadata={"rows": rows})


@dg.asset(
    key=["model_output", ATTAINABLE],
    deps=[dg.AssetKey(["results", "fct_prediction"])],
    group_name="forecast",
)
def attainable_canary(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Hold every model against the truth of a simulated market."""
    with workspace.step("attainable Rank IC"):
        rows = write_attainable_canaries(workspace)
    return dg.MaterializeResult(metadata={"rows": rows})


@dg.multi_asset(
    name="claim_judgement",
    specs=[
        dg.AssetSpec(
            ["model_output", name],
            deps=[
                dg.AssetKey(["intermediate", "int_claim__observed"]),
                dg.AssetKey(["results", "mart_rank_ic_month"]),
            ],
            group_name="forecast",
        )
        for name in ("claim_interval", "rank_ic_seasonality")
    ],
)
def claim_judgement(
    workspace: dg.ResourceParam[Workspace],
) -> Iterator[dg.MaterializeResult[None]]:
    """Resampled intervals and permutation tests of the study's claims."""
    with workspace.step("claims"):
        counts = write_claim_judgement(workspace)
    for name, rows in counts.items():
        yield dg.MaterializeResult(asset_key=["model_output", name], metadata={"rows": rows})
