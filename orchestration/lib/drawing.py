"""How pictures look, how they are laid out in panels, and how they are written."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Literal

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
Format = Literal["png", "svg"]
Draw = Callable[[Axes, pd.DataFrame], None]
PIXELS_PER_INCH = 150


def panels(rows: pd.DataFrame, by: str, draw: Draw, label: str, *, height: float = 3.0) -> Figure:
    """One panel per value of a column, two side by side.

    Parameters
    ----------
    rows
        What is drawn; panels come in the order of the rows.
    by
        Column whose values are the titles.
    draw
        Draws the rows of one panel.
    label
        Of the vertical axes.
    height
        Of one panel, inches.
    """
    names = list(dict.fromkeys(rows[by]))
    columns = min(2, len(names))
    lines = -(-len(names) // columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2 * columns, height * lines), layout="constrained")
        grid = np.atleast_1d(figure.subplots(lines, columns, squeeze=False)).ravel()
        for axes, name in zip(grid, names, strict=False):
            draw(axes, rows[rows[by] == name])
            axes.set_title(name, loc="left")
            axes.set_ylabel(label)
            axes.tick_params(axis="x", rotation=30)
        for axes in grid[len(names) :]:
            axes.set_visible(False)
    return figure


def svg(figure: Figure) -> str:
    """The picture as an SVG element, the same bytes for the same rows."""
    text = image(figure, "svg").decode("utf-8")
    return text[text.index("<svg") :]


def image(figure: Figure, kind: Format) -> bytes:
    """The picture as a file of its kind, without the time of drawing."""
    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format=kind, dpi=PIXELS_PER_INCH, metadata=metadata)
    return buffer.getvalue()


def legend_below(axes: Axes) -> None:
    """Legend under the panel, where it covers no line; nothing without labels."""
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        axes.legend(
            handles,
            labels,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.22),
            ncols=2 if max(len(text) for text in labels) > 14 else 3,
        )
