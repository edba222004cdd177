"""Back-test scenarios: grids spelt out, and the keys that hash all their inputs."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from optimizer import baselines
from optimizer.columns import DIVIDEND_TABLE, MARKET_TABLES, SIGNAL_TABLES
from optimizer.risk.market_risk import FORECAST_TABLES
from optimizer.scenario import Scenario
from orchestration.lib.backtest_settings import BacktestSettings
from orchestration.lib.crossed_models import crossed_parts
from orchestration.lib.experiment import Experiment
from orchestration.lib.fingerprint import hash_json, hash_package, hash_text
from orchestration.lib.paper_scenarios import PlannedPaperScenario, planned_paper_scenarios
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.scenario_partition import ScenarioPartition
from orchestration.lib.scenario_rows import scenario_of
from orchestration.lib.warehouse import content_hash, query, read_only, table_columns
from orchestration.lib.waterfall import waterfall_cells
from orchestration.lib.window_plan import plan_windows, window_tasks
from orchestration.lib.workspace import Workspace

BACKTEST = "backtest"
RANK_IC = "intermediate.int_rank_ic__by_week"
FIRST_WEEK = "horizon_weeks = 1 and label_kind = 'cumulative'"
# The whole portfolio sold and bought; a whole portfolio in one industry.
NO_TURNOVER_LIMIT, NO_INDUSTRY_LIMIT = 2.0, 1.0


@dataclass(frozen=True)
class ScenarioPlan:
    """What is to be back-tested, and what became of the scenarios of the study."""

    partitions: tuple[ScenarioPartition, ...]
    of_study: tuple[PlannedPaperScenario, ...]


def scenarios(
    experiment: Experiment,
    first: date,
    last: date,
    of_study: Iterable[PlannedPaperScenario] = (),
) -> tuple[Scenario, ...]:
    """Every scenario of an experiment, each once, between two sessions unless it says otherwise.

    Portfolios by rule come after the optimised ones they belong beside.
    """
    given = [scenario_of(row, first, last) for row in experiment.scenarios]
    study = [each.scenario for each in of_study if each.scenario is not None]
    listed = [*given, *study, *_baselines(study, first)]
    for settings in experiment.backtests:
        if isinstance(settings, BacktestSettings):
            grid = list(_of_grid(experiment, settings, first, last))
            listed += [*grid, *(_baselines(grid, first) if settings.baselines else ())]
    cells = waterfall_cells(experiment, first, last)
    listed += [cell.scenario for cell in cells if cell.scenario is not None]
    return tuple(dict.fromkeys(listed))


def plan_scenarios(workspace: Workspace) -> ScenarioPlan:
    """Scenarios with their keys, from predictions and market as they are built now."""
    first, last = backtest_span(workspace)
    of_study = planned_paper_scenarios(workspace.experiment, first, last, _benchmarks(workspace))
    asked = set(scenarios(workspace.experiment, first, last))
    planned = scenarios(workspace.experiment, first, last, of_study)
    keys = _keys(workspace, planned)
    shared = Counter(scenario.label for scenario in planned)
    partitions = tuple(
        ScenarioPartition(
            scenario,
            key,
            scenario.label if shared[scenario.label] == 1 else f"{scenario.label} [{key[:8]}]",
            may_lack_data=scenario not in asked,
        )
        for scenario, key in zip(planned, keys, strict=True)
    )
    return ScenarioPlan(partitions, of_study)


def _keys(workspace: Workspace, planned: Sequence[Scenario]) -> list[str]:
    market = market_hash(workspace.paths.warehouse)
    returns = returns_hashes(workspace, planned)
    code = hash_package(PROJECT_ROOT, "optimizer")
    windows = plan_windows(workspace)
    return [
        hash_text(
            json.dumps(scenario.as_record(), sort_keys=True, default=str),
            market,
            returns[scenario.rule_set, scenario.signal_model],
            code,
            *(
                window.key
                for window in windows
                if window.task.rule_set == scenario.rule_set
                and window.task.spec.name == scenario.signal_model
            ),
        )
        for scenario in planned
    ]


def _benchmarks(workspace: Workspace) -> frozenset[str]:
    """Indices that have levels and weights."""
    rows = query(
        workspace.paths.warehouse,
        "select index_symbol from core.fct_index_daily"
        " intersect select index_symbol from core.fct_index_weight_week",
    )
    return frozenset(rows.column("index_symbol").to_pylist())


def _baselines(grid: Iterable[Scenario], first: date) -> Iterator[Scenario]:
    """Portfolios by rule beside each scenario of a grid; many scenarios share them."""
    for scenario in grid:
        if scenario.is_baseline or scenario.is_variant:
            continue
        top = f"{baselines.TOP_OF}{scenario.model}"
        for model, count in (
            (top, scenario.num_stock),
            (baselines.EQUAL_UNIVERSE, 1),
            (baselines.EQUAL_INDEX, 1),
            (baselines.INDEX, 1),
        ):
            yield scenario.model_copy(
                update={
                    "model": model,
                    "num_stock": count,
                    "barra_limit": None,
                    "turnover_limit": NO_TURNOVER_LIMIT,
                    "industry_limit": NO_INDUSTRY_LIMIT,
                    "risk_aversion": None,
                    "tracking_error": None,
                    # Portfolios without forecasts must not begin before those that have them.
                    "first_trade_date": max(scenario.first_trade_date, first),
                }
            )


def _of_grid(
    experiment: Experiment, settings: BacktestSettings, first: date, last: date
) -> Iterator[Scenario]:
    trained = dict.fromkeys((task.rule_set, task.spec.name) for task in window_tasks(experiment))
    crossed = crossed_parts(experiment)
    for rule_set in settings.rule_sets or experiment.rule_sets:
        names = [model for trained_under, model in trained if trained_under == rule_set]
        # Crossed models are there to be compared with others, one correction at a time.
        usual = [name for name in names if (rule_set, name) not in crossed]
        models = usual if settings.models is None else [n for n in names if n in settings.models]
        for model, benchmark, barra, count, turnover, capital, delay in itertools.product(
            models,
            settings.benchmark,
            settings.barra_limit,
            settings.num_stock,
            settings.turnover_limit,
            settings.capital_cny,
            settings.trading_delay_sessions,
        ):
            yield Scenario.from_mapping(
                {
                    "rule_set": rule_set,
                    "model": model,
                    "benchmark": benchmark,
                    "barra_limit": barra,
                    "num_stock": count,
                    "turnover_limit": turnover,
                    "risk_aversion": settings.risk_aversion,
                    "tracking_error": settings.tracking_error,
                    "industry_limit": settings.industry_limit,
                    "cost_rate": settings.cost_rate,
                    "fee_schedule": settings.fee_schedule,
                    "capital_cny": capital,
                    "trading_delay_sessions": delay,
                    "switches": settings.switches,
                    "first_trade_date": settings.first_date or first,
                    "last_trade_date": settings.last_date or last,
                }
            )


def backtest_span(workspace: Workspace) -> tuple[date, date]:
    """From the first session after the first prediction to the last session of the windows.

    Where the data end with that session, to the next one: it is decided for, if not traded.
    """
    first_window, last_window = workspace.experiment.forecast.predicted_span
    rows = query(
        workspace.paths.warehouse,
        "with weeks as (select * from core.dim_week where is_in_data and half_year_window"
        f" between '{first_window}' and '{last_window}'),"
        " data as (select max(trade_date) as last_date from core.dim_trade_date where is_in_data)"
        " select min(next_session_date) as first_date, max(case"
        " when week_date = last_date then coalesce(next_session_date, week_date)"
        " else week_date end) as last_date from weeks cross join data",
    ).to_pylist()
    return rows[0]["first_date"], rows[0]["last_date"]


def returns_hashes(workspace: Workspace, planned: Iterable[Scenario]) -> dict[tuple[str, str], str]:
    """Hash of what turns a model's predictions into returns: its Rank ICs and the risk model.

    Under `paper` predictions are taken as they are, so there it is empty.
    """
    has_model = workspace.experiment.risk_settings is not None
    columns = ["week_date", "rank_ic", "known_at"]
    hashes: dict[tuple[str, str], str] = {}
    with read_only(workspace.paths.warehouse) as connection:
        risk = [
            content_hash(connection, name, read.required)
            for name, read in (FORECAST_TABLES if has_model else {}).items()
        ]
        for rule_set, model in {(each.rule_set, each.signal_model) for each in planned}:
            where = f"run_id = '{workspace.run_id}' and rule_set = '{rule_set}'"
            where += f" and model = '{model}' and {FIRST_WEEK}"
            skill = content_hash(connection, RANK_IC, columns, where)
            hashes[rule_set, model] = "" if rule_set == "paper" else hash_text(skill, *risk)
    return hashes


def market_hash(database: Path) -> str:
    """Hash of every table but the predictions that a back-test reads, the rulebook included."""
    hashes = {}
    tables = {**MARKET_TABLES, **DIVIDEND_TABLE, **SIGNAL_TABLES}
    with read_only(database) as connection:
        for name, columns in tables.items():
            if name.startswith("results."):
                continue  # predictions count by the keys of their windows
            schema, table = name.split(".")
            present = table_columns(database, schema, table)
            used = [
                column for column in (*columns.required, *columns.optional) if column in present
            ]
            hashes[name] = content_hash(connection, name, used)
    return hash_json(hashes)
