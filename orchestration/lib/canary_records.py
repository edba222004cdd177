"""Canaries of an experiment: sent through the panel, and held against the truth of a simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from models_ml.canaries import exceeds_attainable
from models_ml.metrics import weekly_rank_ic
from models_ml.pipeline_canaries import LEVEL, CanaryResult, pipeline_canaries
from models_ml.windows import half_year_windows
from orchestration.lib.handoff import write_handoff
from orchestration.lib.model_output_schemas import MODEL_OUTPUT
from orchestration.lib.warehouse import query
from orchestration.lib.window_plan import training_rules
from orchestration.lib.workspace import Workspace

PIPELINE, ATTAINABLE = "pipeline_canary", "attainable_canary"
# True expected return of the next week, in the convention of each rule set's label.
EXPECTED_RETURN = {"paper": "expected_return_1w", "practitioner": "expected_return_vwap_1w"}


def write_pipeline_canaries(workspace: Workspace) -> int:
    """Send the canaries through the panel of every rule set and land what came; rows written."""
    forecast = workspace.experiment.forecast
    windows = half_year_windows(forecast.first_window, forecast.last_window)
    rows: list[dict[str, Any]] = []
    for rule_set in workspace.experiment.rule_sets:
        panel = workspace.panels.until(rule_set, windows[-1].end)
        results = pipeline_canaries(panel, windows, training_rules(workspace.experiment, rule_set))
        for result in results:
            rows.append(_pipeline_row(rule_set, result))
            if not result.is_passed:
                workspace.reporter.say(
                    f"canary {result.canary} failed under {rule_set} rules: publishing will be"
                    " refused (ops.fct_canary says why)"
                )
    table = pa.Table.from_pylist(rows, schema=MODEL_OUTPUT[PIPELINE])
    write_handoff(workspace.paths.model_output, PIPELINE, table)
    return len(rows)


def write_attainable_canaries(workspace: Workspace) -> int:
    """Hold every model of the run against the true expected returns; rows written.

    Real markets have no known truth: no rows.
    """
    rows: list[dict[str, Any]] = []
    truth = workspace.paths.truth / "expected_return.parquet"
    if truth.exists():
        for rule_set in workspace.experiment.rule_sets:
            rows.extend(_attainable_rows(workspace, rule_set, truth))
    table = pa.Table.from_pylist(rows, schema=MODEL_OUTPUT[ATTAINABLE])
    write_handoff(workspace.paths.model_output, ATTAINABLE, table)
    return len(rows)


def _pipeline_row(rule_set: str, result: CanaryResult) -> dict[str, Any]:
    return {
        "rule_set": rule_set,
        "canary": result.canary,
        "expectation": result.expectation,
        "observed": result.observed,
        "spread": result.spread,
        "p_value": result.p_value,
        "randomisation_count": result.randomisation_count,
        "week_count": result.week_count,
        "is_passed": result.is_passed,
    }


def _attainable_rows(workspace: Workspace, rule_set: str, truth: Path) -> list[dict[str, Any]]:
    rows = []
    for model in _models(workspace, rule_set):
        forecasts = query(
            workspace.paths.warehouse,
            "select predictions.week_date, predictions.prediction, labels.fwd_return_1w_cum,"
            f" truth.{EXPECTED_RETURN[rule_set]} as expected_return"
            " from results.fct_prediction as predictions"
            " inner join ml.fct_training_panel as labels using (rule_set, symbol, week_date)"
            # The same stocks for both: the truth also knows those that the model did not forecast.
            f" inner join read_parquet('{truth}') as truth using (symbol, week_date)"
            f" where predictions.run_id = '{workspace.run_id}'"
            f" and predictions.rule_set = '{rule_set}' and predictions.model = '{model}'",
        )
        row = _attainable_row(forecasts, rule_set, model)
        if row is not None:
            rows.append(row)
    return rows


def _attainable_row(forecasts: pa.Table, rule_set: str, model: str) -> dict[str, Any] | None:
    """Row of a model; None on a market without premia, whose truth ranks no stock."""
    weeks = np.asarray(forecasts["week_date"].to_numpy(), dtype="datetime64[D]")
    prediction, label, truth = (
        np.asarray(forecasts[name].to_numpy(), dtype=np.float64)
        for name in ("prediction", "fwd_return_1w_cum", "expected_return")
    )
    prediction = np.where(np.isfinite(truth), prediction, np.nan)
    attainable = weekly_rank_ic(weeks, truth, label).rank_ic
    reached = weekly_rank_ic(weeks, prediction, label).rank_ic
    if np.count_nonzero(np.isfinite(attainable) & np.isfinite(reached)) < 2:
        return None
    comparison = exceeds_attainable(reached, attainable, level=LEVEL)
    return {
        "rule_set": rule_set,
        "model": model,
        "observed": comparison.mean_model,
        "attainable": comparison.mean_attainable,
        "t_stat": comparison.t_stat,
        "p_value": comparison.p_value,
        "week_count": comparison.week_count,
        "is_passed": not comparison.exceeds,
    }


def _models(workspace: Workspace, rule_set: str) -> list[str]:
    models = query(
        workspace.paths.warehouse,
        "select distinct model from results.fct_prediction"
        f" where run_id = '{workspace.run_id}' and rule_set = '{rule_set}' order by model",
    )
    return [str(model) for model in models["model"].to_pylist()]
