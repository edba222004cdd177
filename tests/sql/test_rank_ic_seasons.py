"""Months and seasons of the Rank IC, in SQL."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.tsa.seasonal import seasonal_decompose
from twins.compiled_models import build_models, scratch_database

WEEKS = pd.date_range("2018-01-05", "2021-12-31", freq="W-FRI")


def monthly_case(rank_ic: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": "r",
            "rule_set": "paper",
            "model": "m",
            "horizon_weeks": 1,
            "label_kind": "cumulative",
            "week_date": WEEKS,
            "rank_ic": rank_ic,
            "known_at": WEEKS + pd.Timedelta(days=7),
        }
    )


def decomposed(weeks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    with scratch_database({"intermediate.int_rank_ic__by_week": weeks}) as connection:
        build_models(connection, ("mart_rank_ic_month", "mart_rank_ic_decomposition"))
        tables = ("mart_rank_ic_month", "mart_rank_ic_decomposition")
        months, parts = (
            connection.table(f"results.{name}").df().sort_values("month_start") for name in tables
        )
    return months, parts


def test_the_decomposition_is_the_classical_one() -> None:
    weeks = monthly_case(np.random.default_rng(6).normal(0.03, 0.1, len(WEEKS)))
    months, parts = decomposed(weeks)
    means = weeks.groupby(weeks.week_date.dt.to_period("M")).rank_ic.mean()
    np.testing.assert_allclose(months.mean_rank_ic, means, atol=1e-15)
    twin = seasonal_decompose(means.to_numpy(), period=12)
    for column, expected in (
        ("trend", twin.trend),
        ("seasonal", twin.seasonal),
        ("remainder", twin.resid),
    ):
        np.testing.assert_allclose(parts[column], expected, atol=1e-12)
    last = weeks[weeks.week_date.dt.to_period("M") == "2021-11"].known_at.max()
    assert months.set_index("month_start").known_at[pd.Timestamp("2021-11-01")] == last


def test_few_months_or_a_gap_have_no_decomposition() -> None:
    weeks = monthly_case(np.random.default_rng(6).normal(0.03, 0.1, len(WEEKS)))
    assert decomposed(weeks[weeks.week_date < "2020-01-01"])[1].shape[0] == 24
    assert decomposed(weeks[weeks.week_date < "2019-12-01"])[1].empty
    gap = weeks[weeks.week_date.dt.to_period("M") != "2019-05"]
    months, parts = decomposed(gap)
    assert len(months) == 47
    assert parts.empty
