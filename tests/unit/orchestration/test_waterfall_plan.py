"""The back-tests of a waterfall: every subset once, steps without a model left with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from orchestration.lib.experiment import Experiment, ExperimentError, load_experiment
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.scenario_plan import scenarios
from orchestration.lib.waterfall import waterfall_cells, waterfall_rows

TINY = PROJECT_ROOT / "tests" / "fixtures" / "experiments" / "tiny.yml"
SPAN = (date(2021, 1, 4), date(2021, 12, 31))


def experiment(**changes: Any) -> Experiment:
    tiny = load_experiment(str(TINY))
    content = tiny.model_dump(mode="json")
    content["waterfall"] |= changes
    return Experiment.model_validate(content)


def test_every_subset_is_one_scenario_beside_those_of_the_grids() -> None:
    cells = waterfall_cells(experiment(), *SPAN)
    executed = [cell for cell in cells if cell.kind == "execution"]
    assert len(executed) == 3 * 8
    assert len({cell.scenario for cell in executed}) == 8
    planned = scenarios(experiment(), *SPAN)
    assert {cell.scenario for cell in cells if cell.scenario} <= set(planned)
    start = next(cell.scenario for cell in executed if not cell.scenario.switches.given())
    assert start in set(scenarios(load_experiment(str(TINY)), *SPAN))
    assert not start.is_variant


def test_steps_without_a_model_have_a_reason_and_no_scenario() -> None:
    cells = [c for c in waterfall_cells(experiment(), *SPAN) if c.kind == "retraining"]
    assert [cell.step for cell in cells] == ["universe", "label", "purge", "test_set_choice"]
    assert {cell.scenario.rule_set for cell in cells[:3]} == {"paper"}
    assert [cell.scenario.model.count("practitioner") for cell in cells[:3]] == [1, 2, 3]
    assert cells[3].scenario is None
    assert "no model named" in cells[3].reason
    identities = {cell.scenario: cell.step for cell in cells[:3]}
    rows = waterfall_rows(tuple(cells), "r", identities)
    assert [row["scenario_id"] for row in rows] == ["universe", "label", "purge", None]


def test_a_step_under_the_other_rule_set_keeps_the_rules_of_the_back_test() -> None:
    step = {"step": "label", "rule_set": "practitioner", "model": "ridge-mse-expanding"}
    cells = [
        c for c in waterfall_cells(experiment(retraining=[step]), *SPAN) if c.kind == "retraining"
    ]
    assert [cell.step for cell in cells] == ["label", "universe", "purge", "test_set_choice"]
    assert cells[0].scenario.rule_set == "practitioner"
    assert cells[0].scenario.adjustment == "every_5_sessions"


def test_crossed_models_are_back_tested_where_they_are_named_alone() -> None:
    tiny = experiment(retraining=[])
    assert not [s for s in scenarios(tiny, *SPAN) if "practitioner_" in s.model]
    assert [s for s in scenarios(experiment(), *SPAN) if "practitioner_" in s.model]


def remainder(**changes: Any) -> Any:
    """The last cell of a waterfall."""
    return waterfall_cells(experiment(**changes), *SPAN)[-1]


def test_the_last_step_is_the_same_portfolio_under_all_rules_of_the_practitioner() -> None:
    cell = remainder()
    assert (cell.kind, cell.step, cell.step_order) == ("remainder", "practitioner_rules", 3 + 4 + 1)
    # It is a scenario of the grid: no back-test is added.
    without = experiment().model_copy(update={"waterfall": None})
    assert cell.scenario in set(scenarios(without, *SPAN))
    assert not cell.scenario.is_variant
    first = waterfall_cells(experiment(), *SPAN)[0].scenario
    for name in ("model", "benchmark", "barra_limit", "num_stock", "turnover_limit"):
        assert getattr(cell.scenario, name) == getattr(first, name)
    assert (cell.scenario.rule_set, first.rule_set) == ("practitioner", "paper")
    assert (cell.scenario.adjustment, cell.scenario.industry_limit) == ("weekly", 0.02)


def test_a_model_that_the_practitioner_lacks_leaves_the_last_step_out_or_is_replaced() -> None:
    cell = remainder(model="best-outside")
    assert cell.scenario is None
    assert "no best-outside under practitioner in this run" in cell.reason
    named = remainder(model="best-outside", practitioner_model="xgboost-mse-expanding-s777")
    assert named.scenario.model == "xgboost-mse-expanding-s777"
    with pytest.raises(ExperimentError, match="'mine', which is not trained under practitioner"):
        remainder(practitioner_model="mine")


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(ExperimentError, match="'mine', which is not trained under paper; there"):
        waterfall_cells(experiment(model="mine"), *SPAN)


@pytest.mark.parametrize("switches", [["fees", "fees"], ["luck"], []])
def test_switches_are_known_and_named_once(switches: list[str]) -> None:
    with pytest.raises(ValueError, match="switches"):
        experiment(switches=switches)


def test_too_many_switches_are_refused_with_what_they_would_cost() -> None:
    names = ["fees", "lots", "impact", "t_plus_1", "volume_cap", "limit_rule", "terminal_value"]
    with pytest.raises(ValueError, match="7 switches need 128 back-tests"):
        experiment(switches=names)


def test_capital_and_delay_are_lists_of_a_grid() -> None:
    found = [s for s in scenarios(experiment(), *SPAN) if s.capital_cny != 1e8]
    sizes = {(s.capital_cny, s.trading_delay_sessions) for s in found}
    assert sizes == {(1e6, 0), (1e6, 2), (1e9, 0), (1e9, 2)}
    assert all(scenario.is_variant for scenario in found)
