"""The row that a fit leaves in results.fct_training_window."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

# Columns of model_output/training_window.parquet, less identifiers (run_id, rule_set, model,
# partition_key) and what only a clock knows (fit_seconds, completed_at).
RECORD_SCHEMA = pa.schema(
    [
        *((name, pa.date32()) for name in ("window_start", "window_end")),
        *((name, pa.date32()) for name in ("train_first_week", "train_last_week")),
        *((f"{part}_row_count", pa.int64()) for part in ("train", "fit", "stop", "test")),
        ("parameters", pa.string()),
        ("seed", pa.int64()),
        ("boosting_rounds", pa.int64()),
        ("epochs", pa.int64()),
        *((f"{part}_rank_ic", pa.float64()) for part in ("in_sample", "fit", "stop")),
        ("out_of_sample_rank_ic", pa.float64()),
        *((f"{part}_mse", pa.float64()) for part in ("in_sample", "fit", "stop")),
        ("out_of_sample_mse", pa.float64()),
        ("degenerate_week_count", pa.int64()),
        ("uses_future", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class TrainingRecord:
    """What results.fct_training_window says of one fit, but for identifiers and clock times.

    Rank IC is the mean over weeks of the weekly Rank IC against the raw label, MSE the mean
    squared error in squared units of the training target. In-sample is fitting and stopping rows
    together, out-of-sample every row of the window. None = no value, as all MSE under rank_ic.
    `degenerate_week_count` counts test weeks with constant forecasts.
    """

    window_start: dt.date
    window_end: dt.date
    train_first_week: dt.date
    train_last_week: dt.date
    train_row_count: int
    fit_row_count: int
    stop_row_count: int
    test_row_count: int
    parameters: str
    seed: int | None
    boosting_rounds: int | None
    epochs: int | None
    in_sample_rank_ic: float | None
    fit_rank_ic: float | None
    stop_rank_ic: float | None
    out_of_sample_rank_ic: float | None
    in_sample_mse: float | None
    fit_mse: float | None
    stop_mse: float | None
    out_of_sample_mse: float | None
    degenerate_week_count: int
    uses_future: bool

    def as_row(self) -> dict[str, Any]:
        """Return values by column, in the order of `RECORD_SCHEMA`."""
        return {name: asdict(self)[name] for name in RECORD_SCHEMA.names}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "TrainingRecord":
        """Read what `as_row` gave, its dates written as text."""
        days = {field.name for field in RECORD_SCHEMA if pa.types.is_date(field.type)}
        values: dict[str, Any] = {
            name: dt.date.fromisoformat(value) if name in days else value
            for name, value in row.items()
        }
        return cls(**values)
