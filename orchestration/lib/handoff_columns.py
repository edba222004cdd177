"""Kinds of columns of the files that Python hands to dbt; optional ones may be NULL.

Types are the warehouse's: text VARCHAR, numbers DOUBLE, counts BIGINT, dates DATE, times TIMESTAMP
(UTC, without a zone).
"""

from __future__ import annotations

import pyarrow as pa

MODEL_KEY = ("run_id", "rule_set", "model")
COST_PARTS = ("stamp_duty", "transfer_fee", "commission", "slippage", "impact")


def text(*names: str, optional: bool = False) -> list[pa.Field]:
    """Texts."""
    return [pa.field(name, pa.string(), nullable=optional) for name in names]


def numbers(*names: str, optional: bool = False) -> list[pa.Field]:
    """Numbers in double precision."""
    return [pa.field(name, pa.float64(), nullable=optional) for name in names]


def counts(*names: str, optional: bool = False) -> list[pa.Field]:
    """Whole numbers."""
    return [pa.field(name, pa.int64(), nullable=optional) for name in names]


def dates(*names: str, optional: bool = False) -> list[pa.Field]:
    """Days."""
    return [pa.field(name, pa.date32(), nullable=optional) for name in names]


def times(*names: str, optional: bool = False) -> list[pa.Field]:
    """Instants in UTC, stored without a zone."""
    return [pa.field(name, pa.timestamp("us"), nullable=optional) for name in names]


def flags(*names: str) -> list[pa.Field]:
    """Yes or no; never NULL."""
    return [pa.field(name, pa.bool_(), nullable=False) for name in names]


def horizon() -> pa.Field:
    """Horizon of a label in weeks."""
    return pa.field("horizon_weeks", pa.int32(), nullable=False)
