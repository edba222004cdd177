"""The figures of the study as files, and a page that says what each shows."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.drawing import Format, image
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.study_figures import StudyFigure, study_figures
from orchestration.lib.summary import RUN
from orchestration.lib.warehouse import query

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #1d2733; }}
body {{ margin: 2rem auto; max-width: 70rem; }}
h1 {{ font-size: 1.5rem; }} figure {{ margin: 2rem 0; }}
img {{ max-width: 100%; }} figcaption, p {{ color: #46535f; font-size: .9rem; }}
</style></head><body><h1>{title}</h1><p>{origin}</p>
{body}
</body></html>
"""


@dataclass(frozen=True)
class WrittenFigures:
    """What was written, and what was not.

    Parameters
    ----------
    files
        Pictures, in the order of the study.
    page
        The page with captions.
    absences
        One line per figure that the run cannot show.
    """

    files: tuple[Path, ...]
    page: Path
    absences: tuple[str, ...]


def write_figures(paths: ExperimentPaths, directory: Path, kind: Format) -> WrittenFigures:
    """Draw every figure and write it, and the page, into a directory.

    Pictures of an earlier run there are removed, so that the directory shows one run alone.
    """
    figures = sorted(study_figures(paths), key=lambda figure: figure.number)
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("figure_[0-9][0-9]*"):
        old.unlink()
    files = []
    for figure in figures:
        if figure.figure is not None:
            file = directory / f"{figure.file_stem}.{kind}"
            file.write_bytes(image(figure.figure, kind))
            files.append(file)
    absences = tuple(
        f"figure {figure.number} {figure.name}".strip() + f" not drawn: {figure.reason}"
        for figure in figures
        if figure.figure is None
    )
    page = directory / "index.html"
    page.write_text(_page(paths, figures, kind), encoding="utf-8")
    return WrittenFigures(tuple(files), page, absences)


def _page(paths: ExperimentPaths, figures: Sequence[StudyFigure], kind: Format) -> str:
    return PAGE.format(
        title=f"Figures of the study: experiment {html.escape(paths.root.name)}",
        origin=html.escape(_origin(paths)),
        body="\n".join(_entry(figure, kind) for figure in figures),
    )


def _entry(figure: StudyFigure, kind: Format) -> str:
    caption = html.escape(f"Figure {figure.number} {figure.name}".strip() + f". {figure.caption}")
    if figure.figure is None:
        return f"<p>{caption} Not drawn: {html.escape(figure.reason)}.</p>"
    return (
        f"<figure><img src='{html.escape(figure.file_stem)}.{kind}' alt='{caption}'>"
        f"<figcaption>{caption} From {html.escape(figure.table)}.</figcaption></figure>"
    )


def _origin(paths: ExperimentPaths) -> str:
    """Which run on which data."""
    row = query(
        paths.published_database,
        f"""
        select run_id, any_value(source) as source, min(first_date) as first_date,
            max(last_date) as last_date
        from ops.fct_source_snapshot
        where run_id = {RUN} and table_name = 'daily_bars'
        group by run_id
        """,
    ).to_pylist()[0]
    return (
        f"Run {row['run_id']}; data: {row['source']}, sessions {row['first_date']} to"
        f" {row['last_date']}."
    )
