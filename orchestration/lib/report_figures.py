"""Pictures of the report: each takes rows of a published table and returns an SVG."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "font.size": 9,
    "grid.alpha": 0.3,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "ashare",
}
Draw = Callable[[Axes, pd.DataFrame], None]


def cumulative_rank_ic(rows: pd.DataFrame) -> str:
    """Sum of the weekly 1-week Rank IC, one line per model, one panel per rule set.

    Parameters
    ----------
    rows
        rule_set, model, week_date, rank_ic; weeks without a value add nothing.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        for model, series in frame.groupby("model"):
            axes.plot(series["week_date"], series["rank_ic"].fillna(0.0).cumsum(), label=model)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.legend(loc="upper left")

    return _panels(rows, "rule_set", draw, "cumulative Rank IC")


def group_returns(rows: pd.DataFrame) -> str:
    """Cumulative return of every group, from the lowest prediction (dark) to the highest.

    Parameters
    ----------
    rows
        series (rule set and model), group_number, week_date, cumulative_return.
    """

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
        axes.legend(loc="upper left")

    return _panels(rows, "series", draw, "cumulative return")


def net_asset_values(rows: pd.DataFrame) -> str:
    """Net asset value of every scenario and its index, one panel per rule set.

    Parameters
    ----------
    rows
        rule_set, scenario (label), trade_date, nav, benchmark_nav.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        for label, series in frame.groupby("scenario"):
            axes.plot(series["trade_date"], series["nav"], label=label, linewidth=1.0)
        first = frame[frame["scenario"] == frame["scenario"].iloc[0]]
        axes.plot(first["trade_date"], first["benchmark_nav"], "--", color="black", label="index")
        axes.legend(loc="upper left")

    return _panels(rows, "rule_set", draw, "net asset value")


def excess_drawdowns(rows: pd.DataFrame) -> str:
    """Drawdown of nav over index, one line per scenario, one panel per rule set."""

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        for label, series in frame.groupby("scenario"):
            excess = series["nav"] / series["benchmark_nav"]
            axes.plot(series["trade_date"], excess / excess.cummax() - 1.0, label=label)
        axes.legend(loc="lower left")

    return _panels(rows, "rule_set", draw, "drawdown of the excess")


def factor_rank_ic(rows: pd.DataFrame) -> str:
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
        axes.legend(list(entries.values()), list(entries), loc="lower right")

    return _panels(rows, "rule_set", draw, "")


def _panels(rows: pd.DataFrame, by: str, draw: Draw, label: str) -> str:
    names = list(dict.fromkeys(rows[by]))
    columns = min(2, len(names))
    lines = -(-len(names) // columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2 * columns, 3.0 * lines), layout="constrained")
        grid = np.atleast_1d(figure.subplots(lines, columns, squeeze=False)).ravel()
        for axes, name in zip(grid, names, strict=False):
            draw(axes, rows[rows[by] == name])
            axes.set_title(name, loc="left")
            axes.set_ylabel(label)
            axes.tick_params(axis="x", rotation=30)
        for axes in grid[len(names) :]:
            axes.set_visible(False)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
