"""Sessions of the Shanghai exchange and the natural weeks they form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import exchange_calendars
import numpy as np
from numpy.typing import NDArray

DateArray = NDArray[np.datetime64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# The offline calendar is asked only for what it is known to cover.
FIRST_SUPPORTED = date(2000, 1, 4)
LAST_SUPPORTED = date(2026, 12, 31)
_LOOK_AHEAD_WEEKS = 5


@dataclass(frozen=True)
class SessionCalendar:
    """Sessions of a period, with the weeks around them.

    Attributes
    ----------
    dates
        Sessions, shape (T,), `datetime64[D]`.
    is_week_end
        Whether a session is the last of its ISO week on the exchange, shape (T,).
    week_number
        Running number of the ISO week of each session, 0 for the first, shape (T,).
    sessions_in_week
        Sessions of each ISO week on the exchange, from week 0 to five weeks past the period.
    """

    dates: DateArray
    is_week_end: BoolArray
    week_number: IntArray
    sessions_in_week: IntArray

    def __len__(self) -> int:
        return int(self.dates.size)

    def position(self, day: date) -> int:
        """Position of the first session on or after `day`; T if there is none."""
        return int(np.searchsorted(self.dates, np.datetime64(day, "D")))


def exchange_sessions(first: date, last: date) -> DateArray:
    """Sessions of the exchange between two days, both included, as `datetime64[D]`.

    Raises
    ------
    ValueError
        If the days lie outside what the offline calendar covers.
    """
    if first < FIRST_SUPPORTED or last > LAST_SUPPORTED:
        raise ValueError(
            f"the exchange calendar covers {FIRST_SUPPORTED} to {LAST_SUPPORTED}, "
            f"asked for {first} to {last}"
        )
    calendar = exchange_calendars.get_calendar(
        "XSHG", start=first.isoformat(), end=last.isoformat()
    )
    return np.asarray(calendar.sessions.values, dtype="datetime64[D]")


def iso_week_index(dates: DateArray) -> IntArray:
    """Number of the ISO week of each date since the week of 1969-12-29 (a Monday)."""
    return (dates.astype("datetime64[D]").astype(np.int64) + 3) // 7


def session_calendar(first: date, last: date) -> SessionCalendar:
    """Build the calendar of a simulation.

    Weeks without a session do not exist. Week ends are those of the exchange: a period that stops
    in the middle of a week has no week end on its last session.

    Parameters
    ----------
    first, last
        Calendar days, both included; at least one session must lie between them.
    """
    ahead = min(last + timedelta(weeks=_LOOK_AHEAD_WEEKS + 3), LAST_SUPPORTED)
    behind = max(first - timedelta(days=6), FIRST_SUPPORTED)
    every = exchange_sessions(behind, ahead)
    inside = (every >= np.datetime64(first, "D")) & (every <= np.datetime64(last, "D"))
    if not inside.any():
        raise ValueError(f"no exchange session between {first} and {last}")
    weeks = iso_week_index(every)
    is_week_end = np.append(weeks[1:] != weeks[:-1], True)
    existing, counts = np.unique(weeks, return_counts=True)
    first_week = int(np.searchsorted(existing, weeks[inside][0]))
    return SessionCalendar(
        dates=every[inside],
        is_week_end=is_week_end[inside],
        week_number=np.searchsorted(existing, weeks[inside]) - first_week,
        sessions_in_week=counts[first_week:],
    )
