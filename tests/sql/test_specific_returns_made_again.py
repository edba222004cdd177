"""Specific returns made again in SQL: on three shares by hand, and with each input at fault."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from twins.compiled_models import compiled_tests, model_columns, scratch_database

TEST = "assert_returns_are_their_parts"
WEEK, SESSION = pd.Timestamp("2020-01-03"), pd.Timestamp("2020-01-06")
SYMBOLS = ["a", "b", "c"]
STYLES = [
    name
    for name in model_columns("fct_style_exposure")
    if name not in {"symbol", "week_date", "known_at"}
]
# market + industry + beta x its return, and what is left; weights are the roots of 1, 4 and 9.
SPECIFIC = np.array([0.01, -0.02, 0.005])
MEAN_SQUARE = (1 * 0.01**2 + 2 * 0.02**2 + 3 * 0.005**2) / 6
Tables = dict[str, pd.DataFrame]


def tables() -> Tables:
    """A session on which everything fits; a row each of another week, rule set and session."""
    beta = np.array([1.0, -1.0, 0.5])
    industry = np.array([0.004, 0.004, -0.003])
    styles = pd.DataFrame(0.0, index=range(3), columns=STYLES).assign(beta=beta)
    bars = pd.DataFrame({"symbol": SYMBOLS, "return_1d": 0.02 + industry + 0.1 * beta + SPECIFIC})
    members = pd.DataFrame(
        {
            "symbol": SYMBOLS,
            "industry_code": ["x", "x", "y"],
            "neutralisation_cap_cny": [1.0, 4.0, 9.0],
        }
    ).assign(rule_set="practitioner", in_universe=True, week_date=WEEK)
    returns = {"market": 0.02, "x": 0.004, "y": -0.003, "beta": 0.1}
    return {
        "core.fct_bar_daily": pd.concat(
            [
                bars.assign(trade_date=SESSION),
                bars.assign(trade_date=SESSION + pd.Timedelta(days=1)),
            ]
        ),
        "core.fct_universe_week": pd.concat(
            [members, members.assign(rule_set="paper", neutralisation_cap_cny=7.0)]
        ),
        "risk.fct_style_exposure": pd.concat(
            [
                styles.assign(symbol=SYMBOLS, week_date=WEEK),
                styles.assign(symbol=SYMBOLS, week_date=SESSION, beta=9.0),
            ]
        ),
        "risk.fct_factor_return": pd.DataFrame(
            {"factor": returns.keys(), "factor_return": returns.values(), "trade_date": SESSION}
        ),
        "risk.fct_factor_model_fit": pd.DataFrame(
            {
                "trade_date": [SESSION],
                "exposure_week_date": WEEK,
                "stock_count": 3,
                "identity_error": 1e-16,
                "specific_mean_square": MEAN_SQUARE,
            }
        ),
    }


def failures(given: Tables) -> int:
    with scratch_database(given) as connection:
        return len(connection.sql(compiled_tests()[TEST]["compiled_code"]).fetchall())


def test_three_shares_by_hand_agree() -> None:
    assert failures(tables()) == 0


def shift_exposure(given: Tables) -> None:
    given["risk.fct_style_exposure"]["beta"] *= 1.001


def shift_market(given: Tables) -> None:
    returns = given["risk.fct_factor_return"]
    returns.loc[returns["factor"] == "market", "factor_return"] += 1e-4


def swap_industries(given: Tables) -> None:
    members = given["core.fct_universe_week"]
    members["industry_code"] = members["industry_code"].map({"x": "y", "y": "x"})


def leave_out_a_share(given: Tables) -> None:
    bars = given["core.fct_bar_daily"]
    given["core.fct_bar_daily"] = bars[bars["symbol"] != "c"]


def use_another_week(given: Tables) -> None:
    given["risk.fct_factor_model_fit"]["exposure_week_date"] = SESSION


def break_the_identity(given: Tables) -> None:
    given["risk.fct_factor_model_fit"]["identity_error"] = 1.1e-10


def lose_the_bars(given: Tables) -> None:
    given["core.fct_bar_daily"] = given["core.fct_bar_daily"].assign(return_1d=np.nan)


@pytest.mark.parametrize(
    "fault",
    [
        shift_exposure,
        shift_market,
        swap_industries,
        leave_out_a_share,
        use_another_week,
        break_the_identity,
        lose_the_bars,
    ],
)
def test_inputs_that_do_not_belong_together_are_noticed(fault: Callable[[Tables], None]) -> None:
    given = tables()
    fault(given)
    assert failures(given) == 1
