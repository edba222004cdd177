"""Names that leave the exchange: when, how, and what is left for their holders.

Two ways out. A name under special treatment that reports another annual loss may be terminated:
a halt, a delisting period in which it trades for the last time, a few sessions without trading,
the end. A few healthy names are absorbed by another company and leave after a short halt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.calibration import Calibration
from market_data.simulator.config import SimulationConfig
from market_data.simulator.population import Population
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Position of an event that never happens.
NEVER = 1_000_000

_SESSIONS_PER_YEAR = 243.0
_YOUNGEST_MERGED = 500
_MERGER_HALT = (8, 16)
# Sessions between the report of the loss and the delisting period; long halts ended in 2019.
_DECISION_HALT = (20, 61)
_DECISION_HALT_AFTER_REFORM = (10, 21)
_REFORM = np.datetime64("2019-01-01", "D")
# The delisting period lasted thirty sessions, fifteen under the rules of the end of 2020.
_PERIOD, _PERIOD_SINCE_2021 = 30, 15
_NEW_RULES = np.datetime64("2021-01-01", "D")
_CLOSED_DAYS = (1, 6)


@dataclass(frozen=True)
class DelistingPlan:
    """Delistings by session position; `NEVER` for names that stay. Every array has shape (N,).

    Attributes
    ----------
    halt
        First session of the halt that precedes the end.
    resume, close
        First session of the delisting period, and first session after it; both `NEVER` for names
        that are absorbed.
    last
        Last listed session.
    terminal_ratio
        What a share is worth after the delisting, as a multiple of its last close; 1 for others.
    """

    halt: IntArray
    resume: IntArray
    close: IntArray
    last: IntArray
    terminal_ratio: FloatArray

    def is_listed(self, position: int, count: int) -> BoolArray:
        """Names of the first `count` that have not been delisted before a session."""
        listed: BoolArray = self.last[:count] >= position
        return listed

    def is_leaving(self, position: int, count: int) -> BoolArray:
        """Names of the first `count` whose halt has begun by a session, delisted ones included."""
        leaving: BoolArray = self.halt[:count] <= position
        return leaving

    def in_period(self, position: int, count: int) -> BoolArray:
        """Names of the first `count` in their delisting period on a session."""
        inside: BoolArray = (self.resume[:count] <= position) & (position < self.close[:count])
        return inside

    def terminated_by(self, session_count: int) -> BoolArray:
        """Names delisted by the end of the market, shape (N,)."""
        gone: BoolArray = self.last < session_count
        return gone


def plan_delistings(
    config: SimulationConfig,
    calendar: SessionCalendar,
    population: Population,
    losing: tuple[IntArray, IntArray],
) -> DelistingPlan:
    """Draw who leaves the exchange.

    Parameters
    ----------
    config, calendar, population
        The market.
    losing
        Session position and name of every annual loss reported under special treatment.

    Returns
    -------
    DelistingPlan
        Without the signal a delisting is a fair bet: the terminal ratio has mean 1 then.
    """
    generator = stream(config.seed, Purpose.DELISTING)
    count = len(population)
    never = np.full(count, NEVER, dtype=np.int64)
    plan = DelistingPlan(never, never.copy(), never.copy(), never.copy(), np.ones(count))
    plan = _terminations(config, calendar, plan, losing, generator)
    return _mergers(config, calendar, population, plan, generator)


def _terminations(
    config: SimulationConfig,
    calendar: SessionCalendar,
    plan: DelistingPlan,
    losing: tuple[IntArray, IntArray],
    generator: np.random.Generator,
) -> DelistingPlan:
    constants = config.calibration
    position, name = losing
    ended = generator.random(position.size) < constants.terminated_share
    uniform = generator.random((4, position.size))
    halt, resume = plan.halt.copy(), plan.resume.copy()
    close, last = plan.close.copy(), plan.last.copy()
    ratio = plan.terminal_ratio.copy()
    expected = expected_terminal_ratio(constants, config.price_discovery)
    for event in np.flatnonzero(ended).tolist():
        who, start = int(name[event]), int(position[event])
        if start >= halt[who]:
            continue
        reformed = calendar.dates[start] >= _REFORM
        wait = _DECISION_HALT_AFTER_REFORM if reformed else _DECISION_HALT
        begin = start + _between(wait, uniform[0, event])
        period = _PERIOD_SINCE_2021 if calendar.dates[start] >= _NEW_RULES else _PERIOD
        halt[who], resume[who], close[who] = start, begin, begin + period
        last[who] = begin + period - 1 + _between(_CLOSED_DAYS, uniform[1, event])
        ratio[who] = expected * (0.4 + 1.2 * uniform[2, event])
    return DelistingPlan(halt, resume, close, last, ratio)


def _mergers(
    config: SimulationConfig,
    calendar: SessionCalendar,
    population: Population,
    plan: DelistingPlan,
    generator: np.random.Generator,
) -> DelistingPlan:
    count, sessions = len(population), len(calendar)
    hazard = config.calibration.merger_rate / _SESSIONS_PER_YEAR
    wait = np.ceil(generator.exponential(1.0 / hazard, count)).astype(np.int64)
    uniform = generator.random(count)
    premium = np.clip(0.05 * generator.standard_normal(count), -0.15, 0.15)
    start = np.where(population.list_position < 0, 0, population.list_position + _YOUNGEST_MERGED)
    halt = start + np.minimum(wait, NEVER // 2)
    merged = (halt < sessions) & (plan.halt == NEVER)
    low, high = _MERGER_HALT
    length = low + np.floor(uniform * (high - low)).astype(np.int64)
    return replace(
        plan,
        halt=np.where(merged, halt, plan.halt),
        last=np.where(merged, halt + length - 1, plan.last),
        terminal_ratio=np.where(merged, 1.0 + premium, plan.terminal_ratio),
    )


def _between(bounds: tuple[int, int], uniform: float) -> int:
    """Whole number from the lower bound up to below the upper one."""
    low, high = bounds
    return low + int(uniform * (high - low))


def expected_terminal_ratio(constants: Calibration, price_discovery: float) -> float:
    """Mean of the terminal ratio of terminated names; 1 without the signal."""
    return 1.0 - price_discovery * constants.terminal_loss


def leaving_growth(
    config: SimulationConfig,
    plan: DelistingPlan,
    position: int,
    weight: FloatArray,
    count: int,
) -> FloatArray:
    """Expected growth of names in their delisting period over coming sessions, shape (n,).

    Parameters
    ----------
    config, plan
        Signal and calibration; the delistings.
    position
        Session after whose close the expectation is formed.
    weight
        Weight of each coming session, as used for the other drifts; shape (sessions ahead,).
    count
        Listed names so far.

    Returns
    -------
    numpy.ndarray
        Compounded fall of the sessions that are left of the period, times the mean terminal ratio
        where the horizon reaches beyond the delisting; 1 for all other names.
    """
    constants, discovery = config.calibration, config.price_discovery
    growth = np.ones(count)
    horizon = int(np.flatnonzero(weight)[-1]) + 1
    for name in np.flatnonzero(plan.in_period(position, count)).tolist():
        left = int(plan.close[name]) - position - 1
        growth[name] = (1.0 - discovery * constants.delisting_fall) ** weight[:left].sum()
        if plan.last[name] - position < horizon:
            growth[name] *= expected_terminal_ratio(constants, discovery)
    return growth
