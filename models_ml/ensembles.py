"""Ensembles: one forecast from those of several models, by the mean of their ranks."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models_ml.arrays import Dates, Floats, Rows
from models_ml.metrics import WeeklyRankIC, ranks_within, weekly_rank_ic
from models_ml.records import TrainingRecord
from models_ml.windows import TestWindow


@dataclass(frozen=True)
class EnsembleSpec:
    """A mean of ranks.

    Parameters
    ----------
    name
        Readable key of results.dim_model.
    members
        Keys of the models that are averaged: other seeds, other libraries, earlier ensembles.

    Raises
    ------
    ValueError
        If there are fewer than two members, or one occurs twice.
    """

    name: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.members) < 2 or len(set(self.members)) < len(self.members):
            raise ValueError(
                f"expected at least two different members of {self.name!r}, "
                f"found {list(self.members)}"
            )


def mean_rank(members: Sequence[pa.Table]) -> pa.Table:
    """Average the ranks that the members give a stock in its week.

    The rank of a forecast is (r - 1/2) / n with r its average rank among the n names that the
    member forecast that week: between 0 and 1, mean 1/2, so that members of other coverage count
    alike. A member without a forecast of a stock-week is left out of its mean; the others count
    as they are. A member with constant forecasts says 1/2 for all.

    Parameters
    ----------
    members
        Columns symbol, week_date, prediction of each member, each stock-week at most once.

    Returns
    -------
    pyarrow.Table
        The same columns, one row per stock-week that some member forecast, by week and symbol.

    Raises
    ------
    ValueError
        If there is no member, or a stock-week occurs twice in one.
    """
    if not members:
        raise ValueError("expected forecasts of at least one member, found none")
    keys = pa.concat_tables([table.select(["symbol", "week_date"]) for table in members])
    weeks, symbols, row_of = _index(keys)
    total, count = np.zeros(len(weeks)), np.zeros(len(weeks))
    first = 0
    for table in members:
        rows = row_of[first : first + table.num_rows]
        first += table.num_rows
        if len(np.unique(rows)) < len(rows):
            raise ValueError("expected each stock-week once per member, found some twice")
        total[rows] += _rank_share(weeks[rows], table["prediction"].to_numpy())
        count[rows] += 1.0
    return pa.table(
        [pa.array(symbols, pa.string()), pa.array(weeks, pa.date32()), total / count],
        names=["symbol", "week_date", "prediction"],
    )


def combine_window(
    spec: EnsembleSpec,
    window: TestWindow,
    members: Sequence[tuple[pa.Table, TrainingRecord]],
    labels: pa.Table,
) -> tuple[pa.Table, TrainingRecord]:
    """Build the forecasts of an ensemble for one window and judge them.

    Parameters
    ----------
    spec
        The ensemble.
    window
        The half-year.
    members
        Forecasts and record of each member in that window.
    labels
        Columns symbol, week_date, fwd_return_1w_cum (NULL = none) of the window's weeks.

    Returns
    -------
    tuple
        Forecasts as by `mean_rank`, and their record. The training span covers those of all
        members, row counts are those of the member with the most training rows; there is no
        in-sample figure, since members keep no in-sample forecasts, and no MSE, since ranks have
        no unit of return.
    """
    predictions = mean_rank([table for table, _ in members])
    records = [record for _, record in members]
    largest = max(records, key=lambda record: record.train_row_count)
    weekly = _judged(predictions, labels)
    return predictions, TrainingRecord(
        window_start=window.start,
        window_end=window.end,
        train_first_week=min(record.train_first_week for record in records),
        train_last_week=max(record.train_last_week for record in records),
        train_row_count=largest.train_row_count,
        fit_row_count=largest.fit_row_count,
        stop_row_count=largest.stop_row_count,
        test_row_count=predictions.num_rows,
        parameters=json.dumps({"members": list(spec.members), "method": "mean_rank"}),
        seed=None,
        boosting_rounds=None,
        in_sample_rank_ic=None,
        fit_rank_ic=None,
        stop_rank_ic=None,
        out_of_sample_rank_ic=weekly.mean if math.isfinite(weekly.mean) else None,
        in_sample_mse=None,
        fit_mse=None,
        stop_mse=None,
        out_of_sample_mse=None,
        degenerate_week_count=weekly.degenerate_week_count,
        uses_future=any(record.uses_future for record in records),
    )


def _judged(predictions: pa.Table, labels: pa.Table) -> WeeklyRankIC:
    joined = predictions.join(labels, ["symbol", "week_date"], join_type="left outer")
    return weekly_rank_ic(
        np.asarray(joined["week_date"].to_numpy(), dtype="datetime64[D]"),
        joined["prediction"].to_numpy(),
        joined["fwd_return_1w_cum"].to_numpy(),
    )


def _index(keys: pa.Table) -> tuple[Dates, np.ndarray, Rows]:
    """Distinct stock-weeks by week and symbol, and the position of every row among them."""
    days = np.asarray(keys["week_date"].to_numpy(), dtype="datetime64[D]")
    names, name_of = np.unique(
        np.asarray(keys["symbol"].to_pylist(), dtype=np.str_), return_inverse=True
    )
    width = max(1, len(names))
    distinct, row_of = np.unique(days.astype(np.int64) * width + name_of, return_inverse=True)
    weeks = (distinct // width).astype("datetime64[D]")
    return weeks, names[distinct % width], row_of.astype(np.int64)


def _rank_share(week_dates: Dates, forecast: Floats) -> Floats:
    order = np.argsort(week_dates, kind="stable")
    _, counts = np.unique(week_dates, return_counts=True)
    ranks = ranks_within(np.asarray(forecast, dtype=np.float64)[order], counts)
    share = np.empty(len(forecast))
    share[order] = (ranks - 0.5) / np.repeat(counts, counts)
    return share
