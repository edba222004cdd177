"""Models with universe, label or purge of the other rule set: keys, rules, what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from models_ml.rules import TrainingRules
from orchestration.lib.crossed_models import crossed_parts
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.forecasting import rule_sources
from orchestration.lib.panel_reading import PanelCache
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.window_plan import model_tasks

TINY = PROJECT_ROOT / "tests" / "fixtures" / "experiments" / "tiny.yml"
UNIVERSE = "ridge-mse-expanding-practitioner_universe"
LABEL = f"{UNIVERSE}-practitioner_label"
PURGE = f"{LABEL}-practitioner_purge"


def with_models(*models: dict[str, Any], **forecast: Any) -> Experiment:
    content = load_experiment(str(TINY)).model_dump(mode="json")
    content["waterfall"] = None
    content["forecast"]["models"] += models
    content["forecast"] |= forecast
    return Experiment.model_validate(content)


def test_a_crossed_model_trains_by_its_parts_and_says_so_in_its_key() -> None:
    tasks = {task.spec.name: task for task in model_tasks(load_experiment(str(TINY)))}
    paper, practitioner = TrainingRules.paper(), TrainingRules.practitioner()
    assert tasks[UNIVERSE].universe_rule_set == "practitioner"
    assert tasks[UNIVERSE].label_rule_set == "paper"
    assert tasks[UNIVERSE].rules == paper
    assert tasks[LABEL].rules.requires_tradable
    assert not tasks[LABEL].rules.requires_known_label
    honest = tasks[PURGE].rules
    assert (honest.requires_known_label, honest.embargo_weeks) == (True, 1)
    assert (honest.stopping, honest.refit) == (paper.stopping, paper.refit)
    assert honest.stopping != practitioner.stopping


def test_the_embargo_of_the_experiment_goes_with_the_purge() -> None:
    tasks = {task.spec.name: task for task in model_tasks(with_models(embargo_weeks=3))}
    assert tasks[PURGE].rules.embargo_weeks == 3
    assert tasks[LABEL].rules.embargo_weeks == 0


def test_combinations_have_the_parts_of_their_members() -> None:
    crossed = {"library": "ridge", "rule_sets": ["paper"], "universe_rule_set": "practitioner"}
    members = [UNIVERSE, UNIVERSE.replace("expanding", "fixed_2y")]
    choice = {"name": "mine", "members": members, "by": "validation", "rule_sets": ["paper"]}
    parts = crossed_parts(
        with_models({**crossed, "window_mode": "fixed_2y"}, choices=[choice], ensembles=[])
    )
    assert parts["paper", "mine"] == {"universe": "practitioner"}
    assert ("paper", "ridge-mse-expanding") not in parts


@pytest.mark.parametrize(
    ("models", "forecast", "message"),
    [
        (
            [{"library": "xgboost", "seed": 1, "label_rule_set": "practitioner"}],
            {},
            "whose label it would have anyway",
        ),
        (
            [],
            {
                "choices": [
                    {
                        "name": "mixed",
                        "members": ["ridge-mse-expanding", UNIVERSE],
                        "by": "validation",
                        "rule_sets": ["paper"],
                    }
                ]
            },
            "'mixed' combines models of different universe, label or purge",
        ),
    ],
)
def test_what_cannot_be_crossed_is_refused(
    models: list[dict[str, Any]], forecast: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        with_models(*models, **forecast)


def test_a_rule_set_that_is_not_built_cannot_be_borrowed_from() -> None:
    content = load_experiment("practitioner").model_dump(mode="json")
    content["forecast"]["models"] = [{"library": "ridge", "label_rule_set": "paper"}]
    content["rule_sets"] = ["practitioner"]
    content |= {"waterfall": None, "backtests": [], "scenarios": []}
    content["forecast"] |= {"choices": [], "ensembles": []}
    with pytest.raises(ValueError, match="whose tables are not built"):
        Experiment.model_validate(content)


def test_cards_of_earlier_versions_are_of_one_rule_set() -> None:
    assert rule_sources({}, "paper") == {
        "universe_rule_set": "paper",
        "label_rule_set": "paper",
        "purge_rule_set": "paper",
        "label_convention": "close",
    }
    assert rule_sources({"label_rule_set": "practitioner"}, "paper")["label_convention"] == "vwap"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Two weeks of two stocks under `paper`, with the label of `practitioner` beside them."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.sql(
            """
            create schema ml;
            create table ml.fct_training_panel as
            select 'paper' as rule_set, symbol, week_date::date as week_date,
                '2020H1' as half_year_window, 1.0::float as momentum, 0.5 as fwd_target_1w,
                0.01 as fwd_return_1w_cum, week_date::date + 7 as label_known_at_1w,
                true as label_tradable_1w, true as uses_future
            from (values ('A'), ('B')) as names (symbol),
                (values ('2020-01-03'), ('2020-01-10')) as weeks (week_date);
            create table ml.fct_crossed_label as
            select rule_set, 'practitioner' as label_rule_set, symbol, week_date,
                half_year_window, case symbol when 'A' then 1.5 end as fwd_target_1w,
                case symbol when 'A' then 0.02 end as fwd_return_1w_cum,
                case symbol when 'A' then week_date + 10 end as label_known_at_1w,
                symbol = 'A' as label_tradable_1w
            from ml.fct_training_panel;
            """
        )
    return path


def test_the_panel_has_the_labels_of_the_other_rule_set(database: Path) -> None:
    cache = PanelCache(database)
    own = cache.until("paper", date(2020, 6, 30))
    crossed = cache.until("paper", date(2020, 1, 5), label_rule_set="practitioner")
    assert crossed.row_count == 2
    assert np.shares_memory(crossed.features, own.features)
    np.testing.assert_array_equal(crossed.target, [1.5, np.nan])
    np.testing.assert_array_equal(crossed.raw_label, [0.02, np.nan])
    assert crossed.label_known_at[0] == np.datetime64("2020-01-13")
    assert np.isnat(crossed.label_known_at[1])
    assert crossed.tradable.tolist() == [True, False]
    assert crossed.uses_future.all()
    assert cache.until("paper", date(2020, 6, 30)).raw_label.tolist() == [0.01] * 4


def test_panels_that_share_features_share_them_in_a_file(database: Path, tmp_path: Path) -> None:
    cache = PanelCache(database)
    crossed = cache.until("paper", date(2020, 6, 30), label_rule_set="practitioner")
    cache.share([("paper", "practitioner"), ("paper", "paper")], tmp_path)
    database.unlink()
    own = cache.until("paper", date(2020, 6, 30))
    mapped = cache.until("paper", date(2020, 6, 30), label_rule_set="practitioner")
    assert np.shares_memory(mapped.features, own.features)
    np.testing.assert_array_equal(mapped.target, crossed.target)
    assert own.raw_label.tolist() == [0.01] * 4


def test_labels_of_other_rows_are_refused(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.sql("delete from ml.fct_crossed_label where symbol = 'B'")
    with pytest.raises(ValueError, match="expected a label for each of the 4 rows"):
        PanelCache(database).until("paper", date(2020, 6, 30), label_rule_set="practitioner")
