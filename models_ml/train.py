"""Train one model in one window. Windows share nothing: each call starts from the panel alone."""

import datetime as dt
import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from models_ml.arrays import Dates, Floats, Rows
from models_ml.estimators import FittedForecaster, Resources, create_forecaster
from models_ml.metrics import WeeklyRankIC, mean_squared_error, weekly_rank_ic
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.splits import TrainingSplit, split_weeks
from models_ml.windows import TestWindow

PREDICTION_SCHEMA = pa.schema(
    [("symbol", pa.string()), ("week_date", pa.date32()), ("prediction", pa.float64())]
)

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
    together, out-of-sample every row of the window. None = no value.
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
    seed: int
    boosting_rounds: int | None
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


@dataclass(frozen=True, eq=False)
class WindowResult:
    """What one fit gives.

    Parameters
    ----------
    predictions
        Columns of `PREDICTION_SCHEMA`, one row per stock-week of the window, in panel order.
    record
        The row of results.fct_training_window.
    model
        The fitted model; models_ml.serialisation stores it.
    """

    predictions: pa.Table
    record: TrainingRecord
    model: FittedForecaster


@dataclass(frozen=True, eq=False)
class _Part:
    """One set of rows with its forecasts: every part is judged by the same routine."""

    weekly: WeeklyRankIC
    mse: float

    @classmethod
    def judge(cls, panel: Panel, rows: Rows, forecast: Floats) -> "_Part":
        return cls(
            weekly=weekly_rank_ic(panel.week_dates[rows], forecast, panel.raw_label[rows]),
            mse=mean_squared_error(forecast, panel.target[rows]),
        )


def train_window(
    panel: Panel,
    spec: ModelSpec,
    window: TestWindow,
    rules: TrainingRules,
    *,
    resources: Resources | None = None,
) -> WindowResult:
    """Train a model on the weeks before a window and forecast the window's weeks.

    Parameters
    ----------
    panel
        One rule set's panel; only rows before the window and the window's own are read, of the
        latter no label enters the fit.
    spec
        The model, its seed included.
    window
        The half-year to forecast.
    rules
        Which rows train and when training stops.
    resources
        Threads and device; one thread on the processor by default.

    Returns
    -------
    WindowResult
        Bit-identical for the same panel, specification, rules and resources.

    Raises
    ------
    ValueError
        If the window is not in the panel, too few weeks come before it, or a parameter is
        unknown.
    """
    split = split_weeks(panel, window, rules, spec.window_mode)
    model = create_forecaster(spec).fit(panel, split, rules, resources or Resources())
    forecast = model.predict(panel, split.test_rows)
    return WindowResult(
        predictions=_prediction_table(panel, split.test_rows, forecast),
        record=_record(panel, spec, split, model, forecast),
        model=model,
    )


def _prediction_table(panel: Panel, rows: Rows, forecast: Floats) -> pa.Table:
    columns = [
        pa.array(panel.symbols_of(rows), pa.string()),
        pa.array(panel.week_dates[rows], pa.date32()),
        pa.array(forecast, pa.float64(), from_pandas=True),
    ]
    return pa.table(columns, schema=PREDICTION_SCHEMA)


def _record(
    panel: Panel,
    spec: ModelSpec,
    split: TrainingSplit,
    model: FittedForecaster,
    test_forecast: Floats,
) -> TrainingRecord:
    rows = split.in_sample_rows
    forecast = model.predict(panel, rows)
    fit_count = len(split.fit_rows)
    in_sample = _Part.judge(panel, rows, forecast)
    fit = _Part.judge(panel, split.fit_rows, forecast[:fit_count])
    stop = _Part.judge(panel, split.stop_rows, forecast[fit_count:])
    test = _Part.judge(panel, split.test_rows, test_forecast)
    train_weeks = panel.week_dates[split.train_rows]
    return TrainingRecord(
        window_start=split.window.start,
        window_end=split.window.end,
        train_first_week=_day(train_weeks, 0),
        train_last_week=_day(train_weeks, -1),
        train_row_count=len(split.train_rows),
        fit_row_count=fit_count,
        stop_row_count=len(split.stop_rows),
        test_row_count=len(split.test_rows),
        parameters=json.dumps(dict(model.parameters), sort_keys=True),
        seed=spec.seed,
        boosting_rounds=model.boosting_rounds,
        in_sample_rank_ic=_value(in_sample.weekly.mean),
        fit_rank_ic=_value(fit.weekly.mean),
        stop_rank_ic=_value(stop.weekly.mean),
        out_of_sample_rank_ic=_value(test.weekly.mean),
        in_sample_mse=_value(in_sample.mse),
        fit_mse=_value(fit.mse),
        stop_mse=_value(stop.mse),
        out_of_sample_mse=_value(test.mse),
        degenerate_week_count=test.weekly.degenerate_week_count,
        uses_future=split.uses_future,
    )


def _day(week_dates: Dates, position: int) -> dt.date:
    day: dt.date = week_dates[position].astype("datetime64[D]").item()
    return day


def _value(value: float) -> float | None:
    return value if math.isfinite(value) else None
