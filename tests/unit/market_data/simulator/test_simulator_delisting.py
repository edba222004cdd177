from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from fixtures.simulated_market import SimulatedMarket, run_market

from market_data.simulator import INDEX_SYMBOLS, SimulationConfig
from market_data.simulator.calibration import Calibration
from market_data.simulator.delisting import NEVER, DelistingPlan, leaving_growth
from market_data.simulator.indices import IndexBook
from market_data.simulator.run import prepare_engine
from market_data.simulator.sessions import session_calendar
from market_data.validation import validate_directory

HORIZON = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def dying_config() -> SimulationConfig:
    """A market from which many leave: mergers by the dozen, every further loss ends a listing."""
    return SimulationConfig.for_size(
        "tiny",
        start_date=date(2016, 1, 4),
        end_date=date(2018, 6, 29),
        stocks_at_start=200,
        stocks_at_end=210,
        calibration=replace(Calibration(), terminated_share=1.0, merger_rate=0.06),
    )


@pytest.fixture(scope="module")
def dying_market(
    dying_config: SimulationConfig, tmp_path_factory: pytest.TempPathFactory
) -> SimulatedMarket:
    return run_market(dying_config, tmp_path_factory.mktemp("dying"))


@pytest.fixture(scope="module")
def gone(dying_market: SimulatedMarket) -> pd.DataFrame:
    """Instruments that were delisted, with their last bar."""
    instruments = dying_market.table("instruments")
    bars = dying_market.table("daily_bars")
    last = bars.sort_values("trade_date").groupby("symbol").tail(1)
    engine = prepare_engine(dying_market.config)
    symbols = np.array(engine.population.symbols)
    gone = instruments[instruments["delist_date"].notna()].merge(last, on="symbol")
    return gone.assign(terminated=gone["symbol"].isin(symbols[engine.delistings.resume < NEVER]))


def test_the_contract_accepts_a_market_of_delistings(dying_market: SimulatedMarket) -> None:
    assert validate_directory(dying_market.summary.landing_dir).faults == ()


def test_bars_end_with_the_listing_and_without_trade(gone: pd.DataFrame) -> None:
    assert len(gone) > 15
    assert (gone["trade_date"] == gone["delist_date"]).all()
    assert gone["is_suspended"].all()
    assert gone["terminated"].sum() >= 3
    assert (~gone["terminated"]).sum() >= 10
    assert gone.loc[gone["terminated"], "is_st"].all()


def test_what_stays_listed_has_no_terminal_value(dying_market: SimulatedMarket) -> None:
    instruments = dying_market.table("instruments")
    assert (instruments["terminal_value_cny"].notna() == instruments["delist_date"].notna()).all()


def test_terminated_names_lose_most_and_absorbed_ones_little(gone: pd.DataFrame) -> None:
    ratio = gone["terminal_value_cny"] / gone["close"]
    assert ratio[~gone["terminated"]].between(0.84, 1.16).all()
    assert ratio[gone["terminated"]].between(0.2, 0.9).all()


def test_terminated_names_trade_for_a_last_time_and_fall(
    dying_market: SimulatedMarket, gone: pd.DataFrame
) -> None:
    bars = dying_market.table("daily_bars").sort_values("trade_date")
    for symbol in gone.loc[gone["terminated"], "symbol"]:
        path = bars[bars["symbol"] == symbol].tail(100)
        days = np.flatnonzero(~path["is_suspended"].to_numpy())
        period = days[days > days[-1] - 30]
        assert period.size == 30
        assert path["is_suspended"].iloc[period[0] - 10 : period[0]].all()
        assert 1 <= len(path) - 1 - period[-1] <= 5
        closes = path["close"].to_numpy()
        assert closes[period[-1]] < closes[period[0] - 1]


def test_nothing_is_known_of_a_name_after_its_listing(
    dying_market: SimulatedMarket, gone: pd.DataFrame
) -> None:
    end = gone.set_index("symbol")["delist_date"]
    for table, column in (
        ("index_members", "out_date"),
        ("index_weights", "as_of"),
        ("dividends", "ex_date"),
        ("financial_statements", "announce_date"),
    ):
        frame = dying_market.table(table)
        frame = frame[frame["symbol"].isin(end.index)]
        assert len(frame) > 0, table
        assert (frame[column] <= frame["symbol"].map(end)).all(), table
    truth = dying_market.truth()
    truth = truth[truth["symbol"].isin(end.index)]
    assert (truth["week_date"] < truth["symbol"].map(end)).all()


def test_indices_stay_complete_when_constituents_are_delisted(
    dying_market: SimulatedMarket, gone: pd.DataFrame
) -> None:
    members = dying_market.table("index_members")
    left = members.merge(gone[["symbol", "delist_date"]], on="symbol")
    assert (left["out_date"] == left["delist_date"]).sum() >= 3
    for day in dying_market.table("trade_calendar")["trade_date"].iloc[::40]:
        inside = members[(members["in_date"] <= day) & (members["out_date"] >= day)]
        sizes = inside.groupby("index_symbol").size()
        assert tuple(sizes[list(INDEX_SYMBOLS)]) == dying_market.config.index_sizes
        assert inside["symbol"].is_unique


def test_the_place_of_a_delisted_constituent_is_filled_from_the_smaller_index(
    dying_config: SimulationConfig,
) -> None:
    config = replace(dying_config, index_sizes=(2, 2, 2))
    book = IndexBook(config, session_calendar(config.start_date, config.end_date))
    caps = np.arange(10.0, 0.0, -1.0)
    everyone = np.ones(10, dtype=bool)
    book.review_if_due(0, caps, everyone)
    listed = everyone.copy()
    listed[1] = False
    book.replace_delisted(7, caps, listed, listed)
    book.finish()
    assert set(book.spans) == {
        (0, 0, 0, -1),
        (0, 1, 0, 6),
        (0, 2, 7, -1),
        (1, 2, 0, 6),
        (1, 3, 0, -1),
        (1, 4, 7, -1),
        (2, 4, 0, 6),
        (2, 5, 0, -1),
        (2, 6, 7, -1),
    }


def test_without_the_signal_a_delisting_is_a_fair_bet(dying_config: SimulationConfig) -> None:
    plans = [
        prepare_engine(replace(dying_config, signal=0.0, seed=seed)).delistings
        for seed in range(1, 9)
    ]
    ratio = np.concatenate([plan.terminal_ratio[plan.resume < NEVER] for plan in plans])
    assert ratio.size > 40
    assert abs(ratio.mean() - 1.0) < 4.0 * ratio.std() / np.sqrt(ratio.size)
    growth = leaving_growth(replace(dying_config, signal=0.0), _plan(), 10, HORIZON, 2)
    assert growth.tolist() == [1.0, 1.0]


def test_growth_of_a_leaving_name_by_hand(dying_config: SimulationConfig) -> None:
    """The period ends after two more sessions, the listing after one more without trade."""
    constants = dying_config.calibration
    fall, loss = constants.delisting_fall, constants.terminal_loss
    growth = leaving_growth(dying_config, _plan(), 10, HORIZON, 2)
    assert growth == pytest.approx([1.0, (1.0 - fall) ** 2 * (1.0 - loss)])
    short = leaving_growth(dying_config, _plan(), 10, HORIZON * (np.arange(7) < 3), 2)
    assert short == pytest.approx([1.0, (1.0 - fall) ** 2])
    late = leaving_growth(dying_config, _plan(), 13, HORIZON, 2)
    assert late.tolist() == [1.0, 1.0]


def _plan() -> DelistingPlan:
    """The first name stays; the second trades up to session 12 and is listed up to 13."""
    return DelistingPlan(
        halt=np.array([NEVER, 1]),
        resume=np.array([NEVER, 5]),
        close=np.array([NEVER, 13]),
        last=np.array([NEVER, 13]),
        terminal_ratio=np.array([1.0, 0.5]),
    )
