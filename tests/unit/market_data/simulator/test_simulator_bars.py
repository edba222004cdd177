from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from fixtures.simulated_market import SimulatedMarket

from market_data.contract import LANDING_TABLES
from market_data.validation import validate_directory


@pytest.fixture(scope="module")
def bars(tiny_market: SimulatedMarket) -> pd.DataFrame:
    frame = tiny_market.table("daily_bars").merge(tiny_market.table("instruments"), on="symbol")
    frame = frame.sort_values(["symbol", "trade_date"], ignore_index=True)
    frame["age"] = frame.groupby("symbol").cumcount() + 1
    seasoned = pd.to_datetime(frame["list_date"]) < pd.to_datetime(frame["trade_date"].min())
    frame.loc[seasoned, "age"] += 500
    return frame


@pytest.fixture(scope="module")
def traded(bars: pd.DataFrame) -> pd.DataFrame:
    return bars[~bars["is_suspended"]]


def cents(prices: pd.Series) -> np.ndarray:
    return np.round(prices.to_numpy() * 100).astype(np.int64)


def test_every_table_has_the_types_of_the_contract(tiny_market: SimulatedMarket) -> None:
    written = {path.stem for path in tiny_market.summary.landing_dir.glob("*.parquet")}
    assert written >= {name for name, table in LANDING_TABLES.items() if table.required}
    for name in written:
        schema = pq.read_schema(tiny_market.summary.landing_dir / f"{name}.parquet")
        assert schema.equals(LANDING_TABLES[name].arrow_schema()), name


def test_the_contract_accepts_the_market_without_a_warning(tiny_market: SimulatedMarket) -> None:
    assert validate_directory(tiny_market.summary.landing_dir).faults == ()


def test_no_half_written_file_remains(tiny_market: SimulatedMarket) -> None:
    for directory in (tiny_market.summary.landing_dir, tiny_market.summary.truth_dir):
        assert all(path.suffix == ".parquet" for path in directory.iterdir())


def test_summary_counts_the_rows(tiny_market: SimulatedMarket) -> None:
    rows = tiny_market.summary.table_rows
    assert rows["daily_bars"] == len(tiny_market.table("daily_bars"))
    assert rows["expected_return"] == len(tiny_market.truth())


def test_every_name_has_a_row_per_session_from_its_listing(bars: pd.DataFrame) -> None:
    sessions = np.sort(bars["trade_date"].unique())
    span = bars.groupby("symbol").agg(first=("trade_date", "min"), last=("delist_date", "first"))
    last = span["last"].fillna(sessions.max())
    expected = sum(
        int(((sessions >= start) & (sessions <= end)).sum())
        for start, end in zip(span["first"], last, strict=True)
    )
    assert len(bars) == expected
    assert not bars.duplicated(["symbol", "trade_date"]).any()


def test_prices_are_ordered(traded: pd.DataFrame) -> None:
    assert (traded["low"] <= traded[["open", "close"]].min(axis=1)).all()
    assert (traded["high"] >= traded[["open", "close"]].max(axis=1)).all()


def test_no_price_leaves_the_rounded_limit(traded: pd.DataFrame) -> None:
    rate = np.select(
        [
            traded["board"].eq("BSE"),
            traded["board"].eq("STAR")
            | (
                traded["board"].eq("ChiNext")
                & (pd.to_datetime(traded["trade_date"]) >= pd.Timestamp("2020-08-24"))
            ),
            traded["board"].eq("Main") & traded["is_st"],
        ],
        [30, 20, 5],
        10,
    )
    settled = (traded["age"] > 5).to_numpy()
    before = cents(traded["pre_close"])
    upper, lower = (before * (100 + rate) + 50) // 100, (before * (100 - rate) + 50) // 100
    assert (cents(traded["high"]) <= upper)[settled].all()
    assert (cents(traded["low"]) >= lower)[settled].all()
    assert (cents(traded["close"]) == upper)[settled].sum() > 50
    assert (cents(traded["close"]) == lower)[settled].sum() > 20


def test_first_session_limits(traded: pd.DataFrame) -> None:
    listed = pd.to_datetime(traded["list_date"])
    approved = (traded["age"] == 1) & (
        (traded["board"].eq("Main") & (listed < pd.Timestamp("2023-04-10")))
        | (traded["board"].eq("ChiNext") & (listed < pd.Timestamp("2020-08-24")))
    )
    first = traded[approved]
    assert len(first) >= 5
    assert (cents(first["high"]) <= (cents(first["pre_close"]) * 144 + 50) // 100).all()
    assert (cents(first["low"]) >= (cents(first["pre_close"]) * 64 + 50) // 100).all()


def test_adj_factor_is_chained_by_the_ex_rights_close(bars: pd.DataFrame) -> None:
    same = bars["symbol"].eq(bars["symbol"].shift())
    step = (bars["adj_factor"] / bars["adj_factor"].shift())[same]
    implied = (bars["close"].shift() / bars["pre_close"])[same]
    np.testing.assert_allclose(step, implied, rtol=1e-14)
    assert (step > 1.0).sum() > 100


def test_adj_factor_moves_on_ex_dates_alone(
    tiny_market: SimulatedMarket, bars: pd.DataFrame
) -> None:
    dividends = tiny_market.table("dividends")
    moved = bars[
        bars["symbol"].eq(bars["symbol"].shift())
        & bars["adj_factor"].ne(bars["adj_factor"].shift())
    ]
    paid = set(zip(dividends["symbol"], dividends["ex_date"], strict=True))
    assert set(zip(moved["symbol"], moved["trade_date"], strict=True)) <= paid
    before = bars.assign(last=bars["close"].shift()).merge(
        dividends, left_on=["symbol", "trade_date"], right_on=["symbol", "ex_date"]
    )
    fair = (before["last"] - before["cash_per_share"]) / (1 + before["bonus_shares_per_share"])
    assert len(before) == len(dividends)
    assert (before["pre_close"] - fair).abs().max() <= 0.005 + 1e-9
    assert not before["is_suspended"].any()


def test_vwap_lies_strictly_between_low_and_high(traded: pd.DataFrame) -> None:
    vwap = traded["amount"] / traded["volume"]
    moving = traded["high"] > traded["low"]
    assert (vwap > traded["low"])[moving].all()
    assert (vwap < traded["high"])[moving].all()
    np.testing.assert_allclose(vwap[~moving], traded["close"][~moving], rtol=1e-12)
    assert (~moving).sum() > 20


def test_volume_comes_in_lots_and_below_the_circulating_shares(traded: pd.DataFrame) -> None:
    whole = traded["board"].isin(["Main", "ChiNext"])
    assert (traded.loc[whole, "volume"] % 100 == 0).all()
    assert (traded["volume"] >= np.where(traded["board"].eq("STAR"), 200, 100)).all()
    assert (traded["volume"] < traded["float_shares"]).all()
    rate = 100.0 * traded["volume"] / traded["float_shares"]
    np.testing.assert_allclose(traded["turnover_rate"], rate, rtol=1e-6)


def test_suspended_rows_carry_prices(bars: pd.DataFrame) -> None:
    halted = bars[bars["is_suspended"]]
    assert len(halted) > 100
    prices = halted[["open", "high", "low", "close"]]
    assert prices.eq(halted["pre_close"], axis=0).all().all()
    assert (halted["volume"] == 0).all()
    assert halted[["amount", "turnover_rate"]].isna().all().all()
    last = bars["close"].shift()[halted.index]
    assert halted["close"].eq(last)[halted["age"] > 1].all()


def test_shares_change_on_ex_dates_and_unlocks_alone(bars: pd.DataFrame) -> None:
    assert (bars["float_shares"] <= bars["total_shares"]).all()
    same = bars["symbol"].eq(bars["symbol"].shift())
    grown = same & bars["total_shares"].ne(bars["total_shares"].shift())
    assert bars["adj_factor"].gt(bars["adj_factor"].shift())[grown].all()
    assert bars["float_shares"].ge(bars["float_shares"].shift())[same].all()


def test_codes_fit_their_boards(tiny_market: SimulatedMarket) -> None:
    instruments = tiny_market.table("instruments")
    pattern = {
        "Main": r"(60[0135]\d{3}\.SH|00[0-3]\d{3}\.SZ)",
        "ChiNext": r"30[01]\d{3}\.SZ",
        "STAR": r"688\d{3}\.SH",
        "BSE": r"8\d{5}\.BJ",
    }
    for board, expression in pattern.items():
        codes = instruments.loc[instruments["board"].eq(board), "symbol"]
        assert len(codes) >= 2, board
        assert codes.str.fullmatch(expression).all(), board
    assert instruments["symbol"].is_unique
    assert instruments["name"].is_unique


def test_special_treatment_shows_in_the_name(
    tiny_market: SimulatedMarket, bars: pd.DataFrame
) -> None:
    final = bars[bars["trade_date"].eq(bars["trade_date"].max())]
    names = tiny_market.table("instruments").set_index("symbol")["name"]
    prefixed = names[final["symbol"]].str.startswith("ST ").to_numpy()
    assert (prefixed == final["is_st"].to_numpy()).all()
    assert 0.002 < bars["is_st"].mean() < 0.08
    assert bars.loc[bars["is_st"], "board"].eq("Main").all()


def test_industries_cover_every_name_at_any_time(tiny_market: SimulatedMarket) -> None:
    spans = tiny_market.table("industry_history").sort_values(["symbol", "in_date"])
    instruments = tiny_market.table("instruments").set_index("symbol")
    first = spans.groupby("symbol")["in_date"].min()
    assert first.eq(instruments["list_date"][first.index]).all()
    following = spans.groupby("symbol")["in_date"].shift(-1)
    final = spans["symbol"].map(instruments["delist_date"]) + timedelta(days=1)
    expected = following.where(following.notna(), final)
    assert (spans["out_date"].eq(expected) | (spans["out_date"].isna() & expected.isna())).all()
    assert spans["industry_code"].nunique() == 30
    assert set(spans["industry_scheme"]) == {"SIM1"}
    assert spans["symbol"].duplicated().any()
