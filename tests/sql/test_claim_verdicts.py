"""The verdict of a claim is read from its interval, in SQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from twins.compiled_models import build_models, scratch_database

from tests.sql.claim_rows import CLAIMS, PAIRS, models, scenarios


def intervals(**changes: object) -> dict[str, object]:
    return {
        "run_id": "r",
        "rule_set": "paper",
        "claim": "mse_beats_rank_ic",
        "first_series": "xgboost-mse-expanding-s777",
        "second_series": "xgboost-rank_ic-expanding-s777",
        "effect": 0.01,
        "interval_lower": -0.01,
        "interval_upper": 0.03,
        "confidence_level": 0.95,
        "mean_block_length": 4.0,
        "replication_count": 1999,
        "seed": 777,
        **changes,
    }


def judged(claim: str, lower: float | None, upper: float | None) -> dict[str, Any]:
    keys = {
        "mse_beats_rank_ic": ("xgboost-mse-expanding-s777", "xgboost-rank_ic-expanding-s777"),
        "stock_order_does_not_matter": ("gru-mse-fixed_2y-s1", "gru-mse-fixed_2y-random-s1"),
    }[claim]
    landed = intervals(
        claim=claim,
        first_series=keys[0],
        second_series=keys[1],
        interval_lower=lower,
        interval_upper=upper,
    )
    floats = dict.fromkeys(["interval_lower", "interval_upper"], "float64")
    seasonality = pd.DataFrame(
        {
            "run_id": ["r"],
            "rule_set": ["paper"],
            "model": [keys[0]],
            "month_count": [12],
            "first_month_start": [pd.Timestamp("2020-01-01")],
            "last_month_start": [pd.Timestamp("2020-12-01")],
            "explained_share": [np.nan],
            "p_value": [np.nan],
            "permutation_count": [1999],
            "seed": [777],
        }
    )
    given = {
        "paper.paper_claim": CLAIMS,
        "staging.stg_model_output__model": models(*keys),
        "staging.stg_model_output__claim_interval": pd.DataFrame([landed]).astype(floats),
        "staging.stg_model_output__rank_ic_seasonality": seasonality,
        "results.dim_scenario": scenarios(),
        "intermediate.int_claim__observed": pd.DataFrame(
            [{name: landed[name] for name in ("run_id", "rule_set", "claim")}]
        ).assign(
            first_series=keys[0],
            second_series=keys[1],
            observation_date=[pd.Timestamp("2020-01-03")],
        ),
    }
    with scratch_database(given) as connection:
        connection.execute(
            "update staging.stg_model_output__rank_ic_seasonality"
            " set explained_share = null, p_value = null"
        )
        for column in floats:
            connection.execute(
                f"update staging.stg_model_output__claim_interval set {column} = null"
                f" where isnan({column})"
            )
        build_models(
            connection,
            (*PAIRS, "int_claim_pair__measured", "mart_rank_ic_seasonality", "mart_claim"),
        )
        frame = connection.table("results.mart_claim").df()
    assert set(frame.claim) == set(CLAIMS.claim)
    (row,) = frame[(frame.claim == claim) & (frame.first_series == keys[0])].to_dict("records")
    return row


@pytest.mark.parametrize(
    ("claim", "lower", "upper", "verdict"),
    [
        ("mse_beats_rank_ic", 0.001, 0.02, "supported"),
        ("mse_beats_rank_ic", -0.02, -0.001, "contradicted"),
        ("mse_beats_rank_ic", -0.02, 0.001, "undecided"),
        ("mse_beats_rank_ic", 0.0, 0.0, "undecided"),
        ("mse_beats_rank_ic", None, None, "not_testable"),
        ("stock_order_does_not_matter", -0.004, 0.003, "supported"),
        ("stock_order_does_not_matter", 0.001, 0.004, "supported"),
        ("stock_order_does_not_matter", -0.02, 0.003, "undecided"),
        ("stock_order_does_not_matter", 0.006, 0.02, "contradicted"),
        ("stock_order_does_not_matter", -0.02, -0.006, "contradicted"),
    ],
)
def test_the_verdict_is_read_from_the_interval(
    claim: str, lower: float | None, upper: float | None, verdict: str
) -> None:
    row = judged(claim, lower, upper)
    assert row["verdict"] == verdict
    assert pd.isna(row["reason"]) == (verdict != "not_testable")
