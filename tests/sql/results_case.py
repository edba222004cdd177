"""A small warehouse of results: hand-made upstream tables, handed-over files, built by dbt."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from models_ml.evaluation import rank_ic_p_values, rank_ic_statistics
from optimizer.execution.costs import COST_PARTS
from orchestration.lib.handoff import empty_handoff_files, handoff_schema, write_handoff
from orchestration.lib.handoff_schemas import HANDOFF
from orchestration.lib.paths import DBT_PROJECT_DIR

RUN, OLD_RUN = "run_new", "run_old"
RULE_SETS = {"paper": "close", "practitioner": "vwap"}
MODELS = ("ridge", "trees")
SYMBOLS = [f"{600000 + number}.SH" for number in range(44)]
SESSIONS = pd.bdate_range("2019-10-08", "2020-02-28")
WEEKS = pd.Series(SESSIONS, index=SESSIONS).groupby(SESSIONS.strftime("%G-%V")).max().tolist()
THIN_WEEK, CONSTANT_WEEK = WEEKS[3], WEEKS[5]
OWN_FOLDERS = (
    "path:models/staging/model_output",
    "path:models/staging/optimizer_output",
    "path:models/staging/ops_output",
    "path:models/intermediate/forecast",
    "path:models/intermediate/portfolio",
    "path:models/intermediate/comparison",
    "path:models/intermediate/overfitting",
    "path:models/intermediate/claims",
    "path:seeds/paper",
    "path:models/marts/results",
    "path:models/marts/ops",
)


# Built from whole panels of factors, or from bars and factor returns (test_attribution.py).
NOT_HERE = (
    "path:models/marts/results/factor_research",
    "path:models/marts/results/portfolio_risk",
    "int_factor_day__widened+",
    "int_holding__by_session+",
    "dim_column",
)


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
        self, *arguments: str, database: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return run_dbt(self.root, database or self.database, *arguments)


def run_dbt(root: Path, database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {f"{kind}_dir": str(root / kind) for kind in HANDOFF}
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


def build_case(root: Path) -> ResultsCase:
    """Write the files and the upstream tables, and let dbt build everything of results and ops."""
    rng = np.random.default_rng(7)
    universe, labels = _universe(), _labels(rng)
    predictions = _predictions(rng, universe)
    case = ResultsCase(root, labels, universe, predictions, _nav(rng))
    empty_handoff_files({kind: root / kind for kind in HANDOFF})
    _write_upstream(case)
    _write_forecasts(case)
    _write_portfolios(case)
    _write_ops(case)
    # Generic tests run on a whole market in tests/integration.
    built = case.dbt("build", "--select", *OWN_FOLDERS, "--exclude", "test_type:generic", *NOT_HERE)
    if built.returncode != 0:
        raise AssertionError(built.stdout[-6000:] + built.stderr[-2000:])
    return case


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


def _universe() -> pd.DataFrame:
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


def _labels(rng: np.random.Generator) -> pd.DataFrame:
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


def _predictions(rng: np.random.Generator, universe: pd.DataFrame) -> pd.DataFrame:
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


def _nav(rng: np.random.Generator) -> pd.DataFrame:
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


def _write_upstream(case: ResultsCase) -> None:
    days = pd.DataFrame({"trade_date": SESSIONS})
    days["session_number"] = range(1, len(days) + 1)
    days["previous_trade_date"] = days.trade_date.shift(1)
    weeks = pd.DataFrame({"week_date": WEEKS})
    months = weeks.week_date.dt.month
    weeks["half_year_window"] = weeks.week_date.dt.year.astype(str) + np.where(
        months < 7, "H1", "H2"
    )
    weeks["end_week_date_1w"] = weeks.week_date.shift(-1)
    following = days.set_index("trade_date").index
    weeks["exit_session_date_1w"] = [
        following[following > end].min() for end in weeks.end_week_date_1w
    ]
    tables = {
        "core.dim_trade_date": days,
        "core.dim_week": weeks,
        "core.fct_universe_week": case.universe,
        "ml.fct_label": case.labels,
    }
    with duckdb.connect(str(case.database)) as connection:
        for name, frame in tables.items():
            connection.sql(f"create schema if not exists {name.split('.')[0]}")
            dates = [column for column in frame if frame[column].dtype.kind == "M"]
            casts = ", ".join(f"{column}::date as {column}" for column in dates)
            connection.register("upstream", frame)
            connection.sql(f"create table {name} as select * replace ({casts}) from upstream")
            connection.unregister("upstream")


def _write(case: ResultsCase, kind: str, name: str, rows: pd.DataFrame | list[Any]) -> None:
    frame = pd.DataFrame(rows)
    schema = handoff_schema(name)
    table = pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
    write_handoff(case.root / kind, name, table)


def _write_forecasts(case: ResultsCase) -> None:
    runs_and_models = case.predictions[["run_id", "rule_set", "model"]].drop_duplicates()
    models = runs_and_models.assign(loss="mse", window_mode="expanding", seed=777, parameters="{}")
    models["library"] = np.where(models.model == "trees", "xgboost", "ridge")
    models["parameters"] = '{"run": "' + models.run_id + '"}'
    models["tuning"], models["members"] = None, None
    for part in ("universe", "label", "purge"):
        models[f"{part}_rule_set"] = models.rule_set
    models["stock_order"] = None
    models["label_convention"] = models.rule_set.map(RULE_SETS)
    _write(case, "model_output", "model", models)
    _write(case, "model_output", "prediction", case.predictions)
    weekly = weekly_rank_ic(case)
    table = pa.Table.from_pandas(weekly, preserve_index=False)
    write_handoff(case.root / "model_output", "rank_ic_p_value", rank_ic_p_values(table))
    write_handoff(case.root / "model_output", "rank_ic_statistic", rank_ic_statistics(table))
    windows = _training_windows(case, weekly)
    _write(case, "model_output", "training_window", windows)
    _write(case, "model_output", "tuning_trial", _tuning_trials(windows))
    _write_canaries(case)
    _write(case, "model_output", "feature_importance", _feature_importances(windows))
    _write(case, "model_output", "sequence_shape", _sequence_shapes(windows))


def _write_canaries(case: ResultsCase) -> None:
    judged = {"p_value": 0.4, "week_count": 20, "is_passed": True, "rule_set": "practitioner"}
    panel = {
        **judged,
        "canary": "shuffled_labels",
        "expectation": "silent",
        "observed": 0.001,
        "spread": 0.002,
        "randomisation_count": 19,
    }
    model = {**judged, "model": "trees", "observed": 0.03, "attainable": 0.08, "t_stat": -2.5}
    _write(case, "model_output", "pipeline_canary", [panel])
    _write(case, "model_output", "attainable_canary", [model])


def _feature_importances(windows: pd.DataFrame) -> pd.DataFrame:
    """Two features of every window, by the gain of the trees or the size of a coefficient."""
    features = pd.DataFrame(
        {"feature": ["size", "beta"], "importance": [0.75, 0.25], "importance_rank": [1, 2]}
    )
    keyed = windows[["run_id", "rule_set", "model", "window_start"]].merge(features, how="cross")
    trees = keyed.model == "trees"
    return keyed.assign(importance_kind=np.where(trees, "gain", "abs_coefficient_std"))


def _sequence_shapes(windows: pd.DataFrame) -> pd.DataFrame:
    """Parts of every window of one model, as if it had memory."""
    parts = pd.DataFrame(
        {
            "part": ["fit", "stop", "in_sample", "test"],
            "row_count": [110, 40, 150, 50],
            "sample_count": [100, 30, 130, 45],
        }
    )
    keyed = windows.loc[windows.model == "trees", ["run_id", "rule_set", "model", "window_start"]]
    return keyed.merge(parts, how="cross").assign(sequence_weeks=5, feature_count=2)


def _tuning_trials(windows: pd.DataFrame) -> pd.DataFrame:
    """Two points and two trials of every window of the trees, the second trial the best."""
    keys = ["run_id", "rule_set", "model", "window_start"]
    tuned = windows.loc[windows.model == "trees", keys]
    stages = pd.DataFrame(
        {
            "stage": ["range_scan", "range_scan", "optuna", "optuna"],
            "trial": [0, 1, 0, 1],
            "scanned_parameter": ["eta", "eta", None, None],
            "scan_pass": pd.array([1, 1, None, None], dtype="Int64"),
            "score": [1.0, 0.75, 0.75, 0.5],
            "is_best": [False, True, False, True],
            "is_at_edge": [False, False, False, True],
            "edge_parameters": [None, None, None, '["eta"]'],
        }
    )
    return tuned.merge(stages, how="cross").assign(
        parameters='{"eta": 0.25}',
        search_range='{"eta": [0.25, 0.5]}',
        fold_scores="[1.0, 0.5]",
        fold_count=2,
        state="complete",
        seconds=1.5,
        tuned_on_window_start=tuned.window_start.min(),
        known_at=dt.date(2019, 6, 28),
        completed_at=pd.Timestamp("2024-01-01"),
    )


def _training_windows(case: ResultsCase, weekly: pd.DataFrame) -> pd.DataFrame:
    keys = ["run_id", "rule_set", "model", "window_start"]
    first = weekly[(weekly.horizon_weeks == 1) & (weekly.label_kind == "cumulative")].copy()
    first["window_start"] = np.where(
        first.week_date.dt.year == 2019, pd.Timestamp("2019-07-01"), pd.Timestamp("2020-01-01")
    )
    windows = case.predictions.groupby(keys, as_index=False).agg(test_row_count=("symbol", "size"))
    means = first.groupby(keys, as_index=False).agg(out_of_sample_rank_ic=("rank_ic", "mean"))
    windows = windows.merge(means.astype({"window_start": "datetime64[us]"}), on=keys, how="left")
    windows["window_end"] = windows.window_start + pd.DateOffset(months=6) - pd.Timedelta(days=1)
    measures = [name for name in handoff_schema("training_window").names if name not in windows]
    values: dict[str, Any] = dict.fromkeys(measures, 0)
    values |= {
        name: None
        for name in measures
        if name.endswith(("_mse", "_rank_ic", "rounds", "epochs", "member"))
    }
    values |= {
        "partition_key": windows.run_id + windows.model + windows.window_start.astype(str),
        "train_first_week": dt.date(2018, 1, 5),
        "train_last_week": dt.date(2019, 6, 21),
        "parameters": '{"penalty": 10, "eta": 0.0625}',
        "uses_future": windows.rule_set == "paper",
        "completed_at": pd.Timestamp("2024-01-01"),
    }
    return windows.assign(**values)


def _write_portfolios(case: ResultsCase) -> None:
    scenario = {
        "run_id": RUN, "model": "trees", "benchmark": "000300.SH", "num_stock": 2,
        "benchmark_series": "price",
        "turnover_limit": 0.15, "industry_limit": 0.5, "cost_rate": 0.00005, "partition_key": "k",
        "uses_future": True, "completed_at": pd.Timestamp("2024-01-01"), "seconds": 1.0,
        "risk_aversion": None, "tracking_error_limit": None,
        "first_trade_date": dt.date(2019, 11, 1), "last_trade_date": dt.date(2020, 2, 28),
        "switches": "", "capital_cny": 1e8, "trading_delay_sessions": 0, "is_variant": False,
    }  # fmt: skip
    rows = [
        scenario | {"scenario_id": "hand", "rule_set": "paper", "barra_limit": 0.3,
                    "fee_schedule": "none", "execution_policy": "paper",
                    "adjustment": "every_5_sessions"},
        scenario | {"scenario_id": "random", "rule_set": "practitioner", "barra_limit": None,
                    "fee_schedule": "rulebook", "execution_policy": "practitioner",
                    "adjustment": "weekly", "run_id": OLD_RUN},
        scenario | {"scenario_id": "grid", "rule_set": "paper", "barra_limit": 0.5,
                    "fee_schedule": "none", "execution_policy": "paper",
                    "adjustment": "every_5_sessions", "num_stock": 100},
    ]  # fmt: skip
    _write(case, "optimizer_output", "scenario", rows)
    _write(case, "optimizer_output", "nav_daily", case.nav)
    key = {"scenario_id": "hand", "rebalance_date": dt.date(2019, 12, 30)}
    targets = [(SYMBOLS[0], 0.5, 0.25), (SYMBOLS[1], 0.0, 0.375), (SYMBOLS[2], 0.375, 0.375)]
    week = {"signal_week_date": dt.date(2019, 12, 27), "signal_age_sessions": 0}
    _write(case, "optimizer_output", "target_weight", [
        key | week | {"symbol": symbol, "target_weight": target, "weight_before": before,
                      "prediction": None if target == 0 else 0.5}
        for symbol, target, before in targets
    ])  # fmt: skip
    _write(case, "optimizer_output", "order", [
        key | {"symbol": SYMBOLS[0], "order_weight": 0.25, "side": "buy"},
        key | {"symbol": SYMBOLS[1], "order_weight": -0.375, "side": "sell"},
    ])  # fmt: skip
    parts = dict.fromkeys(COST_PARTS, 0.0)
    session = key | {"trade_date": dt.date(2019, 12, 30), "cost": 0.0} | parts
    _write(case, "optimizer_output", "fill", [
        session | {"symbol": SYMBOLS[0], "weight_before": 0.25, "target_weight": 0.5,
                   "filled_weight": 0.25, "shortfall_weight": 0.25, "reason": "limit_up",
                   "traded_value": 0.0, "traded_shares": 0.0, "fill_price": None},
        session | {"symbol": SYMBOLS[1], "weight_before": 0.375, "target_weight": 0.0,
                   "filled_weight": 0.0, "shortfall_weight": 0.0, "reason": "filled",
                   "traded_value": -0.375, "traded_shares": -3e6, "fill_price": 12.5},
    ])  # fmt: skip
    missed = session | {"symbol": SYMBOLS[0]}
    _write(case, "optimizer_output", "fill_reason", [
        missed | {"reason": "limit_up", "shortfall_weight": 0.1875},
        missed | {"reason": "cash", "shortfall_weight": 0.0625},
    ])  # fmt: skip
    _write(case, "optimizer_output", "shadow_price", [
        key | {"constraint_name": "size", "constraint_group": "style", "dual": 0.02, "slack": 0.0,
               "is_active": True, "relaxation_step": 0, "violation": 0.0},
    ])  # fmt: skip
    _write(case, "optimizer_output", "solution", [
        key | {"objective": 0.1, "status": "optimal", "relaxation_step": 0, "seconds": 0.1,
               "primal_residual": 1e-12, "dual_residual": 1e-12, "gap": -1e-12,
               "candidate_count": 44},
    ])  # fmt: skip


def _write_ops(case: ResultsCase) -> None:
    at = pd.Timestamp("2024-01-01")
    run = {
        "experiment": "case", "completed_at": at, "attempt_count": 1, "data_hash": "d",
        "code_hash": "c", "config": "{}", "package_versions": "{}",
    }  # fmt: skip
    _write(case, "ops_output", "run", [
        run | {"run_id": OLD_RUN, "is_latest": False, "started_at": at},
        run | {"run_id": RUN, "is_latest": True, "started_at": at + pd.Timedelta(days=1)},
    ])  # fmt: skip
    partition = {"kind": "training_window", "partition_key": "k", "label": "ridge 2019H2",
                 "attempt": 1, "seconds": 1.0, "completed_at": at}  # fmt: skip
    _write(case, "ops_output", "partition", [
        partition | {"run_id": OLD_RUN, "state": "computed"},
        partition | {"run_id": RUN, "state": "reused"},
    ])  # fmt: skip
    _write(case, "ops_output", "trial", [
        {"kind": "training_window", "partition_key": "k", "label": "ridge 2019H2",
         "first_run_id": "run_forgotten", "fit_count": 40, "first_completed_at": at},
        {"kind": "backtest", "partition_key": "b", "label": "grid", "first_run_id": RUN,
         "fit_count": 1, "first_completed_at": at},
    ])  # fmt: skip
    _write(case, "ops_output", "source_snapshot", [
        {"run_id": RUN, "table_name": "daily_bars", "source": "simulated:tiny",
         "content_hash": "h", "row_count": 10, "byte_count": 100, "is_supplied": True,
         "first_date": dt.date(2019, 1, 2), "last_date": dt.date(2020, 2, 28), "landed_at": at},
    ])  # fmt: skip
    _write(case, "ops_output", "step", [
        {"run_id": RUN, "attempt": 1, "step_number": 1, "step": "land", "seconds": 2.0,
         "peak_memory_mb": None, "completed_at": at},
    ])  # fmt: skip
    _write(case, "ops_output", "dbt_result", [
        {"run_id": RUN, "invocation_id": "i", "node": "model.ashare.dim_week", "seconds": 0.1,
         "resource_type": "model", "status": "success", "failures": None, "message": None,
         "tested_model": None, "severity": None, "description": None, "completed_at": at},
    ])  # fmt: skip
