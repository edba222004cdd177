"""Columns of the files from the optimiser and the back-test to dbt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from orchestration.lib.handoff_columns import (
    COST_PARTS,
    MODEL_KEY,
    counts,
    dates,
    flags,
    numbers,
    text,
    times,
)

OPTIMIZER_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "scenario": pa.schema(
            [
                *text("scenario_id", *MODEL_KEY, "benchmark", "benchmark_series"),
                *numbers("barra_limit", optional=True),
                *counts("num_stock"),
                *numbers("turnover_limit", "industry_limit", "cost_rate"),
                *text("fee_schedule", "execution_policy", "adjustment", "switches"),
                *numbers("capital_cny"),
                *counts("trading_delay_sessions"),
                *flags("is_variant"),
                *numbers("risk_aversion", "tracking_error_limit", optional=True),
                *dates("first_trade_date", "last_trade_date"),
                *text("partition_key"),
                *flags("uses_future"),
                *times("completed_at"),
                *numbers("seconds"),
            ]
        ),
        "paper_scenario": pa.schema(
            [
                *text("run_id", "rule_set", "paper_scenario", "model_kind", "library"),
                *text("benchmark"),
                *numbers("barra_limit"),
                *counts("num_stock"),
                *numbers("turnover_limit"),
                *text("model", "scenario_id", "reason", optional=True),
            ]
        ),
        "waterfall_cell": pa.schema(
            [
                *text("run_id", "kind", "step"),
                *counts("step_order"),
                *flags("is_corrected"),
                *text("scenario_id", "reason", optional=True),
            ]
        ),
        "target_weight": pa.schema(
            [
                *text("scenario_id"),
                *dates("rebalance_date"),
                *text("symbol"),
                *numbers("target_weight", "weight_before"),
                *dates("signal_week_date"),
                *counts("signal_age_sessions"),
                *numbers("prediction", "expected_return", optional=True),
            ]
        ),
        "fill": pa.schema(
            [
                *text("scenario_id"),
                *dates("rebalance_date", "trade_date"),
                *text("symbol"),
                *numbers("weight_before", "target_weight", "filled_weight", "shortfall_weight"),
                *text("reason", optional=True),
                *numbers("traded_shares", "traded_value"),
                *numbers("fill_price", optional=True),
                *numbers("cost", *COST_PARTS),
            ]
        ),
        "fill_reason": pa.schema(
            [
                *text("scenario_id"),
                *dates("rebalance_date", "trade_date"),
                *text("symbol", "reason"),
                *numbers("shortfall_weight"),
            ]
        ),
        "order": pa.schema(
            [
                *text("scenario_id"),
                *dates("rebalance_date"),
                *text("symbol"),
                *numbers("order_weight"),
                *text("side"),
            ]
        ),
        "position": pa.schema(
            [
                *text("scenario_id"),
                *dates("trade_date"),
                *text("symbol"),
                *numbers("shares", "close_price", "value_cny", "weight"),
                *flags("is_tradable"),
            ]
        ),
        "nav_daily": pa.schema(
            [
                *text("scenario_id"),
                *dates("trade_date"),
                *numbers("nav", "benchmark_nav", "cash_weight", "cost", *COST_PARTS),
                *numbers("dividend", "turnover"),
                *counts("holding_count"),
            ]
        ),
        "shadow_price": pa.schema(
            [
                *text("scenario_id"),
                *dates("rebalance_date"),
                *text("constraint_name", "constraint_group"),
                *numbers("dual", "slack", optional=True),
                *flags("is_active"),
                *counts("relaxation_step"),
                *numbers("violation", optional=True),
            ]
        ),
        "solution": pa.schema(
            [
                *text("scenario_id"),
                *dates("rebalance_date"),
                *numbers("objective", optional=True),
                *text("status"),
                *counts("relaxation_step"),
                *numbers("primal_residual", "dual_residual", "gap", optional=True),
                *counts("candidate_count"),
                *numbers("seconds"),
            ]
        ),
    }
)
