"""An incremental build ends in the tables of a full one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from market_data.cut import cut_landing
from orchestration.lib.experiment import load_experiment
from orchestration.lib.look_ahead_scope import SCOPE, Outside
from orchestration.lib.panel_build import build_panel
from orchestration.lib.paths import DBT_PROJECT_DIR, ExperimentPaths
from orchestration.lib.table_comparison import Side, TableDifference, compare_tables
from orchestration.lib.warehouse_build import BuildPlan
from tests.fixtures.corrections import BARS, OTHER_TABLES, corrected

from .conftest import TINY, FinishedRun

UPSTREAM = ("core", "factors", "risk", "ml")
RISK_MARTS = "models/marts/risk/factor_model"
SELECTION = " ".join(f"+path:models/marts/{schema}" for schema in UPSTREAM)

RISK_MODEL = {file.stem for file in (DBT_PROJECT_DIR / RISK_MARTS).glob("*.sql")}


@dataclass(frozen=True)
class Rebuilt:
    """The tiny market built in steps: what each step replaced, and where the tables are."""

    plans: tuple[BuildPlan, ...]
    paths: ExperimentPaths
    with_the_month: Path
    corrected: date
    new_from: date


@dataclass(frozen=True)
class Revised:
    """Corrections of many kinds: the plans of two steps, and the warehouses to compare."""

    plans: tuple[BuildPlan, ...]
    parts: Path
    whole: Path


def _with_a_wrong_bar(landing: Path, symbol: str, day: date) -> str:
    """The same tables, with twice the volume and the amount of one bar."""
    wrong = landing.with_name("wrong")
    shutil.copytree(landing, wrong)
    doubled = ", ".join(
        f"if(symbol = '{symbol}' and trade_date = date '{day}', {name} * 2, {name}) as {name}"
        for name in ("volume", "amount")
    )
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"copy (select * replace ({doubled}) from '{landing}/daily_bars.parquet')"
            f" to '{wrong}/daily_bars.parquet' (format parquet)"
        )
    return f"parquet:{wrong}"


@pytest.fixture(scope="module")
def rebuilt(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """A month ago with a wrong bar; then with the bar corrected; then with the month added."""
    root = tmp_path_factory.mktemp("incremental")
    landing = tiny_run.paths.landing
    with duckdb.connect(":memory:") as connection:
        bars = f"read_parquet('{landing}/daily_bars.parquet')"
        (last,) = connection.sql(f"select max(trade_date) from {bars}").fetchall()[0]
        symbol, wrong_day = connection.sql(
            f"select symbol, trade_date from {bars} where volume > 0"
            " and trade_date between date '2021-06-01' and date '2021-06-30'"
            " order by symbol, trade_date limit 1"
        ).fetchall()[0]
    cut = last - timedelta(days=30)
    cut_landing(landing, root / "ago", cut)
    experiment = load_experiment(str(TINY))
    paths = ExperimentPaths(root / "home")
    sources = (
        _with_a_wrong_bar(root / "ago", symbol, wrong_day),
        f"parquet:{root / 'ago'}",
        f"parquet:{landing}",
    )
    plans = tuple(
        build_panel(experiment.with_source(source), paths, SELECTION) for source in sources
    )
    with_the_month = shutil.copy(paths.warehouse, root / "with_the_month.duckdb")
    return Rebuilt(plans, paths, with_the_month, wrong_day, cut + timedelta(days=1))


@pytest.fixture(scope="module")
def revised(
    tiny_run: FinishedRun, rebuilt: Rebuilt, tmp_path_factory: pytest.TempPathFactory
) -> Revised:
    """Old rows of every kind of table change, those of bars in a later step than the others.

    Dates ascend with the steps, so that weeks replaced too late in a step stay as they were.
    """
    root = tmp_path_factory.mktemp("revised")
    experiment = load_experiment(str(TINY))
    others = corrected(tiny_run.paths.landing, root / "others", OTHER_TABLES)
    both = corrected(others, root / "both", BARS)
    plans = tuple(
        build_panel(experiment.with_source(f"parquet:{source}"), rebuilt.paths, SELECTION)
        for source in (others, both)
    )
    whole = ExperimentPaths(root / "home")
    build_panel(experiment.with_source(f"parquet:{both}"), whole, SELECTION)
    return Revised(plans, rebuilt.paths.warehouse, whole.warehouse)


def test_each_step_replaces_what_changed(rebuilt: Rebuilt) -> None:
    first, correction, month = rebuilt.plans
    assert first.window is None
    assert correction.window is not None
    assert month.window is not None
    assert correction.window.sessions_from == rebuilt.corrected
    assert correction.window.sessions_until < rebuilt.corrected + timedelta(days=30)
    assert month.window.sessions_from >= rebuilt.new_from
    assert rebuilt.new_from - timedelta(days=70) < month.window.label_weeks_from
    assert rebuilt.new_from - timedelta(days=14) < month.window.weeks_from < rebuilt.new_from


def test_a_stale_window_makes_dbt_parse_nothing_again(rebuilt: Rebuilt) -> None:
    log = (rebuilt.paths.logs / "dbt.log").read_text()
    assert "Partial parsing enabled: 0 files deleted, 0 files added, 0 files changed" in log
    assert "Partial parsing: updated file" not in log


@pytest.mark.parametrize("schema", UPSTREAM)
def test_tables_are_those_of_a_full_build(
    tiny_run: FinishedRun, rebuilt: Rebuilt, schema: str
) -> None:
    assert differences(tiny_run.paths.warehouse, rebuilt.with_the_month, schema) == {}


def test_corrections_of_many_kinds_replace_less_than_half(revised: Revised) -> None:
    others, bars = revised.plans
    assert others.window is not None
    assert others.window.sessions_from == date.max
    assert {change.table for change in others.changes} == set(OTHER_TABLES)
    assert bars.window is not None
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
    found = differences(revised.whole, rebuilt.with_the_month, "core")
    assert {"fct_bar_daily", "fct_universe_week"} <= set(found)
    assert differences(revised.whole, rebuilt.with_the_month, "factors")
    assert differences(revised.whole, rebuilt.with_the_month, "risk")


def differences(whole: Path, parts: Path, schema: str) -> dict[str, TableDifference]:
    """Public tables of a schema in which two warehouses differ, the risk model left out."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{whole}' as whole (read_only)")
        connection.execute(f"attach '{parts}' as parts (read_only)")
        tables = connection.sql(
            "select table_name from duckdb_tables() where database_name = 'whole'"
            f" and schema_name = '{schema}'"
        ).fetchall()
        assert tables
        return {
            name: difference
            for (name,) in tables
            # The dictionary and the risk model are written later, by a whole run alone.
            if not isinstance(SCOPE.get(f"{schema}.{name}"), Outside) and name not in RISK_MODEL
            for difference in [
                compare_tables(
                    connection, Side(f"whole.{schema}.{name}"), Side(f"parts.{schema}.{name}")
                )
            ]
            if not difference.agrees
        }
