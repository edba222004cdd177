"""Write the files and upstream tables of the small warehouse of results, and let dbt build it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from models_ml.evaluation import rank_ic_p_values, rank_ic_statistics
from orchestration.lib.handoff import empty_handoff_files, handoff_schema, write_handoff
from orchestration.lib.handoff_schemas import HANDOFF
from tests.sql.results_case import (
    RULE_SETS,
    SESSIONS,
    WEEKS,
    ResultsCase,
    label_rows,
    nav_rows,
    prediction_rows,
    universe_rows,
    weekly_rank_ic,
    write_rows,
)
from tests.sql.results_portfolios import write_ops, write_portfolios

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


def build_case(root: Path) -> ResultsCase:
    """Write the files and the upstream tables, and let dbt build everything of results and ops."""
    rng = np.random.default_rng(7)
    universe, labels = universe_rows(), label_rows(rng)
    predictions = prediction_rows(rng, universe)
    case = ResultsCase(root, labels, universe, predictions, nav_rows(rng))
    empty_handoff_files({kind: root / kind for kind in HANDOFF})
    _write_upstream(case)
    _write_forecasts(case)
    write_portfolios(case)
    write_ops(case)
    # Generic tests run on a whole market in tests/integration.
    built = case.dbt("build", "--select", *OWN_FOLDERS, "--exclude", "test_type:generic", *NOT_HERE)
    if built.returncode != 0:
        raise AssertionError(built.stdout[-6000:] + built.stderr[-2000:])
    return case


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
    write_rows(case, "model_output", "model", models)
    write_rows(case, "model_output", "prediction", case.predictions)
    weekly = weekly_rank_ic(case)
    table = pa.Table.from_pandas(weekly, preserve_index=False)
    write_handoff(case.root / "model_output", "rank_ic_p_value", rank_ic_p_values(table))
    write_handoff(case.root / "model_output", "rank_ic_statistic", rank_ic_statistics(table))
    windows = _training_windows(case, weekly)
    write_rows(case, "model_output", "training_window", windows)
    write_rows(case, "model_output", "tuning_trial", _tuning_trials(windows))
    _write_canaries(case)
    write_rows(case, "model_output", "feature_importance", _feature_importances(windows))
    write_rows(case, "model_output", "sequence_shape", _sequence_shapes(windows))


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
    write_rows(case, "model_output", "pipeline_canary", [panel])
    write_rows(case, "model_output", "attainable_canary", [model])


def _feature_importances(windows: pd.DataFrame) -> pd.DataFrame:
    """Two features of every window, by the gain of the trees or the size of a coefficient."""
    features = pd.DataFrame(
        {
            "feature": ["size", "value", "beta", "momentum", "growth"],
            "importance": [0.75, 0.125 + 1e-16, 0.125, 1e-18, 0.0],
        }
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
