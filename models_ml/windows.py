"""Test windows: half-years, in which a model trained on the weeks before is judged."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from models_ml.arrays import Booleans, Dates

_LABEL = re.compile(r"(?P<year>\d{4})H(?P<half>[12])")


@dataclass(frozen=True, order=True)
class TestWindow:
    """A half-year, named as in core.dim_week.half_year_window.

    Parameters
    ----------
    label
        '2016H1' for January to June, '2016H2' for July to December. Labels sort in time order.

    Raises
    ------
    ValueError
        If the label is not of that form.
    """

    # The name begins with "Test", which pytest would otherwise take for a test case.
    __test__: ClassVar[bool] = False

    label: str

    def __post_init__(self) -> None:
        if _LABEL.fullmatch(self.label) is None:
            raise ValueError(f"expected a half-year such as '2016H1', found {self.label!r}")

    @property
    def start(self) -> dt.date:
        """First calendar day."""
        return dt.date(self._year, 1 if self._half == 1 else 7, 1)

    @property
    def end(self) -> dt.date:
        """Last calendar day."""
        return dt.date(self._year, 6, 30) if self._half == 1 else dt.date(self._year, 12, 31)

    @property
    def next(self) -> "TestWindow":
        """The half-year after this one."""
        return TestWindow(f"{self._year}H2" if self._half == 1 else f"{self._year + 1:04d}H1")

    def years_before(self, years: int) -> dt.date:
        """First day of the training span that begins a number of years before the window."""
        return self.start.replace(year=self._year - years)

    def contains(self, week_dates: Dates) -> Booleans:
        """Tell which week_dates lie in the window (NaT does not)."""
        first, last = np.datetime64(self.start, "D"), np.datetime64(self.end, "D")
        return np.asarray((week_dates >= first) & (week_dates <= last), dtype=np.bool_)

    @property
    def _year(self) -> int:
        return int(self.label[:4])

    @property
    def _half(self) -> int:
        return int(self.label[5])


def half_year_windows(first: str, last: str) -> tuple[TestWindow, ...]:
    """List the half-years from one to another, both included.

    Parameters
    ----------
    first, last
        Labels such as '2016H1'.

    Raises
    ------
    ValueError
        If a label is malformed or `last` lies before `first`.
    """
    window, final = TestWindow(first), TestWindow(last)
    if final < window:
        raise ValueError(f"expected a last half-year at or after {first!r}, found {last!r}")
    windows = [window]
    while windows[-1] < final:
        windows.append(windows[-1].next)
    return tuple(windows)
