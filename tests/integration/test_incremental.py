"""An incremental build ends in the tables of a full one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from market_data.cut import cut_landing
from orchestration.lib.experiment import load_experiment
from orchestration.lib.panel_build import build_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse_build import BuildPlan
from tests.fixtures.corrections import (
    BARS,
    EARLIER_MISTAKES,
    OTHER_TABLES,
    corrected,
    with_supplied_tables,
)
from tests.fixtures.warehouses import differences

from .conftest import TINY, FinishedRun

UPSTREAM = ("core", "factors", "risk", "ml")
SELECTION = " ".join(f"+path:models/marts/{schema}" for schema in UPSTREAM)


@dataclass(frozen=True)
class Rebuilt:
    """The tiny market built in steps: what each step replaced, and where the tables are.

    Its landing tables are those of the tiny run and a user's exposures, which no table reads.
    """

    plans: tuple[BuildPlan, ...]
    paths: ExperimentPaths
    landing: Path
    with_the_week: Path
    week_before: date
    last_week: date


@dataclass(frozen=True)
class Revised:
    """Corrections of many kinds: the plans of two steps, and the warehouses to compare."""

    plans: tuple[BuildPlan, ...]
    parts: Path
    whole: Path


@pytest.fixture(scope="module")
def rebuilt(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """A week ago with mistakes; then without them; then with the week added."""
    root = tmp_path_factory.mktemp("incremental")
    landing = with_supplied_tables(
        tiny_run.paths.landing, tiny_run.paths.warehouse, root / "landing"
    )
    weeks = tiny_run.sql(
        "select week_date from core.dim_week where is_in_data order by week_date desc limit 2"
    )
    last, week_before = weeks.column(0).to_pylist()
    ago = root / "ago"
    cut_landing(landing, ago, week_before)
    experiment = load_experiment(str(TINY))
    paths = ExperimentPaths(root / "home")
    sources = (corrected(ago, root / "mistaken", EARLIER_MISTAKES), ago, landing)
    plans = tuple(
        build_panel(experiment.with_source(f"parquet:{source}"), paths, SELECTION)
        for source in sources
    )
    with_the_week = Path(shutil.copy(paths.warehouse, root / "with_the_week.duckdb"))
    return Rebuilt(plans, paths, landing, with_the_week, week_before, last)


@pytest.fixture(scope="module")
def revised(rebuilt: Rebuilt, tmp_path_factory: pytest.TempPathFactory) -> Revised:
    """Old rows of every kind of table change, those of bars in a later step than the others.

    Dates ascend with the steps, so that weeks replaced too late in a step stay as they were.
    """
    root = tmp_path_factory.mktemp("revised")
    experiment = load_experiment(str(TINY))
    others = corrected(rebuilt.landing, root / "others", OTHER_TABLES)
    both = corrected(others, root / "both", BARS)
    plans = tuple(
        build_panel(experiment.with_source(f"parquet:{source}"), rebuilt.paths, SELECTION)
        for source in (others, both)
    )
    whole = ExperimentPaths(root / "home")
    build_panel(experiment.with_source(f"parquet:{both}"), whole, SELECTION)
    return Revised(plans, rebuilt.paths.warehouse, whole.warehouse)


def test_each_step_replaces_what_changed(rebuilt: Rebuilt) -> None:
    first, correction, week = rebuilt.plans
    assert first.window is None
    assert correction.window is not None
    assert {change.table for change in correction.changes} == set(EARLIER_MISTAKES)
    assert correction.window.sessions_from == date(2021, 5, 21)
    assert week.window is not None
    assert rebuilt.week_before < week.window.sessions_from <= rebuilt.last_week
    assert rebuilt.last_week == rebuilt.week_before + timedelta(days=7)
    assert week.window.weeks_from == rebuilt.week_before
    assert week.window.weeks_until == rebuilt.last_week
    assert week.window.label_weeks_from > rebuilt.last_week - timedelta(days=70)


def test_a_stale_window_makes_dbt_parse_nothing_again(rebuilt: Rebuilt) -> None:
    log = (rebuilt.paths.logs / "dbt.log").read_text()
    assert "Partial parsing enabled: 0 files deleted, 0 files added, 0 files changed" in log
    assert "Partial parsing: updated file" not in log


@pytest.mark.parametrize("schema", UPSTREAM)
def test_tables_are_those_of_a_full_build(
    tiny_run: FinishedRun, rebuilt: Rebuilt, schema: str
) -> None:
    assert differences(tiny_run.paths.warehouse, rebuilt.with_the_week, schema) == {}


def test_corrections_of_many_kinds_replace_less_than_half(revised: Revised) -> None:
    others, bars = revised.plans
    assert others.window is not None
    assert others.window.sessions_from == date.max
    assert {change.table for change in others.changes} == set(OTHER_TABLES)
    assert bars.window is not None
    assert {change.table for change in bars.changes} == set(BARS)
    assert bars.window.sessions_from == date(2021, 3, 2)
    assert bars.window.sessions_until < date(2021, 5, 1)
    assert others.window.weeks_from < bars.window.weeks_from < bars.window.sessions_from


@pytest.mark.parametrize("schema", UPSTREAM)
def test_corrections_of_many_kinds_end_in_the_tables_of_a_full_build(
    revised: Revised, schema: str
) -> None:
    assert differences(revised.whole, revised.parts, schema) == {}


def test_the_corrections_show(rebuilt: Rebuilt, revised: Revised) -> None:
    """The comparison has something to see: before the corrections the tables differ."""
    found = differences(revised.whole, rebuilt.with_the_week, "core")
    assert {"fct_bar_daily", "fct_universe_week"} <= set(found)
    assert {"fct_index_daily", "fct_index_weight_week"} <= set(found)
    found = differences(revised.whole, rebuilt.with_the_week, "factors")
    assert {"fct_factor_raw", "fct_factor_source_week"} <= set(found)
    assert differences(revised.whole, rebuilt.with_the_week, "risk")
