"""What size and delay cost, on portfolios small enough to work out by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from twins.compiled_models import build_models, model_columns, scratch_database

DAY, NEXT = pd.Timestamp("2020-01-06"), pd.Timestamp("2020-01-07")
SETTINGS = {
    "run_id": "r",
    "rule_set": "practitioner",
    "model": "m",
    "benchmark": "i",
    "barra_limit": None,
    "num_stock": 100,
    "turnover_limit": 0.15,
    "industry_limit": 0.02,
    "cost_rate": 0.0002,
    "fee_schedule": "rulebook",
    "execution_policy": "practitioner",
    "adjustment": "weekly",
    "risk_aversion": None,
    "tracking_error_limit": None,
    "switches": "",
    "capital_cny": 1e8,
    "trading_delay_sessions": 0,
    "information_ratio": 1.5,
    "annualised_cost": 0.01,
    "annualised_turnover": 8.0,
    "mean_cash_weight": 0.02,
}
# Alpha, and what is unlike the settings above.
BACKTESTS = {
    "small": (0.05, {"capital_cny": 1e7}),
    "usual": (0.04, {}),
    "large": (0.01, {"capital_cny": 1e9}),
    "late": (0.03, {"trading_delay_sessions": 5, "capital_cny": 1e7}),
    # Another run and another model have capitals of their own; these stand alone or are switched.
    "other_run": (0.9, {"run_id": "q", "capital_cny": 1e7}),
    "other_model": (0.2, {"model": "n"}),
    "other_model_large": (0.15, {"model": "n", "capital_cny": 1e9}),
    "alone": (0.9, {"num_stock": 50, "capital_cny": 1e6}),
    "averse": (0.9, {"risk_aversion": 10.0, "capital_cny": 1e6}),
    "switched": (0.9, {"switches": "lots=false", "capital_cny": 1e6}),
}


def fill_reasons() -> pd.DataFrame:
    """Shortfalls of two back-tests; what is tried again the day after counts no second time."""
    rows = [
        ("small", DAY, DAY, "lot", 0.01),
        ("large", DAY, DAY, "volume_cap", 0.15),
        ("large", DAY, DAY, "volume_cap", -0.05),
        ("large", DAY, DAY, "suspended", 0.10),
        ("large", DAY, NEXT, "volume_cap", 0.15),
    ]
    columns = ["scenario_id", "rebalance_date", "trade_date", "reason", "shortfall_weight"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def capacity() -> pd.DataFrame:
    summaries = pd.DataFrame(
        [
            {**SETTINGS, "scenario_id": name, "annualised_alpha_return": alpha, **changes}
            for name, (alpha, changes) in BACKTESTS.items()
        ]
    )
    unknown = ["barra_limit", "risk_aversion", "tracking_error_limit"]
    summaries[unknown] = summaries[unknown].astype(float)
    orders = pd.DataFrame(
        {
            "scenario_id": ["small", "usual", "large", "large", "late"],
            "order_weight": [0.2, 0.5, 0.6, -0.4, 0.0],
        }
    )
    given = {
        "results.mart_backtest_summary": summaries,
        "staging.stg_optimizer_output__order": orders,
        "staging.stg_optimizer_output__fill_reason": fill_reasons(),
    }
    with scratch_database(given) as connection:
        build_models(connection, ("int_shortfall__by_scenario", "mart_capacity"))
        return connection.table("results.mart_capacity").df().set_index("scenario_id")


def test_only_portfolios_with_several_sizes_or_delays_are_compared(capacity: pd.DataFrame) -> None:
    assert ["scenario_id", *capacity.columns] == model_columns("mart_capacity")
    compared = {"small", "usual", "large", "late", "other_model", "other_model_large"}
    assert set(capacity.index) == compared


def test_alpha_is_lost_against_the_smallest_capital_without_delay(capacity: pd.DataFrame) -> None:
    lost = capacity["alpha_lost"]
    assert lost["small"] == 0.0
    assert lost["usual"] == pytest.approx(-0.01)
    assert lost["large"] == pytest.approx(-0.04)
    assert lost["late"] == pytest.approx(-0.02)
    assert lost["other_model"] == 0.0
    assert lost["other_model_large"] == pytest.approx(-0.05)
    assert capacity.loc["large", "annualised_alpha_return"] == 0.01


def test_shares_of_orders_left_undone_by_hand(capacity: pd.DataFrame) -> None:
    # 0.01 of 0.2; of 0.6 + 0.4 a fifth was capped and a tenth suspended.
    assert capacity.loc["small", "unfilled_share"] == pytest.approx(0.05)
    assert capacity.loc["small", "volume_capped_share"] == 0.0
    assert capacity.loc["large", "unfilled_share"] == pytest.approx(0.3)
    assert capacity.loc["large", "volume_capped_share"] == pytest.approx(0.2)
    assert capacity.loc["usual", "unfilled_share"] == 0.0
    # Nothing ordered: no share of it; no orders at all: nothing known.
    assert capacity.loc[["late", "other_model"], "unfilled_share"].isna().all()
