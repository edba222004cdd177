"""The study's scenarios by name, fitted to what an experiment has."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from orchestration.lib.experiment import load_experiment
from orchestration.lib.paper_scenarios import PlannedPaperScenario, planned_paper_scenarios
from orchestration.lib.scenario_plan import scenarios
from tests.unit.orchestration.test_experiment import VALID, write

FIRST, LAST = date(2018, 1, 8), date(2018, 12, 28)
EVERY = ["table_14", "table_10", "figure_8", "figure_9", "figure_15", "figure_17"]
MODELS = [
    {"library": "xgboost", "window_mode": "fixed_2y"},
    {"library": "xgboost"},
    {"library": "xgboost", "seed": 5},
    {"library": "lightgbm", "window_mode": "fixed_2y"},
]


def planned(tmp_path: Path, **settings: Any) -> tuple[PlannedPaperScenario, ...]:
    content = {
        **VALID,
        "forecast": {**VALID["forecast"], "models": MODELS},  # type: ignore[dict-item]
        "backtests": [{"paper_scenarios": EVERY, **settings}],
    }
    experiment = load_experiment(write(tmp_path, content))
    indices = frozenset({"000905.SH", "000852.SH"})
    return planned_paper_scenarios(experiment, FIRST, LAST, indices)


def of(rows: tuple[PlannedPaperScenario, ...], name: str) -> list[PlannedPaperScenario]:
    return [row for row in rows if row.name == name]


def test_every_scenario_of_the_study_is_planned_or_has_a_reason(tmp_path: Path) -> None:
    rows = planned(tmp_path)
    counts = {name: len(of(rows, name)) for name in EVERY}
    assert counts == {
        "table_14": 36,
        "table_10": 2,
        "figure_8": 2,
        "figure_9": 2,
        "figure_15": 3,
        "figure_17": 36,
    }
    assert all((row.scenario is None) == (row.reason is not None) for row in rows)
    run = [row for row in of(rows, "table_14") if row.scenario is not None]
    # The first key of the kind, whatever the window: expanding before two years, 5 before 777.
    assert {row.model for row in run} == {"xgboost-mse-expanding-s5"}
    assert {(row.barra_limit, row.num_stock) for row in run} == {
        (barra, count) for barra in (0.1, 0.2, 0.3, 0.4, 0.5, 1.0) for count in (100, 200, 300)
    }
    scenario = run[0].scenario
    assert scenario is not None
    assert (scenario.benchmark, scenario.turnover_limit) == ("000852.SH", 0.15)
    assert (scenario.first_trade_date, scenario.last_trade_date) == (FIRST, LAST)
    # Heat maps of table 14: its very back-tests.
    again = [row.scenario for row in of(rows, "figure_17") if row.scenario is not None]
    assert again == [row.scenario for row in run]
    assert {row.reason for row in of(rows, "figure_15")} == {
        f"no {net} under mse in this run" for net in ("rnn", "lstm", "gru")
    }
    assert {row.model for row in of(rows, "figure_8")} == {
        "xgboost-mse-fixed_2y-s777",
        "lightgbm-mse-fixed_2y-s777",
    }


def test_an_index_that_the_market_lacks_is_a_reason_and_can_be_replaced(tmp_path: Path) -> None:
    lacking = planned(tmp_path, benchmark="000016.SH")
    assert all(row.reason is not None for row in lacking)
    assert "no index 000016.SH" in (of(lacking, "table_14")[0].reason or "")
    replaced = planned(tmp_path, benchmark="000905.SH")
    assert {row.benchmark for row in replaced} == {"000905.SH"}
    assert any(row.scenario is not None for row in replaced)


def test_the_scenarios_of_one_forecaster_alone(tmp_path: Path) -> None:
    rows = planned(tmp_path, libraries=["xgboost"])
    assert {row.kind.library for row in rows} == {"xgboost"}
    counts = {name: len(of(rows, name)) for name in EVERY}
    assert (counts["table_14"], counts["table_10"], counts["figure_15"]) == (18, 1, 0)
    whole = [row.scenario for row in planned(tmp_path) if row.kind.library == "xgboost"]
    assert [row.scenario for row in rows] == whole


def test_portfolios_by_rule_stand_beside_the_scenarios_once(tmp_path: Path) -> None:
    experiment = load_experiment(write(tmp_path, VALID))
    found = scenarios(experiment, FIRST, LAST, planned(tmp_path))
    by_rule = [each for each in found if each.is_baseline]
    assert len(by_rule) == len(set(by_rule))
    fixed = [each.model for each in by_rule if "top-of" not in each.model]
    # Two indices, and three portfolios for each.
    assert sorted(fixed) == sorted(
        2 * ["baseline-equal-universe", "baseline-equal-index", "baseline-index"]
    )
    tops = {(each.model, each.num_stock) for each in by_rule if "top-of" in each.model}
    assert ("baseline-top-of-xgboost-mse-expanding-s5", 300) in tops
    assert all(each.barra_limit is None for each in by_rule)
