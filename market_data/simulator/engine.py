"""The market, session by session: vectorised over names, a loop over days only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import STYLES
from market_data.simulator.config import SimulationConfig
from market_data.simulator.corporate_actions import (
    plan_distributions,
    plan_reclassification,
    plan_special_treatment,
)
from market_data.simulator.delisting import NEVER, leaving_growth, plan_delistings
from market_data.simulator.factors import build_factors
from market_data.simulator.fundamentals import Fundamentals
from market_data.simulator.indices import IndexBook, SessionQuotes, seasoned_names
from market_data.simulator.memory import TapeMemory
from market_data.simulator.population import Population
from market_data.simulator.rights import ExRights, RightsBook
from market_data.simulator.rulebook import (
    limit_percent,
    lot_size,
    price_limits,
    smallest_trade,
)
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.signal import (
    HiddenDrift,
    WeeklyDrift,
    expected_returns,
    hidden_drift,
    style_exposures,
    weekly_drift,
)
from market_data.simulator.specific import SpecificRisk
from market_data.simulator.state import HISTORY, initial_state
from market_data.simulator.streams import Purpose, session_variance, stream
from market_data.simulator.suspension import SuspensionProcess
from market_data.simulator.trading import (
    Move,
    SessionPrices,
    log_turnover,
    move_size,
    traded_amount,
    traded_prices,
    traded_volume,
    value_path,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_MEMORY = 0.95
_LOOK_AHEAD = 5


@dataclass(frozen=True)
class SessionBars:
    """Bars of one session; arrays of shape (n,) in the order of the population, prices in cents.

    Delisted names keep their place, suspended for good; `is_listed` tells them apart.
    """

    position: int
    is_listed: BoolArray
    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    pre_close: IntArray
    volume: IntArray
    amount: FloatArray
    adj_factor: FloatArray
    turnover_percent: FloatArray
    is_suspended: BoolArray
    is_st: BoolArray
    total_shares: IntArray
    float_shares: IntArray


@dataclass(frozen=True)
class WeekTruth:
    """True expected returns at a week end of the names that traded that day."""

    position: int
    names: IntArray
    expected: dict[str, FloatArray]


class MarketEngine:
    """Runs a market from its first to its last session.

    Parameters
    ----------
    config, calendar, population, fundamentals
        The market, completely described; the engine draws only from streams of `config.seed`.
    """

    def __init__(
        self,
        config: SimulationConfig,
        calendar: SessionCalendar,
        population: Population,
        fundamentals: Fundamentals,
    ) -> None:
        self.config = config
        self.calendar = calendar
        self.population = population
        self.fundamentals = fundamentals
        self.factors = build_factors(config, calendar)
        self.state = initial_state(config, population)
        self.suspensions = SuspensionProcess(config)
        self.specific = SpecificRisk(config)
        self.memory = TapeMemory(config, len(population))
        self.rights = RightsBook(
            config, calendar, population, plan_distributions(config, population, fundamentals)
        )
        treatment = plan_special_treatment(calendar, population, fundamentals)
        self.delistings = plan_delistings(config, calendar, population, treatment.losing)
        self.st_changes = treatment.before(self.delistings.halt)
        self.industry_changes = plan_reclassification(config, calendar, population)
        self.indices = IndexBook(config, calendar)
        self._trading = stream(config.seed, Purpose.TRADING)
        self._lot = lot_size(population.board)
        self._smallest = smallest_trade(population.board)
        self._weekly: WeeklyDrift | None = None
        self._hidden: HiddenDrift | None = None

    def run(self) -> Iterator[tuple[SessionBars, WeekTruth | None]]:
        """Yield the bars of each session, and the truth after each week end."""
        for position in range(len(self.calendar)):
            bars = self._session(position)
            truth = self._close_week(position) if self.calendar.is_week_end[position] else None
            yield bars, truth
        self.indices.finish()

    def _session(self, position: int) -> SessionBars:
        self._open_session(position)
        state, n = self.state, self.state.count
        session = self.calendar.dates[position]
        market_before = float(self.factors.market[position - 1]) if position else 0.0
        leaving = self.delistings.is_leaving(position, n)
        suspended, news = self.suspensions.advance(state, session, market_before, leaving)
        suspended |= ~state.is_listed[:n]
        previous = state.close[:n].copy()
        rights = self.rights.apply(state, position, suspended)
        percent = limit_percent(self.population.board[:n], state.is_st[:n], session)
        limits = price_limits(
            rights.pre_close, percent, state.age[:n], self.population.free_sessions[:n]
        )
        move = self._returns(position)
        path = value_path(self.config.calibration, state.value[:n], news, move, self._trading)
        lean = self.memory.lean(n)
        prices = traded_prices(self.config.calibration, path, limits, lean, self._trading)
        bars = self._bars(position, prices, suspended, rights, move)
        self._settle(path.closing, bars)
        self._quote_indices(bars, previous, rights)
        self._remember(position, bars, move)
        return bars

    def _open_session(self, position: int) -> None:
        """Admit newcomers, apply scheduled changes, reconstitute the indices."""
        state = self.state
        before = state.count
        if position == 0 or self.calendar.is_week_end[position - 1]:
            self.memory.begin_week()
        listed = np.searchsorted(self.population.list_position, position, side="right")
        state.count = int(listed)
        state.age[: state.count] += 1
        due = self.industry_changes.position == position
        state.industry[self.industry_changes.name[due]] = self.industry_changes.industry[due]
        due = self.st_changes.position == position
        state.is_st[self.st_changes.name[due]] = self.st_changes.entering[due]
        if state.count > before:
            self._admit(position)
        self._let_go(position)
        n = state.count
        eligible = seasoned_names(state.age[:n], state.is_st[:n])
        eligible &= ~self.delistings.is_leaving(position, n)
        total_cap = state.close[:n] / 100.0 * state.total_shares[:n]
        self.indices.review_if_due(position, total_cap, eligible)
        self.indices.replace_delisted(position, total_cap, eligible, state.is_listed[:n])

    def _let_go(self, position: int) -> None:
        """Halt the names whose end begins or whose delisting period is over; drop the delisted."""
        state, plan = self.state, self.delistings
        halted = plan.halt == position
        until = np.where(plan.resume < NEVER, plan.resume, plan.last + 1)
        # The spell is counted down once before this session trades.
        state.spell_length[halted] = (until - plan.halt)[halted]
        state.suspended_left[halted] = state.spell_length[halted] + 1
        closed = plan.close == position
        state.suspended_left[closed] = (plan.last - position + 2)[closed]
        state.is_listed &= plan.last >= position

    def _admit(self, position: int) -> None:
        """Give newcomers their drifts: no weekly premium before their first week end."""
        self._hidden = hidden_drift(self.config, self.state)
        if self._weekly is not None:
            self._weekly = self._weekly.extended(self.state.count)
            return
        week = int(self.calendar.week_number[position])
        self._weekly = self._drift_after(position, week)

    def _drift_after(self, position: int, week: int) -> WeeklyDrift:
        """Weekly premia from the state at `position`, with the premia in force in `week`."""
        return weekly_drift(
            self.config,
            self.state,
            self.specific.beta(self.population, self.state),
            self._log_value(position),
            self.factors.style_premium[week],
            float(self.factors.beta_premium[week]),
            self.memory,
        )

    def _log_value(self, position: int) -> FloatArray:
        """Fundamental value between quarter ends, linear in time, shape (n,)."""
        ends = self.fundamentals.quarter_end
        today = self.calendar.dates[position]
        after = int(np.clip(np.searchsorted(ends, today), 1, ends.size - 1))
        span = (ends[after] - ends[after - 1]).astype(np.int64)
        share = (today - ends[after - 1]).astype(np.int64) / span
        n = self.state.count
        values = self.fundamentals.log_value
        result: FloatArray = (1.0 - share) * values[after - 1, :n] + share * values[after, :n]
        return result

    def _returns(self, position: int) -> Move:
        """Changes of fair value, with their shocks and volatilities."""
        if self._weekly is None or self._hidden is None:
            raise RuntimeError("returns asked for before the drifts were set")
        state, factors, n = self.state, self.factors, self.state.count
        beta = self.specific.beta(self.population, state)
        shock, sigma = self.specific.draw(
            self.population, state, float(factors.specific_scale[position])
        )
        common = beta * factors.market[position]
        common += factors.industry[position][state.industry[:n]]
        for k in range(len(STYLES)):
            common += factors.style[position, k] * state.exposures[k, :n]
        constants = self.config.calibration
        drift = constants.common_drift + self._hidden.total() + self._weekly.total()
        drift += factors.echo[position]
        fall = self.config.price_discovery * constants.delisting_fall
        drift -= fall * self.delistings.in_period(position, n)
        largest = constants.largest_return
        change = np.clip(common + shock * sigma, -largest, largest) + drift
        own, factor = sigma * sigma, (beta * factors.market_volatility[position]) ** 2
        told = constants.range_surprise * (
            own * (session_variance(shock, constants.specific_tail_degrees) - 1.0)
            + factor * (factors.market_surprise_variance[position] - 1.0)
        )
        return Move(change, shock, np.sqrt(own + factor), np.sqrt(own + factor + told))

    def _bars(
        self,
        position: int,
        prices: SessionPrices,
        suspended: BoolArray,
        rights: ExRights,
        move: Move,
    ) -> SessionBars:
        state, population, n = self.state, self.population, self.state.count
        constants = self.config.calibration
        log_rate = log_turnover(
            constants,
            population.turnover_base[:n],
            float(self.factors.turnover[position]),
            state.attention[:n],
            state.turnover_medium[:n] + state.turnover_fast[:n],
            state.volatility_slow[:n] + state.volatility_fast[:n],
            state.exposures[0, :n],
            move.relative,
            move.shock,
            state.flow[:n],
            self._trading.standard_normal(n),
        )
        volume = traded_volume(
            log_rate,
            prices,
            state.float_shares[:n],
            state.age[:n],
            self._lot[:n],
            self._smallest[:n],
        )
        carried = rights.pre_close

        def price(traded: IntArray) -> IntArray:
            return np.where(suspended, carried, traded)

        return SessionBars(
            position=position,
            is_listed=state.is_listed[:n].copy(),
            open=price(prices.open),
            high=price(prices.high),
            low=price(prices.low),
            close=price(prices.close),
            pre_close=carried,
            volume=np.where(suspended, 0, volume),
            amount=np.where(suspended, np.nan, traded_amount(volume, prices)),
            adj_factor=state.adj_factor[:n].copy(),
            turnover_percent=np.where(suspended, np.nan, 100.0 * volume / state.float_shares[:n]),
            is_suspended=suspended,
            is_st=state.is_st[:n].copy(),
            total_shares=state.total_shares[:n].copy(),
            float_shares=state.float_shares[:n].copy(),
        )

    def _settle(self, closing: FloatArray, bars: SessionBars) -> None:
        """Carry fair values forward.

        With full price discovery the fair price keeps what a limit, a suspension or rounding cut
        off. Without it the traded price becomes the fair one: shocks are symmetric and limits
        too, so that nothing about the next session can be told from the cross-section.
        """
        n = self.state.count
        discovery = self.config.price_discovery
        if discovery < 1.0:
            traded = bars.close.astype(np.float64)
            closing = traded * np.exp(discovery * np.log(closing / traded))
        self.state.value[:n] = closing
        self.state.close[:n] = bars.close

    def _quote_indices(self, bars: SessionBars, previous: IntArray, rights: ExRights) -> None:
        position = bars.position
        total_cap = bars.close / 100.0 * bars.total_shares
        self.indices.observe(total_cap)
        dates = self.calendar.dates
        month_end = position + 1 == len(dates) or (
            dates[position].astype("datetime64[M]") != dates[position + 1].astype("datetime64[M]")
        )
        quotes = SessionQuotes(
            open=bars.open,
            high=bars.high,
            low=bars.low,
            close=bars.close,
            ex_shares=previous * 10.0 / (10.0 + rights.bonus_tenths),
            pre_close=bars.pre_close,
            volume=bars.volume,
            float_shares=bars.float_shares,
        )
        self.indices.quote(position, quotes, dated=bool(month_end))

    def _remember(self, position: int, bars: SessionBars, move: Move) -> None:
        """Update running averages, the price history and the hidden components."""
        state, n = self.state, self.state.count
        traded = ~bars.is_suspended
        log_price = np.log(bars.close * bars.adj_factor)
        change = bars.close / bars.pre_close - 1.0
        square = _MEMORY * state.mean_square[:n] + (1.0 - _MEMORY) * change * change
        state.mean_square[:n] = np.where(traded, square, state.mean_square[:n])
        rate = np.log(np.where(traded, bars.turnover_percent, 1.0) / 100.0)
        mean = _MEMORY * state.mean_turnover[:n] + (1.0 - _MEMORY) * rate
        state.mean_turnover[:n] = np.where(traded, mean, state.mean_turnover[:n])
        state.log_price_history[position % HISTORY, :n] = log_price
        self.specific.advance(state, move.shock, move_size(move.relative))
        self._hidden = hidden_drift(self.config, state)

    def _close_week(self, position: int) -> WeekTruth:
        """Set exposures and weekly premia, and write down what they add up to."""
        state, n = self.state, self.state.count
        state.exposures[:, :n] = style_exposures(state, position % HISTORY)
        week = int(self.calendar.week_number[position])
        self._hidden = hidden_drift(self.config, state)
        self._weekly = self._drift_after(position, week + 1)
        percent = limit_percent(
            self.population.board[:n], state.is_st[:n], self.calendar.dates[position]
        )
        expected = expected_returns(
            self.config,
            self._hidden,
            self._weekly,
            np.log(state.value[:n] / state.close[:n]),
            float(self.factors.echo[position + 1]),
            percent / 100.0,
            self.calendar.sessions_in_week[week + 1 : week + 1 + _LOOK_AHEAD],
            lambda weight: leaving_growth(self.config, self.delistings, position, weight, n),
        )
        names = np.flatnonzero((state.suspended_left[:n] == 0) & state.is_listed[:n])
        return WeekTruth(position, names, {key: value[names] for key, value in expected.items()})
