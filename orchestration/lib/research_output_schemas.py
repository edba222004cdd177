"""Columns of the files from the judgement of single factors to dbt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from orchestration.lib.handoff_columns import counts, dates, horizon, numbers, text

RESEARCH_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "factor_rank_ic_week": pa.schema(
            [
                *text("rule_set", "factor", "stage"),
                horizon(),
                *dates("week_date"),
                *numbers("rank_ic", optional=True),
                *counts("stock_count"),
            ]
        ),
        "factor_autocorrelation_week": pa.schema(
            [
                *text("rule_set", "factor", "stage"),
                *dates("week_date"),
                *numbers("rank_autocorrelation", optional=True),
            ]
        ),
        "factor_correlation_year": pa.schema(
            [
                *text("rule_set"),
                pa.field("trade_year", pa.int32(), nullable=False),
                *text("factor", "other_factor"),
                *numbers("mean_correlation"),
                *counts("week_count"),
                *dates("last_week_date"),
            ]
        ),
        "factor_p_value": pa.schema(
            [
                *text("rule_set", "factor", "stage"),
                horizon(),
                pa.field("as_of_year", pa.int32(), nullable=False),
                *numbers("p_value", "p_value_newey_west", optional=True),
            ]
        ),
    }
)
