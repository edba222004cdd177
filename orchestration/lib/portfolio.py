"""From the warehouse to the optimiser and back: frames out, hand-off files in."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from optimizer.backtest import BacktestResult, run_backtest
from optimizer.columns import DIVIDEND_TABLE, MARKET_TABLES, SIGNAL_TABLES, TableColumns
from optimizer.inputs import MarketData, Signals
from optimizer.scenario import Scenario
from orchestration.lib.fingerprint import hash_text
from orchestration.lib.handoff import write_handoff
from orchestration.lib.handoff_schemas import OPTIMIZER_OUTPUT
from orchestration.lib.ledger import now
from orchestration.lib.run_history import RunPartition, retained_partitions
from orchestration.lib.scenario_plan import (
    BACKTEST,
    ScenarioPartition,
    backtest_span,
    plan_scenarios,
)
from orchestration.lib.warehouse import read_only, table_columns
from orchestration.lib.waterfall import waterfall_cells, waterfall_rows
from orchestration.lib.workspace import Workspace

_LOG = logging.getLogger(__name__)
RESULT_TABLES = tuple(
    name for name in OPTIMIZER_OUTPUT if name not in ("scenario", "waterfall_cell")
)


def run_scenarios(workspace: Workspace) -> None:
    """Back-test every scenario that is not there yet, each stored as soon as it is done."""
    planned = plan_scenarios(workspace)
    store = workspace.backtests
    missing = [partition for partition in planned if not store.is_complete(partition.key)]
    for partition in planned:
        if partition not in missing:
            workspace.partition_done(
                BACKTEST, partition.key, partition.label, reused=True, seconds=0.0
            )
    with workspace.step("back-tests", total=len(missing)) as reporter:
        if not missing:
            return
        market = read_market(workspace)
        for (rule_set, model), group in _grouped(missing).items():
            signals = read_signals(workspace, market, rule_set, model)
            for partition in group:
                _run_partition(workspace, market, signals, partition)
                reporter.advance(partition.label)


def read_market(workspace: Workspace) -> MarketData:
    """Bars, indices and exposures over the span of the back-tests."""
    frames = _read_tables(workspace, {**MARKET_TABLES, **DIVIDEND_TABLE}, {})
    return MarketData.from_frames(frames)


def read_signals(workspace: Workspace, market: MarketData, rule_set: str, model: str) -> Signals:
    """Universe and predictions of one model under one rule set, of the current run."""
    conditions = {
        "core.fct_universe_week": f"rule_set = '{rule_set}'",
        "results.fct_prediction": (
            f"run_id = '{workspace.run_id}' and rule_set = '{rule_set}' and model = '{model}'"
        ),
    }
    frames = _read_tables(workspace, SIGNAL_TABLES, conditions)
    return Signals.from_frames(frames, market=market, rule_set=rule_set, model=model)


def write_portfolios(workspace: Workspace) -> dict[str, int]:
    """Collect the back-tests of the retained runs into the files that dbt reads.

    Returns
    -------
    dict
        File name to number of rows.
    """
    partitions = _of_this_layout(workspace, retained_partitions(workspace, BACKTEST))
    tables = {name: _collect(workspace, partitions, name) for name in RESULT_TABLES}
    tables["scenario"] = pa.Table.from_pylist(
        [_scenario_row(workspace, partition) for partition in partitions],
        schema=OPTIMIZER_OUTPUT["scenario"],
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
    for name, table in tables.items():
        write_handoff(workspace.paths.optimizer_output, name, table)
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


def _run_partition(
    workspace: Workspace, market: MarketData, signals: Signals, partition: ScenarioPartition
) -> None:
    started = time.monotonic()
    result: BacktestResult = run_backtest(market, signals, partition.scenario)
    seconds = time.monotonic() - started
    workspace.backtests.write(
        partition.key,
        result.tables(),
        {
            "label": partition.label,
            "scenario": partition.scenario.model_dump(mode="json"),
            "benchmark_series": result.benchmark_series,
            "seconds": seconds,
            "completed_at": now().isoformat(),
        },
    )
    workspace.partition_done(
        BACKTEST, partition.key, partition.label, reused=False, seconds=seconds
    )


def _grouped(
    partitions: Iterable[ScenarioPartition],
) -> dict[tuple[str, str], list[ScenarioPartition]]:
    groups: dict[tuple[str, str], list[ScenarioPartition]] = {}
    for partition in partitions:
        scenario = partition.scenario
        groups.setdefault((scenario.rule_set, scenario.model), []).append(partition)
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
