"""Exposures of an index on a market small enough to work out by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from twins.compiled_models import build_models, model_columns, scratch_database

WEEKS = (dt.date(2015, 3, 6), dt.date(2015, 3, 13))
STYLES = [
    name
    for name in model_columns("fct_style_exposure")
    if name not in {"symbol", "week_date", "known_at"}
]


def _tables() -> dict[str, pd.DataFrame]:
    """Two constituents in one industry and one without; in the second week the first alone."""
    first, second = WEEKS
    weights = [("a", first, 0.5), ("b", first, 0.25), ("c", first, 0.25), ("a", second, 1.0)]
    styles = [("a", first, 2), ("b", first, -1), ("c", first, 0), ("a", second, 3)]
    universe = [
        ("practitioner", "a", first, "x"), ("practitioner", "b", first, "x"),
        ("practitioner", "c", first, None), ("paper", "a", first, "z"),
        ("practitioner", "a", second, "y"), ("practitioner", "d", second, "y"),
    ]  # fmt: skip
    exposures = pd.DataFrame([*styles, ("d", second, 9)], columns=["symbol", "week_date", "growth"])
    return {
        "core.fct_index_weight_week": pd.DataFrame(
            weights, columns=["symbol", "week_date", "weight"]
        ).assign(index_symbol="i"),
        "risk.fct_style_exposure": exposures.assign(
            **{name: 1.0 for name in STYLES if name != "growth"}
        ),
        "core.fct_universe_week": pd.DataFrame(
            universe, columns=["rule_set", "symbol", "week_date", "industry_code"]
        ),
    }


def test_index_exposure_is_the_weighted_mean_of_its_constituents() -> None:
    connection = scratch_database(_tables())
    build_models(connection, ["mart_index_exposure_week"])
    frame = connection.sql("select * from risk.mart_index_exposure_week").df()
    assert list(frame.columns) == model_columns("mart_index_exposure_week")
    frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
    found = frame.set_index(["week_date", "exposure_kind", "exposure_name"]).exposure.to_dict()
    first, second = WEEKS
    ones = {(week, "style", name): 1.0 for week in WEEKS for name in STYLES}
    assert found == ones | {
        (first, "style", "growth"): 0.5 * 2 - 0.25,
        (second, "style", "growth"): 3.0,
        (first, "industry", "x"): 0.75,
        (first, "industry", "unknown"): 0.25,
        (second, "industry", "y"): 1.0,
    }
