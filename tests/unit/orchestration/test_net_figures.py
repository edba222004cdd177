"""Figures of recurrent nets from rows as a run would publish them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.lib import net_figure_rows
from orchestration.lib.drawing import svg
from orchestration.lib.figure_recipes import NET_RECIPES
from orchestration.lib.net_figures import MAXIMUM_TRIALS, trial_logs
from orchestration.lib.study_figures import StudyFigure, _made
from orchestration.lib.warehouse import query

STARTS = (pd.Timestamp("2020-01-01"), pd.Timestamp("2020-07-01"))
KEYS = [
    f"{library}-{loss}-fixed_2y-{seed}"
    for library, loss in (("gru", "mse"), ("rnn", "mse"), ("rnn", "rank_ic"))
    for seed in ("s1", "s2")
]
SHUFFLED = ["rnn-mse-fixed_2y-random-s1", "rnn-mse-fixed_2y-random-s2"]
TREES = "xgboost-mse-fixed_2y-s777"
TRIALS = MAXIMUM_TRIALS + 3
BEST = MAXIMUM_TRIALS + 1


def published(root: Path, models: list[str]) -> Path:
    """A database of the tables that the figures are drawn from; nets 1 and 2 differ by .5."""
    keys = {"run_id": "r", "rule_set": "paper"}
    windows, trials, epochs = [], [], []
    for model in models:
        for start in STARTS:
            key = keys | {"model": model, "window_start": start}
            out = 0.25 if model.endswith("s1") else 0.75
            windows.append(key | {"in_sample_rank_ic": 1.0, "out_of_sample_rank_ic": out})
            trials += [
                key
                | {"trial": trial, "stage": "optuna", "state": "complete", "score": 0.5}
                | {"parameters": json.dumps({"hidden_size": 32}), "is_best": trial == BEST}
                for trial in range(TRIALS)
            ]
            epochs += [
                key | {"epoch": epoch, "train_loss": 1.0 / epoch, "validation_score": 1.0}
                for epoch in (1, 2, 3)
            ]
    described = pd.DataFrame({"rule_set": "paper", "model": models})
    described["library"] = described["model"].str.split("-").str[0]
    described["loss"] = described["model"].str.split("-").str[1]
    tables = {
        "results.fct_training_window": pd.DataFrame(windows),
        "results.dim_model": described,
        "results.fct_tuning_trial": pd.DataFrame(trials),
        "results.fct_training_epoch": pd.DataFrame(epochs).query("model != @TREES"),
        "results.mart_claim": pd.DataFrame(
            [keys | {"claim": "stock_order_does_not_matter", "reason": "no two nets alike"}]
        ),
        "ops.fct_run": pd.DataFrame({"run_id": ["r"], "is_latest": [True]}),
    }
    database = root / "published.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.sql("create schema results; create schema ops")
        for name, frame in tables.items():
            connection.register("rows", frame)
            connection.sql(f"create table {name} as select * from rows")
            connection.unregister("rows")
    return database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("nets"), [*KEYS, *SHUFFLED, TREES])


def made(database: Path) -> dict[str, StudyFigure]:
    return {
        figure.file_stem: figure for recipe in NET_RECIPES for figure in _made(database, recipe)
    }


def test_every_figure_has_a_panel_per_kind(database: Path) -> None:
    figures = made(database)
    panels = {
        name: len({axes.get_title(loc="left") for axes in figure.figure.axes} - {""})
        for name, figure in figures.items()
        if figure.figure
    }
    # Epochs and trials of one seed per family; orders and losses of the RNN; nets by loss.
    assert panels == {
        "figure_10_epochs": 4,
        "figure_11": 4,
        "figure_12": 1,
        "figure_13": 1,
        "figure_14": 2,
    }


def test_lines_are_means_over_seeds_of_one_order_and_loss(database: Path) -> None:
    orders = query(database, net_figure_rows.ORDERS).to_pandas()
    assert set(orders.series) == {"paper rnn-mse-fixed_2y"}
    assert orders.variant.tolist() == ["in order"] * 2 + ["shuffled"] * 2
    losses = query(database, net_figure_rows.LOSSES).to_pandas()
    assert set(losses.series) == {"paper rnn-fixed_2y"}
    assert set(losses.variant) == {"MSE", "Rank IC"}
    nets = query(database, net_figure_rows.THREE_MODELS).to_pandas()
    assert set(zip(nets.series, nets.variant, strict=True)) == {
        ("paper mse-fixed_2y", "GRU"),
        ("paper mse-fixed_2y", "RNN"),
        ("paper rank_ic-fixed_2y", "RNN"),
    }
    for rows in (orders, losses, nets):
        assert set(rows.out_of_sample_rank_ic) == {0.5}
        assert set(rows.seed_count) == {2}


def test_a_run_without_nets_says_why(tmp_path: Path) -> None:
    figures = made(published(tmp_path, [TREES]))
    assert all(figure.figure is None for figure in figures.values())
    assert figures["figure_11"].reason == "no recurrent net of this run is tuned"
    assert figures["figure_12"].reason == "no two nets alike"


def test_a_long_log_keeps_its_best_trial(database: Path) -> None:
    rows = query(database, net_figure_rows.TRIAL_LOGS).to_pandas()
    one = rows[rows.model == KEYS[0]].assign(series="gru")
    assert len(one) == TRIALS
    drawn = trial_logs(one)
    assert drawn.axes[0].get_title(loc="left") == "gru: 15 trials, 2 of the later ones left out"
    (table,) = drawn.axes[0].tables
    bold = {
        cell.get_text().get_text()
        for (line, column), cell in table.get_celld().items()
        if column == 0 and cell.get_text().get_fontweight() == "bold"
    }
    assert bold == {str(BEST)}
    assert svg(trial_logs(one)) == svg(trial_logs(one))
