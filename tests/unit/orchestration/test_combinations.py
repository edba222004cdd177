"""Ensembles and choices in an experiment file: what can be made, in which order, by which key."""

from typing import Any

import pytest

from orchestration.lib import window_plan
from orchestration.lib.experiment import Experiment
from orchestration.lib.window_plan import CombinationTask, plan_windows, window_tasks

TUNED = {"budget": "smoke", "space": "practitioner"}
RIDGE, TREES = "ridge-mse-expanding", "xgboost-mse-expanding-s1"
LEFT, RIGHT = "xgboost-mse-expanding-smoke-s777", "lightgbm-mse-expanding-smoke-s777"


def experiment(**forecast: Any) -> Experiment:
    models = [
        {"library": "ridge"},
        {"library": "xgboost", "seeds": [1, 2]},
        {"library": "xgboost", "tuning": TUNED},
        {"library": "lightgbm", "tuning": TUNED, "rule_sets": ["practitioner"]},
        {"library": "xgboost", "loss": "rank_ic", "tuning": TUNED},
    ]
    return Experiment.model_validate(
        {
            "name": "mine",
            "description": "A test",
            "source": "simulated:tiny",
            "rule_sets": ["practitioner", "paper"],
            "market": {"industry_scheme": "SIM1"},
            "forecast": {
                "first_window": "2018H1",
                "last_window": "2018H2",
                "models": models,
                **forecast,
            },
        }
    )


def choice(by: str, members: list[str], **more: Any) -> dict[str, Any]:
    return {"choices": [{"name": "best", "members": members, "by": by, **more}]}


ENSEMBLE = {"ensembles": [{"name": "both", "members": [RIDGE, TREES]}]}


def test_seeds_are_models_and_combinations_come_after_their_members() -> None:
    labels = [task.label for task in window_tasks(experiment(**ENSEMBLE))]
    assert len(labels) == 2 * (6 + 1) + 2 * (5 + 1)
    for task in window_tasks(experiment(**ENSEMBLE)):
        if isinstance(task, CombinationTask):
            assert max(map(labels.index, task.member_labels)) < labels.index(task.label)
    assert {label.split("|")[1] for label in labels} > {TREES, TREES.replace("s1", "s2"), "both"}


@pytest.mark.parametrize(
    ("forecast", "message"),
    [
        (
            {"ensembles": [{"name": "e", "members": [RIDGE, "ridge"]}]},
            "'ridge', which is not trained",
        ),
        (choice("validation", [LEFT, RIGHT]), "not trained under paper"),
        (choice("out_of_sample_rank_ic", [RIDGE, TREES]), r"write rule_sets: \[paper\]"),
        (choice("in_out_difference", [RIDGE, TREES]), "reads the labels of the window"),
        (choice("validation", [LEFT, TREES]), f"'{TREES}' has no section tuning"),
        (choice("validation", [LEFT, LEFT.replace("mse", "rank_ic")]), "members of one loss"),
        ({"ensembles": [{"name": "e", "members": [RIDGE, RIDGE]}]}, "two different members"),
    ],
)
def test_what_cannot_be_made_is_refused(forecast: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        experiment(**forecast)


def test_what_can_be_made_is_accepted() -> None:
    experiment(**choice("out_of_sample_rank_ic", [RIDGE, TREES], rule_sets=["paper"]))
    experiment(**choice("validation", [LEFT, RIGHT], rule_sets=["practitioner"]))


def test_the_key_of_a_combination_follows_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {rule_set: {"2018H1": rule_set} for rule_set in ("practitioner", "paper")}

    def keys() -> dict[str, str]:
        class Plan:
            experiment = globals()["experiment"](**ENSEMBLE)

        monkeypatch.setattr(window_plan, "panel_hashes", lambda _: hashes)
        monkeypatch.setattr(window_plan, "hash_package", lambda *_: "code")
        planned: Any = Plan()
        return {each.label: each.key for each in plan_windows(planned)}

    before = keys()
    assert keys() == before
    hashes["paper"]["2018H1"] = "changed"
    changed = {label for label, key in keys().items() if before[label] != key}
    assert "paper|both|2018H1" in changed
    assert {label.split("|")[0] for label in changed} == {"paper"}
