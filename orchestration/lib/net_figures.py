"""Pictures of recurrent nets: what was tried, what they reach, how they were fitted."""

from __future__ import annotations

import json

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from orchestration.lib.drawing import STYLE, legend_below, panels

# Rows of a log that a page can hold.
MAXIMUM_TRIALS = 12
PARAMETER_DIGITS = 4


def trial_logs(rows: pd.DataFrame) -> Figure:
    """Trials of a search as a table per model: the first ones and the best, which is in bold.

    Parameters
    ----------
    rows
        series (rule set and model), trial, state, score, parameters (JSON), is_best.
    """
    names = list(dict.fromkeys(rows["series"]))
    shown = [rows[rows["series"] == name].sort_values("trial") for name in names]
    logs = [frame[(frame["trial"].rank() <= MAXIMUM_TRIALS) | frame["is_best"]] for frame in shown]
    lines = [len(log) + 2 for log in logs]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 0.24 * sum(lines) + 0.3), layout="constrained")
        grid = figure.subplots(len(names), 1, squeeze=False, height_ratios=lines)[:, 0]
        for axes, name, frame, log in zip(grid, names, shown, logs, strict=True):
            axes.set_axis_off()
            left_out = len(frame) - len(log)
            more = f", {left_out} of the later ones left out" if left_out else ""
            noun = "trial" if len(frame) == 1 else "trials"
            axes.set_title(f"{name}: {len(frame)} {noun}{more}", loc="left")
            _draw_log(axes, log)
    return figure


def in_and_out_of_sample(rows: pd.DataFrame) -> Figure:
    """Rank IC of every window, in sample dashed, out of sample solid, one colour per variant.

    Parameters
    ----------
    rows
        series (title of the panel), variant, window_start, in_sample_rank_ic,
        out_of_sample_rank_ic, seed_count.
    """
    colours = dict(
        zip(dict.fromkeys(rows["variant"]), mpl.color_sequences["tab10"], strict=False),
    )

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        for variant, line in frame.groupby("variant", sort=False):
            seeds = int(line["seed_count"].max())
            label = f"{variant}, mean of {seeds} seeds" if seeds > 1 else str(variant)
            starts, colour = line["window_start"], colours[variant]
            axes.plot(
                starts, line["out_of_sample_rank_ic"], "o-", color=colour, markersize=3, label=label
            )
            axes.plot(
                starts, line["in_sample_rank_ic"], "o--", color=colour, markersize=3, linewidth=0.9
            )
        axes.plot([], [], "--", color="grey", label="in sample")
        axes.axhline(0.0, color="black", linewidth=0.6)
        legend_below(axes)

    return panels(rows, "series", draw, "mean Rank IC of a window", height=3.8)


def training_epochs(rows: pd.DataFrame) -> Figure:
    """Training loss (left) and score on the validation weeks (right) of every epoch, per model.

    Parameters
    ----------
    rows
        series (rule set and model), epoch, train_loss, validation_score.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        line = frame.sort_values("epoch")
        axes.plot(line["epoch"], line["train_loss"], "o-", markersize=3, label="training loss")
        scores = axes.twinx()
        scores.plot(line["epoch"], line["validation_score"], "s--", color="tab:red", markersize=3)
        scores.set_ylabel("validation score")
        scores.grid(visible=False)
        axes.plot([], [], "s--", color="tab:red", markersize=3, label="validation score")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("epoch")
        axes.legend()

    return panels(rows, "series", draw, "training loss", height=3.3)


def _draw_log(axes: Axes, frame: pd.DataFrame) -> None:
    tried = [json.loads(text) for text in frame["parameters"]]
    parameters = list(dict.fromkeys(name for values in tried for name in values))
    cells = [
        [str(trial), state, f"{score:.6g}", *(_short(values.get(name)) for name in parameters)]
        for trial, state, score, values in zip(
            frame["trial"], frame["state"], frame["score"], tried, strict=True
        )
    ]
    table = axes.table(
        cells, colLabels=["trial", "state", "score", *parameters], loc="upper left", edges="B"
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    for cell in table.get_celld().values():
        cell.set_linewidth(0.4)
    for line, is_best in enumerate(frame["is_best"], start=1):
        for column in range(len(parameters) + 3):
            if is_best:
                table[line, column].get_text().set_fontweight("bold")


def _short(value: object) -> str:
    return f"{value:.{PARAMETER_DIGITS}g}" if isinstance(value, float) else str(value)
