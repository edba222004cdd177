"""Raw tables to training panel and nothing more: what tests and benchmarks of forecasters need."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq

from market_data.ingest import land
from models_ml.panel import Panel
from orchestration.lib.dbt import dbt_vars, project_hash, run_dbt, vars_argument
from orchestration.lib.experiment import Experiment
from orchestration.lib.fingerprint import hash_text
from orchestration.lib.handoff import empty_handoff_files
from orchestration.lib.panel_reading import load_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse_build import BuildPlan, WarehouseBuild


def build_panel(
    experiment: Experiment, paths: ExperimentPaths, select: str = "+fct_training_panel"
) -> BuildPlan:
    """Land the source and build the models upstream of the panel, without their data tests.

    Parameters
    ----------
    select
        What dbt builds, in its own selection syntax.

    Returns
    -------
    What had to be built: everything, or the weeks that a change of the source made stale since
    the last build into the same directory.
    """
    paths.create()
    land(experiment.source, paths.landing, paths.truth)
    # The dictionary is among the tables of core; its rows come after the build of everything.
    empty_handoff_files({"ops_output": paths.ops_output})
    variables = vars_argument(dbt_vars(experiment, paths))
    build = WarehouseBuild(paths.state, paths.landing, paths.warehouse)
    key = hash_text(project_hash(include_downstream=False), *variables, select)
    plan = build.plan(key)
    build.begin(plan)
    if plan.window is None:
        run_dbt(["seed", "--full-refresh", *variables], experiment, paths)
    run_dbt(
        ["run", "--select", select, *plan.dbt_arguments, *variables],
        experiment,
        paths,
        plan.environment,
    )
    build.complete(key)
    return plan


def read_whole_panel(paths: ExperimentPaths, rule_set: str) -> Panel:
    """The whole panel of a rule set."""
    return load_panel(paths.warehouse, rule_set)


def read_expected_returns(paths: ExperimentPaths, column: str) -> dict[tuple[str, date], float]:
    """True expected returns by symbol and week_date, of a simulated market.

    Parameters
    ----------
    column
        `expected_return_1w` (close to close), `expected_return_vwap_1w`, or a longer horizon.
    """
    table = pq.read_table(paths.truth / "expected_return.parquet")
    keys = zip(
        table.column("symbol").to_pylist(), table.column("week_date").to_pylist(), strict=True
    )
    return dict(zip(keys, table.column(column).to_pylist(), strict=True))
