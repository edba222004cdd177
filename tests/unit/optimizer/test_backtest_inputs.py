"""Frames in: what is read, what is refused and what the message says."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from optimizer.columns import MARKET_TABLES, SIGNAL_TABLES, STYLES
from optimizer.errors import InputError
from optimizer.inputs import MarketData
from optimizer.signals import Signals

Make = type[Any]
Frames = dict[str, Any]
FLAT = {"A": [10.0] * 12, "B": [20.0] * 12}
PREDICTION = {4: {"A": 0.02, "B": 0.01}, 9: {"A": 0.02, "B": 0.01}}


@pytest.fixture
def frames(hand_market: Make) -> Frames:
    found: Frames = hand_market(FLAT, PREDICTION, suspended=[("B", 3)]).frames()
    return found


def signals_of(frames: Frames, **changes: str) -> Signals:
    market = MarketData.from_frames(frames)
    keys = {"rule_set": "practitioner", "model": "hand", **changes}
    return Signals.from_frames(frames, market=market, **keys)


def test_frames_become_dense_arrays(frames: Frames) -> None:
    market = MarketData.from_frames(frames)
    assert market.symbols == ("A", "B")
    assert market.adj_close.shape == (12, 2)
    assert market.adj_close.dtype == np.float64
    assert market.weeks.astype(str).tolist() == ["2024-01-05", "2024-01-12"]
    assert market.week_sessions.tolist() == [4, 9]
    assert market.is_tradable[:, 1].tolist() == [s != 3 for s in range(12)]
    assert np.isnan(market.adj_vwap[3, 1])
    assert market.index_weights["000300.SH"].toarray().tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_pandas_and_arrow_frames_give_the_same(frames: Frames) -> None:
    arrow = {name: pa.Table.from_pandas(frame) for name, frame in frames.items()}
    dictionary = dict(arrow)
    bars = arrow["core.fct_bar_daily"]
    dictionary["core.fct_bar_daily"] = bars.set_column(
        bars.schema.get_field_index("symbol"), "symbol", bars["symbol"].dictionary_encode()
    )
    for other in (arrow, dictionary):
        np.testing.assert_array_equal(
            MarketData.from_frames(frames).adj_close, MarketData.from_frames(other).adj_close
        )
        np.testing.assert_array_equal(signals_of(frames).prediction, signals_of(other).prediction)


def test_absent_styles_are_listed_and_missing_exposures_are_zero(frames: Frames) -> None:
    style = frames["risk.fct_style_exposure"]
    frames["risk.fct_style_exposure"] = style.assign(
        beta=[0.5, None, 1.0, 2.0], size=[0.0, -0.5, None, 1.0], growth=[0.0, None, 0.0, 0.0]
    ).iloc[:3]
    market = MarketData.from_frames(frames)
    assert market.style_names == ("beta", "size")
    assert market.absent_style_bands == tuple(s for s in STYLES if s not in ("beta", "size"))
    assert market.styles[:, 0, :].tolist() == [[0.5, 0.0], [1.0, 0.0]]


def test_every_missing_table_and_column_is_named_at_once(frames: Frames) -> None:
    del frames["core.fct_index_daily"]
    frames["core.fct_bar_daily"] = frames["core.fct_bar_daily"].drop(columns=["adj_vwap"])
    with pytest.raises(InputError) as error:
        MarketData.from_frames(frames)
    assert "no frame for core.fct_index_daily" in str(error.value)
    assert "core.fct_bar_daily lacks adj_vwap" in str(error.value)


def test_the_mapping_names_what_is_needed_and_no_more(frames: Frames) -> None:
    for tables in (MARKET_TABLES, SIGNAL_TABLES):
        for name, columns in tables.items():
            known = set(columns.required) | set(columns.optional)
            frames[name] = frames[name][[c for c in frames[name].columns if c in known]]
            assert set(columns.required) <= set(frames[name].columns)
    assert signals_of(frames).has_prediction.all()


def spoil_bar(frames: Frames, column: str, value: object) -> None:
    frames["core.fct_bar_daily"].loc[5, column] = value


def drop_bar(frames: Frames) -> None:
    frames["core.fct_bar_daily"] = frames["core.fct_bar_daily"].drop(index=5)


def repeat_bar(frames: Frames) -> None:
    bars = frames["core.fct_bar_daily"]
    frames["core.fct_bar_daily"] = pd.concat([bars, bars.iloc[[3]]])


def remove_session(frames: Frames) -> None:
    frames["core.dim_trade_date"] = frames["core.dim_trade_date"].drop(index=6)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: spoil_bar(f, "adj_close", 0.0), "adj_close: 1 values are not positive"),
        (lambda f: spoil_bar(f, "adj_factor", np.nan), "adj_factor: 1 values are not positive"),
        (drop_bar, "lacks closes inside the listing of 1 names, for instance A"),
        (
            lambda f: spoil_bar(f, "adj_close", np.nan),
            "lacks closes inside the listing of 1 names, for instance A",
        ),
        (repeat_bar, "1 rows repeat a key"),
        (remove_session, "2 rows on days that are no trade date"),
        (
            lambda f: f.update({"core.fct_bar_daily": f["core.fct_bar_daily"].iloc[:0]}),
            "core.fct_bar_daily has no rows",
        ),
    ],
)
def test_unusable_bars_are_refused(frames: Frames, spoil: Any, message: str) -> None:
    spoil(frames)
    with pytest.raises(InputError, match=re.escape(message)):
        MarketData.from_frames(frames)


def test_name_counts_as_listed_from_its_first_price_on(frames: Frames) -> None:
    bars = frames["core.fct_bar_daily"]
    waiting = (bars["symbol"] == "B") & (bars["trade_date"] < "2024-01-04")
    bars.loc[waiting, ["adj_close", "adj_vwap", "is_suspended"]] = [np.nan, np.nan, True]
    market = MarketData.from_frames(frames)
    assert market.is_listed[:, 1].tolist() == [s >= 3 for s in range(12)]


def test_signals_of_another_model_or_rule_set_are_an_error(frames: Frames) -> None:
    with pytest.raises(InputError, match="results.fct_prediction has no rows for practitioner, x"):
        signals_of(frames, model="x")
    with pytest.raises(InputError, match="core.fct_universe_week has no rows for paper"):
        signals_of(frames, rule_set="paper")


def test_two_runs_in_one_frame_are_refused(frames: Frames) -> None:
    prediction = frames["results.fct_prediction"]
    frames["results.fct_prediction"] = pd.concat([prediction, prediction])
    with pytest.raises(InputError, match="results.fct_prediction: 4 rows repeat a key"):
        signals_of(frames)


def test_prediction_without_bars_is_refused(frames: Frames) -> None:
    frames["results.fct_prediction"].loc[0, "symbol"] = "Z"
    with pytest.raises(InputError, match="1 rows are for symbols without bars"):
        signals_of(frames)


def test_unknown_index_members_are_left_out_and_counted(frames: Frames) -> None:
    weights = frames["core.fct_index_weight_week"]
    stranger = weights.iloc[[0]].assign(symbol="Z", weight=2.0)
    frames["core.fct_index_weight_week"] = pd.concat([weights, stranger])
    market = MarketData.from_frames(frames)
    assert market.index_weights["000300.SH"].toarray().tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert market.index_coverage["000300.SH"].tolist() == [0.5, 1.0]


def test_infinite_predictions_count_as_none(frames: Frames) -> None:
    frames["results.fct_prediction"].loc[0, "prediction"] = np.inf
    assert np.isnan(signals_of(frames).prediction[0, 0])
