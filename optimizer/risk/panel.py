"""What the risk model is estimated from, as dense arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.arrays import BoolArray, DateArray, FloatArray, IntArray
from optimizer.columns import STYLES, TableColumns
from optimizer.errors import InputError
from optimizer.frames import Frame, positions, refuse_duplicates, take_frames

RISK_TABLES: Mapping[str, TableColumns] = MappingProxyType(
    {
        "core.fct_bar_daily": TableColumns(("symbol", "trade_date", "return_1d")),
        "core.dim_week": TableColumns(("week_date",)),
        "core.fct_universe_week": TableColumns(
            (
                "rule_set",
                "symbol",
                "week_date",
                "in_universe",
                "industry_code",
                "neutralisation_cap_cny",
            )
        ),
        "risk.fct_style_exposure": TableColumns(("symbol", "week_date"), STYLES),
    }
)
"""Read by `RiskPanel.from_frames`; of the universe, rows of `practitioner`."""


@dataclass(frozen=True)
class RiskPanel:
    """Returns and weekly exposures; [T] sessions, [W] weeks, [N] names.

    Attributes
    ----------
    sessions, weeks, symbols
        Axes, ascending.
    returns
        [T, N], of a session; NaN where nothing traded.
    style_names, styles
        [S]; [W, S, N], NaN where a share was not listed.
    industry_codes, industry
        [I]; [W, N], -1 where unknown.
    capitalisation
        [W, N], yuan; NaN where unknown.
    in_universe
        [W, N], names that factor returns are estimated from.
    """

    sessions: DateArray
    weeks: DateArray
    symbols: tuple[str, ...]
    returns: FloatArray
    style_names: tuple[str, ...]
    styles: npt.NDArray[np.float32]
    industry_codes: tuple[str, ...]
    industry: npt.NDArray[np.int16]
    capitalisation: FloatArray
    in_universe: BoolArray

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Market, styles, industries: the order of every vector of factors."""
        return ("market", *self.style_names, *self.industry_codes)

    @property
    def factor_kinds(self) -> tuple[str, ...]:
        """Kind of each factor."""
        styles, industries = len(self.style_names), len(self.industry_codes)
        return ("market", *["style"] * styles, *["industry"] * industries)

    def exposure_week(self, session: int) -> int:
        """Latest week_date before a session, -1 if there is none."""
        return int(np.searchsorted(self.weeks, self.sessions[session], side="left")) - 1

    @classmethod
    def from_frames(cls, frames: Mapping[str, Any]) -> RiskPanel:
        """Build from warehouse tables (`RISK_TABLES`).

        Raises
        ------
        InputError
            If tables or columns are missing, keys repeat, or there are no bars.
        """
        taken = take_frames(frames, RISK_TABLES)
        bars = taken["core.fct_bar_daily"]
        if not len(bars):
            raise InputError("core.fct_bar_daily has no rows: there are no returns to explain")
        symbols, days = tuple(bars.text("symbol")), bars.dates("trade_date")
        sessions = np.unique(days)
        weeks = np.unique(taken["core.dim_week"].dates("week_date"))
        weeks = weeks[positions(sessions, weeks) >= 0]
        row, name = positions(sessions, days), bars.codes("symbol", symbols)
        refuse_duplicates(bars, row, name, len(symbols))
        returns = np.full((sessions.size, len(symbols)), np.nan)
        returns[row, name] = bars.numbers("return_1d")
        universe = taken["core.fct_universe_week"].where_equal("rule_set", "practitioner")
        codes = tuple(universe.text("industry_code"))
        week, name, rows = _cells(universe, weeks, symbols)
        shape = (weeks.size, len(symbols))
        industry = np.full(shape, -1, dtype=np.int16)
        industry[week, name] = universe.codes("industry_code", codes)[rows]
        capitalisation = np.full(shape, np.nan)
        capitalisation[week, name] = universe.numbers("neutralisation_cap_cny")[rows]
        member = np.zeros(shape, dtype=np.bool_)
        member[week, name] = universe.flags("in_universe")[rows]
        exposure = taken["risk.fct_style_exposure"]
        names = tuple(style for style in STYLES if exposure.has(style))
        week, name, rows = _cells(exposure, weeks, symbols)
        styles = np.full((weeks.size, len(names), len(symbols)), np.nan, dtype=np.float32)
        for place, style in enumerate(names):
            styles[week, place, name] = exposure.numbers(style)[rows]
        return cls(
            sessions=sessions,
            weeks=weeks,
            symbols=symbols,
            returns=returns,
            style_names=names,
            styles=styles,
            industry_codes=codes,
            industry=industry,
            capitalisation=capitalisation,
            in_universe=member,
        )


def _cells(
    frame: Frame, weeks: DateArray, symbols: tuple[str, ...]
) -> tuple[IntArray, IntArray, IntArray]:
    """Week, name and row of the rows of a weekly frame that lie on the axes."""
    week, name = positions(weeks, frame.dates("week_date")), frame.codes("symbol", symbols)
    rows = np.flatnonzero((week >= 0) & (name >= 0))
    refuse_duplicates(frame, week[rows], name[rows], len(symbols))
    return week[rows], name[rows], rows
