"""Source specifications."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from market_data.errors import SourceError, SourceNotAvailableError
from market_data.source_spec import DirectorySource, SimulatedSource, parse_source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("simulated", SimulatedSource("demo", {})),
        ("simulated:tiny", SimulatedSource("tiny", {})),
        ("simulated?seed=3", SimulatedSource("demo", {"seed": 3})),
        ("simulated:tiny?seed=3&signal=0", SimulatedSource("tiny", {"seed": 3, "signal": 0})),
        (
            "simulated:tiny?end_date=2019-12-31&signal=0.5&index_sizes=[20,30,40]",
            SimulatedSource(
                "tiny",
                {"end_date": dt.date(2019, 12, 31), "signal": 0.5, "index_sizes": (20, 30, 40)},
            ),
        ),
        ("parquet:../data", DirectorySource(Path("../data"))),
        ("parquet:/data/what?", DirectorySource(Path("/data/what?"))),
        ("parquet:C:/data", DirectorySource(Path("C:/data"))),
    ],
)
def test_specifications_are_parsed(text: str, expected: object) -> None:
    assert parse_source(text) == expected


@pytest.mark.parametrize("kind", ["qlib", "tushare", "baostock", "akshare"])
def test_planned_kinds_say_what_exists(kind: str) -> None:
    with pytest.raises(SourceNotAvailableError, match=r"not available yet.*parquet:DIR"):
        parse_source(f"{kind}:somewhere")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unknown kind"),
        ("yahoo:msft", r"unknown kind of source 'yahoo'.*simulated.*parquet:DIR"),
        ("../shared/market_data", r"unknown kind.*parquet:DIR"),
        ("parquet", "names no directory"),
        ("parquet:", "names no directory"),
        ("simulated:tiny?seed", "NAME=VALUE"),
        ("simulated:tiny?seed=1&seed=2", "more than once"),
        ("simulated:tiny?crises=[1", "cannot be read"),
    ],
)
def test_faulty_specifications_say_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse_source(text)
