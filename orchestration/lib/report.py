"""The report of a run: one HTML page from the published tables, nothing to fetch from elsewhere."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from matplotlib.figure import Figure

from orchestration.lib import backtest_figures, report_figures
from orchestration.lib.backtest_rows import FRONTIER, NEAREST_SETTINGS, nav_rows
from orchestration.lib.drawing import svg
from orchestration.lib.figure_rows import group_rows
from orchestration.lib.model_labels import labelled
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.split_figures import split_pictures
from orchestration.lib.summary import RUN, SECTIONS, Section, absences
from orchestration.lib.warehouse import query

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #1d2733; }}
body {{ margin: 2rem auto; max-width: 70rem; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.1rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; font-size: .85rem; }}
th, td {{ padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #e3e8ee; }}
th {{ color: #5b6b7c; font-weight: 600; }} td.text, th.text {{ text-align: left; }}
svg {{ max-width: 100%; height: auto; }} p.note {{ color: #5b6b7c; font-size: .85rem; }}
</style></head><body><h1>{title}</h1>
{body}
</body></html>
"""


@dataclass(frozen=True)
class Picture:
    """One picture: a heading, the rows it shows, and how it is drawn."""

    title: str
    statement: str
    draw: Callable[[pd.DataFrame], Figure]


PICTURES = (
    Picture(
        "Did the predictions order the stocks? Cumulative Rank IC, one week ahead",
        f"""
        select rule_set, model, week_date, rank_ic
        from results.fct_rank_ic_week
        where run_id = {RUN} and horizon_weeks = 1 and label_kind = 'cumulative'
        order by rule_set desc, model, week_date
        """,
        report_figures.cumulative_rank_ic,
    ),
    Picture(
        "What did each group of predictions earn?",
        group_rows(),
        report_figures.group_returns,
    ),
    Picture(
        "Which factors order the stocks alone? Mean Rank IC one week ahead, three best of each"
        " family (filled: survive Benjamini-Hochberg)",
        """
        select judged.rule_set, judged.factor, factors.family, judged.mean_rank_ic,
            judged.survives_benjamini_hochberg as survives
        from results.mart_factor_rank_ic as judged
        inner join factors.dim_factor as factors on judged.factor = factors.factor
        where judged.stage = 'processed' and judged.horizon_weeks = 1 and judged.is_latest
        qualify row_number() over (
            partition by judged.rule_set, factors.family
            order by abs(judged.mean_rank_ic) desc, judged.factor
        ) <= 3
        order by judged.rule_set desc, abs(judged.mean_rank_ic) desc, judged.factor
        """,
        report_figures.factor_rank_ic,
    ),
    Picture(
        "What did the portfolios earn, and how far did they fall? Each model in the settings"
        " nearest to a band of 0.3 and 100 names",
        nav_rows(NEAREST_SETTINGS),
        backtest_figures.values_and_drawdowns,
    ),
    Picture(
        "What did each band and number of names give? Return against risk of every back-test",
        FRONTIER,
        backtest_figures.return_against_risk,
    ),
)


def write_report(paths: ExperimentPaths) -> Path:
    """Write the page beside the published copy, whole or not at all.

    Returns
    -------
    Path
        `published/report/index.html`.
    """
    database = paths.published_database
    parts = [_section(section, query(database, section.statement)) for section in SECTIONS]
    parts += [f"<p class='note'>{html.escape(line)}</p>" for line in absences(paths) if line]
    parts += [_picture(picture, query(database, picture.statement)) for picture in PICTURES]
    parts += [
        f"<h2>{html.escape(picture.title)}</h2>{svg(picture.figure)}"
        for picture in split_pictures(paths)
    ]
    page = PAGE.format(title=f"Experiment {html.escape(paths.root.name)}", body="\n".join(parts))
    paths.report.parent.mkdir(parents=True, exist_ok=True)
    temporary = paths.report.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(paths.report)
    return paths.report


def _section(section: Section, rows: pa.Table) -> str:
    classes = ["text" if pattern == "{}" else "" for pattern in section.formats]
    head = "".join(
        f"<th class='{kind}'>{html.escape(name)}</th>"
        for name, kind in zip(rows.column_names, classes, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td class='{kind}'>{'' if value is None else html.escape(pattern.format(value))}</td>"
            for value, pattern, kind in zip(row.values(), section.formats, classes, strict=True)
        )
        + "</tr>"
        for row in rows.to_pylist()
    )
    return f"<h2>{html.escape(section.title)}</h2><table><tr>{head}</tr>{body}</table>"


def _picture(picture: Picture, rows: pa.Table) -> str:
    title = f"<h2>{html.escape(picture.title)}</h2>"
    if rows.num_rows == 0:
        return f"{title}<p class='note'>No rows in this run.</p>"
    return title + svg(picture.draw(labelled(rows.to_pandas())))
