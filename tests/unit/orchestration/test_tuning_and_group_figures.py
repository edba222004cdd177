"""Figures of range scans, searches, groups and seasons from rows as a run would publish them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.lib.drawing import svg
from orchestration.lib.study_figures import RECIPES, StudyFigure, _made

MODELS = {"xgboost-mse-expanding-s777": "mse", "xgboost-rank_ic-expanding-s777": "rank_ic"}
STARTS = pd.to_datetime(["2020-01-01", "2020-07-01"])
TITLES = {3: 2, 4: 2, 5: 2, 18: 2}


def rows_by_table() -> dict[str, pd.DataFrame]:
    """Two models of one rule set: two windows with trials, three weeks of groups, two years."""
    keys = {"run_id": "r", "rule_set": "paper"}
    trials, groups, months = [], [], []
    for model in MODELS:
        key = keys | {"model": model}
        for start in STARTS:
            shared = {"window_start": start, "tuned_on_window_start": start, "state": "complete"}
            for stage, scanned in (("range_scan", "eta"), ("optuna", None)):
                trials += [
                    key
                    | shared
                    | {"stage": stage, "scanned_parameter": scanned, "scan_pass": 1}
                    | {"trial": n, "score": 0.1 * n, "parameters": json.dumps({"eta": 0.1 * n})}
                    for n in (1, 2, 3)
                ]
        groups += [
            key | {"group_number": group, "week_date": week, "cumulative_return": 0.01 * group}
            for group in range(1, 11)
            for week in pd.date_range("2020-01-03", periods=3, freq="7D")
        ]
        parts = {"mean_rank_ic": 0.05, "trend": 0.04, "seasonal": 0.02, "remainder": -0.01}
        months += [
            key | {"month_start": month} | parts
            for month in pd.date_range("2019-01-01", periods=24, freq="MS")
        ]
    first, second = MODELS
    pair = {"claim": "mse_beats_rank_ic", "first_series": first, "second_series": second}
    reason = {"claim": "xgboost_beats_lightgbm", "reason": "no model of the other library"}
    return {
        "results.fct_tuning_trial": pd.DataFrame(trials),
        "results.dim_model": pd.DataFrame(
            [{"rule_set": "paper", "model": model, "loss": loss} for model, loss in MODELS.items()]
        ),
        "results.mart_group_return_week": pd.DataFrame(groups),
        "results.mart_rank_ic_decomposition": pd.DataFrame(months),
        "results.mart_claim": pd.DataFrame([keys | pair, keys | reason]),
        "ops.fct_run": pd.DataFrame({"run_id": ["r"], "is_latest": [True]}),
    }


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[StudyFigure]]:
    """Figures 3 to 7 and 18 (b) by number."""
    database: Path = tmp_path_factory.mktemp("figures") / "published.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.sql("create schema results; create schema ops")
        for name, frame in rows_by_table().items():
            connection.register("rows", frame)
            connection.sql(f"create table {name} as select * from rows")
            connection.unregister("rows")
    recipes = [
        recipe
        for recipe in RECIPES
        if recipe.number in range(3, 8) or recipe.name == "decomposition"
    ]
    return {recipe.number: list(_made(database, recipe)) for recipe in recipes}


@pytest.mark.parametrize(("number", "titles"), TITLES.items())
def test_every_model_has_a_panel(
    figures: dict[int, list[StudyFigure]], number: int, titles: int
) -> None:
    (made,) = figures[number]
    assert made.figure is not None
    found = {axes.get_title(loc="left") for axes in made.figure.axes} - {""}
    assert len(found) == titles
    assert svg(made.figure).startswith("<svg")


def test_only_the_last_tuned_window_is_drawn(figures: dict[int, list[StudyFigure]]) -> None:
    for number in (3, 4):
        (made,) = figures[number]
        assert made.figure is not None
        for axes in made.figure.axes:
            assert axes.lines[0].get_xdata().size == 3


def test_what_cannot_be_drawn_says_why(figures: dict[int, list[StudyFigure]]) -> None:
    (made,) = figures[7]
    assert made.figure is None
    assert made.reason == "no model of the other library"
