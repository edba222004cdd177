"""Models made of models: a mean of ranks, or the forecasts of one member chosen per window."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from models_ml.arrays import Dates, Floats
from models_ml.metrics import weekly_rank_ic
from models_ml.records import TrainingRecord
from models_ml.windows import TestWindow

Method = Literal["mean_rank", "out_of_sample_rank_ic", "in_out_difference", "validation"]
# Choices that read the labels of the window they forecast.
FORESIGHT: frozenset[Method] = frozenset({"out_of_sample_rank_ic", "in_out_difference"})
_KEYS = ["week_date", "symbol"]


@dataclass(frozen=True)
class CombinationSpec:
    """A model whose forecasts come from those of other models.

    Parameters
    ----------
    name
        Readable key of results.dim_model.
    members
        Keys of the models it is made of, of the same rule set.
    by
        'mean_rank': an ensemble. Otherwise a choice per window: the highest out-of-sample mean
        Rank IC; the smallest distance of the in-sample from the out-of-sample one; the best mean
        score over the folds of the tuning, or of ridges on the stopping weeks before they are
        refitted, both known before the window.

    Raises
    ------
    ValueError
        If there are fewer than two members, or one occurs twice.
    """

    name: str
    members: tuple[str, ...]
    by: Method

    def __post_init__(self) -> None:
        if len(self.members) < 2 or len(set(self.members)) < len(self.members):
            raise ValueError(
                f"expected at least two different members of {self.name!r}, found"
                f" {list(self.members)}"
            )

    @property
    def library(self) -> str:
        """What results.dim_model calls it."""
        return "ensemble" if self.by == "mean_rank" else "choice"

    def to_json(self) -> str:
        """Return the specification as JSON: equal text means equal combinations."""
        return json.dumps({"name": self.name, "members": self.members, "by": self.by})


@dataclass(frozen=True, eq=False)
class MemberWindow:
    """What a member left of one window.

    Parameters
    ----------
    name
        Its key.
    predictions
        Columns symbol, week_date, prediction.
    record
        Its row of results.fct_training_window.
    validation
        Mean score over the folds of its tuning, or on the stopping weeks before the refit; higher
        is better. None: not scored.
    """

    name: str
    predictions: pa.Table
    record: TrainingRecord
    validation: float | None = None


def mean_rank(members: Sequence[pa.Table]) -> pa.Table:
    """Average the ranks that the members give a stock in its week.

    A rank is (r - 1/2) / n, r the average rank of a forecast among the n stocks that every member
    forecast that week: between 0 and 1, mean 1/2. A stock-week that one member lacks is left out,
    and with it a week that one lacks whole: means over different members do not compare. A member
    with constant forecasts says 1/2 for all.

    Parameters
    ----------
    members
        Columns symbol, week_date, prediction of each member, each stock-week at most once.

    Returns
    -------
    pyarrow.Table
        Columns symbol, week_date, prediction, by week and symbol.

    Raises
    ------
    ValueError
        If a stock-week occurs twice in one member, or there is none that all forecast.
    """
    frames = [_indexed(table, number) for number, table in enumerate(members)]
    joined = pd.concat(frames, axis=1, join="inner").sort_index()
    if joined.empty:
        raise ValueError("expected stock-weeks that every member forecast, found none")
    by_week = joined.groupby(level="week_date")
    # Ranks are summed before they are scaled: sums of halves are exact, so that equal ones tie.
    ranks = by_week.rank(method="average").sum(axis=1) / len(members)
    shares = (ranks - 0.5) / by_week[0].transform("size")
    frame = shares.rename("prediction").reset_index()
    schema = members[0].schema
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def combine_window(
    spec: CombinationSpec, window: TestWindow, members: Sequence[MemberWindow], labels: pa.Table
) -> tuple[pa.Table, TrainingRecord, str | None]:
    """Make the forecasts of a combination for one window.

    Parameters
    ----------
    spec
        The combination.
    window
        The half-year.
    members
        In the order of the specification.
    labels
        Columns symbol, week_date, fwd_return_1w_cum (NULL = none) of the window's weeks.

    Returns
    -------
    tuple
        Forecasts, their record, and the member taken (None of an ensemble). The record of a choice
        is the member's; one that read the window's labels uses the future. That of an ensemble
        spans the training of all members, with the row counts of the one with most rows; it has no
        seed and no rounds, nothing in sample, since members keep no such forecasts, and no MSE,
        since ranks have no unit of return.
    """
    if spec.by != "mean_rank":
        taken = chosen_member(spec.by, members)
        foresight = taken.record.uses_future or spec.by in FORESIGHT
        return taken.predictions, replace(taken.record, uses_future=foresight), taken.name
    predictions = mean_rank([member.predictions for member in members])
    records = [member.record for member in members]
    largest = max(records, key=lambda record: record.train_row_count)
    weekly = weekly_rank_ic(*_judged(predictions, labels))
    # Members keep no forecasts of their training weeks, and ranks have no unit of return.
    absent: dict[str, Any] = {
        **dict.fromkeys(("seed", "boosting_rounds", "epochs")),
        **dict.fromkeys(("in_sample_rank_ic", "fit_rank_ic", "stop_rank_ic")),
        **dict.fromkeys(("in_sample_mse", "fit_mse", "stop_mse", "out_of_sample_mse")),
    }
    record = replace(
        largest,
        window_start=window.start,
        window_end=window.end,
        train_first_week=min(record.train_first_week for record in records),
        train_last_week=max(record.train_last_week for record in records),
        test_row_count=predictions.num_rows,
        parameters=json.dumps({"method": spec.by}),
        out_of_sample_rank_ic=weekly.mean if math.isfinite(weekly.mean) else None,
        degenerate_week_count=weekly.degenerate_week_count,
        uses_future=any(record.uses_future for record in records),
        **absent,
    )
    return predictions, record, None


def chosen_member(by: Method, members: Sequence[MemberWindow]) -> MemberWindow:
    """Return the member with the best figure; of equal ones the first, missing figures last.

    Raises
    ------
    ValueError
        If no member has the figure.
    """
    merits = [_merit(by, member) for member in members]
    if not any(math.isfinite(merit) for merit in merits):
        raise ValueError(
            f"expected a member with a figure to choose by {by}, found none among"
            f" {[member.name for member in members]}"
        )
    return members[int(np.argmax(merits))]


def _merit(by: Method, member: MemberWindow) -> float:
    inside, outside = member.record.in_sample_rank_ic, member.record.out_of_sample_rank_ic
    value = member.validation
    if by == "out_of_sample_rank_ic":
        value = outside
    elif by == "in_out_difference":
        value = None if inside is None or outside is None else -abs(outside - inside)
    return -math.inf if value is None else value


def _indexed(table: pa.Table, number: int) -> pd.Series:
    series: pd.Series = table.to_pandas().set_index(_KEYS)["prediction"].rename(number)
    if not series.index.is_unique:
        raise ValueError("expected each stock-week once per member, found some twice")
    return series


def _judged(predictions: pa.Table, labels: pa.Table) -> tuple[Dates, Floats, Floats]:
    joined = predictions.to_pandas().merge(labels.to_pandas(), on=_KEYS, how="left")
    return (
        joined["week_date"].to_numpy(dtype="datetime64[D]"),
        joined["prediction"].to_numpy(dtype=np.float64),
        joined["fwd_return_1w_cum"].to_numpy(dtype=np.float64, na_value=np.nan),
    )
