"""Columns of the files about the runs themselves: runs, partitions, steps, dbt's results."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from orchestration.lib.handoff_columns import counts, dates, flags, numbers, text, times

OPS_OUTPUT: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "run": pa.schema(
            [
                *text("run_id", "experiment"),
                *flags("is_latest"),
                *times("started_at"),
                *times("completed_at", optional=True),
                *counts("attempt_count"),
                *text("data_hash", "code_hash", "config", "package_versions"),
            ]
        ),
        "partition": pa.schema(
            [
                *text("run_id"),
                *counts("attempt"),
                *text("kind", "partition_key", "label", "state"),
                *numbers("seconds"),
                *times("completed_at"),
            ]
        ),
        "trial": pa.schema(
            [
                *text("kind", "partition_key", "label", "experiment", "first_run_id"),
                *counts("fit_count", "trial_count"),
                *times("first_completed_at"),
            ]
        ),
        "source_snapshot": pa.schema(
            [
                *text("run_id", "table_name", "source", "content_hash"),
                *counts("row_count", "byte_count"),
                *dates("first_date", "last_date", optional=True),
                *flags("is_supplied"),
                *times("landed_at"),
            ]
        ),
        "step": pa.schema(
            [
                *text("run_id"),
                *counts("attempt", "step_number"),
                *text("step"),
                *numbers("seconds"),
                *numbers("peak_memory_mb", optional=True),
                *times("completed_at"),
            ]
        ),
        "column": pa.schema(
            [
                *text("schema_name", "table_name", "column_name", "description", "unit"),
                *text("data_type", "formula"),
                *text("upstream_columns", optional=True),
                *flags("is_forward_looking"),
                pa.field("position", pa.int32(), nullable=False),
            ]
        ),
        "dbt_result": pa.schema(
            [
                *text("run_id", "invocation_id", "node", "resource_type", "status"),
                *text("tested_model", "severity", "description", optional=True),
                *numbers("seconds"),
                *counts("failures", optional=True),
                *text("message", optional=True),
                *times("completed_at", optional=True),
            ]
        ),
    }
)
