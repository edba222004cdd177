"""The engine and the plain loop of the benchmark come to the same values."""

from __future__ import annotations

import pytest

from benchmarks.backtest import compare
from benchmarks.backtest_parts.market import make_case


def test_engine_and_plain_loop_agree_on_a_small_market(capsys: pytest.CaptureFixture[str]) -> None:
    compare(make_case(names=60, sessions=60, holdings=12), repetitions=1)
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert float(lines["values"].split()[1]) < 1e-9
