"""Factors in SQL against textbook formulas in NumPy, on random bars with suspensions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from twins.bar_panel import bar_panel
from twins.compiled_models import build_models, scratch_database
from twins.price_factors import price_factors

from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.paths import DBT_PROJECT_DIR

MODELS = (
    "int_bar_daily__derived",
    "int_market_model__fitted",
    "int_downside_beta__fitted",
    "int_macd__averaged",
    "int_extreme__dated",
    "int_factor__size",
    "int_factor__momentum",
    "int_factor__volatility",
    "int_factor__liquidity",
    "int_factor__beta",
    "int_factor__price_volume",
    "int_factor__technical",
    "int_factor__joined",
)
FACTORS = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)
OF_BARS = [row.factor for row in FACTORS if row.inputs in {"bars", "bars+index"}]


def _without_statements(universe: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Families of fundamental factors as a source without statements leaves them."""
    families: dict[str, pd.DataFrame] = {}
    for row in FACTORS:
        if row.factor not in OF_BARS:
            name = f"intermediate.int_factor__{row.family}"
            frame = families.setdefault(name, universe[["symbol", "week_date"]].copy())
            frame[row.factor] = np.nan
    return families


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    panel = bar_panel(stock_count=8, seed=11)
    return panel | _without_statements(panel["core.fct_universe_week"])


@pytest.fixture(scope="module")
def computed(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    connection = scratch_database(tables)
    build_models(connection, MODELS)
    frame = connection.sql("select * from intermediate.int_factor__joined").df()
    frame["week_date"] = pd.to_datetime(frame.week_date).dt.date
    return frame.set_index(["symbol", "week_date"]).sort_index()


@pytest.fixture(scope="module")
def expected(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    dates = tables["core.dim_trade_date"]
    market = dates.merge(tables["intermediate.int_market_return__daily"], on="trade_date")
    market_returns = market.set_index("session_number").market_return
    week_ends = set(dates[dates.is_week_end].session_number)
    rows = []
    with np.errstate(all="ignore"):
        for symbol, bars in tables["core.fct_bar_daily"].groupby("symbol"):
            for end in range(1, len(bars) + 1, 3):
                until = bars.iloc[:end]
                if until.session_number.iloc[-1] in week_ends:
                    key = {"symbol": symbol, "week_date": until.trade_date.iloc[-1]}
                    rows.append(key | price_factors(until, market_returns))
    return pd.DataFrame(rows).set_index(["symbol", "week_date"]).sort_index()


@pytest.mark.parametrize("factor", [name for name in OF_BARS if name != "nonlinear_size"])
def test_factor_agrees_with_the_textbook(
    factor: str, computed: pd.DataFrame, expected: pd.DataFrame
) -> None:
    twin = expected[factor].replace([np.inf, -np.inf], np.nan)
    assert twin.notna().sum() > 40
    found = computed.loc[expected.index, factor]
    scale = twin.abs().median() or 1.0
    np.testing.assert_allclose(found, twin, rtol=1e-9, atol=1e-9 * scale)


def test_every_listed_stock_has_a_row_each_week(
    tables: dict[str, pd.DataFrame], computed: pd.DataFrame
) -> None:
    universe = tables["core.fct_universe_week"]
    assert len(computed) == len(universe)
    assert computed.index.is_unique


def test_nonlinear_size_is_the_cube_without_its_linear_part(
    tables: dict[str, pd.DataFrame], computed: pd.DataFrame
) -> None:
    universe = tables["core.fct_universe_week"].set_index(["symbol", "week_date"])
    members = computed[universe.in_universe.reindex(computed.index)]
    for _, week in members.groupby("week_date"):
        if len(week) < 3:
            continue
        z = (week.log_total_cap - week.log_total_cap.mean()) / week.log_total_cap.std()
        slope, intercept = np.polyfit(z, z**3, 1)
        np.testing.assert_allclose(
            week.nonlinear_size, z**3 - slope * z - intercept, rtol=1e-9, atol=1e-9
        )


def test_long_suspension_leaves_no_value(
    tables: dict[str, pd.DataFrame], computed: pd.DataFrame
) -> None:
    bars = tables["core.fct_bar_daily"]
    traded = bars.assign(traded=~bars.is_suspended).groupby("symbol").traded
    last_20 = traded.transform(lambda values: values.rolling(20, min_periods=1).sum())
    thin = bars[last_20 < 10].set_index(["symbol", "trade_date"]).index
    thin_weeks = computed[computed.index.isin(thin)]
    assert len(thin_weeks) > 10
    assert thin_weeks[["return_1m", "volatility_1m", "turnover_1m", "bias_1m"]].isna().all(None)
