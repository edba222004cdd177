"""A run on a simulated market stops if a factor or a style is hardly there, or not at all.

That is how `demo` is held to it at its own size: the run itself asks, for no build of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import duckdb
import pytest

from orchestration.lib.dbt import DbtError, dbt_vars, run_dbt, vars_argument
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.paths import ExperimentPaths

from .conftest import TINY, FinishedRun

TESTS = ("assert_factors_cover_the_universe", "assert_styles_cover_the_universe")

Asked = Callable[[Experiment], str]


@pytest.fixture(scope="module")
def asked(tiny_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Runs the two data tests on the tiny market, whose last factor and style are never there."""
    paths = ExperimentPaths(tmp_path_factory.mktemp("absent") / "tiny")
    paths.create()
    shutil.copy(tiny_run.paths.warehouse, paths.warehouse)
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute(
            "update factors.fct_factor_coverage"
            " set share_present = 0, share_clipped = 0, share_filled = 1"
            " where factor = (select max_by(factor, factor_number) from factors.dim_factor)"
        )
        connection.execute(
            "update risk.fct_style_coverage"
            " set missing_count = stock_count, universe_missing_count = universe_count"
            " where style = 'momentum'"
        )

    def ask(experiment: Experiment) -> str:
        variables = vars_argument(dbt_vars(experiment, paths))
        return run_dbt(["test", "--select", *TESTS, *variables], experiment, paths)

    return ask


def test_an_absent_factor_or_style_of_a_simulated_market_is_an_error(asked: Asked) -> None:
    with pytest.raises(DbtError, match="ERROR=2") as stopped:
        asked(load_experiment(str(TINY)))
    assert all(test in str(stopped.value) for test in TESTS)


def test_what_another_source_does_not_feed_is_none(asked: Asked, tiny_run: FinishedRun) -> None:
    directory = f"parquet:{tiny_run.paths.landing}"
    assert "PASS=2 WARN=0 ERROR=0" in asked(load_experiment(str(TINY)).with_source(directory))
