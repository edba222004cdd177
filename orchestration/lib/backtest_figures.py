"""Pictures of back-tests: values and drawdowns, heat maps of grids, return against risk."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from orchestration.lib.drawing import STYLE, panels

MEASURES = (
    ("annualised_alpha_return", "annualised alpha return", "{:.1%}"),
    ("max_drawdown", "maximum drawdown", "{:.1%}"),
    ("sharpe_ratio", "Sharpe ratio", "{:.2f}"),
)
# Portfolios by rule, and how each is marked.
MARKERS = {
    "baseline-equal-universe": ("s", "equal weights of the universe"),
    "baseline-equal-index": ("D", "equal weights of the index"),
    "baseline-index": ("X", "the index"),
}
BY_RULE = "baseline equal universe"


def values_and_drawdowns(rows: pd.DataFrame) -> Figure:
    """Value of every back-test above its drawdown, a column per rule set.

    Parameters
    ----------
    rows
        rule_set, scenario_id, scenario (label), benchmark, trade_date, nav, benchmark_nav,
        drawdown; in time order.
    """
    names = list(dict.fromkeys(rows["rule_set"]))
    longest = max(frame["scenario_id"].nunique() for _, frame in rows.groupby("rule_set")) + 1
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.6 * len(names), 4.9 + 0.17 * longest), layout="constrained")
        grid = figure.subplots(
            2, len(names), sharex="col", squeeze=False, height_ratios=(3, 2), sharey="row"
        )
        for column, name in enumerate(names):
            frame = rows[rows["rule_set"] == name]
            _values(grid[0, column], grid[1, column], frame)
            grid[0, column].set_title(name, loc="left")
        grid[0, 0].set_ylabel("net asset value")
        grid[1, 0].set_ylabel("drawdown")
    return figure


def _values(upper: Axes, lower: Axes, frame: pd.DataFrame) -> None:
    for _, series in frame.groupby("scenario_id", sort=False):
        label = series["scenario"].iloc[0]
        style: dict[str, Any] = {}
        if label == BY_RULE:
            # One line of the legend stands for all indices that have it beside them.
            shown = any(line.get_label() == BY_RULE for line in upper.get_lines())
            style = {"color": "grey", "linestyle": ":"}
            label = "_nolegend_" if shown else label
        upper.plot(series["trade_date"], series["nav"], label=label, linewidth=1.1, **style)
        lower.plot(series["trade_date"], series["drawdown"], linewidth=0.9, **style)
    for benchmark, same in frame.groupby("benchmark", sort=False):
        first = same[same["scenario_id"] == same["scenario_id"].iloc[0]]
        level = first["benchmark_nav"]
        label = f"index {benchmark}"
        upper.plot(first["trade_date"], level, "--", color="black", linewidth=0.9, label=label)
        fallen = level / level.cummax() - 1.0
        lower.plot(first["trade_date"], fallen, "--", color="black", linewidth=0.9)
    lower.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    lower.tick_params(axis="x", rotation=30)
    handles, labels = upper.get_legend_handles_labels()
    lower.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.32), ncols=1)


def heat_maps(rows: pd.DataFrame) -> Figure:
    """Alpha, drawdown and Sharpe ratio over band and number of names, side by side.

    Parameters
    ----------
    rows
        barra_limit (NaN: no band), num_stock and the measures, of one model; each setting once.
    """
    limits = rows["barra_limit"].astype(np.float64).tolist()
    bands = sorted(set(rows["barra_limit"].dropna().astype(np.float64)))
    bands += [np.nan] if rows["barra_limit"].isna().any() else []
    counts = sorted(rows["num_stock"].unique())
    with mpl.rc_context({**STYLE, "axes.grid": False}):
        figure = Figure(figsize=(10.2, 1.5 + 0.42 * len(bands)), layout="constrained")
        grid = figure.subplots(1, len(MEASURES))
        for axes, (measure, title, pattern) in zip(grid, MEASURES, strict=True):
            # NaN does not match itself as a key: bands are numbered first.
            cells = np.full((len(bands), len(counts)), np.nan)
            places = [[_same(each, band) for each in bands].index(True) for band in limits]
            columns = [counts.index(count) for count in rows["num_stock"]]
            cells[places, columns] = rows[measure].to_numpy(dtype=np.float64)
            _heat_map(axes, cells, pattern)
            axes.set_title(title, loc="left")
            axes.set_xticks(range(len(counts)), [f"{count}" for count in counts])
            axes.set_yticks(range(len(bands)), [_band(band) for band in bands])
            axes.set_xlabel("num_stock")
        grid[0].set_ylabel("barra_limit")
    return figure


def _heat_map(axes: Axes, cells: np.ndarray, pattern: str) -> None:
    """Cells coloured by value, each with its figure in a colour that can be read on it."""
    image = axes.imshow(cells, cmap="viridis", aspect="auto")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            dark = np.asarray(image.norm(value)).item() < 0.6
            colour = "white" if dark else "black"
            axes.text(column, row, pattern.format(value), ha="center", va="center", color=colour)


def _same(first: float, second: float) -> bool:
    return bool(first == second or (np.isnan(first) and np.isnan(second)))


def _band(band: float) -> str:
    return "none" if np.isnan(band) else f"{band:g}"


def return_against_risk(rows: pd.DataFrame) -> Figure:
    """Return against volatility, a line per model and number of names from narrow to wide bands.

    Parameters
    ----------
    rows
        rule_set, model, label, benchmark, barra_limit (NaN: none), num_stock, turnover_limit,
        annualised_volatility, annualised_return; bands in order.
    """
    titled = rows.assign(panel=rows["rule_set"] + ", index " + rows["benchmark"])

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        by_rule = frame["model"].str.startswith("baseline-")
        axes.set_prop_cycle(color=mpl.colormaps["tab20"](range(20)))
        for (label, count, turnover), line in frame[~by_rule].groupby(
            ["label", "num_stock", "turnover_limit"], sort=False
        ):
            name = f"{label}, {count} names, turnover {turnover:g}"
            risk, gain = line["annualised_volatility"], line["annualised_return"]
            axes.plot(risk, gain, "o-", markersize=3, linewidth=0.9, label=name)
            for band, x, y in (
                (line["barra_limit"].iloc[at], risk.iloc[at], gain.iloc[at])
                for at in sorted({0, len(line) - 1})
            ):
                axes.annotate(_band(band), (x, y), (3, 3), textcoords="offset points", fontsize=6)
        for model, (marker, name) in MARKERS.items():
            found = frame[frame["model"] == model]
            axes.plot(
                found["annualised_volatility"],
                found["annualised_return"],
                marker,
                color="black",
                markersize=5,
                label=name if len(found) else None,
            )
        tops = frame[by_rule & ~frame["model"].isin(MARKERS)]
        axes.plot(
            tops["annualised_volatility"],
            tops["annualised_return"],
            "^",
            color="grey",
            markersize=4,
            label="best forecasts, equal weights" if len(tops) else None,
        )
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("annualised volatility")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)

    settings = titled[["panel", "label", "num_stock", "turnover_limit"]].drop_duplicates()
    longest = int(settings.groupby("panel").size().max())
    return panels(titled, "panel", draw, "annualised return", height=3.6 + 0.09 * longest)
