"""From changed dates to stale weeks and sessions."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from market_data.changes import TableChange
from orchestration.lib.stale_window import LABEL_WEEKS, LOOK_BACK_SESSIONS, TradingCalendar

MONDAY = date(2000, 1, 3)


@pytest.fixture(scope="module")
def calendar() -> TradingCalendar:
    """Twenty years of weekdays, the first two of them before the bars."""
    days = [MONDAY + timedelta(days=n) for n in range(7 * 52 * 20)]
    sessions = [day for day in days if day.weekday() < 5]
    return TradingCalendar(
        sessions, [n for n, day in enumerate(sessions) if day.weekday() == 4], 5 * 52 * 2
    )


def test_new_bars_make_the_weeks_of_their_labels_stale(calendar: TradingCalendar) -> None:
    last_monday = calendar.sessions[-5]
    window = calendar.window([TableChange("daily_bars", 5, last_monday, None)])
    assert window is not None
    assert window.sessions_from == last_monday
    assert window.sessions_until == date.max
    assert window.previous_session == last_monday - timedelta(days=3)
    assert window.weeks_until == calendar.sessions[-1]
    assert window.label_weeks_from == calendar.sessions[-1] - timedelta(weeks=LABEL_WEEKS)
    assert window.weeks_from == calendar.sessions[-1] - timedelta(weeks=1)
    assert window.first_session_number == len(calendar.sessions) - 5


def test_a_settled_correction_ends_with_the_look_back(calendar: TradingCalendar) -> None:
    day = calendar.sessions[3000]
    window = calendar.window([TableChange("daily_bars", 2, day, calendar.sessions[3001])])
    assert window is not None
    assert (window.sessions_from, window.sessions_until) == (day, calendar.sessions[3001])
    assert window.last_session_number - 3001 in range(LOOK_BACK_SESSIONS, LOOK_BACK_SESSIONS + 6)


def test_statements_leave_the_bars_alone(calendar: TradingCalendar) -> None:
    day = calendar.sessions[4000]
    window = calendar.window([TableChange("financial_statements", 1, day, None)])
    assert window is not None
    assert window.sessions_from == date.max
    assert window.weeks_from < day <= window.weeks_until
    assert window.label_weeks_from == window.weeks_from


@pytest.mark.parametrize("first", [None, MONDAY, date(2003, 1, 1)])
def test_most_of_the_tables_are_built_as_a_whole(
    calendar: TradingCalendar, first: date | None
) -> None:
    assert calendar.window([TableChange("daily_bars", 1, first, None)]) is None


def test_the_text_for_dbt_holds_iso_dates(calendar: TradingCalendar) -> None:
    window = calendar.window([TableChange("index_weights", 1, calendar.sessions[-1], None)])
    assert window is not None
    assert date.fromisoformat(json.loads(window.to_json())["weeks_from"]) == window.weeks_from
