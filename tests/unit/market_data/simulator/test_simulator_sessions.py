from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from market_data.simulator.sessions import (
    FIRST_SUPPORTED,
    LAST_SUPPORTED,
    exchange_sessions,
    session_calendar,
)

REAL_SAMPLE = Path(__file__).parents[5] / "shared" / "market_data"


def test_calendar_covers_2005_to_2026_in_every_month() -> None:
    sessions = pd.DatetimeIndex(exchange_sessions(date(2005, 1, 1), date(2026, 12, 31)))
    per_month = pd.Series(1, index=sessions).groupby([sessions.year, sessions.month]).sum()
    assert len(per_month) == 22 * 12
    # A spring festival in February leaves no fewer than eleven sessions.
    assert per_month.min() >= 11
    assert sessions.dayofweek.max() <= 4


def test_holidays_of_the_exchange_are_no_sessions() -> None:
    sessions = exchange_sessions(date(2015, 9, 1), date(2015, 10, 10)).astype(str).tolist()
    # The parade of 2015-09-03 and the national holidays.
    assert not {"2015-09-03", "2015-09-04", "2015-10-01", "2015-10-07"} & set(sessions)
    assert {"2015-09-02", "2015-09-07", "2015-10-08"} <= set(sessions)


def test_week_ends_and_lengths_around_a_holiday() -> None:
    calendar = session_calendar(date(2019, 9, 23), date(2019, 10, 18))
    ends = calendar.dates[calendar.is_week_end].astype(str).tolist()
    # 2019-09-30 is a week of one session; the week of 10-07 starts on the 8th.
    assert ends == ["2019-09-27", "2019-09-30", "2019-10-11", "2019-10-18"]
    assert calendar.sessions_in_week[:4].tolist() == [5, 1, 4, 5]
    assert calendar.week_number[[0, 5, 6]].tolist() == [0, 1, 2]


def test_a_week_without_sessions_does_not_count() -> None:
    calendar = session_calendar(date(2018, 2, 12), date(2018, 3, 2))
    # Spring festival: 2018-02-14, then 2018-02-22.
    assert calendar.sessions_in_week[:3].tolist() == [3, 2, 5]


def test_period_that_stops_inside_a_week_has_no_week_end_there() -> None:
    calendar = session_calendar(date(2019, 5, 13), date(2019, 5, 22))
    assert calendar.dates[-1] == np.datetime64("2019-05-22")
    assert not calendar.is_week_end[-1]


def test_periods_outside_the_offline_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="covers"):
        exchange_sessions(date(1999, 1, 1), LAST_SUPPORTED)
    with pytest.raises(ValueError, match="covers"):
        exchange_sessions(FIRST_SUPPORTED, date(2027, 1, 4))


def test_calendar_agrees_with_the_real_sample() -> None:
    path = REAL_SAMPLE / "trade_calendar.parquet"
    if not path.exists():
        pytest.skip(f"the real sample is not at {path}")
    real = pd.read_parquet(path).sort_values("trade_date")
    dates = real["trade_date"].to_numpy().astype("datetime64[D]")
    calendar = session_calendar(dates[0].astype(object), dates[-1].astype(object))
    assert calendar.dates.tolist() == dates.tolist()
    week_end = real["is_last_session_of_week"].to_numpy()
    assert calendar.is_week_end[:-1].tolist() == week_end[:-1].tolist()
