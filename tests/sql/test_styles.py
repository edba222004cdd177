"""Barra styles in SQL against a NumPy twin, on random bars with suspensions and late listings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from twins.bar_panel import bar_panel
from twins.compiled_models import build_models, model_columns, scratch_database
from twins.styles import descriptors, styles

MODELS = (
    "int_bar_daily__derived",
    "int_style_descriptor__measured",
    "int_style_descriptor__standardised",
    "int_style__combined",
    "int_style__orthogonalised",
    "int_style__completed",
    "fct_style_coverage",
    "fct_style_exposure",
)
KEYS = ["symbol", "week_date"]


FUNDAMENTAL = (
    "cash_earnings_to_price",
    "earnings_to_price",
    "earnings_growth",
    "sales_growth",
    "book_to_market",
    "debt_to_market",
    "liabilities_to_assets",
    "debt_to_book",
)


def _fundamental_descriptors(universe: pd.DataFrame) -> pd.DataFrame:
    """Heavy-tailed descriptors with holes."""
    rng = np.random.default_rng(2)
    frame = universe[KEYS].copy()
    for name in FUNDAMENTAL:
        values = rng.standard_t(3, len(frame))
        frame[name] = np.where(rng.random(len(frame)) < 0.2, np.nan, values)
    return frame


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    panel = bar_panel(stock_count=16, seed=5)
    fundamentals = _fundamental_descriptors(panel["core.fct_universe_week"])
    return panel | {"intermediate.int_style_descriptor__fundamental": fundamentals}


@pytest.fixture(scope="module")
def built(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    connection = scratch_database(tables)
    build_models(connection, MODELS)
    frames = {
        "measured": connection.sql("select * from intermediate.int_style_descriptor__measured"),
        "completed": connection.sql("select * from intermediate.int_style__completed"),
        "exposures": connection.sql("select * from risk.fct_style_exposure"),
        "coverage": connection.sql("select * from risk.fct_style_coverage"),
    }
    found = {name: relation.df() for name, relation in frames.items()}
    for frame in found.values():
        frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
    return found


@pytest.fixture(scope="module")
def last_weeks(tables: dict[str, pd.DataFrame]) -> dict[object, pd.DataFrame]:
    """Descriptors by the twin for the last weeks, one frame per week."""
    dates = tables["core.dim_trade_date"]
    market = dates.merge(tables["intermediate.int_market_return__daily"], on="trade_date")
    returns = market.set_index("session_number").market_return
    fundamentals = tables["intermediate.int_style_descriptor__fundamental"]
    weeks = {}
    for week_date in dates[dates.is_week_end].trade_date.iloc[[-1, -9, -30]]:
        rows = {}
        for symbol, bars in tables["core.fct_bar_daily"].groupby("symbol"):
            until = bars[bars.trade_date <= week_date]
            if len(until) and until.trade_date.iloc[-1] == week_date:
                rows[symbol] = descriptors(until, returns)
        frame = fundamentals[fundamentals.week_date == week_date].set_index("symbol")
        weeks[week_date] = pd.DataFrame(rows).T.join(frame[list(FUNDAMENTAL)])
    return weeks


def test_descriptors_agree_with_the_twin(
    built: dict[str, pd.DataFrame], last_weeks: dict[object, pd.DataFrame]
) -> None:
    for week_date, twin in last_weeks.items():
        frame = built["measured"]
        found = frame[frame.week_date == week_date].set_index("symbol").loc[twin.index]
        for name in twin:
            np.testing.assert_allclose(found[name], twin[name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_styles_agree_with_the_twin(
    tables: dict[str, pd.DataFrame],
    built: dict[str, pd.DataFrame],
    last_weeks: dict[object, pd.DataFrame],
) -> None:
    universe = tables["core.fct_universe_week"].set_index(KEYS)
    for week_date, measured in last_weeks.items():
        members = universe.xs(week_date, level="week_date").loc[measured.index]
        twin = styles(measured, members.in_universe, members.neutralisation_cap_cny)
        frame = built["completed"]
        found = frame[frame.week_date == week_date].set_index("symbol").loc[twin.index]
        for name in twin:
            np.testing.assert_allclose(
                found[name], twin[name], rtol=1e-8, atol=1e-8, err_msg=f"{name} {week_date}"
            )


def test_missing_styles_are_stored_as_zero_and_counted(built: dict[str, pd.DataFrame]) -> None:
    completed = built["completed"].set_index(KEYS).sort_index()
    exposures = built["exposures"].set_index(KEYS).sort_index()
    names = exposures.columns.drop("known_at")
    assert completed[names].isna().any(axis=None)
    assert (exposures[names].to_numpy()[completed[names].isna().to_numpy()] == 0).all()
    missing = completed[names].isna().groupby("week_date").sum()
    counted = built["coverage"].pivot_table(
        index="week_date", columns="style", values="missing_count"
    )
    pd.testing.assert_frame_equal(
        counted[list(names)], missing, check_dtype=False, check_names=False
    )


def test_every_column_but_keys_and_dates_is_a_style(built: dict[str, pd.DataFrame]) -> None:
    assert list(built["exposures"].columns) == model_columns("fct_style_exposure")
    styles_counted = set(built["coverage"]["style"])
    assert styles_counted == set(built["exposures"].columns) - {*KEYS, "known_at"}
