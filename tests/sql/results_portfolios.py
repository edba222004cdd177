"""Files of hand-made back-tests and runs for the small warehouse of results."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from optimizer.trading_kernels import COST_PARTS
from tests.sql.results_case import OLD_RUN, RUN, SYMBOLS, ResultsCase, write_rows


def write_portfolios(case: ResultsCase) -> None:
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
    write_rows(case, "optimizer_output", "scenario", rows)
    write_rows(case, "optimizer_output", "nav_daily", case.nav)
    key = {"scenario_id": "hand", "rebalance_date": dt.date(2019, 12, 30)}
    targets = [
        (SYMBOLS[0], 0.5, 0.25, 0.2),
        (SYMBOLS[1], 0.0, 0.375, None),
        (SYMBOLS[2], 0.375, 0.375, 0.0),
    ]
    week = {"signal_week_date": dt.date(2019, 12, 27), "signal_age_sessions": 0}
    write_rows(case, "optimizer_output", "target_weight", [
        key | week | {"symbol": symbol, "target_weight": target, "weight_before": before,
                      "prediction": None if target == 0 else 0.5,
                      "expected_return": expected}
        for symbol, target, before, expected in targets
    ])  # fmt: skip
    write_rows(case, "optimizer_output", "order", [
        key | {"symbol": SYMBOLS[0], "order_weight": 0.25, "side": "buy"},
        key | {"symbol": SYMBOLS[1], "order_weight": -0.375, "side": "sell"},
    ])  # fmt: skip
    parts = dict.fromkeys(COST_PARTS, 0.0)
    session = key | {"trade_date": dt.date(2019, 12, 30), "cost": 0.0} | parts
    write_rows(case, "optimizer_output", "fill", [
        session | {"symbol": SYMBOLS[0], "weight_before": 0.25, "target_weight": 0.5,
                   "filled_weight": 0.25, "shortfall_weight": 0.25, "reason": "limit_up",
                   "traded_value": 0.0, "traded_shares": 0.0, "fill_price": None},
        session | {"symbol": SYMBOLS[1], "weight_before": 0.375, "target_weight": 0.0,
                   "filled_weight": 0.0, "shortfall_weight": 0.0, "reason": "filled",
                   "traded_value": -0.375, "traded_shares": -3e6, "fill_price": 12.5},
    ])  # fmt: skip
    missed = session | {"symbol": SYMBOLS[0]}
    write_rows(case, "optimizer_output", "fill_reason", [
        missed | {"reason": "limit_up", "shortfall_weight": 0.1875},
        missed | {"reason": "cash", "shortfall_weight": 0.0625},
    ])  # fmt: skip
    write_rows(case, "optimizer_output", "shadow_price", [
        key | {"constraint_name": "size", "constraint_group": "style", "dual": 0.02, "slack": 0.0,
               "is_active": True, "relaxation_step": 0, "violation": 0.0},
    ])  # fmt: skip
    write_rows(case, "optimizer_output", "solution", [
        key | {"objective": 0.1, "status": "optimal", "relaxation_step": 0, "seconds": 0.1,
               "primal_residual": 1e-12, "dual_residual": 1e-12, "gap": -1e-12,
               "candidate_count": 44},
    ])  # fmt: skip


def write_ops(case: ResultsCase) -> None:
    at = pd.Timestamp("2024-01-01")
    run = {
        "experiment": "case", "completed_at": at, "attempt_count": 1, "data_hash": "d",
        "code_hash": "c", "config": "{}", "package_versions": "{}",
    }  # fmt: skip
    write_rows(case, "ops_output", "run", [
        run | {"run_id": OLD_RUN, "is_latest": False, "started_at": at},
        run | {"run_id": RUN, "is_latest": True, "started_at": at + pd.Timedelta(days=1)},
    ])  # fmt: skip
    partition = {"kind": "training_window", "partition_key": "k", "label": "ridge 2019H2",
                 "attempt": 1, "seconds": 1.0, "completed_at": at}  # fmt: skip
    write_rows(case, "ops_output", "partition", [
        partition | {"run_id": OLD_RUN, "state": "computed"},
        partition | {"run_id": RUN, "state": "reused"},
    ])  # fmt: skip
    write_rows(case, "ops_output", "trial", [
        {"kind": "training_window", "partition_key": "k", "label": "ridge 2019H2",
         "experiment": "grid", "first_run_id": "run_forgotten", "fit_count": 90, "trial_count": 40,
         "first_completed_at": at},
        {"kind": "backtest", "partition_key": "b", "label": "grid", "experiment": "grid",
         "first_run_id": RUN, "fit_count": 0, "trial_count": 1, "first_completed_at": at},
    ])  # fmt: skip
    write_rows(case, "ops_output", "source_snapshot", [
        {"run_id": RUN, "table_name": "daily_bars", "source": "simulated:tiny",
         "content_hash": "h", "row_count": 10, "byte_count": 100, "is_supplied": True,
         "first_date": dt.date(2019, 1, 2), "last_date": dt.date(2020, 2, 28), "landed_at": at},
    ])  # fmt: skip
    write_rows(case, "ops_output", "step", [
        {"run_id": RUN, "attempt": 1, "step_number": 1, "step": "land", "seconds": 2.0,
         "peak_memory_mb": None, "completed_at": at},
    ])  # fmt: skip
    write_rows(case, "ops_output", "dbt_result", [
        {"run_id": RUN, "invocation_id": "i", "node": "model.ashare.dim_week", "seconds": 0.1,
         "resource_type": "model", "status": "success", "failures": None, "message": None,
         "tested_model": None, "severity": None, "description": None, "completed_at": at},
    ])  # fmt: skip
