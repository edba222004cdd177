"""What differs between seeds: spread of a figure, and means over seeds beside the study's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from twins.compiled_models import build_models, scratch_database

WINDOWS = (pd.Timestamp("2020-01-01"), pd.Timestamp("2020-07-01"))
GRU, RANDOM, TREES = "gru-mse-fixed_2y", "gru-mse-fixed_2y-random", "xgboost-mse-expanding"
RIDGE, NAMED = "ridge-mse-expanding", "blend-s7"
SEEDED = {GRU: (1, 2, 3), RANDOM: (1, 2), TREES: (777,)}
KEYS = {f"{family}-s{seed}": family for family, seeds in SEEDED.items() for seed in seeds}
KEYS |= {RIDGE: RIDGE, NAMED: NAMED}
# Out of sample per window; in sample is .25 more.
RANK_IC = {
    "gru-mse-fixed_2y-s1": (0.5, 0.25),
    "gru-mse-fixed_2y-s2": (0.25, 0.25),
    "gru-mse-fixed_2y-s3": (0.0, 0.25),
    "gru-mse-fixed_2y-random-s1": (0.125, 0.5),
    "gru-mse-fixed_2y-random-s2": (0.375, 0.0),
    "xgboost-mse-expanding-s777": (0.0625, 0.125),
    RIDGE: (0.03125, 0.0),
    NAMED: (0.0, 0.0),
}


def models() -> pd.DataFrame:
    keys = list(KEYS)
    seeds = [777 if key == RIDGE else int(key.rsplit("-s", 1)[1]) for key in keys]
    # A combination has no seed, whatever its name ends with.
    seeds[keys.index(NAMED)] = None
    return pd.DataFrame(
        {
            "run_id": "r",
            "rule_set": "paper",
            "model": keys,
            "library": [key.split("-")[0] for key in keys],
            "loss": "mse",
            "window_mode": ["fixed_2y" if "fixed_2y" in key else "expanding" for key in keys],
            "seed": seeds,
            "parameters": "{}",
            "members": None,
            "stock_order": [_order(key) for key in keys],
            **dict.fromkeys(("universe_rule_set", "label_rule_set", "purge_rule_set"), "paper"),
        }
    ).astype({"seed": "Int64", "members": "string", "stock_order": "string"})


def _order(key: str) -> str | None:
    if not key.startswith(("rnn", "lstm", "gru")):
        return None
    return "random" if "-random-" in key else "order"


def training_windows() -> pd.DataFrame:
    rows = [
        ("r", "paper", model, start, value + 0.25, value, 0.0, 0.0, parameters(model))
        for model, values in RANK_IC.items()
        for start, value in zip(WINDOWS, values, strict=True)
    ]
    names = ["run_id", "rule_set", "model", "window_start", "in_sample_rank_ic"]
    names += ["out_of_sample_rank_ic", "in_sample_mse", "out_of_sample_mse", "parameters"]
    return pd.DataFrame(rows, columns=names)


def parameters(model: str) -> str:
    """Tuning finds another width with each seed."""
    return f'{{"hidden_size": {32 * int(model[-1])}}}' if model.startswith("gru") else "{}"


def statistics() -> pd.DataFrame:
    rows = [
        ("r", "paper", model, horizon, "cumulative", "mean", horizon * sum(values) / 2)
        for model, values in RANK_IC.items()
        for horizon in (1, 4)
    ]
    names = ["run_id", "rule_set", "model", "horizon_weeks", "label_kind", "statistic", "value"]
    return pd.DataFrame(rows, columns=names).astype({"horizon_weeks": "int32"})


@pytest.fixture(scope="module")
def spread() -> pd.DataFrame:
    given = {
        "staging.stg_model_output__model": models(),
        "results.mart_rank_ic_statistics": statistics(),
        "results.fct_training_window": training_windows(),
    }
    with scratch_database(given) as connection:
        names = ("int_model__grouped", "int_window_rank_ic__averaged", "mart_seed_spread")
        build_models(connection, names)
        families = connection.table("intermediate.int_model__grouped").df()
        assert dict(zip(families.model, families.model_family, strict=True)) == KEYS
        order = dict(zip(families.model, families.stock_order, strict=True))
        assert order["gru-mse-fixed_2y-s1"] == "order"
        assert order["gru-mse-fixed_2y-random-s2"] == "random"
        assert pd.isna(order[RIDGE])
        return connection.table("results.mart_seed_spread").df()


def test_one_row_per_family_and_statistic(spread: pd.DataFrame) -> None:
    keys = ["model_family", "horizon_weeks", "statistic"]
    assert not spread.duplicated(keys).any()
    assert set(spread.model_family) == set(KEYS.values())
    assert dict(spread.value_counts("statistic")) == {
        "mean": 10,
        "in_sample_rank_ic": 5,
        "out_of_sample_rank_ic": 5,
        "rank_ic_difference": 5,
    }


def test_mean_and_spread_are_those_of_the_seeds(spread: pd.DataFrame) -> None:
    def row(family: str, horizon: int, statistic: str) -> pd.Series:
        chosen = (
            spread.model_family.eq(family)
            & spread.horizon_weeks.eq(horizon)
            & spread.statistic.eq(statistic)
        )
        (found,) = spread[chosen].to_dict("records")
        return pd.Series(found)

    means = pd.Series([0.375, 0.25, 0.125])
    found = row(GRU, 4, "mean")
    assert found.seed_count == 3
    assert found.mean_value == 1.0
    assert found.std_value == pytest.approx(4 * means.std())
    assert (found.min_value, found.max_value) == (0.5, 1.5)
    assert row(GRU, 1, "out_of_sample_rank_ic").mean_value == means.mean()
    assert row(RANDOM, 1, "in_sample_rank_ic").mean_value == 0.5
    assert row(RANDOM, 1, "rank_ic_difference").std_value == 0.0
    alone = row(RIDGE, 1, "mean")
    assert alone.seed_count == 1
    assert pd.isna(alone.std_value)


CLAIM, OWN = "stock_order_does_not_matter", "recurrent_in_sample_exceeds_out_of_sample"
# Per seed, week by week: a first series, a second one. Seed 3 has no random order; seed 2 one week.
OBSERVED = {
    (CLAIM, "gru-mse-fixed_2y-s1", "gru-mse-fixed_2y-random-s1"): ((0.5, 0.25), (0.25, 0.0)),
    (CLAIM, "gru-mse-fixed_2y-s2", "gru-mse-fixed_2y-random-s2"): ((0.25,), (0.375,)),
    # The mean over seeds and back-tests are no seeds.
    (CLAIM, GRU, RANDOM): ((0.5, 0.5), (0.0, 0.0)),
    ("bands_cost_return", "one scenario", "other scenario"): ((0.5,), (0.0,)),
    **{
        (OWN, f"gru-mse-fixed_2y-s{seed}", f"gru-mse-fixed_2y-s{seed}"): ((first,), (0.0,))
        for seed, first in ((1, 0.5), (2, 0.25), (3, 0.375))
    },
    ("mse_beats_rank_ic", "xgboost-mse-expanding-s777", "xgboost-mse-expanding-s777"): (
        (0.125,),
        (0.25,),
    ),
}


@pytest.fixture(scope="module")
def seed_pairs() -> pd.DataFrame:
    rows = [
        ("r", "paper", *keys, "mean", pd.Timestamp(2020, 1, 3 + week), *values)
        for keys, series in OBSERVED.items()
        for week, values in enumerate(zip(*series, strict=True))
    ]
    names = ["run_id", "rule_set", "claim", "first_series", "second_series", "statistic"]
    names += ["observation_date", "first_value", "second_value"]
    given = {
        "staging.stg_model_output__model": models(),
        "intermediate.int_claim__observed": pd.DataFrame(rows, columns=names),
    }
    with scratch_database(given) as connection:
        build_models(connection, ("int_model__grouped", "mart_seed_pair"))
        return connection.table("results.mart_seed_pair").df().set_index("claim")


def test_seeds_of_a_pair_are_compared_in_pairs(seed_pairs: pd.DataFrame) -> None:
    row = seed_pairs.loc[CLAIM]
    assert (row.first_family, row.second_family) == (GRU, RANDOM)
    assert (row.seed_count, row.least_observation_count) == (2, 1)
    # Seed 1: .25 in both weeks; seed 2: -.125. Deviation .375 / sqrt 2, t = .0625 / .1875.
    assert row.mean_difference == 0.0625
    assert row.std_difference == pytest.approx(0.375 / np.sqrt(2.0))
    assert (row.min_difference, row.max_difference) == (-0.125, 0.25)
    assert row.same_sign_share == 0.5
    assert row.t_statistic == pytest.approx(1.0 / 3.0)
    assert not row.exceeds_seeds
    assert len(seed_pairs) == 3


def test_the_test_over_seeds_is_the_paired_t_test(seed_pairs: pd.DataFrame) -> None:
    row = seed_pairs.loc[OWN]
    twin = stats.ttest_rel([0.5, 0.25, 0.375], np.zeros(3))
    assert row.first_family == row.second_family == GRU
    assert row.t_statistic == pytest.approx(twin.statistic)
    assert row.critical_t == pytest.approx(stats.t.ppf(0.975, twin.df), abs=1e-6)
    assert row.exceeds_seeds == (twin.pvalue < 0.05)
    assert row.exceeds_seeds
    assert row.same_sign_share == 1.0


def test_one_seed_has_a_difference_and_no_test(seed_pairs: pd.DataFrame) -> None:
    row = seed_pairs.loc["mse_beats_rank_ic"]
    assert (row.seed_count, row.mean_difference, row.same_sign_share) == (1, -0.125, 1.0)
    assert row[["std_difference", "t_statistic", "critical_t", "exceeds_seeds"]].isna().all()


def cell(table: int, row: str, column: str, measure: str, **settings: object) -> dict[str, object]:
    return {
        "paper_table": table,
        "row_label": row,
        "column_label": column,
        "paper_value": 0.5,
        "measure": measure,
        "library": "gru",
        "loss": "mse",
        "window_mode": "fixed_2y",
        "horizon_weeks": None,
        "window_start": WINDOWS[0] if table not in (7, 8) else None,
        "trade_year": None,
        "barra_limit": None,
        "num_stock": None,
        "stock_order": "order",
        **settings,
    }


CELLS = pd.DataFrame(
    [
        cell(7, "X_insample", "samples", "sample_count[in_sample]", paper_value=100.0),
        cell(7, "X_test", "samples", "sample_count[test]"),
        cell(7, "X_test", "time-steps", "sequence_weeks[test]"),
        cell(7, "X_test", "features", "feature_count[test]"),
        cell(8, "gru", "hidden_size lowest", "hidden_size[0]"),
        cell(8, "gru", "hidden_size highest", "hidden_size[1]"),
        cell(8, "gru", "dropout_rate lowest", "dropout_rate[0]"),
        cell(9, "2020-01-01", "out random", "out_of_sample_rank_ic", stock_order="random"),
        cell(9, "2020-01-01", "out order", "out_of_sample_rank_ic"),
        cell(9, "2020-01-01", "out of lstm", "out_of_sample_rank_ic", library="lstm"),
        cell(13, "2020-01-01", "hidden_size", "hidden_size"),
        cell(13, "2020-01-01", "difference", "rank_ic_difference"),
    ]
).astype(
    {
        **dict.fromkeys(["horizon_weeks", "trade_year", "num_stock"], "Int64"),
        "barra_limit": "Float64",
    }
)


def test_figures_of_nets_are_means_over_seeds_of_the_same_order_of_stocks() -> None:
    trials = pd.DataFrame(
        [
            ("gru-mse-fixed_2y-s1", '{"hidden_size": [32, 320]}'),
            ("gru-mse-fixed_2y-s1", '{"hidden_size": [64, 128]}'),
            ("gru-mse-fixed_2y-s2", '{"hidden_size": [32, 256]}'),
        ],
        columns=["model", "search_range"],
    ).assign(run_id="r", rule_set="paper")
    given = {
        "paper.paper_cell": CELLS,
        "staging.stg_model_output__model": models(),
        "ops.fct_run": pd.DataFrame({"run_id": ["r"], "is_latest": [True]}),
        "results.fct_training_window": training_windows(),
        "results.fct_tuning_trial": trials,
    }
    names = ("int_model__grouped", "int_paper_cell__matched", "int_paper_cell__seeded")
    with scratch_database(given) as connection:
        build_models(connection, (*names, "int_paper_cell__trained", "int_paper_cell__searched"))
        matched = connection.table("intermediate.int_paper_cell__matched").df()
        trained = connection.table("intermediate.int_paper_cell__trained").df()
        searched = connection.table("intermediate.int_paper_cell__searched").df()
    assert len(matched) == len(CELLS)
    shown = dict(zip(matched.column_label, matched.model, strict=True))
    assert shown["out order"] == GRU
    assert shown["out random"] == RANDOM
    assert pd.isna(shown["out of lstm"])
    ours = trained.set_index("column_label")
    assert ours.our_value.to_dict() == {
        "out random": 0.25,
        "out order": 0.25,
        "hidden_size": 64.0,
        "difference": -0.25,
    }
    assert ours.seed_count.to_dict() == {
        "out random": 2,
        "out order": 3,
        "hidden_size": 3,
        "difference": 3,
    }
    ends = searched.set_index("column_label")
    assert ends.our_value["hidden_size lowest"] == 32.0
    assert ends.our_value["hidden_size highest"] == 288.0
    assert pd.isna(ends.our_value["dropout_rate lowest"])


def test_shapes_are_those_of_the_window_nearest_in_size() -> None:
    """In sample the study has 100: the second window's 90 are nearer than the first one's 120."""
    sizes = {"in_sample": (120, 90), "test": (30, 20)}
    shapes = pd.DataFrame(
        [
            ("r", "paper", model, start, part, samples + 5, samples, 5, 123)
            for model in (key for key, family in KEYS.items() if family in (GRU, RANDOM))
            for part, counts in sizes.items()
            for start, samples in zip(WINDOWS, counts, strict=True)
        ],
        columns=[
            *("run_id", "rule_set", "model", "window_start", "part"),
            *("row_count", "sample_count", "sequence_weeks", "feature_count"),
        ],
    )
    given = {
        "paper.paper_cell": CELLS,
        "staging.stg_model_output__model": models(),
        "ops.fct_run": pd.DataFrame({"run_id": ["r"], "is_latest": [True]}),
        "results.fct_sequence_shape": shapes,
    }
    names = ("int_model__grouped", "int_paper_cell__matched", "int_paper_cell__seeded")
    with scratch_database(given) as connection:
        build_models(connection, (*names, "int_paper_cell__shaped"))
        frame = connection.table("intermediate.int_paper_cell__shaped").df()
    ours = frame.set_index(["row_label", "column_label"])
    assert ours.our_value.to_dict() == {
        ("X_insample", "samples"): 90.0,
        ("X_test", "samples"): 20.0,
        ("X_test", "time-steps"): 5.0,
        ("X_test", "features"): 123.0,
    }
    assert set(ours.seed_count) == {3}
