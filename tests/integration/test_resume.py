"""A killed run goes on where it was; a changed parameter redoes only what depends on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.reproduction import compare_results
from orchestration.lib.warehouse import query
from tests.integration.conftest import TINY, FinishedRun, ashare, computed, events, kill_when

COMPARED = {
    "results.fct_prediction": "rule_set, model, window_start, symbol, week_date, prediction",
    "results.mart_rank_ic_statistics": (
        "rule_set, model, horizon_weeks, label_kind, statistic, value"
    ),
    "results.fct_nav_daily": "trade_date, nav, benchmark_nav, cash_weight, cost, turnover",
    "results.fct_fill": "rebalance_date, trade_date, symbol, target_weight, filled_weight, reason",
    "results.mart_backtest_summary": (
        "rule_set, model, benchmark, barra_limit, annualised_return, sharpe_ratio, max_drawdown"
    ),
}


def table(paths: ExperimentPaths, name: str) -> pa.Table:
    columns = COMPARED[name]
    return query(paths.published_database, f"select {columns} from {name} order by {columns}")


@pytest.mark.slow
def test_three_kills_end_in_the_same_tables(tiny_run: FinishedRun, tmp_path: Path) -> None:
    paths = ExperimentPaths(tmp_path / "tiny")
    # The raw tables need not be simulated anew: the test is about what comes after them.
    kill_when(tmp_path, TINY, lambda: (paths.dbt_target / "dbt.log").exists() or warm(paths))
    kill_when(tmp_path, TINY, lambda: len(computed(paths, "training_window")) >= 3)
    before = set(computed(paths, "training_window"))
    kill_when(tmp_path, TINY, lambda: len(computed(paths, "backtest")) >= 2)
    ashare(tmp_path, "run", str(TINY))
    for kind in ("training_window", "backtest"):
        done = computed(paths, kind)
        undisturbed = sorted(computed(tiny_run.paths, kind))
        assert len(undisturbed) == len(set(undisturbed)) > 10
        assert sorted(done) == undisturbed, f"a completed {kind} was done again, or one is missing"
    assert before <= set(computed(paths, "training_window"))
    for name in COMPARED:
        assert table(paths, name).equals(table(tiny_run.paths, name)), name
    run_id = query(paths.published_database, "select run_id from ops.fct_run").to_pylist()[0]
    compared = compare_results(
        run_id["run_id"], tiny_run.paths.published_database, paths.published_database
    )
    assert [each.table for each in compared if not each.agrees] == []
    assert len(compared) > 12
    # Nothing is tuned on the tiny market, and its twelve months are too few for seasons.
    empty = [each.table for each in compared if each.row_count == 0]
    assert empty == ["fct_tuning_trial", "mart_rank_ic_decomposition"]


def warm(paths: ExperimentPaths) -> bool:
    """The warehouse file is being written."""
    return paths.warehouse.exists()


@pytest.mark.slow
def test_a_changed_parameter_refits_one_model_alone(tiny_run: FinishedRun, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(tiny_run.paths.root.parent, home)
    paths = ExperimentPaths(home / "tiny")
    content = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    content["forecast"]["models"][1]["parameters"]["max_rounds"] = 41
    changed = tmp_path / "changed.yml"
    changed.write_text(yaml.safe_dump(content), encoding="utf-8")
    already = len(events(paths))
    ashare(home, "run", str(changed))
    fresh = events(paths)[already:]
    refitted = [event for event in fresh if event.state == "computed"]
    dependent = ("xgboost", "mean-rank", "best-outside", "most-alike")
    assert all(any(name in event.label for name in dependent) for event in refitted)
    assert sum(event.kind == "training_window" for event in refitted) == 10
    assert sum(event.kind == "training_window" for event in fresh if event.state == "reused") == 12
    runs = query(
        paths.published_database,
        "select run_id, is_latest from ops.fct_run order by is_latest",
    ).to_pylist()
    assert [row["is_latest"] for row in runs] == [False, True]
