"""A small warehouse of results and the made-up market that goes into it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from optimizer.trading_kernels import COST_PARTS
from orchestration.lib.handoff import handoff_schema, write_handoff
from orchestration.lib.handoff_schemas import HANDOFF
from orchestration.lib.paths import DBT_PROJECT_DIR

RUN, OLD_RUN = "run_new", "run_old"
RULE_SETS = {"paper": "close", "practitioner": "vwap"}
MODELS = ("ridge", "trees")
SYMBOLS = [f"{600000 + number}.SH" for number in range(44)]
SESSIONS = pd.bdate_range("2019-10-08", "2020-02-28")
WEEKS = pd.Series(SESSIONS, index=SESSIONS).groupby(SESSIONS.strftime("%G-%V")).max().tolist()
THIN_WEEK, CONSTANT_WEEK = WEEKS[3], WEEKS[5]


@dataclass(frozen=True)
class ResultsCase:
    """The built warehouse and the frames that went into it."""

    root: Path
    labels: pd.DataFrame
    universe: pd.DataFrame
    predictions: pd.DataFrame
    nav: pd.DataFrame

    @property
    def database(self) -> Path:
        return self.root / "warehouse.duckdb"

    def frame(self, query: str) -> pd.DataFrame:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.sql(query).df()

    def dbt(
        self,
        *arguments: str,
        database: Path | None = None,
        variables: Mapping[str, float] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return run_dbt(self.root, database or self.database, *arguments, given=variables or {})


def run_dbt(
    root: Path, database: Path, *arguments: str, given: Mapping[str, float]
) -> subprocess.CompletedProcess[str]:
    variables = {f"{kind}_dir": str(root / kind) for kind in HANDOFF} | dict(given)
    return subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", *arguments),
            *("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
            *("--target-path", str(root / "target"), "--log-path", str(root / "logs")),
            *("--vars", json.dumps(variables)),
        ],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(root),
            "ASHARE_DBT_TARGET": "warehouse",
            "ASHARE_WAREHOUSE": str(database),
            "ASHARE_MEMORY_LIMIT": "1GB",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def write_rows(case: ResultsCase, kind: str, name: str, rows: pd.DataFrame | list[Any]) -> None:
    """Hand rows over as the file of that name."""
    frame = pd.DataFrame(rows)
    schema = handoff_schema(name)
    table = pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
    write_handoff(case.root / kind, name, table)


def weekly_rank_ic(case: ResultsCase) -> pd.DataFrame:
    """Spearman correlations by scipy, one row per run, rule set, model, horizon, kind and week."""
    rows = []
    judged = case.predictions.merge(
        case.universe[case.universe.in_universe], on=["rule_set", "symbol", "week_date"]
    )
    judged["label_convention"] = judged.rule_set.map(RULE_SETS)
    joined = judged.merge(case.labels, on=["symbol", "week_date", "label_convention"])
    keys = ["run_id", "rule_set", "model", "horizon_weeks"]
    for kind, column in (("cumulative", "fwd_return_cum"), ("single", "fwd_return_single")):
        known = joined[joined[column].notna()]
        for key, week in known.groupby([*keys, "week_date"]):
            defined = len(week) >= 30 and week.prediction.min() < week.prediction.max()
            rank_ic = stats.spearmanr(week.prediction, week[column])[0] if defined else None
            rows.append((*key[:4], kind, key[4], rank_ic, len(week)))
    names = [*keys, "label_kind", "week_date", "rank_ic", "stock_count"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"rank_ic": "float64", "horizon_weeks": "int32"})


def universe_rows() -> pd.DataFrame:
    frame = pd.DataFrame(
        itertools.product(RULE_SETS, SYMBOLS, WEEKS), columns=["rule_set", "symbol", "week_date"]
    )
    number = frame.symbol.map(SYMBOLS.index)
    thin = (frame.week_date == THIN_WEEK) & (number >= 25)
    absent = (number == 3) & (frame.rule_set == "practitioner")
    frame["in_universe"] = ~(thin | absent)
    frame["exclusion_rule"] = np.where(frame.in_universe, None, "suspended")
    frame["uses_future"] = frame.rule_set == "paper"
    frame["known_at"] = frame.week_date
    return frame


def label_rows(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for convention, symbol in itertools.product(RULE_SETS.values(), SYMBOLS):
        # Rounded, so that ties occur.
        weekly = rng.normal(0, 0.03, len(WEEKS) + 4).round(2)
        for at, week in enumerate(WEEKS):
            for horizon in range(1, 5):
                known = at + horizon < len(WEEKS)
                growth = float(np.prod(1 + weekly[at : at + horizon]) - 1)
                rows.append(
                    {
                        "symbol": symbol,
                        "week_date": week,
                        "label_convention": convention,
                        "horizon_weeks": horizon,
                        "fwd_return_cum": growth if known else None,
                        "fwd_return_single": weekly[at + horizon - 1] if known else None,
                        "label_known_at": WEEKS[at + horizon] if known else None,
                        "label_tradable": True,
                    }
                )
    return pd.DataFrame(rows).astype({"horizon_weeks": "int32"})


def prediction_rows(rng: np.random.Generator, universe: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for run, model in ((OLD_RUN, "ridge"), (RUN, "ridge"), (RUN, "trees")):
        part = universe[universe.in_universe][["rule_set", "symbol", "week_date"]].copy()
        part["run_id"], part["model"] = run, model
        part["prediction"] = rng.normal(0, 1, len(part)).round(1)
        if model == "trees":
            part.loc[part.week_date == CONSTANT_WEEK, "prediction"] = 0.25
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    in_first_half = frame.week_date.dt.month < 7
    frame["window_start"] = np.where(
        in_first_half, pd.Timestamp("2020-01-01"), pd.Timestamp("2019-07-01")
    )
    frame["window_start"] = pd.to_datetime(frame.window_start)
    return frame


def nav_rows(rng: np.random.Generator) -> pd.DataFrame:
    """`hand`: a decision and four sessions over two years; the others: all from November on."""
    hand = pd.DataFrame(
        {
            "scenario_id": "hand",
            "trade_date": pd.to_datetime(
                ["2019-12-27", "2019-12-30", "2019-12-31", "2020-01-01", "2020-01-02"]
            ),
            "nav": [1.0, 1.2, 0.9, 1.8, 1.5],
            "benchmark_nav": [1.0, 1.1, 1.1, 1.2, 1.25],
            "turnover": [0.0, 1.0, 0.0, 0.5, 0.0],
            "cost": [0.0, 0.001, 0.0, 0.002, 0.0],
            "cash_weight": [1.0, 0.1, 0.1, 0.0, 0.2],
            "holding_count": [0, 10, 10, 12, 8],
        }
    )
    days = SESSIONS[SESSIONS >= "2019-11-01"]
    count = len(days)
    random = pd.DataFrame(
        {
            "scenario_id": "random",
            "trade_date": days,
            "nav": np.cumprod(1 + np.append(0, rng.normal(0.001, 0.015, count - 1))),
            "benchmark_nav": np.cumprod(1 + np.append(0, rng.normal(0.0005, 0.012, count - 1))),
            "turnover": np.append(0, rng.uniform(0, 0.1, count - 1)),
            "cost": np.append(0, rng.uniform(0, 0.0001, count - 1)),
            "cash_weight": rng.uniform(0, 0.05, count),
            "holding_count": rng.integers(80, 120, count),
        }
    )
    nav = pd.concat([hand, random, random.assign(scenario_id="grid")], ignore_index=True)
    return nav.assign(**{**dict.fromkeys(COST_PARTS, 0.0), "commission": nav["cost"]}, dividend=0.0)
