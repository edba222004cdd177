import datetime as dt

import numpy as np
import pytest

from models_ml.windows import TestWindow, half_year_windows


def test_half_year_bounds():
    first, second = TestWindow("2016H1"), TestWindow("2016H2")
    assert (first.start, first.end) == (dt.date(2016, 1, 1), dt.date(2016, 6, 30))
    assert (second.start, second.end) == (dt.date(2016, 7, 1), dt.date(2016, 12, 31))


def test_windows_follow_each_other_without_a_gap():
    windows = half_year_windows("2015H2", "2020H1")
    assert len(windows) == 10
    assert windows[0].label == "2015H2"
    assert windows[-1].label == "2020H1"
    for earlier, later in zip(windows, windows[1:], strict=False):
        assert later.start - earlier.end == dt.timedelta(days=1)


def test_contains_includes_both_ends_and_no_missing_date():
    days = np.array(["2015-12-31", "2016-01-01", "2016-06-30", "2016-07-01", "NaT"], "M8[D]")
    assert TestWindow("2016H1").contains(days).tolist() == [False, True, True, False, False]


def test_two_years_before():
    assert TestWindow("2016H2").years_before(2) == dt.date(2014, 7, 1)


@pytest.mark.parametrize("label", ["2016", "2016H3", "2016h1", "16H1", ""])
def test_malformed_label_is_refused(label):
    with pytest.raises(ValueError, match="half-year"):
        TestWindow(label)


def test_last_before_first_is_refused():
    with pytest.raises(ValueError, match="at or after '2016H2'"):
        half_year_windows("2016H2", "2016H1")
