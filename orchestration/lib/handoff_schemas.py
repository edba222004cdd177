"""Columns of every file that Python hands to dbt: names, order, types, which may be NULL.

Types are the warehouse's: text VARCHAR, numbers DOUBLE, counts BIGINT, dates DATE, times TIMESTAMP
(UTC, without a zone).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa


def _text(*names: str, optional: bool = False) -> list[pa.Field]:
    return [pa.field(name, pa.string(), nullable=optional) for name in names]


def _numbers(*names: str, optional: bool = False) -> list[pa.Field]:
    return [pa.field(name, pa.float64(), nullable=optional) for name in names]


def _counts(*names: str, optional: bool = False) -> list[pa.Field]:
    return [pa.field(name, pa.int64(), nullable=optional) for name in names]


def _dates(*names: str, optional: bool = False) -> list[pa.Field]:
    return [pa.field(name, pa.date32(), nullable=optional) for name in names]


def _times(*names: str, optional: bool = False) -> list[pa.Field]:
    """Instants in UTC, stored without a zone."""
    return [pa.field(name, pa.timestamp("us"), nullable=optional) for name in names]


def _flags(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.bool_(), nullable=False) for name in names]


def _horizon() -> pa.Field:
    return pa.field("horizon_weeks", pa.int32(), nullable=False)


_MODEL_KEY = ("run_id", "rule_set", "model")
_COST_PARTS = ("stamp_duty", "transfer_fee", "commission", "slippage", "impact")

MODEL_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "model": pa.schema(
            [
                *_text(*_MODEL_KEY, "library"),
                *_text("loss", "window_mode", optional=True),
                *_text("universe_rule_set", "label_rule_set", "purge_rule_set"),
                *_text("label_convention"),
                *_counts("seed", optional=True),
                *_text("parameters"),
                *_text("tuning", "members", "stock_order", optional=True),
            ]
        ),
        "prediction": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_dates("window_start"),
                *_text("symbol"),
                *_dates("week_date"),
                *_numbers("prediction"),
            ]
        ),
        "training_window": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_dates("window_start", "window_end"),
                *_text("partition_key"),
                *_dates("train_first_week", "train_last_week"),
                *_counts("train_row_count", "fit_row_count", "stop_row_count", "test_row_count"),
                *_text("parameters"),
                *_counts("seed", "boosting_rounds", "epochs", optional=True),
                *_numbers(
                    "in_sample_rank_ic",
                    "fit_rank_ic",
                    "stop_rank_ic",
                    "out_of_sample_rank_ic",
                    "in_sample_mse",
                    "fit_mse",
                    "stop_mse",
                    "out_of_sample_mse",
                    optional=True,
                ),
                *_counts("degenerate_week_count"),
                *_text("chosen_member", optional=True),
                *_flags("uses_future"),
                *_numbers("fit_seconds"),
                *_times("completed_at"),
            ]
        ),
        "feature_importance": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_dates("window_start"),
                *_text("feature", "importance_kind"),
                *_numbers("importance"),
                *_counts("importance_rank"),
            ]
        ),
        "training_epoch": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_dates("window_start"),
                *_counts("epoch"),
                *_numbers("train_loss", "validation_score"),
            ]
        ),
        "sequence_shape": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_dates("window_start"),
                *_text("part"),
                *_counts("row_count", "sample_count", "sequence_weeks", "feature_count"),
            ]
        ),
        "tuning_trial": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_dates("window_start"),
                *_text("stage"),
                *_counts("trial"),
                *_text("scanned_parameter", optional=True),
                *_counts("scan_pass", optional=True),
                *_text("parameters", "search_range", "fold_scores"),
                *_counts("fold_count"),
                *_numbers("score"),
                *_text("state"),
                *_flags("is_best", "is_at_edge"),
                *_text("edge_parameters", optional=True),
                *_numbers("seconds"),
                *_dates("tuned_on_window_start", "known_at"),
                *_times("completed_at"),
            ]
        ),
        "pipeline_canary": pa.schema(
            [
                *_text("rule_set", "canary", "expectation"),
                *_numbers("observed", "spread", "p_value"),
                *_counts("randomisation_count", "week_count"),
                *_flags("is_passed"),
            ]
        ),
        "attainable_canary": pa.schema(
            [
                *_text("rule_set", "model"),
                *_numbers("observed", "attainable", "t_stat", "p_value"),
                *_counts("week_count"),
                *_flags("is_passed"),
            ]
        ),
        "rank_ic_p_value": pa.schema(
            [
                *_text(*_MODEL_KEY),
                _horizon(),
                *_text("label_kind"),
                *_dates("week_date"),
                *_numbers("p_value", optional=True),
            ]
        ),
        "rank_ic_statistic": pa.schema(
            [
                *_text(*_MODEL_KEY),
                _horizon(),
                *_text("label_kind", "statistic"),
                *_numbers("value", optional=True),
            ]
        ),
        "rank_ic_seasonality": pa.schema(
            [
                *_text(*_MODEL_KEY),
                *_counts("month_count"),
                *_dates("first_month_start", "last_month_start"),
                *_numbers("explained_share", "p_value", optional=True),
                *_counts("permutation_count", "seed"),
            ]
        ),
        "claim_interval": pa.schema(
            [
                *_text("run_id", "rule_set", "claim", "first_series", "second_series"),
                *_numbers("effect", "interval_lower", "interval_upper", optional=True),
                *_numbers("confidence_level"),
                *_numbers("mean_block_length", optional=True),
                *_counts("replication_count", "seed"),
            ]
        ),
    }
)

OPTIMIZER_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "scenario": pa.schema(
            [
                *_text("scenario_id", *_MODEL_KEY, "benchmark", "benchmark_series"),
                *_numbers("barra_limit", optional=True),
                *_counts("num_stock"),
                *_numbers("turnover_limit", "industry_limit", "cost_rate"),
                *_text("fee_schedule", "execution_policy", "adjustment", "switches"),
                *_numbers("capital_cny"),
                *_counts("trading_delay_sessions"),
                *_flags("is_variant"),
                *_numbers("risk_aversion", "tracking_error_limit", optional=True),
                *_dates("first_trade_date", "last_trade_date"),
                *_text("partition_key"),
                *_flags("uses_future"),
                *_times("completed_at"),
                *_numbers("seconds"),
            ]
        ),
        "paper_scenario": pa.schema(
            [
                *_text("run_id", "rule_set", "paper_scenario", "model_kind", "library"),
                *_text("benchmark"),
                *_numbers("barra_limit"),
                *_counts("num_stock"),
                *_numbers("turnover_limit"),
                *_text("model", "scenario_id", "reason", optional=True),
            ]
        ),
        "waterfall_cell": pa.schema(
            [
                *_text("run_id", "kind", "step"),
                *_counts("step_order"),
                *_flags("is_corrected"),
                *_text("scenario_id", "reason", optional=True),
            ]
        ),
        "target_weight": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("rebalance_date"),
                *_text("symbol"),
                *_numbers("target_weight", "weight_before"),
                *_dates("signal_week_date"),
                *_counts("signal_age_sessions"),
                *_numbers("prediction", optional=True),
            ]
        ),
        "fill": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("rebalance_date", "trade_date"),
                *_text("symbol"),
                *_numbers("weight_before", "target_weight", "filled_weight", "shortfall_weight"),
                *_text("reason", optional=True),
                *_numbers("traded_shares", "traded_value"),
                *_numbers("fill_price", optional=True),
                *_numbers("cost", *_COST_PARTS),
            ]
        ),
        "fill_reason": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("rebalance_date", "trade_date"),
                *_text("symbol", "reason"),
                *_numbers("shortfall_weight"),
            ]
        ),
        "order": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("rebalance_date"),
                *_text("symbol"),
                *_numbers("order_weight"),
                *_text("side"),
            ]
        ),
        "position": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("trade_date"),
                *_text("symbol"),
                *_numbers("shares", "close_price", "value_cny", "weight"),
                *_flags("is_tradable"),
            ]
        ),
        "nav_daily": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("trade_date"),
                *_numbers("nav", "benchmark_nav", "cash_weight", "cost", *_COST_PARTS),
                *_numbers("dividend", "turnover"),
                *_counts("holding_count"),
            ]
        ),
        "shadow_price": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("rebalance_date"),
                *_text("constraint_name", "constraint_group"),
                *_numbers("dual", "slack", optional=True),
                *_flags("is_active"),
                *_counts("relaxation_step"),
                *_numbers("violation", optional=True),
            ]
        ),
        "solution": pa.schema(
            [
                *_text("scenario_id"),
                *_dates("rebalance_date"),
                *_numbers("objective", optional=True),
                *_text("status"),
                *_counts("relaxation_step"),
                *_numbers("primal_residual", "dual_residual", "gap", optional=True),
                *_counts("candidate_count"),
                *_numbers("seconds"),
            ]
        ),
    }
)

RISK_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "factor_return": pa.schema(
            [
                *_dates("trade_date"),
                *_text("factor", "factor_kind"),
                *_dates("exposure_week_date"),
                *_numbers("factor_return"),
                *_numbers("t_stat", "variance_inflation", "capitalisation_share", optional=True),
            ]
        ),
        "factor_model_fit": pa.schema(
            [
                *_dates("trade_date", "exposure_week_date"),
                *_counts("stock_count", "factor_count"),
                *_numbers("r_squared", "specific_mean_square", "identity_error"),
            ]
        ),
        "factor_covariance": pa.schema(
            [*_dates("week_date"), *_text("factor_1", "factor_2"), *_numbers("covariance")]
        ),
        "factor_covariance_fit": pa.schema(
            [
                *_dates("week_date"),
                *_counts("factor_count", "session_count"),
                *_numbers("smallest_eigenvalue", "largest_eigenvalue"),
                *_numbers("factor_multiplier", "specific_multiplier"),
            ]
        ),
        "specific_risk": pa.schema(
            [
                *_text("symbol"),
                *_dates("week_date"),
                *_numbers("specific_volatility"),
                *_numbers("own_volatility", optional=True),
                *_counts("residual_count"),
            ]
        ),
    }
)

RESEARCH_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "factor_rank_ic_week": pa.schema(
            [
                *_text("rule_set", "factor", "stage"),
                _horizon(),
                *_dates("week_date"),
                *_numbers("rank_ic", optional=True),
                *_counts("stock_count"),
            ]
        ),
        "factor_autocorrelation_week": pa.schema(
            [
                *_text("rule_set", "factor", "stage"),
                *_dates("week_date"),
                *_numbers("rank_autocorrelation", optional=True),
            ]
        ),
        "factor_correlation_year": pa.schema(
            [
                *_text("rule_set"),
                pa.field("trade_year", pa.int32(), nullable=False),
                *_text("factor", "other_factor"),
                *_numbers("mean_correlation"),
                *_counts("week_count"),
                *_dates("last_week_date"),
            ]
        ),
        "factor_p_value": pa.schema(
            [
                *_text("rule_set", "factor", "stage"),
                _horizon(),
                pa.field("as_of_year", pa.int32(), nullable=False),
                *_numbers("p_value", "p_value_newey_west", optional=True),
            ]
        ),
    }
)

OPS_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "run": pa.schema(
            [
                *_text("run_id", "experiment"),
                *_flags("is_latest"),
                *_times("started_at"),
                *_times("completed_at", optional=True),
                *_counts("attempt_count"),
                *_text("data_hash", "code_hash", "config", "package_versions"),
            ]
        ),
        "partition": pa.schema(
            [
                *_text("run_id"),
                *_counts("attempt"),
                *_text("kind", "partition_key", "label", "state"),
                *_numbers("seconds"),
                *_times("completed_at"),
            ]
        ),
        "trial": pa.schema(
            [
                *_text("kind", "partition_key", "label", "first_run_id"),
                *_counts("fit_count"),
                *_times("first_completed_at"),
            ]
        ),
        "source_snapshot": pa.schema(
            [
                *_text("run_id", "table_name", "source", "content_hash"),
                *_counts("row_count", "byte_count"),
                *_dates("first_date", "last_date", optional=True),
                *_flags("is_supplied"),
                *_times("landed_at"),
            ]
        ),
        "step": pa.schema(
            [
                *_text("run_id"),
                *_counts("attempt", "step_number"),
                *_text("step"),
                *_numbers("seconds"),
                *_numbers("peak_memory_mb", optional=True),
                *_times("completed_at"),
            ]
        ),
        "column": pa.schema(
            [
                *_text("schema_name", "table_name", "column_name", "description", "unit"),
                *_text("data_type", "formula"),
                *_text("upstream_columns", optional=True),
                *_flags("is_forward_looking"),
                pa.field("position", pa.int32(), nullable=False),
            ]
        ),
        "dbt_result": pa.schema(
            [
                *_text("run_id", "invocation_id", "node", "resource_type", "status"),
                *_text("tested_model", "severity", "description", optional=True),
                *_numbers("seconds"),
                *_counts("failures", optional=True),
                *_text("message", optional=True),
                *_times("completed_at", optional=True),
            ]
        ),
    }
)

HANDOFF: Mapping[str, Mapping[str, pa.Schema]] = MappingProxyType(
    {
        "model_output": MODEL_OUTPUT,
        "optimizer_output": OPTIMIZER_OUTPUT,
        "ops_output": OPS_OUTPUT,
        "research_output": RESEARCH_OUTPUT,
        "risk_output": RISK_OUTPUT,
    }
)
