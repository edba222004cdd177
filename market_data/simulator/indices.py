"""Three cap-weighted indices with half-yearly reconstitution."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import INDEX_SYMBOLS, SimulationConfig
from market_data.simulator.sessions import SessionCalendar

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_BASE_LEVELS = (3000.0, 4500.0, 6000.0)
_ENTRY_RANK = 0.8
_EXIT_RANK = 1.2
_MOST_CHANGES = 0.10
_YOUNGEST = 60


@dataclass(frozen=True)
class SessionQuotes:
    """What indices need of a session; arrays of shape (n,), prices in cents.

    `previous` is the last close, `ex_shares` that close adjusted for bonus shares alone and
    `pre_close` adjusted for cash too; `float_shares` are those of the session.
    """

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    ex_shares: FloatArray
    pre_close: IntArray
    volume: IntArray
    float_shares: IntArray


@dataclass
class IndexBook:
    """Membership and levels of the three indices.

    Attributes
    ----------
    bars
        One tuple per index and session: index number, session position, open, high, low, close,
        previous close, volume, total-return close.
    spans
        Closed and open memberships: index number, name, first position, last position (-1: open).
    weights
        One tuple per index and dated session: index number, position, names, weights.
    """

    config: SimulationConfig
    calendar: SessionCalendar
    bars: list[tuple[int, int, float, float, float, float, float, float, float]] = field(
        default_factory=list
    )
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)
    weights: list[tuple[int, int, IntArray, FloatArray]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._members: list[IntArray] = [np.empty(0, dtype=np.int64) for _ in INDEX_SYMBOLS]
        self._since: dict[tuple[int, int], int] = {}
        self._level = list(_BASE_LEVELS)
        self._total_return = list(_BASE_LEVELS)
        self._reviews = review_positions(self.config, self.calendar)
        self._cap_sum = np.zeros(self.config.stocks_at_end)
        self._cap_days = np.zeros(self.config.stocks_at_end)

    def observe(self, total_cap: FloatArray) -> None:
        """Add a session's market values to the averages that the next review ranks by."""
        self._cap_sum[: total_cap.size] += total_cap
        self._cap_days[: total_cap.size] += 1.0

    def review_if_due(self, position: int, total_cap: FloatArray, eligible: BoolArray) -> None:
        """Reconstitute before the session at `position` if it is the first of a new membership.

        Parameters
        ----------
        position
            Session position.
        total_cap
            Market values at the last close, yuan, shape (n,); used where no average exists yet.
        eligible
            Seasoned names that are not under special treatment, shape (n,).
        """
        if position not in self._reviews:
            return
        n = total_cap.size
        days = self._cap_days[:n]
        average = np.where(days > 0, self._cap_sum[:n] / np.maximum(days, 1.0), total_cap)
        candidates = np.flatnonzero(eligible)
        order = candidates[np.lexsort((candidates, -average[candidates]))]
        for number, size in enumerate(self.config.index_sizes):
            chosen = reconstitute(order, self._members[number], size)
            self._replace(number, chosen, position)
            order = order[~np.isin(order, chosen)]
        self._cap_sum[:] = 0.0
        self._cap_days[:] = 0.0

    def replace_delisted(
        self, position: int, total_cap: FloatArray, eligible: BoolArray, listed: BoolArray
    ) -> None:
        """Fill the places of constituents that were delisted before the session at `position`.

        The largest eligible name outside the index and the larger ones takes a place, also one of
        a smaller index, whose own place is filled in turn.

        Parameters
        ----------
        position, total_cap, eligible
            As for a review.
        listed
            Names that are still listed, shape (n,).
        """
        candidates = np.flatnonzero(eligible)
        order = candidates[np.lexsort((candidates, -total_cap[candidates]))]
        for number, members in enumerate(self._members):
            larger = np.concatenate([np.empty(0, dtype=np.int64), *self._members[:number]])
            staying = members[listed[members] & ~np.isin(members, larger)]
            missing = members.size - staying.size
            if missing:
                taken = np.concatenate([larger, staying])
                reserve = order[~np.isin(order, taken)][:missing]
                self._replace(number, np.concatenate([staying, reserve]), position)

    def _replace(self, number: int, chosen: IntArray, position: int) -> None:
        for name in np.setdiff1d(self._members[number], chosen).tolist():
            self.spans.append((number, name, self._since.pop((number, name)), position - 1))
        for name in np.setdiff1d(chosen, self._members[number]).tolist():
            self._since[(number, name)] = position
        self._members[number] = np.sort(chosen)

    def quote(self, position: int, quotes: SessionQuotes, dated: bool) -> None:
        """Move the indices through a session.

        Returns are those of the constituents weighted by circulating value at the last close. The
        price index keeps what falls off on a cash ex-date, the total-return index reinvests it.
        """
        for number, names in enumerate(self._members):
            shares = quotes.float_shares[names]
            basis = shares * quotes.ex_shares[names]
            total = basis.sum()
            weight = basis / total
            before = self._level[number]
            opened, closed, highest, lowest = (
                float((shares * price[names]).sum() / total)
                for price in (quotes.open, quotes.close, quotes.high, quotes.low)
            )
            # Constituents do not peak together: the index covers half of the way to their peaks.
            high = max(opened, closed) + 0.5 * (highest - max(opened, closed))
            low = min(opened, closed) + 0.5 * (lowest - min(opened, closed))
            growth = float((weight * (quotes.close[names] / quotes.pre_close[names])).sum())
            self._total_return[number] = round(self._total_return[number] * growth, 4)
            self._level[number] = round(before * closed, 4)
            self.bars.append(
                (
                    number,
                    position,
                    round(before * opened, 4),
                    max(round(before * high, 4), self._level[number]),
                    min(round(before * low, 4), self._level[number]),
                    self._level[number],
                    before,
                    float(quotes.volume[names].sum()),
                    self._total_return[number],
                )
            )
            if dated:
                closing = shares * quotes.close[names]
                self.weights.append((number, position, names, closing / closing.sum()))

    def finish(self) -> None:
        """Write down the memberships that last beyond the end."""
        for (number, name), since in sorted(self._since.items()):
            self.spans.append((number, name, since, -1))


def reconstitute(order: IntArray, members: IntArray, size: int) -> IntArray:
    """New constituents of an index.

    Parameters
    ----------
    order
        Eligible names, largest first, without those of larger indices.
    members
        Present constituents; empty at the first review.
    size
        Constituents wanted; fewer if `order` is shorter.

    Returns
    -------
    numpy.ndarray
        Names. A newcomer must rank within 80 % of the size and a member stays down to 120 %. Places
        that fell vacant are filled; they count towards the tenth of the places that may change.
    """
    size = min(size, order.size)
    if members.size == 0:
        return order[:size]
    staying = np.isin(order, members)
    rank = np.arange(order.size)
    vacancies = size - int(staying.sum())
    entering = np.flatnonzero(~staying & (rank < _ENTRY_RANK * size))
    failing = int((staying & (rank >= _EXIT_RANK * size)).sum())
    wanted = max(entering.size - max(vacancies, 0), failing)
    changes = min(wanted, max(int(_MOST_CHANGES * size) - max(vacancies, 0), 0))
    newcomers = np.flatnonzero(~staying)[: max(vacancies, 0) + changes]
    keep = np.flatnonzero(staying)[: size - newcomers.size]
    chosen: IntArray = order[np.concatenate([keep, newcomers])]
    return chosen


def review_positions(config: SimulationConfig, calendar: SessionCalendar) -> frozenset[int]:
    """First session, and each first session after the second Friday of June and December."""
    positions = {0}
    for year in range(config.start_date.year, config.end_date.year + 1):
        for month in (6, 12):
            first = date(year, month, 1)
            friday = first + timedelta(days=(4 - first.weekday()) % 7 + 7)
            position = calendar.position(friday + timedelta(days=1))
            if friday >= config.start_date and position < len(calendar):
                positions.add(position)
    return frozenset(positions)


def seasoned_names(age: IntArray, is_st: BoolArray) -> BoolArray:
    """Names that an index may hold: listed for a quarter, not under special treatment."""
    result: BoolArray = (age >= _YOUNGEST) & ~is_st
    return result
