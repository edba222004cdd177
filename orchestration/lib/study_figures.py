"""The figures of the study, drawn from the published tables of the latest run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from orchestration.lib.errors import UserError
from orchestration.lib.figure_recipes import NOT_OF_RESULTS, RECIPES, Recipe
from orchestration.lib.model_labels import labelled
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.split_figures import split_pictures
from orchestration.lib.summary import RUN
from orchestration.lib.warehouse import query, table_columns

# A page of two columns: what comes after is left out, and the caption says so.
MAXIMUM_PANELS = 8


class OldCopyError(UserError):
    """The published copy lacks a table that the figures are drawn from."""


@dataclass(frozen=True)
class StudyFigure:
    """A figure of the study, or why it cannot be drawn.

    Parameters
    ----------
    number
        Number in the study.
    name
        What tells it from other pictures of the same number; empty if there is one.
    caption
        What it shows, one or two sentences.
    table
        Tables it is drawn from.
    figure
        The picture; None if there is none.
    reason
        Why there is none; empty if there is one.
    """

    number: int
    name: str
    caption: str
    table: str
    figure: Figure | None = None
    reason: str = ""

    @property
    def file_stem(self) -> str:
        """File name without its ending."""
        return "_".join([f"figure_{self.number:02d}", *self.name.replace(",", "").split()])


def study_figures(paths: ExperimentPaths) -> Iterator[StudyFigure]:
    """Every figure of the study that the run can show, and for the others the reason.

    Raises
    ------
    OldCopyError
        If the published copy was made before the tables were.
    """
    database = paths.published_database
    for table in (
        "mart_claim",
        "mart_rank_ic_decomposition",
        "mart_paper_scenario",
        "fct_training_epoch",
    ):
        if not table_columns(database, "results", table):
            raise OldCopyError(
                f"{database} has no table results.{table}: it was published by an older version;"
                f" run the experiment again with `ashare run {paths.root.name}`"
            )
    yield from _splits(paths)
    for number, caption, reason in NOT_OF_RESULTS:
        yield StudyFigure(number, "", caption, "", reason=reason)
    for recipe in RECIPES:
        yield from _made(database, recipe)


def _splits(paths: ExperimentPaths) -> Iterator[StudyFigure]:
    captions = {
        "windows": (1, "Data split"),
        "folds": (2, "Folds of the cross-validation in time order, last tuned window"),
        "net_windows": (10, "Training, validation and test windows of recurrent nets"),
    }
    absent = {"net_windows": "this run has no recurrent net"}
    table = "ml.fct_training_panel, by the code that split it"
    drawn = split_pictures(paths)
    for picture in drawn:
        number, caption = captions[picture.part]
        yield StudyFigure(
            number, picture.subject, f"{caption}. {picture.title}.", table, picture.figure
        )
    for part, (number, caption) in captions.items():
        if part not in {picture.part for picture in drawn}:
            reason = absent.get(part, "no model of this run is tuned")
            yield StudyFigure(number, "", caption, table, reason=reason)


def _made(database: Path, recipe: Recipe) -> Iterator[StudyFigure]:
    rows = query(database, recipe.statement).to_pandas()
    if rows.empty:
        reason = _reason(database, recipe.absent)
        yield StudyFigure(recipe.number, recipe.name, recipe.caption, recipe.table, reason=reason)
        return
    named = _with_series(rows)
    parts = (
        named.groupby(_split_key(named, recipe), sort=False) if recipe.split_by else [("", named)]
    )
    for part_name, part in parts:
        shown, omitted = _at_most(part, MAXIMUM_PANELS) if recipe.limited else (part, 0)
        caption = f"{recipe.caption} {omitted} more are left out." if omitted else recipe.caption
        name = f"{recipe.name} {part_name}".strip()
        yield StudyFigure(recipe.number, name, caption, recipe.table, recipe.draw(shown))


def _split_key(rows: pd.DataFrame, recipe: Recipe) -> pd.Series[str]:
    """What each figure is of: a rule set, or a rule set with model and settings."""
    if recipe.split_by == "rule_set":
        return rows["rule_set"]
    return rows["rule_set"] + " " + rows[recipe.split_by]


def _with_series(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their labels; a range scan has one series per model and parameter."""
    named = labelled(rows)
    if "scanned_parameter" in named:
        return named.assign(series=named["series"] + ": " + named["scanned_parameter"])
    return named


def _at_most(rows: pd.DataFrame, count: int) -> tuple[pd.DataFrame, int]:
    """Rows of the first series, and how many series are left out."""
    names = list(dict.fromkeys(rows["series"]))
    return rows[rows["series"].isin(names[:count])], max(len(names) - count, 0)


def _reason(database: Path, absent: str) -> str:
    """Why there are no rows: the reason of a claim, if it is named, or the text itself."""
    reasons = query(
        database,
        "select distinct reason from results.mart_claim"
        f" where run_id = {RUN} and claim = '{absent}' and reason is not null order by reason",
    )
    return "; ".join(reasons.column("reason").to_pylist()) or absent
