"""Single factors over many weeks: the cross-sections of a panel, judged one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from models_ml.arrays import Floats
from models_ml.single_factors import (
    Counts,
    average_ranks,
    factor_correlations,
    factor_rank_ic,
    rank_autocorrelation,
)


@dataclass(frozen=True, eq=False)
class CrossSection:
    """One week: stocks, what a stage holds of their factors, what they returned.

    Parameters
    ----------
    week_number
        Number of the week, without gaps in the calendar.
    symbols
        str [n], ascending.
    factors
        Stage to float [k, n]; NaN = missing.
    returns
        float64 [h, n], returns of each week ahead alone; NaN = missing.
    """

    week_date: date
    week_number: int
    symbols: np.ndarray
    factors: Mapping[str, Floats]
    returns: Floats


@dataclass(frozen=True, eq=False)
class JudgedWeek:
    """Rank IC [h, k], numbers of stocks [h, k] and autocorrelation [k] of a stage in a week."""

    week_date: date
    stage: str
    rank_ic: Floats
    stock_count: Counts
    rank_autocorrelation: Floats


@dataclass(eq=False)
class FactorJudge:
    """Judges cross-sections in time order; remembers the ranks of the last one.

    Parameters
    ----------
    correlated_stage
        Stage whose exposures are compared with each other.
    """

    correlated_stage: str
    weeks: list[JudgedWeek] = field(default_factory=list)
    _last: tuple[int, np.ndarray, dict[str, Floats]] | None = None
    _correlations: dict[int, tuple[Floats, Counts, date]] = field(default_factory=dict)

    def judge(self, week: CrossSection) -> None:
        """Add a week, later than those before."""
        ranks = {stage: average_ranks(values) for stage, values in week.factors.items()}
        earlier = self._earlier_ranks(week)
        for stage, own in ranks.items():
            rank_ic, counts = factor_rank_ic(own, week.returns)
            autocorrelation = np.full(len(own), np.nan)
            if earlier is not None:
                here, there, before = earlier
                autocorrelation = rank_autocorrelation(own[:, here], before[stage][:, there])
            self.weeks.append(JudgedWeek(week.week_date, stage, rank_ic, counts, autocorrelation))
        self._correlate(week)
        self._last = (week.week_number, week.symbols, ranks)

    def yearly_correlations(self) -> dict[int, tuple[Floats, Counts, date]]:
        """Year to the mean weekly correlations [k, k], their weeks [k, k] and the last week."""
        result = {}
        for year, (total, count, last_week) in self._correlations.items():
            mean = np.full(total.shape, np.nan)
            np.divide(total, count, out=mean, where=count > 0)
            result[year] = (mean, count, last_week)
        return result

    def _earlier_ranks(
        self, week: CrossSection
    ) -> tuple[np.ndarray, np.ndarray, dict[str, Floats]] | None:
        if self._last is None or self._last[0] != week.week_number - 1:
            return None
        _, here, there = np.intersect1d(
            week.symbols, self._last[1], assume_unique=True, return_indices=True
        )
        return here, there, self._last[2]

    def _correlate(self, week: CrossSection) -> None:
        values = factor_correlations(week.factors[self.correlated_stage])
        year = week.week_date.year
        nothing = (np.zeros(values.shape), np.zeros(values.shape, dtype=np.int64), week.week_date)
        total, count, _ = self._correlations.get(year, nothing)
        self._correlations[year] = (
            total + np.nan_to_num(values),
            count + np.isfinite(values),
            week.week_date,
        )


def rank_ic_table(weeks: Sequence[JudgedWeek], factors: Sequence[str]) -> pa.Table:
    """Weekly Rank IC, one row per stage, week, horizon and factor with a stock that has both.

    Returns
    -------
    pyarrow.Table
        factor, stage, horizon_weeks (from 1), week_date, rank_ic (NULL = not defined), stock_count.
    """
    parts = []
    for week in weeks:
        horizons = len(week.rank_ic)
        ahead = np.repeat(np.arange(1, horizons + 1), len(factors))
        table = pa.table(
            {
                "factor": list(factors) * horizons,
                "stage": pa.repeat(week.stage, len(ahead)),
                "horizon_weeks": pa.array(ahead, pa.int32()),
                "week_date": _dates(week.week_date, len(ahead)),
                "rank_ic": pa.array(week.rank_ic.ravel(), from_pandas=True),
                "stock_count": week.stock_count.ravel(),
            }
        )
        parts.append(table.filter(pa.array(week.stock_count.ravel() > 0)))
    return pa.concat_tables(parts)


def autocorrelation_table(weeks: Sequence[JudgedWeek], factors: Sequence[str]) -> pa.Table:
    """Weekly autocorrelation of ranks: factor, stage, week_date, rank_autocorrelation."""
    return pa.concat_tables(
        pa.table(
            {
                "factor": list(factors),
                "stage": pa.repeat(week.stage, len(factors)),
                "week_date": _dates(week.week_date, len(factors)),
                "rank_autocorrelation": pa.array(week.rank_autocorrelation, from_pandas=True),
            }
        )
        for week in weeks
    )


def correlation_table(
    yearly: Mapping[int, tuple[Floats, Counts, date]], factors: Sequence[str]
) -> pa.Table:
    """Pairs that both vary in some week: year, factor, other_factor (a later one), figures."""
    names = np.array(factors, dtype=object)
    parts = []
    for year, (mean, count, last_week) in yearly.items():
        first, second = np.nonzero(np.triu(count, k=1))
        parts.append(
            pa.table(
                {
                    "trade_year": pa.array(np.full(len(first), year), pa.int32()),
                    "factor": pa.array(names[first], pa.string()),
                    "other_factor": pa.array(names[second], pa.string()),
                    "mean_correlation": mean[first, second],
                    "week_count": count[first, second],
                    "last_week_date": _dates(last_week, len(first)),
                }
            )
        )
    return pa.concat_tables(parts)


def _dates(day: date, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(day, pa.date32()), count)
