"""Dividends, bonus shares and other steps of the adjustment factor, session by session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, DateArray, FloatArray, IntArray
from optimizer.frames import Frame

# The exchange rounds its reference price to the tick, so the factor of a distribution differs a
# little from the distribution itself. What differs by more is something else (a rights issue).
ROUNDING = 0.005


@dataclass(frozen=True)
class SessionActions:
    """What happens to holdings of some names before a session, [names] each.

    Attributes
    ----------
    factor_ratio
        Adjustment factor over that of the session before: new shares for an old one if everything
        is reinvested.
    share_ratio, cash_per_share
        New shares for an old one and yuan per old share where dividends are paid out.
    """

    names: IntArray
    factor_ratio: FloatArray
    share_ratio: FloatArray
    cash_per_share: FloatArray


@dataclass(frozen=True)
class CorporateActions:
    """Actions of every session that has any."""

    by_session: dict[int, SessionActions]

    def on(self, session: int) -> SessionActions | None:
        """Actions before the trading of a session; None where there are none."""
        return self.by_session.get(session)

    @classmethod
    def from_arrays(
        cls,
        sessions: DateArray,
        symbols: tuple[str, ...],
        adj_close: FloatArray,
        adj_factor: FloatArray,
        dividends: Frame | None,
    ) -> CorporateActions:
        """Steps of the factor [T, N] and listed distributions.

        A distribution counts on the first session at or after its ex-date. Value is kept: what a
        step of the factor says beyond the listed distribution changes the number of shares, unless
        it is within the rounding of the exchange's reference price.
        """
        shape = adj_factor.shape
        cash, bonus = _listed(sessions, symbols, dividends, shape)
        changed = np.zeros(shape, dtype=np.bool_)
        with np.errstate(invalid="ignore"):
            changed[1:] = np.abs(adj_factor[1:] / adj_factor[:-1] - 1.0) > 1e-12
        rows, names = np.nonzero(changed | _cells(cash, bonus, adj_factor))
        by_session = {}
        for session in np.unique(rows):
            at = names[rows == session]
            by_session[int(session)] = _measured(
                at,
                adj_factor[session, at] / adj_factor[session - 1, at],
                adj_close[session - 1, at] / adj_factor[session - 1, at],
                np.array([cash.get((int(session), int(n)), 0.0) for n in at]),
                np.array([bonus.get((int(session), int(n)), 0.0) for n in at]),
            )
        return cls(by_session)


Cells = dict[tuple[int, int], float]


def _listed(
    sessions: DateArray, symbols: tuple[str, ...], dividends: Frame | None, shape: tuple[int, ...]
) -> tuple[Cells, Cells]:
    """Cash and bonus shares per old share by session and name."""
    cash: Cells = {}
    bonus: Cells = {}
    if dividends is None or not len(dividends):
        return cash, bonus
    row = np.searchsorted(sessions, dividends.dates("ex_date"))
    name = dividends.codes("symbol", symbols)
    paid = np.nan_to_num(dividends.numbers("cash_per_share_cny"))
    given = np.nan_to_num(dividends.numbers("bonus_shares_per_share"))
    for position in np.flatnonzero((row > 0) & (row < shape[0]) & (name >= 0)):
        cell = int(row[position]), int(name[position])
        cash[cell] = cash.get(cell, 0.0) + float(paid[position])
        bonus[cell] = bonus.get(cell, 0.0) + float(given[position])
    return cash, bonus


def _cells(cash: Cells, bonus: Cells, factor: FloatArray) -> BoolArray:
    marked = np.zeros(factor.shape, dtype=np.bool_)
    for cell in (*cash, *bonus):
        before = (cell[0] - 1, cell[1])
        marked[cell] = bool(np.isfinite(factor[cell]) and np.isfinite(factor[before]))
    return marked


def _measured(
    names: IntArray,
    factor_ratio: FloatArray,
    close: FloatArray,
    cash: FloatArray,
    bonus: FloatArray,
) -> SessionActions:
    implied = factor_ratio * (1.0 - cash / close)
    listed = 1.0 + bonus
    is_rounding = np.abs(implied / listed - 1.0) <= ROUNDING
    is_listed = (cash > 0.0) | (bonus > 0.0)
    ratio = np.where(is_rounding & is_listed, listed, implied)
    return SessionActions(names, factor_ratio, ratio, cash)
