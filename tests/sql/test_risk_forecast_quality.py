"""Forecasts of risk and how they are judged, on weeks small enough to work out by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from twins.compiled_models import build_models, model_columns, scratch_database

# Sessions of three weeks: two, three and one of them.
SESSIONS = pd.to_datetime(
    ["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07", "2020-01-10", "2020-01-17"]
)
FIRST, SECOND, THIRD = SESSIONS[1], SESSIONS[4], SESSIONS[5]
LATER = pd.Timestamp("2020-01-23")


def tables() -> dict[str, pd.DataFrame]:
    """Factor `beta` and index `i`; a session of `size` and one of index `j` are missing."""
    weeks = pd.DataFrame(
        {
            "week_date": [FIRST, SECOND, THIRD, LATER],
            "week_number": [1, 2, 3, 4],
            "session_number": [2, 5, 6, 10],
            "is_in_data": [True, True, True, False],
        }
    )
    beta = pd.DataFrame(
        {"trade_date": SESSIONS, "factor_return": [0.5, 0.5, 0.02, 0.03, -0.01, -0.06]}
    ).assign(factor="beta")
    size = beta[beta["trade_date"].isin([SESSIONS[2], SESSIONS[3]])].assign(factor="size")
    index = pd.DataFrame(
        {"trade_date": SESSIONS, "return_1d": [0.5, 0.5, 0.01, 0.01, 0.01, 0.02]}
    ).assign(index_symbol="i")
    other = index.assign(index_symbol="j", return_1d=index["return_1d"].where(SESSIONS != THIRD))
    covariances = [
        (FIRST, "beta", "beta", 0.0004), (SECOND, "beta", "beta", 0.0009),
        (FIRST, "beta", "size", 9.0), (FIRST, "size", "size", 0.0004),
        (THIRD, "beta", "beta", 9.0),
    ]  # fmt: skip
    forecast = pd.DataFrame({"week_date": [FIRST, SECOND], "factor_variance": [6e-5, 3e-4]})
    forecast = forecast.assign(specific_variance=[4e-5, 1e-4])
    return {
        "core.dim_week": weeks,
        "risk.fct_factor_return": pd.concat([beta, size]),
        "risk.fct_factor_covariance": pd.DataFrame(
            covariances, columns=["week_date", "factor_1", "factor_2", "covariance"]
        ),
        "core.fct_index_daily": pd.concat([index, other]),
        "intermediate.int_index_risk__forecast": pd.concat(
            [forecast.assign(index_symbol="i"), forecast.assign(index_symbol="j")]
        ),
    }


@pytest.fixture(scope="module")
def built() -> dict[str, pd.DataFrame]:
    names = ("mart_risk_forecast", "mart_risk_forecast_quality")
    with scratch_database(tables()) as connection:
        build_models(connection, names)
        return {name: connection.table(f"risk.{name}").df() for name in names}


def test_a_week_is_held_against_the_forecast_before_it(built: dict[str, pd.DataFrame]) -> None:
    forecasts = built["mart_risk_forecast"]
    assert list(forecasts.columns) == model_columns("mart_risk_forecast")
    keys = ["portfolio_kind", "portfolio", "week_date"]
    found = forecasts.set_index(keys).sort_index()
    # What lacks a session is not judged for the week.
    assert found.index.tolist() == [
        ("factor", "beta", SECOND), ("factor", "beta", THIRD),
        ("index", "i", SECOND), ("index", "i", THIRD), ("index", "j", SECOND),
    ]  # fmt: skip
    second = found.loc[("factor", "beta", SECOND)]
    assert second["forecast_week_date"] == FIRST
    assert second["session_count"] == 3
    assert second["realised_return"] == pytest.approx(0.04, rel=1e-12)
    # 0.02 a session, three of them.
    assert second["forecast_volatility"] == pytest.approx(0.02 * math.sqrt(3), rel=1e-12)
    assert second["standardised_return"] == pytest.approx(2 / math.sqrt(3), rel=1e-12)
    third = found.loc[("index", "i", THIRD)]
    assert third["forecast_volatility"] == pytest.approx(0.02, rel=1e-12)
    assert third["standardised_return"] == pytest.approx(1.0, rel=1e-12)


def test_bias_statistic_and_loss_by_hand(built: dict[str, pd.DataFrame]) -> None:
    quality = built["mart_risk_forecast_quality"]
    assert list(quality.columns) == model_columns("mart_risk_forecast_quality")
    row = quality.set_index("portfolio").loc["beta"]
    assert row["week_count"] == 2
    # Standardised 2 / sqrt(3) and -2: the sample deviation of two is their distance over sqrt(2).
    scores = (2 / math.sqrt(3), -2.0)
    assert row["bias_statistic"] == pytest.approx((scores[0] - scores[1]) / math.sqrt(2), rel=1e-12)
    # Variances 0.0012 and 0.0009, squared returns 0.0016 and 0.0036.
    qlike = (math.log(0.0012) + 4 / 3 + math.log(0.0009) + 4) / 2
    assert row["qlike"] == pytest.approx(qlike, rel=1e-12)
    # The best constant is the mean square, 0.0026, at a loss of its logarithm and one.
    assert row["excess_qlike"] == pytest.approx(qlike - math.log(0.0026) - 1, rel=1e-12)


def test_forecasts_of_the_right_size_lose_least() -> None:
    def loss(variance: float) -> float:
        frame = pd.DataFrame({"realised_return": [0.01, -0.03], "portfolio": "i"})
        frame["forecast_volatility"] = math.sqrt(variance)
        frame["standardised_return"] = frame["realised_return"] / frame["forecast_volatility"]
        given = {"risk.mart_risk_forecast": frame.assign(portfolio_kind="index")}
        with scratch_database(given) as connection:
            build_models(connection, ["mart_risk_forecast_quality"])
            query = "select excess_qlike from risk.mart_risk_forecast_quality"
            return float(connection.sql(query).fetchall()[0][0])

    assert loss(0.0005) == pytest.approx(0.0, abs=1e-12)
    assert min(loss(0.0004), loss(0.0006)) > 0.01
