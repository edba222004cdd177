"""Which series a claim compares, the verdict, and the seasons of the monthly Rank IC, in SQL."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.seasonal import seasonal_decompose
from twins.compiled_models import build_models, scratch_database

from orchestration.lib.paths import DBT_PROJECT_DIR

CLAIMS = pd.read_csv(DBT_PROJECT_DIR / "seeds" / "paper" / "paper_claim.csv")
WEEKS = pd.date_range("2018-01-05", "2021-12-31", freq="W-FRI")
PAIRS = (
    "int_model__grouped",
    "int_claim_series__named",
    "int_claim_pair__models",
    "int_claim_pair__scenarios",
    "int_claim_pair__listed",
)


MEMBERS = '["xgboost-mse-expanding-s777", "lightgbm-mse-expanding-s777"]'


def models(*keys: str, parameters: str = "{}") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": "r",
            "rule_set": "paper",
            "model": keys,
            "library": [key.split("-")[0] for key in keys],
            "loss": "mse",
            "window_mode": "expanding",
            "seed": [int(key.split("-s")[-1]) if "-s" in key else None for key in keys],
            "parameters": parameters,
            "members": None,
            "stock_order": None,
            **dict.fromkeys(("universe_rule_set", "label_rule_set", "purge_rule_set"), "paper"),
        }
    ).astype({"members": "string", "stock_order": "string", "seed": "Int64"})


def choice(name: str, by: str, members: str = MEMBERS) -> pd.DataFrame:
    parameters = json.dumps({"by": by})
    return models(name, parameters=parameters).assign(library="choice", members=members)


def scenarios(*rows: tuple[str, str, float | None, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["scenario_id", "model", "barra_limit", "num_stock"])
    return frame.assign(
        run_id="r",
        rule_set="paper",
        benchmark="000905.SH",
        turnover_limit=0.15,
        industry_limit=0.5,
        cost_rate=0.00005,
        fee_schedule="none",
        execution_policy="paper",
        adjustment="weekly",
        risk_aversion=None,
        tracking_error_limit=None,
        is_variant=False,
    ).astype(dict.fromkeys(["barra_limit", "risk_aversion", "tracking_error_limit"], "float64"))


def listed(model_rows: pd.DataFrame, scenario_rows: pd.DataFrame) -> set[tuple[str, str, str]]:
    given = {
        "paper.paper_claim": CLAIMS,
        "staging.stg_model_output__model": model_rows,
        "results.dim_scenario": scenario_rows,
    }
    with scratch_database(given) as connection:
        build_models(connection, PAIRS)
        rows = connection.table("intermediate.int_claim_pair__listed").fetchall()
        return {(row[0], row[3], row[4]) for row in rows}


def test_models_that_differ_in_the_claimed_token_alone_are_compared() -> None:
    mse, rank_ic = "xgboost-mse-expanding-s777", "xgboost-rank_ic-expanding-s777"
    recent, other = "xgboost-mse-fixed_2y-s777", "lightgbm-mse-expanding-s777"
    unlike = (
        "xgboost-rank_ic-expanding-smoke-s777",
        "lightgbm-rank_ic-fixed_2y-s777",
        "lightgbm-mse-expanding-s1",
        "ridge-mse-expanding",
    )
    found = listed(models(mse, rank_ic, recent, other, *unlike), scenarios())
    compared = {row for row in found if row[1] != row[2]}
    by_pair = {
        (mse, rank_ic): {
            "mse_beats_rank_ic",
            "mse_beats_rank_ic_over_four_weeks",
            "mse_deviates_more_than_rank_ic",
            "mse_deviates_more_than_rank_ic_over_four_weeks",
        },
        (mse, recent): {
            "expanding_beats_two_years",
            "expanding_beats_two_years_over_four_weeks",
            "expanding_deviates_more_than_two_years",
            "expanding_deviates_more_than_two_years_over_four_weeks",
        },
        (mse, other): {
            "xgboost_beats_lightgbm",
            "xgboost_beats_lightgbm_over_four_weeks",
            "xgboost_top_group_earns_more",
            "xgboost_groups_lie_further_apart",
        },
    }
    assert compared == {(claim, *pair) for pair, claims in by_pair.items() for claim in claims}
    alone = {row for row in found if row[1] == row[2]}
    assert {row[0] for row in alone} == {"monthly_rank_ic_is_seasonal"}
    assert len(alone) == 8


def test_models_with_part_of_the_other_rule_set_take_no_part() -> None:
    mse, rank_ic = "xgboost-mse-expanding-s777", "xgboost-rank_ic-expanding-s777"
    crossed = models(
        "xgboost-mse-expanding-practitioner_label-s777",
        "xgboost-rank_ic-expanding-practitioner_label-s777",
    ).assign(label_rule_set="practitioner")
    found = listed(pd.concat([models(mse, rank_ic), crossed], ignore_index=True), scenarios())
    assert {row[1:] for row in found if row[0] == "mse_beats_rank_ic"} == {(mse, rank_ic)}
    assert {row[1] for row in found} == {mse, rank_ic}


def test_nets_are_compared_with_themselves_and_by_the_order_of_stocks() -> None:
    keys = ("lstm-mse-fixed_2y-s1", "lstm-mse-fixed_2y-random-s1")
    unlike = ("lstm-mse-fixed_2y-random-s2", "xgboost-mse-fixed_2y-random-s1", "xgboost-mse-s1")
    found = listed(models(*keys, *unlike), scenarios())
    pairs = {row[1:] for row in found if row[0] == "stock_order_does_not_matter"}
    assert pairs == {keys}
    own = {row[1:] for row in found if row[0] == "recurrent_in_sample_exceeds_out_of_sample"}
    nets = {*keys, unlike[0], "lstm-mse-fixed_2y-random"}
    assert own == {(key, key) for key in nets}


def test_seeds_are_paired_one_by_one_and_in_their_mean() -> None:
    kinds = ("gru-mse-expanding", "gru-mse-expanding-random", "gru-rank_ic-expanding")
    keys = [f"{kind}-s{seed}" for kind in kinds for seed in (1, 2)]
    lonely = "gru-rank_ic-expanding-random-s1"
    trees = ("xgboost-mse-expanding-s1", "xgboost-rank_ic-expanding-s1")
    found = listed(models(*keys, lonely, *trees), scenarios())
    by_claim = {
        claim: {row[1:] for row in found if row[0] == claim}
        for claim in ("stock_order_does_not_matter", "recurrent_mse_beats_rank_ic")
    }
    ordered, random, rank_ic = kinds
    assert by_claim["stock_order_does_not_matter"] == {
        (ordered, random),
        *((f"{ordered}-s{seed}", f"{random}-s{seed}") for seed in (1, 2)),
        (f"{rank_ic}-s1", lonely),
    }
    assert by_claim["recurrent_mse_beats_rank_ic"] == {
        (ordered, rank_ic),
        *((f"{ordered}-s{seed}", f"{rank_ic}-s{seed}") for seed in (1, 2)),
        (f"{random}-s1", lonely),
    }


def test_a_mean_over_seeds_is_taken_week_by_week_and_window_by_window() -> None:
    """Both series of a pair: order against random, two seeds each; numbers by hand."""
    kinds = ("gru-mse-expanding", "gru-mse-expanding-random")
    keys = [f"{kind}-s{seed}" for kind in kinds for seed in (1, 2)]
    weeks = pd.DataFrame(
        [(key, week) for key in keys for week in WEEKS[:2]], columns=["model", "week_date"]
    ).assign(run_id="r", rule_set="paper", horizon_weeks=1, label_kind="cumulative")
    weeks["rank_ic"] = [0.5, 0.25, 0.25, np.nan, 0.125, 0.5, 0.375, 0.25]
    windows = pd.DataFrame({"model": keys[:2]}).assign(
        run_id="r", rule_set="paper", window_start=pd.Timestamp("2018-01-01")
    )
    windows["in_sample_rank_ic"] = [0.5, 0.25]
    windows["out_of_sample_rank_ic"] = [0.125, 0.0]
    no_groups = pd.DataFrame(
        {"model": ["none"], "group_number": 10, "group_return": 0.0, "week_date": [WEEKS[0]]}
    ).assign(run_id="r", rule_set="paper")
    nav = pd.DataFrame(
        {"scenario_id": ["x"], "week_date": [WEEKS[0]], "nav_return": 0.0, "excess_return": 0.0}
    )
    given = {
        "paper.paper_claim": CLAIMS,
        "staging.stg_model_output__model": models(*keys),
        "results.dim_scenario": scenarios(),
        "intermediate.int_rank_ic__by_week": weeks,
        "results.mart_group_return_week": no_groups,
        "intermediate.int_nav__by_week": nav,
        "results.fct_training_window": windows,
    }
    with scratch_database(given) as connection:
        connection.execute(
            "update intermediate.int_rank_ic__by_week set rank_ic = null where isnan(rank_ic)"
        )
        series = ("int_claim_series__by_week", "int_claim_series__by_window")
        build_models(connection, (*PAIRS, *series, "int_claim__observed"))
        frame = connection.table("intermediate.int_claim__observed").df()
    ordered = frame[
        (frame.claim == "stock_order_does_not_matter") & (frame.first_series == kinds[0])
    ]
    ordered = ordered.sort_values("observation_date")
    assert ordered.second_series.tolist() == [kinds[1]] * 2
    # The second week of one seed has no value: the mean of what there is.
    assert ordered.first_value.tolist() == [0.375, 0.25]
    assert ordered.second_value.tolist() == [0.25, 0.375]
    sampled = frame[frame.first_series.eq(kinds[0]) & frame.claim.str.startswith("recurrent_in")]
    assert sampled.first_value.tolist() == [0.375]
    assert sampled.second_value.tolist() == [0.0625]


def test_optimised_portfolios_of_two_libraries_are_compared_in_the_same_settings() -> None:
    trees, leaves = "xgboost-mse-fixed_2y-s777", "lightgbm-mse-fixed_2y-s777"
    found = listed(
        models(trees, leaves, "lightgbm-mse-expanding-s777"),
        scenarios(
            ("trees", trees, 0.3, 100),
            ("leaves", leaves, 0.3, 100),
            ("wider", leaves, 0.5, 100),
            ("longer", "lightgbm-mse-expanding-s777", 0.3, 100),
        ),
    )
    pairs = {row[1:] for row in found if row[0] == "xgboost_earns_more_after_optimisation"}
    assert pairs == {("trees", "leaves")}


def test_each_claim_observes_its_own_measure() -> None:
    """Two models that differ in their library, one week; numbers by hand."""
    keys = ("xgboost-mse-expanding-s1", "lightgbm-mse-expanding-s1")
    week = {"run_id": "r", "rule_set": "paper", "week_date": WEEKS[0]}
    rank_ic = pd.DataFrame(
        [
            week | {"model": key, "horizon_weeks": horizon, "rank_ic": value, "label_kind": kind}
            for key, horizon, value, kind in (
                (keys[0], 1, 0.5, "cumulative"),
                (keys[0], 4, 0.25, "cumulative"),
                (keys[0], 4, 0.75, "single_week"),
                (keys[1], 1, 0.125, "cumulative"),
                (keys[1], 2, 0.9, "cumulative"),
                (keys[1], 4, 0.375, "cumulative"),
            )
        ]
    )
    groups = pd.DataFrame(
        [
            week | {"model": key, "group_number": group, "group_return": value}
            for key, group, value in (
                (keys[0], 1, -0.5), (keys[0], 10, 1.0), (keys[0], 5, 9.0),
                (keys[1], 1, 0.25), (keys[1], 10, 0.5),
            )
        ]
    )  # fmt: skip
    nav = pd.DataFrame(
        {"scenario_id": ["x"], "week_date": [WEEKS[0]], "nav_return": 0.0, "excess_return": 0.0}
    )
    windows = pd.DataFrame({"model": ["none"], "window_start": [WEEKS[0]]}).assign(
        run_id="r", rule_set="paper", in_sample_rank_ic=0.0, out_of_sample_rank_ic=0.0
    )
    given = {
        "paper.paper_claim": CLAIMS,
        "staging.stg_model_output__model": models(*keys),
        "results.dim_scenario": scenarios(),
        "intermediate.int_rank_ic__by_week": rank_ic,
        "results.mart_group_return_week": groups,
        "intermediate.int_nav__by_week": nav,
        "results.fct_training_window": windows,
    }
    with scratch_database(given) as connection:
        series = ("int_claim_series__by_week", "int_claim_series__by_window")
        build_models(connection, (*PAIRS, *series, "int_claim__observed"))
        frame = connection.table("intermediate.int_claim__observed").df()
    observed = {
        row.claim: (row.statistic, row.first_value, row.second_value) for row in frame.itertuples()
    }
    assert observed == {
        "xgboost_beats_lightgbm": ("mean", 0.5, 0.125),
        "xgboost_beats_lightgbm_over_four_weeks": ("mean", 0.25, 0.375),
        "xgboost_top_group_earns_more": ("mean", np.log(2.0), np.log(1.5)),
        "xgboost_groups_lie_further_apart": ("mean", 1.5, 0.25),
    }


def test_bands_are_compared_within_the_same_settings() -> None:
    found = listed(
        models("m"),
        scenarios(
            ("tight", "m", 0.1, 100),
            ("near", "m", 0.5, 100),
            ("one", "m", 1.0, 100),
            ("none", "m", None, 200),
            ("other", "m", 0.4, 200),
            ("alone", "m", 0.4, 300),
        ),
    )
    by_claim = {
        claim: {row[1:] for row in found if row[0] == claim} for claim in {row[0] for row in found}
    }
    unbanded = {("one", "tight"), ("one", "near"), ("none", "other")}
    assert by_claim["bands_cost_return"] == unbanded
    assert by_claim["bands_reduce_drawdown"] == {pair[::-1] for pair in unbanded}
    assert by_claim["sharpe_is_best_near_band_of_0_4"] == {
        ("near", "tight"),
        ("near", "one"),
        ("other", "none"),
    }


def test_portfolios_that_weigh_risk_are_not_compared() -> None:
    rows = scenarios(("banded", "m", 0.4, 100), ("averse", "m", None, 100))
    assert any("averse" in row for row in listed(models("m"), rows))
    for setting in ("risk_aversion", "tracking_error_limit"):
        found = listed(models("m"), rows.assign(**{setting: [float("nan"), 10.0]}))
        assert not any("averse" in row for row in found)


def test_choices_are_compared_in_back_tests_with_the_same_band() -> None:
    chosen = pd.concat(
        [
            choice("one", "out_of_sample_rank_ic"),
            choice("two", "in_out_difference"),
            choice("three", "validation"),
            choice("four", "in_out_difference", members=MEMBERS.replace("expanding", "fixed_2y")),
            models("out_of_sample_rank_ic", "in_out_difference"),
        ]
    )
    found = listed(
        chosen,
        scenarios(
            ("high", "one", 0.3, 100),
            ("small", "two", 0.3, 100),
            ("wide", "two", None, 100),
            ("honest", "three", 0.3, 100),
            ("of others", "four", 0.3, 100),
            ("named alike", "in_out_difference", 0.3, 100),
        ),
    )
    pairs = {row[1:] for row in found if row[0] == "higher_ic_beats_small_difference"}
    assert pairs == {("high", "small")}


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
