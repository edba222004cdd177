"""Events known before the market opens: distributions, special treatment, reclassification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.fundamentals import Fundamentals
from market_data.simulator.population import INDUSTRY_NAMES, Population
from market_data.simulator.rulebook import Board
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]

_PAYING_SHARE = 0.86
_BONUS_TENTHS = np.array([2, 3, 4, 5, 6, 8, 10, 10, 12, 15, 20])
_RECLASSIFIED_PER_YEAR = 0.012
# Revisions of the whole scheme, and the share of names that each moves.
_SCHEME_REVISIONS = (date(2014, 2, 21), date(2018, 7, 2), date(2021, 7, 30))
_REVISED_SHARE = 0.04
# Days after 1 April on which shares go ex: most in May to July.
_EX_MONTHS = np.array([4, 5, 6, 7, 8, 9])
_EX_WEIGHTS = np.array([0.05, 0.21, 0.37, 0.27, 0.07, 0.03])


@dataclass(frozen=True)
class Distribution:
    """One year's distribution plans; arrays over names, shape (N,).

    Attributes
    ----------
    ex_date
        Planned first session without the right; NaT for no plan.
    announce_date
        Day of the annual report that proposes it.
    cash_total
        Cash to be paid on all shares, yuan.
    bonus_tenths
        Bonus shares per ten held.
    """

    ex_date: DateArray
    announce_date: DateArray
    cash_total: FloatArray
    bonus_tenths: IntArray


@dataclass(frozen=True)
class StChange:
    """Names that enter or leave special treatment on a session.

    Attributes
    ----------
    position, name, entering
        Session position, name and direction of each change; shape (E,).
    losing
        Session position and name of every further annual loss reported under treatment.
    """

    position: IntArray
    name: IntArray
    entering: BoolArray
    losing: tuple[IntArray, IntArray]

    def before(self, end: IntArray) -> StChange:
        """Changes before a position that each name has of its own, shape (N,)."""
        kept = self.position < end[self.name]
        return replace(
            self,
            position=self.position[kept],
            name=self.name[kept],
            entering=self.entering[kept],
        )


@dataclass(frozen=True)
class IndustryChange:
    """Reclassifications: session position, name, new industry; each of shape (E,)."""

    position: IntArray
    name: IntArray
    industry: IntArray


def plan_distributions(
    config: SimulationConfig, population: Population, fundamentals: Fundamentals
) -> list[Distribution]:
    """Distributions of every fiscal year, in order.

    Names with a profit pay out about a third of it; a few add bonus shares, more of them in the
    years before 2017, when regulators began to frown on it.
    """
    generator = stream(config.seed, Purpose.CORPORATE_ACTIONS)
    profit = fundamentals.annual_profit()
    announced = fundamentals.annual_announcement()
    count = len(population)
    plans = []
    for year in range(profit.shape[0]):
        pays = (profit[year] > 0) & (generator.random(count) < _PAYING_SHARE)
        payout = 0.25 * np.exp(0.55 * generator.standard_normal(count))
        report_year = int(str(fundamentals.quarter_end[4 * year + 3])[:4]) + 1
        bonus_share = 0.36 if report_year <= 2016 else 0.15
        bonus = generator.choice(_BONUS_TENTHS, count)
        bonus = np.where(pays & (generator.random(count) < bonus_share), bonus, 0)
        month = generator.choice(_EX_MONTHS, count, p=_EX_WEIGHTS)
        day = generator.integers(0, 28, count)
        base = np.datetime64(f"{report_year}-01-01", "M") + (month - 1).astype("timedelta64[M]")
        planned = base.astype("datetime64[D]") + day.astype("timedelta64[D]")
        planned = np.maximum(planned, announced[year] + np.timedelta64(14, "D"))
        newly_listed = population.list_date + np.timedelta64(60, "D") > planned
        ex_date = np.where(pays & ~newly_listed, planned, np.datetime64("NaT", "D"))
        plans.append(
            Distribution(
                ex_date=ex_date.astype("datetime64[D]"),
                announce_date=announced[year],
                cash_total=np.where(pays, np.clip(payout, 0.0, 0.9) * profit[year], 0.0),
                bonus_tenths=bonus.astype(np.int64),
            )
        )
    return plans


def plan_special_treatment(
    calendar: SessionCalendar, population: Population, fundamentals: Fundamentals
) -> StChange:
    """Special treatment on Main: from two annual losses in a row until the next annual profit.

    A change takes effect on the second session after the annual report. Names with two losses
    before the first session start under treatment.
    """
    loss = fundamentals.annual_profit() < 0
    announced = fundamentals.annual_announcement()
    eligible = population.board == Board.MAIN
    inside = np.zeros(len(population), dtype=bool)
    positions: list[IntArray] = []
    names: list[IntArray] = []
    entering: list[BoolArray] = []
    losing: list[tuple[IntArray, IntArray]] = []
    for year in range(1, loss.shape[0]):
        now = np.where(inside, loss[year], loss[year] & loss[year - 1]) & eligible
        reported = np.searchsorted(calendar.dates, announced[year], side="right") + 1
        still = np.flatnonzero(now & inside & (reported > 1) & (reported < len(calendar)))
        losing.append((reported[still], still))
        changed = np.flatnonzero(now != inside)
        session = reported[changed]
        first = population.list_position[changed]
        listed = (first < 0) | (session > first + 60)
        changed, session = changed[listed], session[listed]
        keep = session < len(calendar)
        positions.append(np.where(session <= 1, 0, session)[keep])
        names.append(changed[keep])
        entering.append(now[changed][keep])
        inside[changed] = now[changed]
    return StChange(
        np.concatenate(positions),
        np.concatenate(names),
        np.concatenate(entering),
        (np.concatenate([at for at, _ in losing]), np.concatenate([who for _, who in losing])),
    )


def plan_reclassification(
    config: SimulationConfig, calendar: SessionCalendar, population: Population
) -> IndustryChange:
    """Move names to other industries.

    About one name in eighty a year on the first session of a half-year, and one in twenty-five
    when the scheme is revised.
    """
    generator = stream(config.seed, Purpose.RECLASSIFICATION)
    count = len(population)
    positions: list[int] = []
    names: list[int] = []
    industries: list[int] = []
    revised = _scheme_revisions(config, calendar, population)
    for year in range(config.start_date.year, config.end_date.year + 1):
        for month in (1, 7):
            chosen = np.flatnonzero(generator.random(count) < _RECLASSIFIED_PER_YEAR / 2)
            target = generator.integers(0, len(INDUSTRY_NAMES), chosen.size)
            session = calendar.position(date(year, month, 1))
            seasoned = population.list_position[chosen] < session - 120
            if 0 < session < len(calendar):
                positions.extend([session] * int(seasoned.sum()))
                names.extend(chosen[seasoned].tolist())
                industries.extend(target[seasoned].tolist())
    moved = np.array([positions, names, industries], dtype=np.int64).reshape(3, -1)
    taken = np.isin(moved[0] * count + moved[1], revised[0] * count + revised[1])
    changes = np.concatenate([moved[:, ~taken], revised], axis=1)
    # A name may be moved before and after a revision: spans follow each other in time.
    return IndustryChange(*changes[:, np.argsort(changes[0], kind="stable")])


def _scheme_revisions(
    config: SimulationConfig, calendar: SessionCalendar, population: Population
) -> IntArray:
    """Position, name and new industry of every name that a revision moves, shape (3, E)."""
    generator = stream(config.seed, Purpose.MASS_RECLASSIFICATION)
    count = len(population)
    moves = [np.empty((3, 0), dtype=np.int64)]
    for revision in _SCHEME_REVISIONS:
        chosen = np.flatnonzero(generator.random(count) < _REVISED_SHARE)
        target = generator.integers(0, len(INDUSTRY_NAMES), chosen.size)
        session = calendar.position(revision)
        if 0 < session < len(calendar):
            listed = population.list_position[chosen] < session
            chosen, target = chosen[listed], target[listed]
            moves.append(np.vstack([np.full(chosen.size, session), chosen, target]))
    return np.concatenate(moves, axis=1)
