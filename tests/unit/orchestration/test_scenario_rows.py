"""Scenarios by query: every fault is named by row and column, and nothing is added half."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from orchestration.lib.errors import UserError
from orchestration.lib.experiment import ExperimentError, load_experiment
from orchestration.lib.scenario_console import add_by_query, added_scenarios, clear_scenarios
from orchestration.lib.scenario_rows import ScenarioRowsError, refuse_faulty
from orchestration.lib.workspace import Workspace
from tests.unit.orchestration.test_experiment import VALID, write

ROW = {
    "rule_set": "practitioner",
    "model": "ridge-mse-expanding",
    "benchmark": "000905.SH",
    "num_stock": 50,
}
GRID = """
    select 'practitioner' as rule_set, 'ridge-mse-expanding' as model, '000905.SH' as benchmark,
        limits.barra_limit, counts.num_stock, cast(0.25 as decimal(4, 2)) as turnover_limit
    from (values (0.1), (0.5), (null)) as limits (barra_limit)
    cross join (values (50), (100)) as counts (num_stock)
"""


def open_workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(write(tmp_path, VALID), home=tmp_path)


def test_every_fault_is_named_by_row_and_column() -> None:
    rows = [
        {**ROW, "num_stock": 0, "turnover_limit": 3.0},
        {**ROW, "colour": "red"},
        {key: value for key, value in ROW.items() if key != "benchmark"},
        {**ROW, "model": "prophet"},
        {**ROW, "benchmark": "SPX"},
        {**ROW, "rule_set": "paper"},
        {**ROW, "model": "baseline-gold"},
        {**ROW, "rule_set": "hopeful"},
        ROW,
    ]
    with pytest.raises(ScenarioRowsError) as caught:
        refuse_faulty(
            rows,
            ["practitioner"],
            {"practitioner": ["ridge-mse-expanding"]},
            ["000905.SH", "000852.SH"],
        )
    lines = str(caught.value).splitlines()
    assert lines[0] == "no scenario was added:"
    for line, start in zip(
        lines[1:],
        [
            "row 1, column num_stock: Input should be greater than or equal to 1 (found 0)",
            "row 1, column turnover_limit: Input should be less than or equal to 2 (found 3.0)",
            "row 2, column colour: Extra inputs",
            "row 3, column benchmark: Field required",
            "row 4, column model: 'prophet' is not trained under practitioner",
            "row 5, column benchmark: the market has no index 'SPX'; it has 000905.SH, 000852.SH",
            "row 6, column rule_set: 'paper' is not built by this experiment",
            "row 7, column (row): Value error, no baseline 'baseline-gold'",
            "row 8, column rule_set: Input should be 'paper' or 'practitioner'",
        ],
        strict=True,
    ):
        assert line.strip().startswith(start)


def test_rows_are_added_once_listed_and_part_of_the_run(tmp_path: Path) -> None:
    before = open_workspace(tmp_path)
    assert add_by_query(before, GRID) == (6, 0)
    assert add_by_query(before, GRID) == (0, 6)
    after = open_workspace(tmp_path)
    assert added_scenarios(after).num_rows == 6
    assert after.run_id != before.run_id
    assert len(after.experiment.scenarios) == 6
    assert {row["turnover_limit"] for row in after.experiment.scenarios} == {0.25}
    assert clear_scenarios(after) == 6
    assert open_workspace(tmp_path).run_id == before.run_id


def test_one_bad_row_keeps_the_good_ones_out(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    with pytest.raises(ScenarioRowsError, match="row 1, column num_stock"):
        add_by_query(workspace, GRID.replace("(50)", "(0)"))
    assert added_scenarios(workspace).num_rows == 0


def test_before_the_first_run_a_query_cannot_read_tables(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no published copy yet"):
        add_by_query(open_workspace(tmp_path), "select model from results.dim_model")


def test_rows_of_an_experiment_file_are_checked_alike(tmp_path: Path) -> None:
    file = write(tmp_path, {**VALID, "scenarios": [ROW, {**ROW, "barra_limit": -1}]})
    with pytest.raises(ExperimentError, match=r"scenarios\.1, column barra_limit"):
        load_experiment(file)
    good = write(tmp_path, {**VALID, "scenarios": [ROW]})
    assert yaml.safe_load(Path(good).read_text())["scenarios"] == [ROW]
    assert load_experiment(good).scenarios == (ROW,)
