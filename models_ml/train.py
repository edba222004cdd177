"""Train one model in one window. Windows share nothing: each call starts from the panel alone."""

import datetime as dt
import json
import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa

from models_ml.arrays import Dates, Floats, Rows
from models_ml.epochs import epoch_table
from models_ml.estimators import FittedForecaster, Resources, create_forecaster
from models_ml.estimators.recurrent_nets import FittedRecurrent
from models_ml.importance import feature_importance
from models_ml.metrics import WeeklyRankIC, mean_squared_error, weekly_rank_ic
from models_ml.panel import Panel
from models_ml.records import TrainingRecord
from models_ml.rules import TrainingRules
from models_ml.sequences import SHAPE_SCHEMA, Sequences, sequence_shapes
from models_ml.serialisation import file_ending, model_card
from models_ml.specs import RECURRENT, Loss, ModelSpec
from models_ml.splits import TrainingSplit, split_weeks
from models_ml.windows import TestWindow

PREDICTION_SCHEMA = pa.schema(
    [("symbol", pa.string()), ("week_date", pa.date32()), ("prediction", pa.float64())]
)


@runtime_checkable
class Validated(Protocol):
    """A fitted model that was scored on the stopping weeks before it learned from them."""

    @property
    def validation_rank_ic(self) -> float | None:
        """Mean weekly Rank IC there; None: no value."""
        ...


@dataclass(frozen=True, eq=False)
class WindowResult:
    """What one fit gives.

    Parameters
    ----------
    predictions
        Columns of `PREDICTION_SCHEMA`, one row per stock-week of the window that the model can
        forecast, in panel order.
    record
        The row of results.fct_training_window.
    model
        The fitted model.
    model_card
        What the model is, JSON-serialisable; the caller adds the hash of the data.
    importances
        Columns of `IMPORTANCE_SCHEMA`, measured on test rows.
    sequence_shapes
        Columns of `SHAPE_SCHEMA`; no row for a model without sequences.
    training_epochs
        Columns of `EPOCH_SCHEMA`; no row for a model without epochs.
    """

    predictions: pa.Table
    record: TrainingRecord
    model: FittedForecaster
    model_card: dict[str, Any]
    importances: pa.Table
    sequence_shapes: pa.Table
    training_epochs: pa.Table

    @property
    def validation_rank_ic(self) -> float | None:
        """Mean weekly Rank IC of a `Validated` model on weeks before the window it had not seen."""
        return self.model.validation_rank_ic if isinstance(self.model, Validated) else None

    @property
    def model_files(self) -> dict[str, bytes]:
        """The model in its library's own format, by file name."""
        return {f"model.{file_ending(self.model.format)}": self.model.to_bytes()}


@dataclass(frozen=True, eq=False)
class _Part:
    """One set of rows with its forecasts: every part is judged by the same routine."""

    weekly: WeeklyRankIC
    mse: float

    @classmethod
    def judge(cls, panel: Panel, rows: Rows, forecast: Floats, loss: Loss) -> "_Part":
        # Forecasts under rank_ic have no units that an error could be measured in.
        return cls(
            weekly=weekly_rank_ic(panel.week_dates[rows], forecast, panel.raw_label[rows]),
            mse=mean_squared_error(forecast, panel.target[rows]) if loss == "mse" else math.nan,
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
        What the fit may use; one thread by default.

    Returns
    -------
    WindowResult
        Bit-identical for the same panel, specification, rules, threads
        and device.

    Raises
    ------
    ValueError
        If the window is not in the panel, too few weeks come before it, or a parameter is
        unknown.
    """
    split = split_weeks(panel, window, rules, spec.window_mode)
    resources = resources or Resources()
    model = create_forecaster(spec).fit(panel, split, rules, resources)
    forecast = model.predict(panel, split.test_rows)
    record = _record(panel, spec, split, model, forecast)
    return WindowResult(
        predictions=_prediction_table(panel, split.test_rows, forecast),
        record=record,
        model=model,
        model_card=model_card(model, spec, rules, record, resources),
        importances=feature_importance(model, panel, split.test_rows, spec.seed),
        sequence_shapes=_shapes(panel, spec, split),
        training_epochs=epoch_table(model.history if isinstance(model, FittedRecurrent) else ()),
    )


def _shapes(panel: Panel, spec: ModelSpec, split: TrainingSplit) -> pa.Table:
    if spec.library not in RECURRENT:
        return SHAPE_SCHEMA.empty_table()
    return sequence_shapes(Sequences.of(panel), split, len(panel.feature_names))


def _prediction_table(panel: Panel, rows: Rows, forecast: Floats) -> pa.Table:
    is_known = np.isfinite(forecast)
    rows, forecast = rows[is_known], forecast[is_known]
    columns = [
        pa.array(panel.symbols_of(rows), pa.string()),
        pa.array(panel.week_dates[rows], pa.date32()),
        pa.array(forecast, pa.float64()),
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
    in_sample = _Part.judge(panel, rows, forecast, spec.loss)
    fit = _Part.judge(panel, split.fit_rows, forecast[:fit_count], spec.loss)
    stop = _Part.judge(panel, split.stop_rows, forecast[fit_count:], spec.loss)
    test = _Part.judge(panel, split.test_rows, test_forecast, spec.loss)
    train_weeks = panel.week_dates[split.train_rows]
    return TrainingRecord(
        window_start=split.window.start,
        window_end=split.window.end,
        train_first_week=_day(train_weeks, 0),
        train_last_week=_day(train_weeks, -1),
        train_row_count=len(split.train_rows),
        fit_row_count=fit_count,
        stop_row_count=len(split.stop_rows),
        test_row_count=int(np.count_nonzero(np.isfinite(test_forecast))),
        parameters=json.dumps(dict(model.parameters), sort_keys=True),
        seed=spec.seed,
        boosting_rounds=model.boosting_rounds,
        epochs=model.epochs,
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
