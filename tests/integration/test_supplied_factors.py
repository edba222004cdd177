"""Factors of the user in the place of the computed ones, and beside them, on the tiny market."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from orchestration.lib.dbt import dbt_vars, run_dbt, vars_argument
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.panel_build import build_panel
from orchestration.lib.panel_reading import load_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse import query

from .conftest import TINY, FinishedRun

COPIES = {"my_momentum": "return_1m", "my_value": "book_to_price"}
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
def source(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The landed tiny market with copies of two computed factors, and one week of none."""
    directory = tmp_path_factory.mktemp("supplied") / "raw"
    shutil.copytree(tiny_run.paths.landing, directory)
    columns = ", ".join(f"{theirs} as {ours}" for ours, theirs in COPIES.items())
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tiny_run.paths.warehouse}' as built (read_only)")
        connection.execute(
            f"copy (select symbol, week_date, {columns}, 'mine' as remark"
            " from built.intermediate.int_factor__joined"
            " where week_date < (select max(week_date) from built.factors.fct_factor_exposure))"
            f" to '{directory}/factor_exposures.parquet' (format parquet)"
        )
    return f"parquet:{directory}"


@pytest.fixture(scope="module", params=["both", "supplied"])
def built(
    request: pytest.FixtureRequest,
    source: str,
    tiny_run: FinishedRun,
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    tiny = load_experiment(str(TINY)).with_source(source)
    market = tiny.market.model_copy(update={"factor_set": request.param})
    experiment = tiny.model_copy(update={"market": market})
    paths = ExperimentPaths(tmp_path_factory.mktemp(request.param) / "tiny")
    build_panel(experiment, paths, BUILT)
    return Built(experiment, paths, tiny_run)


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
    statement = "select {} from factors.fct_factor_exposure where week_date < {} order by " + KEYS
    last = "(select max(week_date) from factors.fct_factor_exposure)"
    ours = built.sql(statement.format(", ".join(COPIES), last))
    theirs = built.computed.sql(statement.format(", ".join(COPIES.values()), last))
    assert ours.num_rows == theirs.num_rows > 0
    for copy, original in COPIES.items():
        values = ours.column(copy).to_numpy()
        np.testing.assert_allclose(values, theirs.column(original).to_numpy(), atol=1e-6)
        assert np.std(values) > 0.5


def test_a_week_without_a_value_is_missing_and_not_carried_over(built: Built) -> None:
    rows = built.sql(
        "select week_date = max(week_date) over () as is_last, factor, share_present"
        f" from factors.fct_factor_coverage where factor in {tuple(COPIES)}"
    )
    last = rows.filter(rows.column("is_last"))
    assert set(last.column("share_present").to_pylist()) == {0.0}
    assert pc.max(rows.column("share_present")).as_py() > 0.8


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
