"""Nothing that was known by a day changes with what came after; a planted look ahead is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from fixtures.planted_leaks import PLANTED_LEAKS, CompiledBuild, PlantedLeak, project_models
from fixtures.simulated_market import run_market
from twins.compiled_models import compiled_manifest

from market_data.cut import cut_landing
from market_data.ingest import land
from market_data.simulator import SimulationConfig
from orchestration.lib.cut_build import CutBuild
from orchestration.lib.experiment import load_experiment
from orchestration.lib.look_ahead import Proof, prove
from orchestration.lib.look_ahead_models import Model, read_models
from orchestration.lib.look_ahead_scope import SCOPE, Compared, Outside
from orchestration.lib.progress import SilentReporter

from .conftest import TINY, FinishedRun, ashare

# In the middle of the first test window: nothing is judged yet, only the first models are trained.
MIDWAY = date(2021, 3, 26)
# A fortnight into the second test window: the first one is judged, the second one has begun.
TRADED = date(2021, 7, 16)
EARLIER = date(2019, 9, 27)


@dataclass(frozen=True)
class ProvenRun:
    """What `ashare prove` printed for each day, and the cut copy of the last one."""

    output: Mapping[date, str]
    cut: Path
    models: Mapping[str, Model]


@pytest.fixture(scope="module")
def proven(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> ProvenRun:
    """The command on the tiny market, with retraining, on two days."""
    place = tmp_path_factory.mktemp("cut")
    finished = ashare(
        tiny_run.paths.root.parent,
        *("prove", str(TINY), "--into", str(place)),
        *("--at", MIDWAY.isoformat(), "--at", TRADED.isoformat()),
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    # Text, day, text, day: each part belongs to the day before it.
    _, *parts = re.split(r"known by (\d{4}-\d\d-\d\d)", finished.stdout)
    build = place / "build"
    return ProvenRun(
        dict(zip(map(date.fromisoformat, parts[::2]), parts[1::2], strict=True)),
        build / "warehouse.duckdb",
        read_models(build / "dbt" / "manifest.json"),
    )


def _faulty(proof: Proof) -> dict[str, object]:
    return {v.table: v.fault or v.difference for v in proof.verdicts if not v.holds}


@pytest.mark.parametrize("at", [MIDWAY, TRADED])
def test_the_command_compares_every_public_table(
    tiny_run: FinishedRun, proven: ProvenRun, at: date
) -> None:
    public = {name for name, model in proven.models.items() if model.is_public}
    lines = [line.split() for line in proven.output[at].splitlines()]
    verdicts = {words[0]: words[1:] for words in lines if words and words[0] in public}
    assert verdicts.keys() == public
    for table, words in verdicts.items():
        if isinstance(SCOPE.get(table), Outside):
            assert words[:2] == ["left", "out:"]
        else:
            assert words[1] == "equal"
            known = SCOPE.get(table, Compared()).known.format(at=f"date '{at.isoformat()}'")
            counted = f"select count(*) as n from {table} where {known}"
            (rows,) = tiny_run.sql(counted).column("n").to_pylist()
            compared = int(words[0].replace(",", ""))
            assert compared > 0 or rows == 0, f"no row of {table} was compared"


def test_only_rows_of_the_paper_marked_as_foresight_differ(
    tiny_run: FinishedRun, proven: ProvenRun
) -> None:
    # The command, which leaves such rows out, found nothing. Without the exemption the decisions of
    # the paper that foresee suspensions differ, and so does what follows from them: every one of
    # these rows is marked, itself or through its scenario or the choice that made it.
    proof = prove(tiny_run.paths.warehouse, proven.cut, TRADED, proven.models, exempt=False)
    differing = {v.table: v.difference for v in proof.verdicts if not v.holds}
    assert "results.fct_target_weight" in differing
    for table, difference in differing.items():
        assert difference is not None, table
        assert difference.marked == difference.differing > 0, table


def test_private_tables_of_an_honest_build_agree(tiny_run: FinishedRun, proven: ProvenRun) -> None:
    proof = prove(tiny_run.paths.warehouse, proven.cut, TRADED, proven.models, locate=True)
    assert _faulty(proof) == {}
    assert proof.private == {}


def test_a_table_that_is_neither_comparable_nor_listed_fails(
    tiny_run: FinishedRun, proven: ProvenRun, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.duckdb"
    cut.write_bytes(proven.cut.read_bytes())
    full = tmp_path / "full.duckdb"
    full.write_bytes(tiny_run.paths.warehouse.read_bytes())
    for file in (full, cut):
        with duckdb.connect(str(file)) as connection:
            connection.execute("create table core.fct_news as select 1 as headline")
            connection.execute("create table core.fct_rumour as select 1 as n, today() as known_at")
    models = {
        "core.fct_news": Model("core.fct_news", True, ("headline",), ()),
        "core.fct_rumour": Model("core.fct_rumour", True, (), ()),
    }
    proof = prove(full, cut, TRADED, models)
    assert [(v.table, v.holds) for v in proof.verdicts] == [
        ("core.fct_news", False),
        ("core.fct_rumour", False),
    ]
    assert "look_ahead_scope" in proof.verdicts[0].fault
    assert "unique_grain" in proof.verdicts[1].fault


def test_every_public_table_is_dated_or_listed() -> None:
    public = {name: model for name, model in project_models().items() if model.is_public}
    assert set(SCOPE) <= set(public)
    for node in compiled_manifest().values():
        name = f"{node['schema']}.{node['name']}"
        if node["resource_type"] == "model" and name in public:
            assert "known_at" in node["columns"] or name in SCOPE, name
            assert public[name].grain or isinstance(SCOPE.get(name), Outside), name


def test_an_earlier_day_upstream_of_the_models(tiny_run: FinishedRun, tmp_path: Path) -> None:
    copy = CutBuild(load_experiment(str(TINY)), tiny_run.paths.landing, tmp_path)
    left_out = copy.build(EARLIER, results=False, reporter=SilentReporter())
    models = read_models(copy.paths.dbt_target / "manifest.json")
    files = (tiny_run.paths.warehouse, copy.paths.warehouse)
    proof = prove(*files, EARLIER, models, not_built=left_out)
    assert _faulty(proof) == {}
    compared = {verdict.table for verdict in proof.verdicts if verdict.difference}
    assert {"core.fct_universe_week", "risk.fct_style_exposure", "ml.fct_training_panel"} < compared
    missing = _faulty(prove(*files, EARLIER, models))
    assert missing["results.fct_prediction"] == "was not built from the cut tables"


@dataclass(frozen=True)
class SmallMarket:
    """Two builds of a small market without leaks, one on cut tables."""

    at: date
    builds: tuple[CompiledBuild, CompiledBuild]
    databases: tuple[Path, Path]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallMarket:
    """Forty shares over twenty months, cut on a day after which each leak has something to see."""
    home = tmp_path_factory.mktemp("leaks")
    config = replace(
        SimulationConfig.for_size("tiny"),
        start_date=date(2020, 6, 1),
        stocks_at_start=40,
        stocks_at_end=44,
        index_sizes=(5, 7, 9),
    )
    market = run_market(config, home / "simulated")
    land(f"parquet:{market.summary.landing_dir}", home / "landing", home / "truth")
    targets = tuple(dict.fromkeys(leak.shows_in for leak in PLANTED_LEAKS))
    full = CompiledBuild(home / "landing", targets)
    whole = full.build(home / "full.duckdb")
    at = _telling_week(whole)
    cut_landing(home / "landing", home / "cut", at)
    cut = CompiledBuild(home / "cut", targets)
    return SmallMarket(at, (full, cut), (whole, cut.build(home / "cut.duckdb")))


def _telling_week(database: Path) -> date:
    """A week before a suspension, with restatements and a change of industry still to come."""
    with duckdb.connect(str(database), read_only=True) as connection:
        (week,) = connection.sql(
            """
            select max(week_date) from core.fct_universe_week
            where rule_set = 'practitioner' and in_universe and fwd_is_suspended
                and week_date < (select max(in_date) from intermediate.int_industry__bounded)
                and week_date < (
                    select max(announce_date) from intermediate.int_statement__versioned as later
                    where exists (
                        select 1 from intermediate.int_statement__versioned as first
                        where first.symbol = later.symbol
                            and first.report_period = later.report_period
                            and first.announce_date < later.announce_date
                    )
                )
            """
        ).fetchall()[0]
    assert week is not None
    return week


def test_the_small_market_is_clean(small: SmallMarket) -> None:
    assert _faulty(prove(*small.databases, small.at, project_models())) == {}


@pytest.mark.parametrize("leak", PLANTED_LEAKS, ids=lambda leak: leak.name)
def test_a_planted_leak_is_found_and_its_model_named(
    small: SmallMarket, leak: PlantedLeak, tmp_path: Path
) -> None:
    leaking = [
        build.rebuild(clean, tmp_path / clean.name, leak)
        for build, clean in zip(small.builds, small.databases, strict=True)
    ]
    proof = prove(*leaking, small.at, project_models())
    assert not proof.holds
    found = {verdict.table: verdict for verdict in proof.verdicts}[leak.shows_in]
    assert found.origins == (leak.model,)
    assert found.difference is not None
    assert found.difference.examples
