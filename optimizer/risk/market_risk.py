"""The risk model as decisions use it: forecasts of each week on the axes of a market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from optimizer.arrays import FloatArray, IntArray
from optimizer.columns import TableColumns
from optimizer.errors import InputError
from optimizer.expected_return import SESSIONS_PER_WEEK
from optimizer.frames import positions, refuse_duplicates, take_frames
from optimizer.inputs import MarketData
from optimizer.problem.factor_model import FactorModel
from optimizer.signals import Signals

FORECAST_TABLES: Mapping[str, TableColumns] = MappingProxyType(
    {
        "risk.fct_factor_covariance": TableColumns(
            ("week_date", "factor_1", "factor_2", "covariance")
        ),
        "risk.fct_specific_risk": TableColumns(("symbol", "week_date", "specific_volatility")),
    }
)
"""Read by `MarketRisk.from_frames`."""


@dataclass(frozen=True)
class MarketRisk:
    """Forecasts of risk per session.

    Attributes
    ----------
    factors
        [K], ascending.
    covariance
        Position of a week to [K, K]; NaN for factors that it lacks.
    specific
        [W, N], volatilities; NaN where there is none.
    """

    factors: tuple[str, ...]
    covariance: Mapping[int, FloatArray]
    specific: FloatArray

    @classmethod
    def from_frames(cls, frames: Mapping[str, Any], market: MarketData) -> MarketRisk:
        """Build from warehouse tables (`FORECAST_TABLES`).

        Raises
        ------
        InputError
            If tables or columns are missing or keys repeat.
        """
        taken = take_frames(frames, FORECAST_TABLES)
        table = taken["risk.fct_factor_covariance"]
        factors = tuple(table.text("factor_1"))
        week = positions(market.weeks, table.dates("week_date"))
        first, second = table.codes("factor_1", factors), table.codes("factor_2", factors)
        rows = np.flatnonzero((week >= 0) & (second >= 0))
        count = len(factors)
        refuse_duplicates(table, week[rows] * count + first[rows], second[rows], count)
        values = table.numbers("covariance")
        found: dict[int, FloatArray] = {}
        for at in np.unique(week[rows]).tolist():
            own = rows[week[rows] == at]
            matrix = np.full((count, count), np.nan)
            matrix[first[own], second[own]] = values[own]
            found[at] = matrix
        table = taken["risk.fct_specific_risk"]
        week = positions(market.weeks, table.dates("week_date"))
        name = table.codes("symbol", market.symbols)
        rows = np.flatnonzero((week >= 0) & (name >= 0))
        refuse_duplicates(table, week[rows], name[rows], len(market.symbols))
        specific = np.full((market.weeks.size, len(market.symbols)), np.nan)
        specific[week[rows], name[rows]] = table.numbers("specific_volatility")[rows]
        return cls(factors, MappingProxyType(found), specific)

    def has(self, week: int) -> bool:
        """Whether there is a forecast of a week."""
        return week in self.covariance

    def exposures(self, market: MarketData, signals: Signals, week: int) -> FloatArray:
        """Exposures of all names to the factors that a week has, [N, k]."""
        columns = [self._column(market, signals, week, name) for name in self._present(week)]
        return np.column_stack(columns)

    def model(
        self,
        market: MarketData,
        signals: Signals,
        week: int,
        names: IntArray,
        benchmark: FloatArray,
    ) -> FactorModel:
        """Risk of some names over a week of five sessions, against a benchmark [N].

        A name without a forecast has the median of the others' specific volatility.

        Raises
        ------
        InputError
            If there is no forecast of the week.
        """
        if not self.has(week):
            raise InputError(
                f"risk.fct_factor_covariance has no rows for {market.weeks[week]}: begin the"
                " scenario later, or lower least_sessions in the section risk_model"
            )
        exposures = self.exposures(market, signals, week)
        variance = self._specific(week) ** 2 * SESSIONS_PER_WEEK
        outside = benchmark.copy()
        outside[names] = 0.0
        return FactorModel(
            exposures=exposures[names],
            covariance=self._matrix(week) * SESSIONS_PER_WEEK,
            specific=variance[names],
            outside_exposure=exposures.T @ outside,
            outside_variance=float(variance @ outside**2),
        )

    def volatility(self, market: MarketData, signals: Signals, week: int) -> FloatArray:
        """Volatility of every name over a week of five sessions, [N]."""
        exposures = self.exposures(market, signals, week)
        variance = ((exposures @ self._matrix(week)) * exposures).sum(axis=1)
        variance += self._specific(week) ** 2
        return np.asarray(np.sqrt(variance * SESSIONS_PER_WEEK), dtype=np.float64)

    def _present(self, week: int) -> list[str]:
        own = np.isfinite(np.diag(self.covariance[week]))
        return [name for name, there in zip(self.factors, own, strict=True) if there]

    def _matrix(self, week: int) -> FloatArray:
        matrix = self.covariance[week]
        own = np.flatnonzero(np.isfinite(np.diag(matrix)))
        return np.asarray(matrix[np.ix_(own, own)], dtype=np.float64)

    def _specific(self, week: int) -> FloatArray:
        values: FloatArray = self.specific[week]
        known = np.isfinite(values)
        usual = float(np.median(values[known])) if known.any() else 0.02
        return np.where(known, values, usual)

    def _column(self, market: MarketData, signals: Signals, week: int, factor: str) -> FloatArray:
        if factor in market.style_names:
            return np.array(market.styles[week, market.style_names.index(factor)], dtype=np.float64)
        if factor in signals.industry_codes:
            code = signals.industry_codes.index(factor)
            return np.array(signals.industry[week] == code, dtype=np.float64)
        constant = 1.0 if factor == "market" else 0.0
        return np.full(len(market.symbols), constant)
