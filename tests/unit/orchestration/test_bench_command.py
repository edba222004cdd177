"""`ashare bench NAME` hands a benchmark its own options."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.lib import benchmarks


def test_options_reach_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, list[str]]] = []

    def answer(name: str, arguments: list[str]) -> int:
        asked.append((name, arguments))
        return 3

    monkeypatch.setattr(benchmarks, "run_benchmark", answer)
    result = CliRunner().invoke(app, ["bench", "null", "--seeds", "101", "--models", "ridge"])
    assert asked == [("null", ["--seeds", "101", "--models", "ridge"])]
    assert result.exit_code == 3
