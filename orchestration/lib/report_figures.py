"""Pictures of results: each takes rows of a published table; report and figures share them."""

from __future__ import annotations

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from orchestration.lib.drawing import STYLE, legend_below, panels

DECOMPOSITION = ("mean_rank_ic", "trend", "seasonal", "remainder")


def cumulative_rank_ic(rows: pd.DataFrame) -> Figure:
    """Sum of the weekly 1-week Rank IC, one line per model, one panel per rule set.

    Parameters
    ----------
    rows
        rule_set, label (model), week_date, rank_ic; weeks without a value add nothing.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        for label, series in frame.groupby("label", sort=False):
            axes.plot(series["week_date"], series["rank_ic"].fillna(0.0).cumsum(), label=label)
        axes.axhline(0.0, color="black", linewidth=0.6)
        legend_below(axes)

    return panels(rows, "rule_set", draw, "cumulative Rank IC", height=3.6)


def group_returns(rows: pd.DataFrame) -> Figure:
    """Cumulative return of every group, from the lowest prediction (dark) to the highest.

    Panels share their scale, so that models can be compared.

    Parameters
    ----------
    rows
        series (rule set and model), group_number, week_date, cumulative_return.
    """
    low, high = rows["cumulative_return"].min(), rows["cumulative_return"].max()
    room = 0.05 * (high - low) or 0.01

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        groups = sorted(frame["group_number"].unique())
        colours = mpl.colormaps["viridis"](np.linspace(0.0, 0.95, len(groups)))
        for group, colour in zip(groups, colours, strict=True):
            series = frame[frame["group_number"] == group]
            at_end = group in (groups[0], groups[-1])
            axes.plot(
                series["week_date"],
                series["cumulative_return"],
                color=colour,
                linewidth=1.6 if at_end else 0.8,
                label=f"group {group}" if at_end else None,
            )
        axes.set_ylim(low - room, high + room)
        axes.legend(loc="upper left")

    return panels(rows, "series", draw, "cumulative return")


def factor_rank_ic(rows: pd.DataFrame) -> Figure:
    """Mean Rank IC of the best factors, one bar each, coloured by family, one panel per rule set.

    Parameters
    ----------
    rows
        rule_set, factor, family, mean_rank_ic, survives (multiple testing: filled, else hollow);
        the best factor of a rule set first.
    """
    families = sorted(rows["family"].unique())
    colours = dict(zip(families, mpl.colormaps["tab20"](np.arange(len(families))), strict=True))

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        bars = zip(frame["family"], frame["mean_rank_ic"], frame["survives"], strict=True)
        for position, (family, value, survives) in enumerate(bars):
            fill = colours[family] if survives else "none"
            axes.barh(position, value, color=fill, edgecolor=colours[family], label=family)
        axes.set_yticks(range(len(frame)), frame["factor"], fontsize=6)
        axes.invert_yaxis()
        entries = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        axes.legend(
            list(entries.values()),
            list(entries),
            loc="upper center",
            bbox_to_anchor=(0.5, -0.08),
            ncols=3,
        )

    # A line of the smallest type that can be read takes an eighth of an inch.
    longest = int(rows.groupby("rule_set").size().max())
    return panels(rows, "rule_set", draw, "", height=1.8 + 0.13 * longest)


def range_scans(rows: pd.DataFrame) -> Figure:
    """Score of every point of a range scan, one panel per scan, one line per pass.

    Parameters
    ----------
    rows
        series (model and parameter), scanned_parameter, scan_pass, parameters (JSON), score.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        parameter = frame["scanned_parameter"].iloc[0]
        values = frame["parameters"].map(lambda text: float(json.loads(text)[parameter]))
        points = frame.assign(tried=values).sort_values(["scan_pass", "tried"])
        for number, one_pass in points.groupby("scan_pass"):
            axes.plot(one_pass["tried"], one_pass["score"], "o-", label=f"pass {number:.0f}")
        if values.min() > 0.0 and values.max() >= 20.0 * values.min():
            axes.set_xscale("log")
        axes.set_xlabel(parameter)
        axes.legend()

    return panels(rows, "series", draw, "mean score of the folds", height=3.3)


def search_histories(rows: pd.DataFrame) -> Figure:
    """Score of every trial of a search and the best so far, one panel per model.

    Parameters
    ----------
    rows
        series (rule set and model), trial, score, is_lower_better, state.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        finished = frame["state"] == "complete"
        done, others = frame[finished].sort_values("trial"), frame[~finished]
        axes.plot(done["trial"], done["score"], "o", label="trial")
        axes.plot(others["trial"], others["score"], "x", color="grey", label="pruned or failed")
        best = done["score"].cummin() if done["is_lower_better"].all() else done["score"].cummax()
        axes.step(done["trial"], best, where="post", color="black", label="best so far")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("trial")
        axes.legend()

    return panels(rows, "series", draw, "mean score of the folds", height=3.3)


def monthly_rank_ic(rows: pd.DataFrame) -> Figure:
    """Monthly mean Rank IC, one panel per model.

    Parameters
    ----------
    rows
        series (rule set and model), month_start, mean_rank_ic; missing months leave a gap.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.plot(frame["month_start"], frame["mean_rank_ic"], "o-", markersize=3, linewidth=1.0)

    return panels(rows, "series", draw, "mean Rank IC", height=2.6)


def seasonal_decompositions(rows: pd.DataFrame) -> Figure:
    """Monthly Rank IC and its trend, season and remainder below each other, a column per model.

    Parameters
    ----------
    rows
        series (rule set and model), month_start, mean_rank_ic, trend, seasonal, remainder.
    """
    names = list(dict.fromkeys(rows["series"]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6 * len(names), 6.6), layout="constrained")
        grid = figure.subplots(
            len(DECOMPOSITION), len(names), sharex=True, sharey="row", squeeze=False
        )
        for column, name in enumerate(names):
            frame = rows[rows["series"] == name]
            for axes, part in zip(grid[:, column], DECOMPOSITION, strict=True):
                axes.axhline(0.0, color="black", linewidth=0.6)
                dots = "o" if part == "remainder" else "-"
                axes.plot(frame["month_start"], frame[part], dots, markersize=3, linewidth=1.2)
                axes.tick_params(axis="x", rotation=30)
            grid[0, column].set_title(name, loc="left")
        for axes, part in zip(grid[:, 0], DECOMPOSITION, strict=True):
            axes.set_ylabel(part.replace("mean_rank_ic", "mean Rank IC"))
    return figure
