"""Raw tables to training panel and nothing more: what tests and benchmarks of forecasters need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow.parquet as pq

from market_data.ingest import land
from models_ml.arrays import Floats
from models_ml.metrics import weekly_rank_ic
from models_ml.panel import Panel
from models_ml.windows import TestWindow
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
    # So does the risk model, of which nothing of this needs anything.
    empty_handoff_files({name: paths.handoff[name] for name in ("ops_output", "risk_output")})
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


def attainable_rank_ic(
    paths: ExperimentPaths, panel: Panel, windows: Sequence[TestWindow], column: str
) -> Floats:
    """Weekly Rank IC of the true expected returns of a simulated market, in time order.

    Parameters
    ----------
    paths
        Where the market was landed.
    panel, windows
        Rows and labels; the weeks of the windows are judged.
    column
        `expected_return_1w` (close to close), `expected_return_vwap_1w`, or a longer horizon.

    Returns
    -------
    float64 [w]
        One value per week of the windows; NaN = no value.
    """
    table = pq.read_table(paths.truth / "expected_return.parquet")
    keys = zip(
        table.column("symbol").to_pylist(), table.column("week_date").to_pylist(), strict=True
    )
    expected = dict(zip(keys, table.column(column).to_pylist(), strict=True))
    rows = np.flatnonzero(
        np.logical_or.reduce([window.contains(panel.week_dates) for window in windows])
    )
    weeks = panel.week_dates[rows]
    truth = [
        expected.get((str(symbol), week), np.nan)
        for symbol, week in zip(panel.symbols_of(rows), weeks.tolist(), strict=True)
    ]
    return weekly_rank_ic(weeks, np.asarray(truth), panel.raw_label[rows]).rank_ic
