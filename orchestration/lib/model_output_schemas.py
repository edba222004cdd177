"""Columns of the files from the forecasters to dbt: models, predictions, their judgement."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from orchestration.lib.handoff_columns import (
    MODEL_KEY,
    counts,
    dates,
    flags,
    horizon,
    numbers,
    text,
    times,
)

MODEL_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "model": pa.schema(
            [
                *text(*MODEL_KEY, "library"),
                *text("loss", "window_mode", optional=True),
                *text("universe_rule_set", "label_rule_set", "purge_rule_set"),
                *text("label_convention"),
                *counts("seed", optional=True),
                *text("parameters"),
                *text("tuning", "members", "stock_order", optional=True),
            ]
        ),
        "prediction": pa.schema(
            [
                *text(*MODEL_KEY),
                *dates("window_start"),
                *text("symbol"),
                *dates("week_date"),
                *numbers("prediction"),
            ]
        ),
        "training_window": pa.schema(
            [
                *text(*MODEL_KEY),
                *dates("window_start", "window_end"),
                *text("partition_key"),
                *dates("train_first_week", "train_last_week"),
                *counts("train_row_count", "fit_row_count", "stop_row_count", "test_row_count"),
                *text("parameters"),
                *counts("seed", "boosting_rounds", "epochs", optional=True),
                *numbers(
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
                *counts("degenerate_week_count"),
                *text("chosen_member", optional=True),
                *flags("uses_future"),
                *numbers("fit_seconds"),
                *times("completed_at"),
            ]
        ),
        "feature_importance": pa.schema(
            [
                *text(*MODEL_KEY),
                *dates("window_start"),
                *text("feature", "importance_kind"),
                *numbers("importance"),
            ]
        ),
        "training_epoch": pa.schema(
            [
                *text(*MODEL_KEY),
                *dates("window_start"),
                *counts("epoch"),
                *numbers("train_loss", "validation_score"),
            ]
        ),
        "sequence_shape": pa.schema(
            [
                *text(*MODEL_KEY),
                *dates("window_start"),
                *text("part"),
                *counts("row_count", "sample_count", "sequence_weeks", "feature_count"),
            ]
        ),
        "tuning_trial": pa.schema(
            [
                *text(*MODEL_KEY),
                *dates("window_start"),
                *text("stage"),
                *counts("trial"),
                *text("scanned_parameter", optional=True),
                *counts("scan_pass", optional=True),
                *text("parameters", "search_range", "fold_scores"),
                *counts("fold_count"),
                *numbers("score"),
                *text("state"),
                *flags("is_best", "is_at_edge"),
                *text("edge_parameters", optional=True),
                *numbers("seconds"),
                *dates("tuned_on_window_start", "known_at"),
                *times("completed_at"),
            ]
        ),
        "pipeline_canary": pa.schema(
            [
                *text("rule_set", "canary", "expectation"),
                *numbers("observed", "spread", "p_value"),
                *counts("randomisation_count", "week_count"),
                *flags("is_passed"),
            ]
        ),
        "attainable_canary": pa.schema(
            [
                *text("rule_set", "model"),
                *numbers("observed", "attainable", "t_stat", "p_value"),
                *counts("week_count"),
                *flags("is_passed"),
            ]
        ),
        "rank_ic_p_value": pa.schema(
            [
                *text(*MODEL_KEY),
                horizon(),
                *text("label_kind"),
                *dates("week_date"),
                *numbers("p_value", optional=True),
            ]
        ),
        "rank_ic_statistic": pa.schema(
            [
                *text(*MODEL_KEY),
                horizon(),
                *text("label_kind", "statistic"),
                *numbers("value", optional=True),
            ]
        ),
        "rank_ic_seasonality": pa.schema(
            [
                *text(*MODEL_KEY),
                *counts("month_count"),
                *dates("first_month_start", "last_month_start"),
                *numbers("explained_share", "p_value", optional=True),
                *counts("permutation_count", "seed"),
            ]
        ),
        "claim_interval": pa.schema(
            [
                *text("run_id", "rule_set", "claim", "first_series", "second_series"),
                *numbers("effect", "interval_lower", "interval_upper", optional=True),
                *numbers("confidence_level"),
                *numbers("mean_block_length", optional=True),
                *counts("replication_count", "seed"),
            ]
        ),
    }
)
