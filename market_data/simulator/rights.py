"""Distributions and share changes as they take effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.corporate_actions import Distribution
from market_data.simulator.population import Population
from market_data.simulator.rulebook import LOWEST_PRICE, ex_rights_close
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.state import MarketState
from market_data.simulator.streams import Purpose, stream

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Cash is paid in steps of half a cent per share, at most a sixteenth of the price.
_CASH_STEP_E4 = 50
_MOST_CASH = 0.0625
# Cheap shares are not split further.
_LOWEST_PRICE_FOR_BONUS = 1_200
_UNLOCK_RATE = 0.5 / 243.0
_UNLOCK_AGES = (243, 729)


@dataclass(frozen=True)
class ExRights:
    """Previous closes after ex-rights adjustment in cents, and bonus shares per ten, shape (n,)."""

    pre_close: IntArray
    bonus_tenths: IntArray


class RightsBook:
    """Applies distributions on the first open session on or after their planned ex-date.

    Parameters
    ----------
    config, calendar, population
        The market.
    plans
        Distributions of all fiscal years.
    """

    def __init__(
        self,
        config: SimulationConfig,
        calendar: SessionCalendar,
        population: Population,
        plans: list[Distribution],
    ) -> None:
        self._calendar = calendar
        self._population = population
        self._generator = stream(config.seed, Purpose.UNLOCKING)
        self._plans = plans
        self._queue: list[list[tuple[int, int]]] = [[] for _ in range(len(calendar) + 1)]
        for year, plan in enumerate(plans):
            names = np.flatnonzero(
                ~np.isnat(plan.ex_date)
                & (plan.ex_date > calendar.dates[0])
                & (plan.ex_date <= calendar.dates[-1])
            )
            positions = np.searchsorted(calendar.dates, plan.ex_date[names])
            for name, position in zip(names.tolist(), positions.tolist(), strict=True):
                self._queue[position].append((year, name))
        #: Symbol number, ex session, announcement, cash per share, bonus per share.
        self.paid: list[tuple[int, int, np.datetime64, float, float]] = []

    def apply(self, state: MarketState, position: int, suspended: BoolArray) -> ExRights:
        """Go ex where due, and let locked shares loose.

        A name that does not trade goes ex when it trades again. Fair prices fall by the same
        ratio as previous closes, so that the adjusted price is untouched.

        Parameters
        ----------
        state
            Updated in place: value, adj_factor, total_shares, float_shares.
        position
            Session position.
        suspended
            Names that do not trade today, shape (n,).
        """
        n = state.count
        pre_close = state.close[:n].copy()
        bonus_tenths = np.zeros(n, dtype=np.int64)
        for year, name in self._queue[position]:
            went_ex_today = pre_close[name] != state.close[name]
            if name < n and not state.is_listed[name]:
                continue
            if name >= n or suspended[name] or went_ex_today:
                self._queue[min(position + 1, len(self._calendar))].append((year, name))
                continue
            bonus = self._go_ex(state, year, name, position, pre_close)
            bonus_tenths[name] = bonus
        ratio = state.close[:n] / pre_close
        state.adj_factor[:n] *= ratio
        state.value[:n] /= ratio
        self._unlock(state)
        return ExRights(pre_close, bonus_tenths)

    def _go_ex(
        self, state: MarketState, year: int, name: int, position: int, pre_close: IntArray
    ) -> int:
        plan = self._plans[year]
        close = int(state.close[name])
        per_share_e4 = float(plan.cash_total[name]) / float(state.total_shares[name]) * 1e4
        steps = int(min(per_share_e4, _MOST_CASH * close * 100.0) // _CASH_STEP_E4)
        cash_e4 = steps * _CASH_STEP_E4
        bonus = int(plan.bonus_tenths[name]) if close >= _LOWEST_PRICE_FOR_BONUS else 0
        adjusted = int(
            ex_rights_close(np.array([close]), np.array([cash_e4]), np.array([bonus]))[0]
        )
        if (cash_e4 == 0 and bonus == 0) or adjusted < 2 * LOWEST_PRICE:
            return 0
        pre_close[name] = adjusted
        if bonus:
            state.total_shares[name] = state.total_shares[name] * (10 + bonus) // 10
            state.float_shares[name] = state.float_shares[name] * (10 + bonus) // 10
        self.paid.append((name, position, plan.announce_date[name], cash_e4 / 1e4, bonus / 10.0))
        return bonus

    def _unlock(self, state: MarketState) -> None:
        """Let locked shares circulate: a year and three years after listing, and now and then."""
        n = state.count
        draws = self._generator.random((2, n))
        locked = state.total_shares[:n] - state.float_shares[:n]
        seasoned = state.age[:n] > _UNLOCK_AGES[0]
        share = np.where(seasoned & (draws[0] < _UNLOCK_RATE), 0.05 + 0.25 * draws[1], 0.0)
        newly = np.isin(state.age[:n], _UNLOCK_AGES) & (self._population.list_position[:n] >= 0)
        share = np.where(newly, 0.5, share)
        state.float_shares[:n] += (share * locked).astype(np.int64) // 100 * 100
