"""The summary on a terminal of eighty columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from optimizer.baselines import EQUAL_INDEX, EQUAL_UNIVERSE, INDEX, TOP_OF
from orchestration.lib.experiment import ExperimentError
from orchestration.lib.paths import EXPERIMENTS_DIR
from orchestration.lib.summary import SECTIONS, _table
from orchestration.lib.workspace import experiment_paths

MODELS = (
    "ridge-mse-expanding",
    "lightgbm-mse-expanding-s777",
    "lightgbm-mse-expanding-s778",
    "xgboost-mse-expanding-s777",
    "xgboost-mse-expanding-s778",
)
(BACKTESTS,) = (section for section in SECTIONS if section.has_short_names)
COLUMNS = (
    "rule_set", "model", "barra", "return", "alpha", "sharpe", "ir", "max_dd", "turn",
)  # fmt: skip


def printed(models: tuple[str, ...]) -> list[str]:
    values = ("none ra5 te0.1", -0.123, -0.123, -1.23, -1.23, -0.456, 15.2)
    rows = [dict(zip(COLUMNS, ("paper", model, *values), strict=True)) for model in models]
    console = Console(width=80, force_terminal=False)
    with console.capture() as captured:
        console.print(_table(BACKTESTS, COLUMNS, rows))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_every_back_test_is_one_line_of_eighty_columns() -> None:
    by_rule = (EQUAL_INDEX, EQUAL_UNIVERSE, INDEX, *(TOP_OF + model for model in MODELS))
    header, rule_set, *lines = printed((*by_rule, *MODELS))
    assert header.split() == list(COLUMNS[1:])
    assert rule_set == "paper"
    assert len(lines) == len(by_rule) + len(MODELS)
    assert all("none ra5 te0.1" in line and line.endswith("15.2") for line in lines)
    names = [line.split(" none ")[0].strip() for line in lines]
    assert len(set(names)) == len(names)
    assert names[:4] == ["equal index", "equal universe", "index", "top of ridge"]


def test_an_experiment_is_found_by_name_and_by_file(tmp_path: Path) -> None:
    by_file = experiment_paths(str(EXPERIMENTS_DIR / "demo.yml"), tmp_path)
    assert by_file == experiment_paths("demo", tmp_path)
    assert by_file.root == tmp_path / "demo"
    with pytest.raises(ExperimentError, match=r"nowhere\.yml"):
        experiment_paths("nowhere.yml", tmp_path)
