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


def losses(excess: list[float], weeks: list[int]) -> dict[str, pd.DataFrame]:
    """Losses of factors above that of the best constant, with their numbers of weeks."""
    frame = pd.DataFrame({"excess_qlike": excess, "week_count": weeks})
    return {"risk.mart_risk_forecast_quality": frame.assign(portfolio_kind="factor")}


@pytest.mark.parametrize(
    ("excess", "weeks", "count"),
    [([0.4, 0.09], [52, 80], 0), ([0.4, 0.12], [52, 80], 1), ([3.0, 0.1], [51, 80], 0)],
    ids=["mean_within", "mean_above", "less_than_a_year"],
)
def test_forecasts_worse_than_a_constant_are_noticed(
    excess: list[float], weeks: list[int], count: int
) -> None:
    found = failures("assert_risk_forecasts_tell_weeks_apart", losses(excess, weeks))
    assert len(found) == count


def fits(r_squared: dict[str, float], sessions: int) -> dict[str, pd.DataFrame]:
    """So many sessions in each year, all explained alike."""
    frames = [
        pd.DataFrame(
            {"trade_date": pd.date_range(f"{year}-01-04", periods=sessions), "r_squared": share}
        )
        for year, share in r_squared.items()
    ]
    return {"risk.fct_factor_model_fit": pd.concat(frames)}


@pytest.mark.parametrize(("sessions", "years"), [(100, [2021]), (99, [])])
def test_a_year_that_factors_do_not_explain_is_noticed(sessions: int, years: list[int]) -> None:
    tables = fits({"2020": 0.0501, "2021": 0.0499}, sessions)
    found = failures("assert_factors_explain_returns", tables)
    assert [year for year, _ in found] == years


def factor_returns(**columns: list[object]) -> dict[str, pd.DataFrame]:
    """Factor returns of one session."""
    frame = pd.DataFrame(columns)
    return {"risk.fct_factor_return": frame.assign(trade_date=WEEK)}


def test_a_style_made_of_others_is_noticed_and_industries_are_left_out() -> None:
    given = factor_returns(
        factor=["beta", "beta", "size", "size", "bank"],
        variance_inflation=[9.0, 11.2, 9.0, 11.0, None],
    )
    found = failures("assert_styles_are_not_collinear", given)
    assert found == [("beta", 2020, pytest.approx(10.1))]


@pytest.mark.parametrize(("off", "count"), [(0.0, 0), (0.9e-10, 0), (1.1e-9, 1)])
def test_industry_returns_with_a_sum_are_noticed(off: float, count: int) -> None:
    # 0.75 x 0.01 = 0.25 x 0.03; the market's own return has no part in it.
    given = factor_returns(
        factor=["market", "bank", "steel"],
        factor_kind=["market", "industry", "industry"],
        factor_return=[0.5, 0.01, -0.03 + off],
        capitalisation_share=[1.0, 0.75, 0.25],
    )
    assert len(failures("assert_industry_returns_sum_to_zero", given)) == count


@pytest.mark.parametrize(("covariance", "specific"), [([0], [0, 7]), ([0, 7], [0]), ([7], [0, 7])])
def test_a_week_with_half_a_risk_model_is_noticed(
    covariance: list[int], specific: list[int]
) -> None:
    def weeks(days: list[int]) -> pd.DataFrame:
        return pd.DataFrame({"week_date": [WEEK + pd.Timedelta(days=day) for day in days]})

    test = "assert_every_share_of_a_covariance_has_specific_risk"
    both = {"risk.fct_factor_covariance": weeks([0, 0, 7]), "risk.fct_specific_risk": weeks([0, 7])}
    assert failures(test, both) == []
    one = {
        "risk.fct_factor_covariance": weeks(covariance),
        "risk.fct_specific_risk": weeks(specific),
    }
    assert len(failures(test, one)) == 1
