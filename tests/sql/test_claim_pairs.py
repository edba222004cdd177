"""Which series a claim compares, in SQL."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from twins.compiled_models import build_models, scratch_database

from tests.sql.claim_rows import CLAIMS, PAIRS, models, scenarios

WEEKS = pd.date_range("2018-01-05", periods=2, freq="W-FRI")
MEMBERS = '["xgboost-mse-expanding-s777", "lightgbm-mse-expanding-s777"]'


def choice(name: str, by: str, members: str = MEMBERS) -> pd.DataFrame:
    parameters = json.dumps({"by": by})
    return models(name, parameters=parameters).assign(library="choice", members=members)


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
