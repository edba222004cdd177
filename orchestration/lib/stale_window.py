"""Which weeks and sessions of the warehouse a change of the landing tables makes stale."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from market_data.changes import TableChange

# Labels of a week read up to the first session after the fourth week on: those of the weeks before
# a changed bar by as much are stale too.
LABEL_WEEKS = 6
# Of everything else the universe of the paper alone reads ahead, one session.
UNIVERSE_WEEKS = 1
# No window of a factor or style reads further back than macros/factors/longest_look_back.sql says.
LOOK_BACK_SESSIONS = 560
# Tables whose rows the bars are made of.
BAR_TABLES = frozenset({"trade_calendar", "instruments", "daily_bars"})
# Above this share of stale weeks a full build is the shorter way.
WORTHWHILE_SHARE = 0.5


@dataclass(frozen=True)
class StaleWindow:
    """What an incremental build replaces; see dbt_project/macros/incremental.

    Attributes
    ----------
    sessions_from, sessions_until
        Sessions whose bars are stale; from after the calendar's end where none are.
    previous_session
        Session before `sessions_from`.
    weeks_from, weeks_until
        First and last stale week_date.
    label_weeks_from
        First week_date whose labels are stale; `weeks_from` or earlier.
    first_session_number, last_session_number
        Their numbers in the calendar, from 1.
    """

    sessions_from: date
    sessions_until: date
    previous_session: date
    weeks_from: date
    weeks_until: date
    label_weeks_from: date
    first_session_number: int
    last_session_number: int

    def to_json(self) -> str:
        """Text for the environment variable ASHARE_STALE."""
        return json.dumps(asdict(self), default=date.isoformat, sort_keys=True)


@dataclass(frozen=True)
class TradingCalendar:
    """Sessions of the landed calendar and which of them end a week.

    Attributes
    ----------
    sessions
        Every session, ascending.
    week_ends
        Index into `sessions` of the last session of each natural week, ascending.
    first_data_session
        Index of the first session with bars.
    """

    sessions: Sequence[date]
    week_ends: Sequence[int]
    first_data_session: int

    @classmethod
    def read(cls, landing: Path) -> TradingCalendar:
        """Calendar of a landing directory."""
        with duckdb.connect(":memory:") as connection:
            rows = connection.sql(
                "select trade_date, is_last_session_of_week from"
                f" read_parquet('{landing / 'trade_calendar.parquet'}') order by trade_date"
            ).fetchall()
            (first_bar,) = connection.sql(
                f"select min(trade_date) from read_parquet('{landing / 'daily_bars.parquet'}')"
            ).fetchall()[0]
        sessions = [row[0] for row in rows]
        week_ends = [number for number, row in enumerate(rows) if row[1]]
        return cls(sessions, week_ends, bisect_left(sessions, first_bar))

    def window(self, changes: Iterable[TableChange]) -> StaleWindow | None:
        """Sessions and weeks that the changes make stale; None where a full build is due."""
        changes = tuple(changes)
        if any(change.first_date is None for change in changes):
            return None
        bars = [change for change in changes if change.table in BAR_TABLES]
        others = [change for change in changes if change.table not in BAR_TABLES]
        sessions_from, sessions_until = self._span(bars)
        first_week = min(
            self._week_at(sessions_from) - UNIVERSE_WEEKS,
            *(self._week_at(self._session_at(change.first_date)) - 1 for change in others),
            len(self.week_ends) - 1,
        )
        label_week = min(first_week, self._week_at(sessions_from) - LABEL_WEEKS)
        _, last_session = self._span(changes)
        last_week = self._week_at(min(last_session + LOOK_BACK_SESSIONS, len(self.sessions) - 1))
        last_week = min(last_week, len(self.week_ends) - 1)
        if not self._is_worthwhile(sessions_from, label_week, last_week):
            return None
        return StaleWindow(
            sessions_from=self._date(sessions_from),
            sessions_until=self._date(sessions_until),
            previous_session=self.sessions[min(sessions_from, len(self.sessions)) - 1],
            weeks_from=self.sessions[self.week_ends[first_week]],
            weeks_until=self.sessions[self.week_ends[last_week]],
            label_weeks_from=self.sessions[self.week_ends[label_week]],
            first_session_number=self.week_ends[first_week] + 1,
            last_session_number=self.week_ends[last_week] + 1,
        )

    def _span(self, changes: Sequence[TableChange]) -> tuple[int, int]:
        """Index of the first and the last session that the changes show on."""
        end = len(self.sessions)
        first = min((self._session_at(change.first_date) for change in changes), default=end)
        last = max(
            (
                end if change.last_date is None else self._session_at(change.last_date)
                for change in changes
            ),
            default=end,
        )
        return first, last

    def _session_at(self, day: date | None) -> int:
        return 0 if day is None else bisect_left(self.sessions, day)

    def _week_at(self, session: int) -> int:
        """Index of the first week that ends on the session or later."""
        return bisect_left(self.week_ends, session)

    def _date(self, session: int) -> date:
        return self.sessions[session] if session < len(self.sessions) else date.max

    def _is_worthwhile(self, sessions_from: int, first_week: int, last_week: int) -> bool:
        data_week = self._week_at(self.first_data_session)
        if sessions_from <= self.first_data_session or first_week <= data_week:
            return False
        weeks = len(self.week_ends) - data_week
        return last_week - first_week + 1 <= WORTHWHILE_SHARE * weeks
