"""From the warehouse to the optimiser and back: frames out, hand-off files in."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from threadpoolctl import threadpool_limits

from optimizer.backtest import BacktestResult, run_backtest
from optimizer.columns import MARKET_TABLES, SIGNAL_TABLES, TableColumns
from optimizer.decision import Beliefs
from optimizer.expected_return import Skill
from optimizer.inputs import MarketData, Signals
from optimizer.risk.market_risk import FORECAST_TABLES, MarketRisk
from optimizer.scenario import Scenario
from orchestration.lib.fingerprint import hash_text
from orchestration.lib.handoff import write_handoff
from orchestration.lib.handoff_schemas import OPTIMIZER_OUTPUT
from orchestration.lib.ledger import now
from orchestration.lib.run_history import RunPartition, retained_partitions
from orchestration.lib.scenario_plan import (
    BACKTEST,
    FIRST_WEEK,
    RANK_IC,
    ScenarioPartition,
    plan_scenarios,
)
from orchestration.lib.warehouse import query, read_only, table_columns
from orchestration.lib.workspace import Workspace

RESULT_TABLES = tuple(name for name in OPTIMIZER_OUTPUT if name != "scenario")


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
        risk = read_risk(workspace, market)
        for (rule_set, model), group in _grouped(missing).items():
            signals = read_signals(workspace, market, rule_set, model)
            beliefs = Beliefs(read_skill(workspace, rule_set, model), risk)
            for partition in group:
                _run_partition(workspace, market, signals, beliefs, partition)
                reporter.advance(partition.label)


def read_market(workspace: Workspace) -> MarketData:
    """Bars, indices and exposures over the span of the back-tests."""
    frames = _read_tables(workspace, MARKET_TABLES, {})
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


def write_portfolios(workspace: Workspace) -> dict[str, int]:
    """Collect the back-tests of the retained runs into the files that dbt reads.

    Returns
    -------
    dict
        File name to number of rows.
    """
    partitions = retained_partitions(workspace, BACKTEST)
    tables = {name: _collect(workspace, partitions, name) for name in RESULT_TABLES}
    tables["scenario"] = pa.Table.from_pylist(
        [_scenario_row(workspace, partition) for partition in partitions],
        schema=OPTIMIZER_OUTPUT["scenario"],
    )
    for name, table in tables.items():
        write_handoff(workspace.paths.optimizer_output, name, table)
    return {name: table.num_rows for name, table in tables.items()}


def scenario_id(run_id: str, label_and_key: str) -> str:
    """Identity of a scenario within a run."""
    return hash_text(run_id, label_and_key)[:12]


def _run_partition(
    workspace: Workspace,
    market: MarketData,
    signals: Signals,
    beliefs: Beliefs,
    partition: ScenarioPartition,
) -> None:
    started = time.monotonic()
    # Small matrices, for which threads cost more than they save.
    with threadpool_limits(1):
        result: BacktestResult = run_backtest(market, signals, partition.scenario, beliefs=beliefs)
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
    scenario = Scenario.from_mapping(
        {
            # Back-tests of earlier runs may have been stored before there were fees by date.
            "fee_schedule": "none",
            **card["scenario"],
            "first_trade_date": date.fromisoformat(card["scenario"]["first_trade_date"]),
            "last_trade_date": date.fromisoformat(card["scenario"]["last_trade_date"]),
        }
    )
    return {
        **scenario.as_record(),
        "scenario_id": scenario_id(partition.run_id, partition.key),
        "run_id": partition.run_id,
        "benchmark_series": card["benchmark_series"],
        "partition_key": partition.key,
        "completed_at": datetime.fromisoformat(card["completed_at"]),
        "seconds": card["seconds"],
    }
