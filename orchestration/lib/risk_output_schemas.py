"""Columns of the files from the risk model to dbt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from orchestration.lib.handoff_columns import counts, dates, numbers, text

RISK_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "factor_return": pa.schema(
            [
                *dates("trade_date"),
                *text("factor", "factor_kind"),
                *dates("exposure_week_date"),
                *numbers("factor_return"),
                *numbers("t_stat", "variance_inflation", "capitalisation_share", optional=True),
            ]
        ),
        "factor_model_fit": pa.schema(
            [
                *dates("trade_date", "exposure_week_date"),
                *counts("stock_count", "factor_count"),
                *numbers("r_squared", "specific_mean_square", "identity_error"),
            ]
        ),
        "factor_covariance": pa.schema(
            [*dates("week_date"), *text("factor_1", "factor_2"), *numbers("covariance")]
        ),
        "factor_covariance_fit": pa.schema(
            [
                *dates("week_date"),
                *counts("factor_count", "session_count"),
                *numbers("smallest_eigenvalue", "largest_eigenvalue"),
                *numbers("factor_multiplier", "specific_multiplier"),
            ]
        ),
        "specific_risk": pa.schema(
            [
                *text("symbol"),
                *dates("week_date"),
                *numbers("specific_volatility"),
                *numbers("own_volatility", optional=True),
                *counts("residual_count"),
            ]
        ),
    }
)
