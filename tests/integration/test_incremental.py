"""An incremental build ends in the tables of a full one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from market_data.contract import LANDING_TABLES
from orchestration.lib.experiment import load_experiment
from orchestration.lib.panel_build import build_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse_build import BuildPlan

from .conftest import TINY, FinishedRun

UPSTREAM = ("core", "factors", "risk", "ml")
SELECTION = " ".join(f"+path:models/marts/{schema}" for schema in UPSTREAM)
# How each table looked on an earlier day.
KNOWN_BY = {
    "daily_bars": "trade_date",
    "index_bars": "trade_date",
    "instruments": "list_date",
    "index_members": "in_date",
    "index_weights": "as_of",
    "industry_history": "in_date",
    "financial_statements": "announce_date",
    "dividends": "coalesce(announce_date, ex_date)",
}


@dataclass(frozen=True)
class Rebuilt:
    """The tiny market built in steps: what each step replaced, and where the tables are."""

    plans: tuple[BuildPlan, ...]
    paths: ExperimentPaths
    corrected: date
    new_from: date


def _derive(landing: Path, target: Path, queries: Mapping[str, str]) -> str:
    target.mkdir()
    with duckdb.connect(":memory:") as connection:
        for name in LANDING_TABLES:
            rows = f"read_parquet('{landing / name}.parquet')"
            query = queries.get(name, "select * from {rows}").format(rows=rows)
            connection.execute(f"copy ({query}) to '{target / name}.parquet' (format parquet)")
    return f"parquet:{target}"


@pytest.fixture(scope="module")
def rebuilt(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """A month ago with a wrong bar; then with the bar corrected; then with the month added."""
    root = tmp_path_factory.mktemp("incremental")
    landing = tiny_run.paths.landing
    with duckdb.connect(":memory:") as connection:
        bars = f"read_parquet('{landing}/daily_bars.parquet')"
        (last,) = connection.sql(f"select max(trade_date) from {bars}").fetchall()[0]
        symbol, corrected = connection.sql(
            f"select symbol, trade_date from {bars} where volume > 0"
            " and trade_date between date '2021-06-01' and date '2021-06-30'"
            " order by symbol, trade_date limit 1"
        ).fetchall()[0]
    cut = last - timedelta(days=30)
    ago = {
        name: f"select * from {{rows}} where {known} <= date '{cut}'"
        for name, known in KNOWN_BY.items()
    }
    is_wrong = f"symbol = '{symbol}' and trade_date = date '{corrected}'"
    wrong = ago["daily_bars"].replace(
        "select *",
        "select * replace ("
        + ", ".join(f"if({is_wrong}, {c} * 2, {c}) as {c}" for c in ("volume", "amount"))
        + ")",
    )
    experiment = load_experiment(str(TINY))
    paths = ExperimentPaths(root / "home")
    sources = (
        _derive(landing, root / "wrong", {**ago, "daily_bars": wrong}),
        _derive(landing, root / "ago", ago),
        _derive(landing, root / "now", {}),
    )
    plans = tuple(
        build_panel(experiment.with_source(source), paths, SELECTION) for source in sources
    )
    return Rebuilt(plans, paths, corrected, cut + timedelta(days=1))


def test_each_step_replaces_what_changed(rebuilt: Rebuilt) -> None:
    first, correction, month = rebuilt.plans
    assert first.window is None
    assert correction.window is not None
    assert month.window is not None
    assert correction.window.sessions_from == rebuilt.corrected
    assert correction.window.sessions_until < rebuilt.corrected + timedelta(days=30)
    assert month.window.sessions_from >= rebuilt.new_from
    assert rebuilt.new_from - timedelta(days=70) < month.window.weeks_from < rebuilt.new_from


@pytest.mark.parametrize("schema", UPSTREAM)
def test_tables_are_those_of_a_full_build(
    tiny_run: FinishedRun, rebuilt: Rebuilt, schema: str
) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{tiny_run.paths.warehouse}' as whole (read_only)")
        connection.execute(f"attach '{rebuilt.paths.warehouse}' as parts (read_only)")
        tables = connection.sql(
            "select table_name from duckdb_tables() where database_name = 'whole'"
            f" and schema_name = '{schema}'"
        ).fetchall()
        assert tables
        faults = {name: _differences(connection, f"{schema}.{name}") for (name,) in tables}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def _differences(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Columns that differ, and row counts where rows are unmatched.

    Everything but floating-point measures has to be equal and identifies the rows; measures may
    differ by rounding, 1e-9 relative and absolute for doubles, 1e-6 for floats.
    """
    columns = connection.sql(f"describe whole.{table}").fetchall()
    measures = [(name, kind) for name, kind, *_ in columns if kind in ("DOUBLE", "FLOAT")]
    others = [name for name, kind, *_ in columns if kind not in ("DOUBLE", "FLOAT")]
    on = " and ".join(f'whole."{name}" is not distinct from parts."{name}"' for name in others)
    conditions = [
        f'(whole."{name}" is null) <> (parts."{name}" is null) or'
        f' abs(whole."{name}" - parts."{name}")'
        f' > {"1e-9" if kind == "DOUBLE" else "1e-6"} * (1 + abs(whole."{name}"))'
        for name, kind in measures
    ]
    counts = "".join(f", count(*) filter (where {condition})" for condition in conditions)
    matched, *differing = connection.sql(
        f"select count(*){counts} from whole.{table} as whole join parts.{table} as parts on {on}"
    ).fetchall()[0]
    sizes = [
        connection.sql(f"select count(*) from {side}.{table}").fetchall()[0][0]
        for side in ("whole", "parts")
    ]
    faults = [f"{n} of {name}" for (name, _), n in zip(measures, differing, strict=True) if n]
    return faults if sizes == [matched, matched] else [*faults, f"rows {sizes}, {matched} match"]
