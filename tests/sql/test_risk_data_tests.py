"""Data tests of the risk model notice what a mean or a handed-over figure hides."""

from __future__ import annotations

import pandas as pd
import pytest
from twins.compiled_models import compiled_tests, scratch_database

WEEK = pd.Timestamp("2020-01-03")
COVARIANCES = "assert_factor_covariances_are_positive_semidefinite"


def failures(test: str, tables: dict[str, pd.DataFrame]) -> list[tuple[object, ...]]:
    with scratch_database(tables) as connection:
        return connection.sql(compiled_tests()[test]["compiled_code"]).fetchall()


def quality(biases: list[float], weeks: int = 60) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame({"portfolio": range(len(biases)), "bias_statistic": biases})
    frame = frame.assign(portfolio_kind="factor", week_count=weeks)
    return {"risk.mart_risk_forecast_quality": frame}


def test_biases_that_cancel_pass_the_mean_and_not_the_share() -> None:
    opposite = quality([1.4 + 1e-6, 0.6, *[1.0] * 8])
    assert failures("assert_risk_forecasts_are_unbiased", opposite) == []
    assert failures("assert_few_risk_forecasts_are_biased", opposite) == [("factor", 10, 0.2)]


@pytest.mark.parametrize(
    "tables", [quality([1.5, *[1.0] * 9]), quality([0.7, 1.4]), quality([0.1, 2.0], weeks=51)]
)
def test_a_tenth_the_ends_and_short_histories_are_accepted(tables: dict[str, pd.DataFrame]) -> None:
    assert failures("assert_few_risk_forecasts_are_biased", tables) == []


def covariances(first: float, second: float, between: float) -> dict[str, pd.DataFrame]:
    """Two factors, and an eigenvalue that claims all is well."""
    rows = [("a", "a", first), ("b", "b", second), ("a", "b", between), ("b", "a", between)]
    frame = pd.DataFrame(rows, columns=["factor_1", "factor_2", "covariance"])
    fit = pd.DataFrame({"week_date": [WEEK], "smallest_eigenvalue": 0.1, "largest_eigenvalue": 1.0})
    return {
        "risk.fct_factor_covariance": frame.assign(week_date=WEEK),
        "risk.fct_factor_covariance_fit": fit,
    }


@pytest.mark.parametrize("between", [0.0, 2.0, -2.0])
def test_correlations_up_to_one_are_accepted(between: float) -> None:
    assert failures(COVARIANCES, covariances(1.0, 4.0, between)) == []


@pytest.mark.parametrize(
    ("given", "count"),
    [
        (covariances(1.0, 4.0, 2.0 * (1 + 1e-10)), 2),
        (covariances(1.0, 4.0, -2.1), 2),
        (covariances(0.0, 4.0, 0.0), 1),
    ],
    ids=["correlation_above_one", "correlation_below_minus_one", "no_variance"],
)
def test_a_covariance_that_is_none_is_noticed_whatever_its_eigenvalue_claims(
    given: dict[str, pd.DataFrame], count: int
) -> None:
    assert len(failures(COVARIANCES, given)) == count


@pytest.mark.parametrize(
    ("factor", "specific", "count"), [(0.1, 0.1, 0), (-1e-9, 0.1, 1), (0.1, 0.0, 1), (None, 0.1, 1)]
)
def test_a_portfolio_without_a_positive_variance_is_noticed(
    factor: float | None, specific: float, count: int
) -> None:
    frame = pd.DataFrame({"factor_variance": [factor], "specific_variance": specific})
    table = {"intermediate.int_index_risk__forecast": frame.astype(float)}
    table["intermediate.int_index_risk__forecast"]["index_symbol"] = "IDX"
    table["intermediate.int_index_risk__forecast"]["week_date"] = WEEK
    assert len(failures("assert_portfolio_variances_are_positive", table)) == count
