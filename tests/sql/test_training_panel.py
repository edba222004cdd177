"""The training panel: where it starts, whose labels it holds, what its target is."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from twins.compiled_models import build_models, model_columns, scratch_database
from twins.factor_panel import universe_rows

from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR

MODELS = (
    "int_factor__joined",
    "int_factor__selected",
    "int_factor_week__located",
    "int_factor_week__spread",
    "int_factor_week__bounded",
    "int_factor_industry_week__summed",
    "int_factor_week__counted",
    "int_factor_industry_week__filled",
    "int_factor_week__regressed",
    "int_factor_week__corrected",
    "int_factor_week__scaled",
    "fct_factor_exposure",
    "int_factor_week__fingerprinted",
    "fct_factor_coverage",
    "int_label__pivoted",
    "int_panel_week__counted",
    "int_panel__started",
    "int_panel_label__chosen",
    "fct_training_panel",
    "fct_crossed_label",
)
FAMILIES = {row.factor: row.family for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE)}
NEVER_FED = ("return_12m", "turnover_12m", "beta_12m")
CONVENTIONS = {"paper": "close", "practitioner": "vwap"}
FIRST_FULL_WEEK = 3


def _families(universe: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Four fifths of the factors the source feeds appear in week `FIRST_FULL_WEEK`, not before."""
    listed = universe[universe.rule_set == "paper"].reset_index(drop=True)
    week = listed.week_date.rank(method="dense").astype(int) - 1
    tables = {name: listed[["symbol", "week_date"]].copy() for name in set(FAMILIES.values())}
    fed = [name for name in FAMILIES if name not in NEVER_FED]
    late = set(fed[: len(fed) // 4])
    for factor, family in FAMILIES.items():
        values = rng.normal(size=len(listed))
        present = (factor not in NEVER_FED) & ((factor not in late) | (week >= FIRST_FULL_WEEK))
        tables[family][factor] = np.where(present, values, np.nan)
    return {f"intermediate.int_factor__{name}": table for name, table in tables.items()}


def _labels(universe: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Long labels of every stock and week; the last week has none."""
    listed = universe[universe.rule_set == "paper"][["symbol", "week_date"]]
    frames = []
    for convention in CONVENTIONS.values():
        for horizon in range(1, 5):
            frame = listed.assign(label_convention=convention, horizon_weeks=horizon)
            has_label = listed.week_date < listed.week_date.max()
            frame["fwd_return_cum"] = np.where(has_label, rng.normal(size=len(frame)), np.nan)
            frame["fwd_return_single"] = np.where(has_label, rng.normal(size=len(frame)), np.nan)
            frame["label_known_at"] = listed.week_date.where(has_label) + dt.timedelta(
                weeks=horizon
            )
            frame["label_tradable"] = has_label & (rng.random(len(frame)) < 0.8)
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(3)
    universe = universe_rows([40] * 6, rng)
    weeks = pd.DataFrame({"week_date": sorted(universe.week_date.unique())})
    weeks["half_year_window"] = "2020H1"
    weeks["window_start"] = dt.date(2020, 1, 1)
    return {
        "core.fct_universe_week": universe,
        "core.dim_week": weeks,
        "factors.dim_factor": pd.DataFrame(
            {"factor": list(FAMILIES), "factor_number": range(1, len(FAMILIES) + 1)}
        ),
        "ml.fct_label": _labels(universe, rng),
        "rules.universe_rule": pd.DataFrame({"rule_set": list(CONVENTIONS)}),
        **_families(universe, rng),
    }


@pytest.fixture(scope="module")
def built(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    connection = scratch_database(tables)
    build_models(connection, MODELS)
    frames = {}
    for table in ("fct_training_panel", "fct_crossed_label"):
        frame = connection.sql(f"select * from ml.{table}").df()
        for name in frame.columns[frame.columns.str.contains("date|known_at|window_start")]:
            frame[name] = pd.to_datetime(frame[name]).dt.date
        frames[table] = frame
    return frames


@pytest.fixture(scope="module")
def panel(built: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return built["fct_training_panel"]


@pytest.mark.parametrize("rule_set", CONVENTIONS)
def test_crossed_labels_are_of_the_other_rule_set_over_the_rows_of_this_one(
    tables: dict[str, pd.DataFrame], built: dict[str, pd.DataFrame], rule_set: str
) -> None:
    other = next(name for name in CONVENTIONS if name != rule_set)
    crossed = built["fct_crossed_label"].query(f"rule_set == '{rule_set}'")
    assert set(crossed.label_rule_set) == {other}
    panel = built["fct_training_panel"].query(f"rule_set == '{rule_set}'")
    keys = ["symbol", "week_date"]
    assert set(map(tuple, crossed[keys].to_numpy())) == set(map(tuple, panel[keys].to_numpy()))
    labels = tables["ml.fct_label"].query(
        f"label_convention == '{CONVENTIONS[other]}' and horizon_weeks == 1"
    )
    joined = crossed.merge(labels, on=keys)
    assert len(joined) == len(crossed)
    np.testing.assert_array_equal(joined.fwd_return_1w_cum, joined.fwd_return_cum)
    assert (joined.label_tradable_1w == joined.label_tradable).all()
    target = joined.fwd_return_1w_cum
    if other == "practitioner":
        week = joined.groupby("week_date").fwd_return_1w_cum
        target = (target - week.transform("mean")) / week.transform("std")
    np.testing.assert_allclose(joined.fwd_target_1w, target, rtol=1e-12)


def test_panel_starts_when_the_median_stock_has_four_fifths_of_the_fed_factors(
    tables: dict[str, pd.DataFrame], panel: pd.DataFrame
) -> None:
    weeks = sorted(tables["core.fct_universe_week"].week_date.unique())
    found = panel.groupby("rule_set").week_date.unique().map(sorted)
    assert found.to_dict() == dict.fromkeys(CONVENTIONS, weeks[FIRST_FULL_WEEK:])


def test_panel_holds_the_universe_and_nothing_else(
    tables: dict[str, pd.DataFrame], panel: pd.DataFrame
) -> None:
    universe = tables["core.fct_universe_week"]
    members = universe[universe.in_universe & (universe.week_date >= panel.week_date.min())]
    keys = ["rule_set", "symbol", "week_date"]
    assert set(map(tuple, panel[keys].to_numpy())) == set(map(tuple, members[keys].to_numpy()))
    assert not panel.duplicated(keys).any()


def test_columns_are_those_of_the_contract(panel: pd.DataFrame) -> None:
    assert list(panel.columns) == model_columns("fct_training_panel")


@pytest.mark.parametrize("rule_set", CONVENTIONS)
@pytest.mark.parametrize("horizon", [1, 2, 3, 4])
def test_labels_are_in_the_convention_of_the_rule_set(
    tables: dict[str, pd.DataFrame], panel: pd.DataFrame, rule_set: str, horizon: int
) -> None:
    labels = tables["ml.fct_label"]
    chosen = labels[
        (labels.label_convention == CONVENTIONS[rule_set]) & (labels.horizon_weeks == horizon)
    ]
    joined = panel[panel.rule_set == rule_set].merge(chosen, on=["symbol", "week_date"])
    assert len(joined) == (panel.rule_set == rule_set).sum()
    for ours, theirs in {
        f"fwd_return_{horizon}w_cum": "fwd_return_cum",
        f"fwd_return_{horizon}w_single": "fwd_return_single",
    }.items():
        np.testing.assert_array_equal(joined[ours], joined[theirs])
    known = joined[f"label_known_at_{horizon}w"]
    assert (known.isna() == joined.label_known_at.isna()).all()
    assert (known[known.notna()] == joined.label_known_at[known.notna()]).all()
    assert (joined[f"label_tradable_{horizon}w"] == joined.label_tradable).all()


def test_target_is_raw_for_the_paper_and_standardised_for_the_practitioner(
    panel: pd.DataFrame,
) -> None:
    paper = panel[panel.rule_set == "paper"]
    np.testing.assert_array_equal(paper.fwd_target_1w, paper.fwd_return_1w_cum)
    practitioner = panel[panel.rule_set == "practitioner"]
    weekly = practitioner.groupby("week_date").fwd_return_1w_cum
    expected = (practitioner.fwd_return_1w_cum - weekly.transform("mean")) / weekly.transform("std")
    np.testing.assert_allclose(practitioner.fwd_target_1w, expected, rtol=1e-12)
    assert expected.notna().any()


def test_foresight_of_the_universe_is_flagged_row_by_row(panel: pd.DataFrame) -> None:
    assert panel[panel.rule_set == "paper"].uses_future.all()
    assert not panel[panel.rule_set == "practitioner"].uses_future.any()
