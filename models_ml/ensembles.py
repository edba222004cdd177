"""Ensembles: one forecast from those of several models, by the mean of their ranks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models_ml.arrays import Dates, Floats, Rows
from models_ml.metrics import ranks_within


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
