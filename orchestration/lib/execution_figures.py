"""Pictures of execution: what biases were worth, and what size and delay cost."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from orchestration.lib.drawing import STYLE, panels


def bias_waterfall(rows: pd.DataFrame) -> Figure:
    """Annualised alpha from the rules of the paper to honest ones, one bar per step.

    The remainder, which is no single correction, is blue.

    Parameters
    ----------
    rows
        kind, step, step_order, alpha_effect, alpha_after (NULL: not run, written beside the bar),
        effect_alone and effect_last (the whiskers); in order.
    """
    run = rows[rows["alpha_effect"].notna()]
    start = float(run["alpha_after"].iloc[0] - run["alpha_effect"].iloc[0])
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.4, 1.2 + 0.34 * (len(rows) + 2)), layout="constrained")
        axes = figure.subplots()
        axes.barh(0, start, color="tab:gray")
        for place, row in enumerate(rows.itertuples(), start=1):
            _draw_step(axes, place, row)
        end = float(run["alpha_after"].iloc[-1])
        arrives = run["kind"].iloc[-1] == "remainder"
        axes.barh(len(rows) + 1, end, color="tab:gray")
        names = [
            "rules of the paper",
            *rows["step"].where(rows["kind"] != "remainder", "remainder").str.replace("_", " "),
            "rules of the practitioner" if arrives else "after all that were run",
        ]
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.axvline(0.0, color="black", linewidth=0.6)
        # Bars end where the data do; without a margin the longest would seem to be cut.
        axes.set_xlim(right=axes.get_xlim()[1] + 0.04 * (axes.get_xlim()[1] - axes.get_xlim()[0]))
        axes.set_xlabel("annualised alpha return")
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    return figure


def _draw_step(axes: Axes, place: int, row: Any) -> None:
    effect, after = row.alpha_effect, row.alpha_after
    if pd.isna(effect):
        axes.text(0.0, place, " not run", va="center", fontsize=7, color="gray")
        return
    before = after - effect
    colour = "tab:green" if effect > 0 else "tab:red"
    axes.barh(place, effect, left=before, color="tab:blue" if row.kind == "remainder" else colour)
    axes.text(min(before, after), place, f"{effect:+.2%}  ", ha="right", va="center", fontsize=7)
    alone, last = row.effect_alone, row.effect_last
    if pd.notna(alone) and pd.notna(last):
        ends = sorted((before + alone, before + last))
        axes.hlines(place + 0.3, ends[0], ends[1], color="black", linewidth=1.0)


def capacity(rows: pd.DataFrame) -> Figure:
    """Net alpha against capital, one line per delay, one panel per portfolio.

    Parameters
    ----------
    rows
        series (rule set, model and settings), capital_cny, trading_delay_sessions,
        annualised_alpha_return.
    """

    def draw(axes: Axes, frame: pd.DataFrame) -> None:
        for delay, line in frame.groupby("trading_delay_sessions"):
            points = line.sort_values("capital_cny")
            label = f"delay {delay}"
            axes.plot(points["capital_cny"], points["annualised_alpha_return"], "o-", label=label)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.set_xscale("log")
        axes.set_xlabel("capital, yuan")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend()

    shown = rows.assign(panel=rows["rule_set"] + " " + rows["scenario"])
    return panels(shown, "panel", draw, "annualised alpha return", height=3.2)
