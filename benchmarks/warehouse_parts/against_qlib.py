"""Factors and training panel against qlib, on the same bars and the same rows."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.warehouse_parts.agreement import Agreement, agreement
from benchmarks.warehouse_parts.market import Market
from benchmarks.warehouse_parts.process import Usage, median_usage, run_measured
from benchmarks.warehouse_parts.qlib_data import write_qlib_data
from benchmarks.warehouse_parts.qlib_environment import WORKER, qlib_python
from benchmarks.warehouse_parts.qlib_features import FEATURES
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.warehouse import read_only

RULE_SET = "practitioner"
# Sessions without a break up to a session, the session itself included; dense bars.
UNBROKEN = """
    select symbol, trade_date, row_number() over so_far - coalesce(
        max(case when is_suspended then session_number end) over so_far
        - min(session_number) over so_far + 1, 0) as unbroken
    from built.core.fct_bar_daily
    window so_far as (partition by symbol order by session_number
        rows between unbounded preceding and current row)
"""


@dataclass(frozen=True)
class Loading:
    """Loading a panel: medians of what the process used, and of the loading alone.

    Attributes
    ----------
    process
        Whole processes, imports included.
    wall_seconds, cpu_seconds
        Without starting the interpreter and importing.
    """

    process: Usage
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class QlibFigures:
    """What was measured.

    Attributes
    ----------
    bars, stock_weeks
        Traded bars; stock-weeks of which factors were compared.
    features
        Usage of our SQL and of qlib, medians; `start` is qlib's start alone.
    agreements
        By factor.
    panel_rows, panel_features
        Size of the panel.
    loading
        By `ours` and `qlib`.
    """

    bars: int
    stock_weeks: int
    features: Mapping[str, Usage]
    agreements: Mapping[str, Agreement]
    panel_rows: int
    panel_features: int
    loading: Mapping[str, Loading]


def against_qlib(
    market: Market, home: Path, repetitions: int, advance: Callable[[], object]
) -> QlibFigures:
    """Run both in turn, `repetitions` times.

    Raises
    ------
    QlibUnavailableError
        If qlib cannot be installed.
    """
    python = qlib_python(home)
    folder = market.home / "qlib"
    data = folder / "data"
    bars = write_qlib_data(market.a_week_before, data)
    usages = _run_features(python, market, folder, repetitions, advance)
    stock_weeks, agreements = _compare(market, folder)
    loading, rows, features = _run_loading(python, market, folder, repetitions, advance)
    return QlibFigures(bars, stock_weeks, usages, agreements, rows, features, loading)


def _run_features(
    python: Path, market: Market, folder: Path, repetitions: int, advance: Callable[[], object]
) -> dict[str, Usage]:
    request = folder / "request.json"
    request.write_text(json.dumps({name: feature.expression for name, feature in FEATURES.items()}))
    worker = [str(python), "-P", str(WORKER)]
    data, compiled = str(folder / "data"), market.paths.dbt_target / "compiled" / "ashare"
    commands = {
        "ours": [
            *(sys.executable, "-m", "benchmarks.warehouse_parts.features_worker", "warehouse"),
            *map(str, (market.paths.warehouse, folder / "ours.duckdb", compiled)),
            *FEATURES,
        ],
        "qlib": [*worker, "features", data, str(request), str(folder / "qlib.parquet")],
        "start": [*worker, "start", data],
    }
    return _in_turn(commands, repetitions, advance)


def _in_turn(
    commands: Mapping[str, list[str]], repetitions: int, advance: Callable[[], object]
) -> dict[str, Usage]:
    usages: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(repetitions):
        for name, command in commands.items():
            usages[name].append(run_measured(command, {"PYTHONPATH": str(PROJECT_ROOT)}))
            advance()
    return {name: median_usage(taken) for name, taken in usages.items()}


def _compare(market: Market, folder: Path) -> tuple[int, dict[str, Agreement]]:
    """Compare every factor over the stock-weeks that both have a traded bar for."""
    with duckdb.connect(":memory:", config={"memory_limit": "4GB"}) as connection:
        connection.execute(f"attach '{folder / 'ours.duckdb'}' as ours (read_only)")
        connection.execute(f"attach '{market.paths.warehouse}' as built (read_only)")
        columns = ", ".join(
            f"o.{name} as ours_{name}, q.{name} as qlib_{name}" for name in FEATURES
        )
        joined = connection.sql(
            f"select u.unbroken, {columns} from ours.features as o"
            f" join read_parquet('{folder / 'qlib.parquet'}') as q"
            " on o.symbol = q.instrument and o.week_date = cast(q.datetime as date)"
            f" join ({UNBROKEN}) as u on o.symbol = u.symbol and o.week_date = u.trade_date"
        ).fetchnumpy()
    unbroken = np.asarray(joined["unbroken"])
    found = {
        name: agreement(
            _values(joined[f"ours_{name}"]),
            _values(joined[f"qlib_{name}"]),
            unbroken >= feature.sessions,
            feature.size,
        )
        for name, feature in FEATURES.items()
    }
    return len(unbroken), found


def _values(column: np.ndarray) -> np.ndarray:
    return np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)


def _run_loading(
    python: Path, market: Market, folder: Path, repetitions: int, advance: Callable[[], object]
) -> tuple[dict[str, Loading], int, int]:
    panel, handler, data = folder / "panel.parquet", folder / "handler.pkl", folder / "data"
    _export_panel(market, panel)
    worker = [str(python), "-P", str(WORKER)]
    run_measured([*worker, "cache", str(data), str(panel), str(handler)])
    timing = {name: folder / f"{name}_loading.json" for name in ("ours", "qlib")}
    commands = {
        "ours": [
            *(sys.executable, "-m", "benchmarks.warehouse_parts.panel_worker"),
            *(str(market.paths.warehouse), RULE_SET, str(timing["ours"])),
        ],
        "qlib": [*worker, "load", str(data), str(handler), str(timing["qlib"])],
    }
    usages: dict[str, list[Usage]] = {name: [] for name in commands}
    alone: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(repetitions):
        for name, command in commands.items():
            usages[name].append(run_measured(command, {"PYTHONPATH": str(PROJECT_ROOT)}))
            alone[name].append(json.loads(timing[name].read_text(encoding="utf-8")))
            advance()
    sizes = {(run["rows"], run["features"]) for runs in alone.values() for run in runs}
    if len(sizes) != 1:
        raise RuntimeError(f"panels of different sizes were loaded: {sorted(sizes)}")
    ((rows, features),) = sizes
    loading = {name: _loading(usages[name], alone[name]) for name in commands}
    return loading, int(rows), int(features)


def _loading(usages: list[Usage], alone: list[dict[str, float]]) -> Loading:
    return Loading(
        median_usage(usages),
        statistics.median(run["wall_seconds"] for run in alone),
        statistics.median(run["cpu_seconds"] for run in alone),
    )


def _export_panel(market: Market, target: Path) -> None:
    """The panel's features and the target to train on, keyed as qlib keys them."""
    with read_only(market.paths.warehouse) as connection:
        table = connection.table("ml.fct_training_panel")
        names = [
            name
            for name, kind in zip(table.columns, table.types, strict=True)
            if str(kind) == "FLOAT" and not name.startswith(("fwd_", "label_"))
        ]
        connection.execute(
            "copy (select cast(week_date as timestamp) as datetime, symbol as instrument,"
            f" {', '.join(names)}, fwd_target_1w as label from ml.fct_training_panel"
            f" where rule_set = '{RULE_SET}' order by week_date, symbol)"
            f" to '{target}' (format parquet)"
        )
