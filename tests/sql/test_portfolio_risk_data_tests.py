"""Data tests of portfolio risk notice shares and volatilities that do not fit."""

from __future__ import annotations

import pandas as pd
import pytest
from twins.compiled_models import compiled_tests, scratch_database

DAY = pd.Timestamp("2020-01-06")
BOUNDED = "assert_active_volatility_is_what_the_optimiser_bounded"


def failures(test: str, tables: dict[str, pd.DataFrame]) -> list[tuple[object, ...]]:
    with scratch_database(tables) as connection:
        return connection.sql(compiled_tests()[test]["compiled_code"]).fetchall()


def portfolio_risk(**columns: list[object]) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame(columns).assign(scenario_id="s", rebalance_date=DAY)
    return {"results.fct_portfolio_risk": frame}


@pytest.mark.parametrize(
    ("shares", "active", "count"),
    [
        ([0.7, -0.1, 0.4], [0.2, 0.3, 0.5], 0),
        ([0.7, -0.1, 0.4 + 2e-9], [0.2, 0.3, 0.5], 1),
        ([0.7, -0.1, 0.4], [0.2, 0.3, 0.5 - 2e-9], 1),
    ],
    ids=["whole", "portfolio", "active"],
)
def test_shares_of_risk_that_are_not_the_whole_are_noticed(
    shares: list[object], active: list[object], count: int
) -> None:
    given = portfolio_risk(risk_share=shares, active_risk_share=active)
    # Another day on which all is well does not make up for it.
    whole = pd.DataFrame({"risk_share": [1.0], "active_risk_share": 1.0, "scenario_id": "s"})
    whole["rebalance_date"] = DAY + pd.Timedelta(days=7)
    given["results.fct_portfolio_risk"] = pd.concat([given["results.fct_portfolio_risk"], whole])
    assert len(failures("assert_risk_shares_sum_to_one", given)) == count


def bounded(active_volatility: float | None, slack: float = 0.02) -> dict[str, pd.DataFrame]:
    """A decision whose tracking error of 0.1 has some slack; other rows do not count."""
    prices = {
        "constraint_name": ["tracking_error", "turnover"],
        "slack": [slack, 0.5],
        "scenario_id": "s",
        "rebalance_date": DAY,
    }
    tables = portfolio_risk(
        risk_source=["specific", "beta"], active_volatility=[active_volatility, 9.0]
    )
    return {
        **tables,
        "results.fct_shadow_price": pd.DataFrame(prices),
        "results.dim_scenario": pd.DataFrame({"scenario_id": ["s"], "tracking_error_limit": 0.1}),
    }


def test_bound_less_slack_is_the_active_volatility() -> None:
    assert failures(BOUNDED, bounded(0.08)) == []
    assert failures(BOUNDED, bounded(0.08 + 9e-7)) == []


@pytest.mark.parametrize("given", [bounded(0.08 + 2e-6), bounded(0.08, slack=0.0), bounded(None)])
def test_another_volatility_than_the_bounded_one_is_noticed(
    given: dict[str, pd.DataFrame],
) -> None:
    assert len(failures(BOUNDED, given)) == 1


def test_a_bounded_decision_without_risk_is_noticed() -> None:
    given = bounded(0.08)
    given["results.fct_portfolio_risk"]["rebalance_date"] = DAY + pd.Timedelta(days=7)
    assert len(failures(BOUNDED, given)) == 1
