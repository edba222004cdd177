"""What a training window leaves in its store and in the journal."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fixtures.panels import Market, make_panel

from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.tuning import ParameterRange, SearchSpace, TuningBudget, TuningPlan
from models_ml.windows import TestWindow
from orchestration.lib.fit_counts import FitCount
from orchestration.lib.forecasting import train_partition
from orchestration.lib.ledger import Ledger, StudyEvent
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.window_plan import WindowPartition, WindowTask

WINDOW = TestWindow("2016H1")
SPACE = SearchSpace(
    "test",
    "xgboost",
    (ParameterRange("max_depth", 1, 3, 2, precision=1, kind="int"),),
    {"min_child_weight": 20.0, "reg_lambda": 10.0, "max_bin": 16},
)
BUDGET = TuningBudget("test", 2, 2, 4, 3, 1, 1, "every", 2, 2, 1, 50.0)


class Journal(SimpleNamespace):
    """A workspace that hears of partitions."""

    def open_attempt(self) -> int:
        return 1

    def partition_done(self, *_: object, **details: object) -> None:
        self.done.append(details)


def workspace(tmp_path: Path) -> Any:
    panel = make_panel(Market(week_count=112, stock_count=30, feature_count=4))
    resources = SimpleNamespace(threads=1, fit_threads=1, tuning_storage="journal")
    return Journal(
        run_id="r1",
        data_hash="hash of the raw tables",
        panels=SimpleNamespace(until=lambda *_, **__: panel),
        training_windows=PartitionStore(tmp_path / "windows"),
        paths=SimpleNamespace(tuning=tmp_path / "tuning"),
        experiment=SimpleNamespace(resources=resources),
        reporter=SimpleNamespace(note=lambda _: None),
        ledger=Ledger(tmp_path / "ledger.jsonl"),
        done=[],
    )


@pytest.mark.parametrize(
    ("spec", "package", "counted"),
    [
        (ModelSpec("ridge"), "numpy", FitCount(12, 11)),
        (ModelSpec("lightgbm", parameters={"max_rounds": 4}), "lightgbm", FitCount(2, 1)),
    ],
)
def test_the_card_of_a_model(
    tmp_path: Path, spec: ModelSpec, package: str, counted: FitCount
) -> None:
    place = workspace(tmp_path)
    task = WindowTask("practitioner", spec, WINDOW, TrainingRules.practitioner())
    result = train_partition(cast(Any, place), WindowPartition(task, "key"), task)
    card = place.training_windows.card("key")["model"]
    assert card["data_hash"] == "hash of the raw tables"
    assert card["package"] == package
    assert card["package_version"]
    assert card["parameters"] == dict(result.model.parameters)
    assert card["features"] == list(result.model.feature_names)
    (done,) = place.done
    assert (done["fit_count"], done["trial_count"]) == (counted.fits, counted.trials)


def test_a_tuning_is_in_the_journal_before_and_after(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    spec = ModelSpec("xgboost", tuning="test")
    plan = TuningPlan(SPACE, BUDGET)
    task = WindowTask("practitioner", spec, WINDOW, TrainingRules.practitioner(), plan)
    train_partition(cast(Any, place), WindowPartition(task, "key", "scan"), task)
    studies = [event for event in place.ledger.events() if isinstance(event, StudyEvent)]
    told = [(event.kind, event.partition_key, event.fit_count is None) for event in studies]
    assert told == [
        ("range_scan", "scan", True),
        ("search", "key", True),
        ("range_scan", "scan", False),
        ("search", "key", False),
    ]
    # Two folds of two trials; three points, of which a pruned one has a fold less.
    assert (studies[3].fit_count, studies[3].trial_count) == (4, 2)
    assert studies[2].trial_count == 3
    assert studies[2].fit_count in (4, 5, 6)
    assert place.done[0]["fit_count"] == 2
    card = place.training_windows.card("key")["model"]
    assert card["specification"]["parameters"] == {}
    assert 1 <= card["parameters"]["max_depth"] <= 3
