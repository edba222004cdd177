"""Factors of the user in the place of the computed ones, and beside them, on the tiny market."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from market_data.cut import cut_landing
from orchestration.lib.dbt import dbt_vars, run_dbt, vars_argument
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.panel_build import build_panel
from orchestration.lib.panel_reading import load_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse import query
from tests.fixtures.warehouses import differences

from .conftest import TINY, FinishedRun

COPIES = {"my_momentum": "return_1m", "my_value": "book_to_price"}
# A week that the user has no values for.
LEFT_OUT = "date '2021-09-10'"
TABLES = "fct_training_panel fct_factor_coverage fct_factor_raw fct_factor_source_week dim_factor"
BUILT = " ".join(f"+{table}" for table in TABLES.split())
KEYS = "rule_set, symbol, week_date"


@dataclass(frozen=True)
class Built:
    """A warehouse up to the panel."""

    experiment: Experiment
    paths: ExperimentPaths
    computed: FinishedRun

    def sql(self, statement: str) -> pa.Table:
        return query(self.paths.warehouse, statement)

    def column(self, statement: str) -> list[object]:
        return list(self.sql(statement).column(0).to_pylist())


@pytest.fixture(scope="module")
def source(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landed tiny market with copies of two computed factors, in all weeks but one."""
    directory = tmp_path_factory.mktemp("supplied") / "raw"
    shutil.copytree(tiny_run.paths.landing, directory)
    columns = ", ".join(f"{theirs} as {ours}" for ours, theirs in COPIES.items())
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tiny_run.paths.warehouse}' as built (read_only)")
        connection.execute(
            f"copy (select symbol, week_date, {columns}, 'mine' as remark"
            " from built.intermediate.int_factor__joined"
            f" where week_date <> {LEFT_OUT})"
            f" to '{directory}/factor_exposures.parquet' (format parquet)"
        )
    return directory


@pytest.fixture(scope="module", params=["both", "supplied"])
def built(
    request: pytest.FixtureRequest,
    source: Path,
    tiny_run: FinishedRun,
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    experiment = _experiment(source, request.param)
    paths = ExperimentPaths(tmp_path_factory.mktemp(request.param) / "tiny")
    build_panel(experiment, paths, BUILT)
    return Built(experiment, paths, tiny_run)


def _experiment(source: Path, factor_set: str) -> Experiment:
    tiny = load_experiment(str(TINY)).with_source(f"parquet:{source}")
    market = tiny.market.model_copy(update={"factor_set": factor_set})
    return tiny.model_copy(update={"market": market})


def _names(built: Built) -> list[object]:
    computed = built.computed.sql("select factor from factors.dim_factor order by factor_number")
    own = computed.column(0).to_pylist() if built.experiment.market.factor_set == "both" else []
    return [*own, *COPIES]


def test_supplied_factors_are_in_every_table_of_the_way(built: Built) -> None:
    names = _names(built)
    assert built.column("select factor from factors.dim_factor order by factor_number") == names
    numbers = built.column("select factor_number from factors.dim_factor order by factor_number")
    assert numbers == list(range(1, len(names) + 1))
    for table in ("factors.fct_factor_raw", "factors.fct_factor_exposure", "ml.fct_training_panel"):
        columns = built.sql(f"select * from {table} limit 0").column_names
        assert [name for name in columns if name in names] == names
    assert set(built.column("select distinct factor from factors.fct_factor_coverage")) == set(
        names
    )
    assert load_panel(built.paths.warehouse, "practitioner").feature_names == tuple(names)


def test_a_supplied_copy_is_processed_like_the_computed_factor(built: Built) -> None:
    statement = "select {} from factors.fct_factor_exposure where week_date <> {} order by " + KEYS
    ours = built.sql(statement.format(", ".join(COPIES), LEFT_OUT))
    theirs = built.computed.sql(statement.format(", ".join(COPIES.values()), LEFT_OUT))
    assert ours.num_rows == theirs.num_rows > 0
    for copy, original in COPIES.items():
        values = ours.column(copy).to_numpy()
        np.testing.assert_allclose(values, theirs.column(original).to_numpy(), atol=1e-6)
        assert np.std(values) > 0.5


def test_a_week_without_a_value_is_missing_and_not_carried_over(built: Built) -> None:
    rows = built.sql(
        f"select week_date = {LEFT_OUT} as is_left_out, factor, share_present"
        f" from factors.fct_factor_coverage where factor in {tuple(COPIES)}"
    )
    left_out = rows.filter(rows.column("is_left_out"))
    assert set(left_out.column("share_present").to_pylist()) == {0.0}
    others = rows.filter(pc.invert(rows.column("is_left_out")))
    assert pc.max(others.column("share_present")).as_py() > 0.8


@pytest.mark.parametrize("built", ["both"], indirect=True)
def test_a_week_more_of_supplied_factors_ends_in_the_tables_of_a_full_build(
    built: Built, source: Path, tmp_path: Path
) -> None:
    weeks = "select week_date from core.dim_week where is_in_data order by week_date desc limit 2"
    last, week_before = built.column(weeks)
    assert isinstance(week_before, date)
    cut_landing(source, tmp_path / "ago", week_before)
    paths = ExperimentPaths(tmp_path / "tiny")
    plans = [
        build_panel(_experiment(tables, "both"), paths, BUILT)
        for tables in (tmp_path / "ago", source)
    ]
    window = plans[1].window
    assert window is not None
    assert "factor_exposures" in {change.table for change in plans[1].changes}
    assert (window.weeks_from, window.weeks_until) == (week_before, last)
    for schema in ("core", "factors", "ml"):
        assert differences(built.paths.warehouse, paths.warehouse, schema) == {}


def test_coverage_names_the_copies(built: Built) -> None:
    named = built.sql(
        "select distinct factor, is_duplicate_of from factors.fct_factor_coverage"
        f" where factor in {tuple(COPIES)} and is_duplicate_of is not null order by factor"
    )
    both = built.experiment.market.factor_set == "both"
    found = dict(zip(named.column(0).to_pylist(), named.column(1).to_pylist(), strict=True))
    assert found == (COPIES if both else {})


def test_data_tests_of_the_tables_hold(built: Built) -> None:
    variables = vars_argument(dbt_vars(built.experiment, built.paths))
    arguments = ["test", "--select", TABLES, "fct_factor_exposure"]
    arguments += ["--indirect-selection", "cautious", *variables]
    output = run_dbt(arguments, built.experiment, built.paths)
    assert "ERROR=0" in output
