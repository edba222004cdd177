"""From the warehouse to the optimiser and back: frames out, hand-off files in."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from optimizer.baselines import NO_MODEL
from optimizer.columns import DIVIDEND_TABLE, MARKET_TABLES, SIGNAL_TABLES, TableColumns
from optimizer.expected_return import Skill
from optimizer.inputs import MarketData
from optimizer.risk.market_risk import FORECAST_TABLES, MarketRisk
from optimizer.scenario import Scenario
from optimizer.signals import Signals
from orchestration.lib.backtest_pool import Task, run_tasks
from orchestration.lib.crossed_models import crossed_parts
from orchestration.lib.fingerprint import hash_text
from orchestration.lib.handoff import write_handoff
from orchestration.lib.optimizer_output_schemas import OPTIMIZER_OUTPUT
from orchestration.lib.paper_scenarios import TURNOVER_LIMIT
from orchestration.lib.run_history import RunPartition, retained_partitions
from orchestration.lib.scenario_partition import ScenarioPartition
from orchestration.lib.scenario_plan import (
    BACKTEST,
    FIRST_WEEK,
    RANK_IC,
    ScenarioPlan,
    backtest_span,
    plan_scenarios,
)
from orchestration.lib.shared_arrays import attach, share
from orchestration.lib.warehouse import query, read_only, table_columns
from orchestration.lib.waterfall import waterfall_cells, waterfall_rows
from orchestration.lib.workspace import Workspace

_LOG = logging.getLogger(__name__)
RESULT_TABLES = tuple(
    name
    for name in OPTIMIZER_OUTPUT
    if name not in ("scenario", "paper_scenario", "waterfall_cell")
)


def run_scenarios(workspace: Workspace) -> list[dict[str, Any]]:
    """Back-test every scenario that is not there yet, each stored as soon as it is done.

    Returns
    -------
    list of dict
        Rows of the hand-off file `paper_scenario`: what became of the study's scenarios.
    """
    plan = plan_scenarios(workspace)
    store = workspace.backtests
    missing = [each for each in plan.partitions if not store.is_complete(each.key)]
    for partition in plan.partitions:
        if partition not in missing:
            workspace.partition_done(
                BACKTEST, partition.key, partition.label, reused=True, seconds=0.0
            )
    with workspace.step("back-tests", total=len(missing)):
        absent = _run_missing(workspace, missing) if missing else {}
    return paper_scenario_rows(workspace.run_id, plan, absent)


def _run_missing(workspace: Workspace, missing: list[ScenarioPartition]) -> dict[str, str]:
    """Run back-tests side by side; keys of those that the market cannot feed, and why."""
    processes = min(workspace.experiment.resources.processes, len(missing))
    absent: dict[str, str] = {}
    peak = 0.0
    store = workspace.backtests
    with store.scratch() as directory:
        market, tasks, size = _share_inputs(workspace, missing, directory)
        for done in run_tasks(tasks, market, store, processes):
            partition, peak = done.partition, max(peak, done.peak_memory_mb)
            if done.reason is not None:
                absent[partition.key] = done.reason
            else:
                workspace.partition_done(
                    BACKTEST,
                    partition.key,
                    partition.label,
                    reused=False,
                    seconds=done.seconds,
                    fit_count=0,
                    # A portfolio by rule is no trial of a strategy.
                    trial_count=0 if partition.scenario.is_baseline else 1,
                )
            workspace.reporter.advance(partition.label)
    workspace.reporter.say(
        f"back-tests: {processes} processes, {size / 1e6:,.0f} MB of market and forecasts shared,"
        f" at most {peak:,.0f} MB in a process"
    )
    return absent


def _share_inputs(
    workspace: Workspace, missing: list[ScenarioPartition], directory: Path
) -> tuple[Path, list[Task], int]:
    """Write market and forecasts where every process can map them; their bytes."""
    file = directory / "market"
    market = read_market(workspace)
    size = share((market, read_risk(workspace, market)), file)
    # The copy in memory is gone; this process maps the file like the others.
    market = attach(file)[0]
    tasks = []
    for number, ((rule_set, model), group) in enumerate(_grouped(missing).items()):
        signals = directory / f"signals_{number}"
        forecasts = read_signals(workspace, market, rule_set, model)
        size += share((forecasts, read_skill(workspace, rule_set, model)), signals)
        tasks += [Task(partition, signals) for partition in group]
    return file, tasks, size


def read_market(workspace: Workspace) -> MarketData:
    """Bars, indices and exposures over the span of the back-tests."""
    frames = _read_tables(workspace, {**MARKET_TABLES, **DIVIDEND_TABLE}, {})
    return MarketData.from_frames(frames)


def read_signals(workspace: Workspace, market: MarketData, rule_set: str, model: str) -> Signals:
    """Universe and predictions of one model under one rule set, of the current run.

    `baselines.NO_MODEL` gives the universe alone.
    """
    if model == NO_MODEL:
        table = "core.fct_universe_week"
        universe = _read_tables(
            workspace, {table: SIGNAL_TABLES[table]}, {table: f"rule_set = '{rule_set}'"}
        )
        return Signals.of_universe(universe, market=market, rule_set=rule_set)
    parts = crossed_parts(workspace.experiment).get((rule_set, model), {})
    universe_of = parts.get("universe", rule_set)
    conditions = {
        "core.fct_universe_week": f"rule_set = '{universe_of}'",
        "results.fct_prediction": (
            f"run_id = '{workspace.run_id}' and rule_set = '{rule_set}' and model = '{model}'"
        ),
    }
    frames = _read_tables(workspace, SIGNAL_TABLES, conditions)
    return Signals.from_frames(
        frames, market=market, rule_set=rule_set, model=model, universe_rule_set=universe_of
    )


def read_risk(workspace: Workspace, market: MarketData) -> MarketRisk | None:
    """Forecasts of risk on the axes of the market; None where the experiment has none."""
    if workspace.experiment.risk_settings is None:
        return None
    return MarketRisk.from_frames(_read_tables(workspace, FORECAST_TABLES, {}), market)


def read_skill(workspace: Workspace, rule_set: str, model: str) -> Skill:
    """Weekly Rank ICs of one model in the current run."""
    return Skill.from_table(
        query(
            workspace.paths.warehouse,
            f"select known_at, rank_ic from {RANK_IC} where run_id = '{workspace.run_id}'"
            f" and rule_set = '{rule_set}' and model = '{model}' and {FIRST_WEEK}"
            " order by week_date",
        )
    )


def paper_scenario_rows(
    run_id: str, plan: ScenarioPlan, absent: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What became of every scenario of the study: its back-test, or why there is none.

    Parameters
    ----------
    absent
        Key of a partition to the reason why the market could not feed it.
    """
    keys = {partition.scenario: partition.key for partition in plan.partitions}
    rows = []
    for each in plan.of_study:
        key = keys[each.scenario] if each.scenario is not None else None
        reason = each.reason if key is None else absent.get(key)
        rows.append(
            {
                "run_id": run_id,
                "rule_set": each.rule_set,
                "paper_scenario": each.name,
                "model_kind": each.kind.label,
                "library": each.kind.library,
                "benchmark": each.benchmark,
                "barra_limit": each.barra_limit,
                "num_stock": each.num_stock,
                "turnover_limit": TURNOVER_LIMIT,
                "model": each.model,
                "scenario_id": scenario_id(run_id, key) if key and not reason else None,
                "reason": reason,
            }
        )
    return rows


def write_portfolios(workspace: Workspace, of_study: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Collect the back-tests of the retained runs into the files that dbt reads.

    Parameters
    ----------
    of_study
        Rows of `paper_scenario`, as `run_scenarios` gives them.

    Returns
    -------
    dict
        File name to number of rows.
    """
    partitions = _of_this_layout(workspace, retained_partitions(workspace, BACKTEST))
    with ThreadPoolExecutor(workspace.experiment.resources.threads) as threads:
        collected = threads.map(partial(_collect, workspace, partitions), RESULT_TABLES)
        tables = dict(zip(RESULT_TABLES, collected, strict=True))
    tables["scenario"] = pa.Table.from_pylist(
        [_scenario_row(workspace, partition) for partition in partitions],
        schema=OPTIMIZER_OUTPUT["scenario"],
    )
    tables["paper_scenario"] = pa.Table.from_pylist(
        [dict(row) for row in of_study], schema=OPTIMIZER_OUTPUT["paper_scenario"]
    )
    first, last = backtest_span(workspace)
    cells = waterfall_cells(workspace.experiment, first, last)
    identities = {
        _stored_scenario(workspace, partition): scenario_id(partition.run_id, partition.key)
        for partition in partitions
        if cells and partition.run_id == workspace.run_id
    }
    tables["waterfall_cell"] = pa.Table.from_pylist(
        waterfall_rows(cells, workspace.run_id, identities),
        schema=OPTIMIZER_OUTPUT["waterfall_cell"],
    )
    with ThreadPoolExecutor(workspace.experiment.resources.threads) as threads:
        write = partial(write_handoff, workspace.paths.optimizer_output)
        list(threads.map(write, tables, tables.values()))
    return {name: table.num_rows for name, table in tables.items()}


def _of_this_layout(workspace: Workspace, partitions: list[RunPartition]) -> list[RunPartition]:
    """Without the earlier runs whose back-tests were stored before holdings were in shares."""
    older = {
        partition.run_id
        for partition in partitions
        if not workspace.backtests.holds(partition.key, "position")
    }
    if older:
        _LOG.warning("back-tests of %s are of an older layout and are left out", sorted(older))
    return [partition for partition in partitions if partition.run_id not in older]


def scenario_id(run_id: str, label_and_key: str) -> str:
    """Identity of a scenario within a run."""
    return hash_text(run_id, label_and_key)[:12]


def _grouped(
    partitions: Iterable[ScenarioPartition],
) -> dict[tuple[str, str], list[ScenarioPartition]]:
    groups: dict[tuple[str, str], list[ScenarioPartition]] = {}
    for partition in partitions:
        scenario = partition.scenario
        groups.setdefault((scenario.rule_set, scenario.signal_model), []).append(partition)
    return groups


def _read_tables(
    workspace: Workspace, tables: Any, conditions: dict[str, str]
) -> dict[str, pa.Table]:
    database = workspace.paths.warehouse
    frames = {}
    with read_only(database) as connection:
        for name, columns in tables.items():
            schema, table = name.split(".")
            chosen = _present(columns, table_columns(database, schema, table))
            statement = f"select {', '.join(chosen)} from {name}"
            where = conditions.get(name)
            frames[name] = connection.sql(
                f"{statement} where {where}" if where else statement
            ).to_arrow_table()
    return frames


def _present(columns: TableColumns, found: list[str]) -> list[str]:
    return [column for column in (*columns.required, *columns.optional) if column in found]


def _collect(workspace: Workspace, partitions: list[RunPartition], name: str) -> pa.Table:
    schema = OPTIMIZER_OUTPUT[name]
    parts = [
        _with_scenario(workspace.backtests.read(partition.key, name), partition).select(
            schema.names
        )
        for partition in partitions
    ]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _with_scenario(table: pa.Table, partition: RunPartition) -> pa.Table:
    identity = pa.scalar(scenario_id(partition.run_id, partition.key))
    return table.append_column("scenario_id", pa.repeat(identity, table.num_rows))


def _scenario_row(workspace: Workspace, partition: RunPartition) -> dict[str, Any]:
    card = workspace.backtests.card(partition.key)
    return {
        **_stored_scenario(workspace, partition).as_record(),
        "scenario_id": scenario_id(partition.run_id, partition.key),
        "run_id": partition.run_id,
        "benchmark_series": card["benchmark_series"],
        "partition_key": partition.key,
        "completed_at": datetime.fromisoformat(card["completed_at"]),
        "seconds": card["seconds"],
    }


def _stored_scenario(workspace: Workspace, partition: RunPartition) -> Scenario:
    content = workspace.backtests.card(partition.key)["scenario"]
    days = {
        name: date.fromisoformat(content[name]) for name in ("first_trade_date", "last_trade_date")
    }
    return Scenario.from_mapping({**content, **days})
