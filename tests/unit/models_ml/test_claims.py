"""Tables of intervals and of calendar months, from tables of observations."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from models_ml.claims import claim_intervals, rank_ic_seasonality
from models_ml.metrics.bootstrap import BootstrapRule
from orchestration.lib.handoff import conform
from orchestration.lib.model_output_schemas import MODEL_OUTPUT

RULE = BootstrapRule(replications=199)
WEEKS = [dt.date(2020, 1, 3) + dt.timedelta(weeks=k) for k in range(60)]


def observed(first: np.ndarray, second: np.ndarray, statistic: str = "mean") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": "r",
            "rule_set": "paper",
            "claim": "c",
            "first_series": "a",
            "second_series": "b",
            "statistic": statistic,
            "observation_date": WEEKS[: len(first)],
            "first_value": first,
            "second_value": second,
        }
    )


def test_every_pair_has_a_row_that_the_hand_off_takes() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.standard_normal((2, 60)) / 50.0
    frame = pd.concat(
        [
            observed(first + 0.02, second),
            observed(first[:5], second[:5]).assign(claim="short"),
            observed(first, second, "max_drawdown").assign(claim="drawdown"),
        ]
    )
    shuffled = frame.sample(frac=1.0, random_state=3)
    table = claim_intervals(pa.Table.from_pandas(shuffled, preserve_index=False), RULE)
    rows = {row["claim"]: row for row in table.to_pylist()}
    assert rows["c"]["effect"] == pytest.approx((first + 0.02 - second).mean())
    assert rows["c"]["interval_lower"] < rows["c"]["effect"] < rows["c"]["interval_upper"]
    assert rows["short"]["interval_lower"] is None
    assert rows["drawdown"]["effect"] != rows["c"]["effect"]
    assert conform("claim_interval", table).num_rows == 3


def test_no_pair_gives_no_row() -> None:
    empty = pa.Table.from_pandas(observed(np.zeros(1), np.zeros(1)), preserve_index=False)[:0]
    assert claim_intervals(empty).num_rows == 0
    assert (
        conform("claim_interval", claim_intervals(empty)).schema == MODEL_OUTPUT["claim_interval"]
    )


def test_an_unknown_statistic_is_refused() -> None:
    table = pa.Table.from_pandas(observed(np.ones(1), np.ones(1), "median"), preserve_index=False)
    with pytest.raises(ValueError, match="median"):
        claim_intervals(table)


def monthly(count: int, missing: int = 0) -> pa.Table:
    months = pd.date_range("2018-01-01", periods=count, freq="MS")
    values = np.random.default_rng(0).standard_normal(count) + months.month.to_numpy()
    values[:missing] = np.nan
    frame = pd.DataFrame(
        {"run_id": "r", "rule_set": "paper", "model": "m", "month_start": months.date}
    )
    return pa.Table.from_pandas(frame.assign(mean_rank_ic=values / 100.0), preserve_index=False)


@pytest.mark.parametrize(
    ("count", "missing", "tested"), [(24, 0, True), (23, 0, False), (24, 1, False), (40, 3, True)]
)
def test_two_years_of_months_are_the_least(count: int, missing: int, tested: bool) -> None:
    table = rank_ic_seasonality(monthly(count, missing))
    (row,) = conform("rank_ic_seasonality", table).to_pylist()
    assert row["month_count"] == count - missing
    assert (row["p_value"] is not None) == tested
    if tested:
        assert row["p_value"] < 0.01
