"""Experiment files say every fault at once and in the user's words."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from models_ml.specs import RECURRENT
from optimizer.risk.settings import RiskSettings
from orchestration.lib.experiment import Experiment, ExperimentError, load_experiment
from orchestration.lib.paper_scenarios import planned_paper_scenarios
from orchestration.lib.paths import EXPERIMENTS_DIR
from orchestration.lib.scenario_plan import scenarios

VALID = {
    "name": "mine",
    "description": "A test",
    "source": "simulated:tiny",
    "market": {"industry_scheme": "SIM1"},
    "forecast": {
        "first_window": "2018H1",
        "last_window": "2018H2",
        "models": [{"library": "ridge"}],
    },
}


def write(tmp_path: Path, content: object) -> str:
    file = tmp_path / "mine.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(file)


def test_every_experiment_of_the_project_is_valid() -> None:
    names = sorted(file.stem for file in EXPERIMENTS_DIR.glob("*.yml"))
    assert "demo" in names
    assert [load_experiment(name).name for name in names] == names


def test_the_experiment_of_the_study_holds_its_scenarios() -> None:
    experiment = load_experiment("paper")
    first, last = date(2012, 1, 4), date(2024, 10, 31)
    indices = frozenset({"000905.SH", "000852.SH"})
    of_study = planned_paper_scenarios(experiment, first, last, indices)
    every = scenarios(experiment, first, last, of_study)
    planned = [each for each in every if not each.is_baseline and not each.is_variant]
    # Every subset of six corrections; the empty one is a cell of table 14.
    assert sum(each.is_variant for each in every) == 2**6 - 1
    grid = [each for each in planned if each.first_trade_date == date(2015, 1, 1)]
    assert {each.benchmark for each in grid} == {"000852.SH"}
    assert len(grid) == 2 * 6 * 3
    # Tables 14 and 10 for two forecasters each, figures 8 and 9 for two each, figure 15 for three.
    assert len(planned) == 2 * 6 * 3 + 2 + 2 + 2 + 3
    assert {each.turnover_limit for each in planned} == {0.15}
    assert {each.model for each in planned} == {
        "xgboost-mse-expanding-paper-s777",
        "xgboost-mse-fixed_2y-paper-s777",
        "lightgbm-mse-fixed_2y-paper-s777",
        "xgboost-higher_ic",
        "xgboost-small_difference",
        "rnn-mse-fixed_2y-paper-s777",
        "lstm-mse-fixed_2y-paper-s777",
        "gru-mse-fixed_2y-paper-s777",
    }
    nets = [model for model in experiment.forecast.models if model.library in RECURRENT]
    assert {len(model.specs) for model in nets} == {3}
    honest = load_experiment("practitioner")
    assert honest.forecast.predicted_span == experiment.forecast.predicted_span
    assert [(model.library, model.window_mode) for model in honest.forecast.models] == [
        (model.library, model.window_mode) for model in experiment.forecast.models
    ]
    assert honest.rule_sets == ("practitioner",)


def test_the_demo_shows_both_libraries_and_losses_but_tests_only_some_portfolios() -> None:
    experiment = load_experiment("demo")
    models = [(model.library, model.loss) for model in experiment.forecast.models]
    assert {("ridge", "mse"), ("lightgbm", "mse"), ("xgboost", "rank_ic")} < set(models)
    every = scenarios(experiment, date(2018, 1, 5), date(2019, 12, 31))
    planned = [each for each in every if not each.is_baseline and not each.is_variant]
    # Every subset of six corrections of the waterfall but the empty one, which is no variant, and
    # its four retrained forecasts; ends of capital and delay but the usual one, delays between.
    assert sum(each.is_variant for each in every) == 2**6 - 1 + 4 + 7 + 4
    # The study's come on top; the last step of the waterfall is one of the grid.
    assert len(planned) == 2 * 5 + 1 + 1
    indices = frozenset({"000905.SH", "000852.SH"})
    of_study = planned_paper_scenarios(experiment, date(2018, 1, 5), date(2019, 12, 31), indices)
    run = [each for each in of_study if each.scenario is not None]
    table_14 = Counter((e.rule_set, e.kind.library) for e in run if e.name == "table_14")
    assert table_14 == {("paper", "xgboost"): 18, ("practitioner", "gru"): 18}
    assert [e.model for e in run if e.name == "figure_9"] == ["ridge-chosen", "ridge-alike"]
    assert ("practitioner", "lstm") in {
        (e.rule_set, e.kind.library) for e in run if e.name == "table_10"
    }
    (averse,) = [each for each in planned if each.needs_risk]
    assert (averse.rule_set, averse.risk_aversion) == ("practitioner", 10)
    assert {each.model for each in planned} == {
        "ridge-chosen",
        "ridge-mse-expanding",
        "xgboost-mse-expanding-s777",
        "xgboost-mse-expanding-smoke-s777",
    }


def test_a_risk_model_is_estimated_where_there_are_portfolios(tmp_path: Path) -> None:
    assert load_experiment(write(tmp_path, {**VALID, "backtests": []})).risk_settings is None
    backtests = {**VALID, "backtests": [{"benchmark": "000300.SH"}]}
    assert load_experiment(write(tmp_path, backtests)).risk_settings == RiskSettings()
    section = {**VALID, "risk_model": {"window": 300}}
    assert load_experiment(write(tmp_path, section)).risk_settings == RiskSettings(window=300)


def test_risk_under_the_rules_of_the_paper_is_refused(tmp_path: Path) -> None:
    backtest = {"benchmark": "000300.SH", "risk_aversion": 10}
    content = {**VALID, "rule_sets": ["practitioner", "paper"], "backtests": [backtest]}
    with pytest.raises(ExperimentError, match=r"write rule_sets: \[practitioner\]"):
        load_experiment(write(tmp_path, content))


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    forecast = {**VALID["forecast"], "first_window": "2018", "models": [{"library": "prophet"}]}  # type: ignore[dict-item]
    content = {**VALID, "forecast": forecast, "colour": "red"}
    with pytest.raises(ExperimentError) as caught:
        load_experiment(write(tmp_path, content))
    message = str(caught.value)
    assert "forecast.first_window" in message
    assert "2016H1" in message
    assert "forecast.models.0.library" in message
    assert "colour" in message


def test_a_rule_set_that_is_not_built_cannot_be_used(tmp_path: Path) -> None:
    content = {**VALID, "backtests": [{"benchmark": "000300.SH", "rule_sets": ["paper"]}]}
    with pytest.raises(ExperimentError, match="'paper' is used by a model or a back-test"):
        load_experiment(write(tmp_path, content))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ExperimentError, match=r"there are: .*demo"):
        load_experiment("nonesuch")


def test_resources_do_not_change_the_identity_of_a_run() -> None:
    first = Experiment.model_validate(VALID)
    second = Experiment.model_validate({**VALID, "resources": {"threads": 8}})
    third = first.with_source("simulated:demo")
    assert first.configuration_hash() == second.configuration_hash()
    assert first.configuration_hash() != third.configuration_hash()
