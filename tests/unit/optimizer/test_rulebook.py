"""Fees, lots and settlement on the day before, on and after each change, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.errors import InputError
from optimizer.execution.costs import RulebookFees
from optimizer.execution.quotes import Quotes
from optimizer.rulebook import BOARDS, EXCHANGES, Rulebook
from optimizer.trading_kernels import COST_PARTS
from tests.fixtures.rulebook import rule_frames

Make = type[Any]
FLAT = {"A": [10.0] * 16, "B": [20.0] * 16, "C": [40.0] * 16}
SIGNALS = {4: {"A": 0.03, "B": 0.02, "C": 0.01}, 9: {"A": 0.03, "B": 0.01, "C": 0.05}}

# Basis points of value at 10 yuan a share: duty + transfer fee + 2.5 of commission.
PROPORTIONAL = [
    ("2002-05-01", "SSE", 20 + 1 + 2.5, 20 + 1 + 2.5),
    ("2002-05-01", "SZSE", 20 + 2.5, 20 + 2.5),
    ("2005-01-21", "SZSE", 20 + 2.5, 20 + 2.5),
    ("2005-01-24", "SSE", 10 + 1 + 2.5, 10 + 1 + 2.5),
    ("2005-01-24", "SZSE", 10 + 2.5, 10 + 2.5),
    ("2005-01-25", "SZSE", 10 + 2.5, 10 + 2.5),
    ("2007-05-29", "SSE", 10 + 1 + 2.5, 10 + 1 + 2.5),
    ("2007-05-30", "SSE", 30 + 1 + 2.5, 30 + 1 + 2.5),
    ("2007-05-30", "SZSE", 30 + 2.5, 30 + 2.5),
    ("2007-05-31", "SSE", 30 + 1 + 2.5, 30 + 1 + 2.5),
    ("2008-04-23", "SZSE", 30 + 2.5, 30 + 2.5),
    ("2008-04-24", "SSE", 10 + 1 + 2.5, 10 + 1 + 2.5),
    ("2008-04-24", "SZSE", 10 + 2.5, 10 + 2.5),
    ("2008-04-25", "SZSE", 10 + 2.5, 10 + 2.5),
    ("2008-09-18", "SZSE", 10 + 2.5, 10 + 2.5),
    ("2008-09-19", "SSE", 0 + 1 + 2.5, 10 + 1 + 2.5),
    ("2008-09-19", "SZSE", 0 + 2.5, 10 + 2.5),
    ("2008-09-22", "SZSE", 0 + 2.5, 10 + 2.5),
    ("2012-05-31", "SSE", 1 + 2.5, 10 + 1 + 2.5),
    ("2012-06-01", "SSE", 0.75 + 2.5, 10 + 0.75 + 2.5),
    ("2012-06-01", "SZSE", 2.5, 10 + 2.5),
    ("2012-06-04", "SSE", 0.75 + 2.5, 10 + 0.75 + 2.5),
    ("2012-08-31", "SSE", 0.75 + 2.5, 10 + 0.75 + 2.5),
    ("2012-09-01", "SSE", 0.6 + 2.5, 10 + 0.6 + 2.5),
    ("2012-09-01", "SZSE", 2.5, 10 + 2.5),
    ("2012-09-03", "SSE", 0.6 + 2.5, 10 + 0.6 + 2.5),
    ("2015-07-31", "SSE", 0.6 + 2.5, 10 + 0.6 + 2.5),
    ("2015-07-31", "SZSE", 2.5, 10 + 2.5),
    ("2015-08-01", "SSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2015-08-01", "SZSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2015-08-03", "SSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2015-08-03", "SZSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2021-11-12", "SSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2021-11-15", "SSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2021-11-15", "SZSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2021-11-15", "BSE", 0.25 + 2.5, 10 + 0.25 + 2.5),
    ("2021-11-16", "BSE", 0.25 + 2.5, 10 + 0.25 + 2.5),
    ("2022-04-28", "SSE", 0.2 + 2.5, 10 + 0.2 + 2.5),
    ("2022-04-28", "BSE", 0.25 + 2.5, 10 + 0.25 + 2.5),
    ("2022-04-29", "SSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2022-04-29", "SZSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2022-04-29", "BSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2022-05-05", "SSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2022-05-05", "SZSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2022-05-05", "BSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2023-08-25", "SZSE", 0.1 + 2.5, 10 + 0.1 + 2.5),
    ("2023-08-28", "SSE", 0.1 + 2.5, 5 + 0.1 + 2.5),
    ("2023-08-28", "SZSE", 0.1 + 2.5, 5 + 0.1 + 2.5),
    ("2023-08-28", "BSE", 0.1 + 2.5, 5 + 0.1 + 2.5),
    ("2023-08-29", "SZSE", 0.1 + 2.5, 5 + 0.1 + 2.5),
]
# Board, first session of the board, shares wanted and shares an order may have.
LOTS = [
    ("Main", "2007-12-03", 99, 0),
    ("Main", "2007-12-03", 199, 100),
    ("ChiNext", "2020-08-21", 250, 200),
    ("ChiNext", "2020-08-24", 250, 200),
    ("STAR", "2019-07-22", 199, 0),
    ("STAR", "2019-07-23", 200, 200),
    ("STAR", "2019-07-23", 201.7, 201),
    ("STAR", "2019-07-22", 201.7, 201),
    ("BSE", "2021-11-15", 99, 0),
    ("BSE", "2021-11-15", 101.5, 101),
    ("BSE", "2021-11-16", 101.5, 101),
]


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.from_frames(rule_frames())


@pytest.mark.parametrize(("date", "exchange", "buy", "sell"), PROPORTIONAL)
def test_fees_by_date_exchange_and_side(
    rulebook: Rulebook, date: str, exchange: str, buy: float, sell: float
) -> None:
    code = EXCHANGES.index(exchange)
    found = rulebook.fee_rates(
        day(date), np.array([code, code]), np.array([False, True]), np.array([10.0, 10.0])
    )
    assert 1e4 * found == pytest.approx([buy, sell])


def test_a_fee_on_face_value_is_a_share_of_value_through_the_price(rulebook: Rulebook) -> None:
    # 0.6 per mille of one yuan: 0.6 bp of value at 10 yuan, 3 bp at 2; nothing without a price.
    shanghai, buying = np.zeros(3, dtype=np.intp), np.zeros(3, dtype=np.bool_)
    price = np.array([10.0, 2.0, np.nan])
    found = rulebook.fee_rates(day("2014-06-03"), shanghai, buying, price)
    assert 1e4 * found == pytest.approx([0.6 + 2.5, 3.0 + 2.5, 2.5])


def test_small_orders_pay_the_minimum_commission(hand_market: Make) -> None:
    # Sales of 10,000 and 100,000 yuan at 10 yuan on 2024-01-08: 2.5 bp are 2.5 and 25 yuan.
    market, _ = hand_market(FLAT, SIGNALS).load()
    selling = Quotes.of(market, 5, np.zeros(3, dtype=np.intp), np.full(3, False))
    value = np.array([10_000.0, 100_000.0, 0.0])
    found = dict(
        zip(
            COST_PARTS,
            RulebookFees(0.0).tariff(selling, np.full(3, 10.0)).charge(value),
            strict=True,
        )
    )
    assert found["commission"] == pytest.approx([5.0, 25.0, 0.0])
    assert found["stamp_duty"] == pytest.approx([5.0, 50.0, 0.0])
    assert found["transfer_fee"] == pytest.approx([0.1, 1.0, 0.0])
    assert sum(found.values()) == pytest.approx([10.1, 76.0, 0.0])


@pytest.mark.parametrize(("board", "date", "wanted", "allowed"), LOTS)
def test_lots_by_board(
    rulebook: Rulebook, board: str, date: str, wanted: float, allowed: float
) -> None:
    code = np.array([BOARDS.index(board)])
    assert rulebook.buyable_shares(day(date), code, np.array([wanted])).tolist() == [allowed]
    assert rulebook.tick_cny(day(date), int(code[0])) == 0.01
    assert rulebook.sessions_before_sale(day(date), code).tolist() == [1]


def test_odd_shares_are_sold_with_the_whole_holding_alone(rulebook: Rulebook) -> None:
    board = np.array([BOARDS.index(name) for name in ("Main", "Main", "STAR", "STAR")])
    wanted, held = np.array([150.0, 120.0, 150.0, 150.0]), np.array([150.0, 150.0, 150.0, 400.0])
    found = rulebook.sellable_shares(day("2024-01-08"), board, wanted, held)
    assert found.tolist() == [150.0, 100.0, 150.0, 0.0]


@pytest.mark.parametrize(("board", "eve"), [("STAR", "2019-07-19"), ("BSE", "2021-11-12")])
def test_a_board_has_no_rules_before_it_opens(rulebook: Rulebook, board: str, eve: str) -> None:
    with pytest.raises(InputError, match=f"rules.trading_unit has no row for {board} on {eve}"):
        rulebook.tick_cny(day(eve), BOARDS.index(board))


def test_an_exchange_has_no_fees_before_it_opens(rulebook: Rulebook) -> None:
    code = np.array([EXCHANGES.index("BSE")])
    with pytest.raises(InputError, match="rules.transfer_fee has no row for BSE on 2021-11-12"):
        rulebook.fee_rates(day("2021-11-12"), code, np.array([True]), np.array([10.0]))


def test_rows_that_hold_at_once_are_refused() -> None:
    frames = rule_frames()
    duty = frames["rules.stamp_duty"]
    duty.loc[duty["valid_from"] == "2007-05-30", "valid_to"] = pd.Timestamp("2008-04-24")
    with pytest.raises(InputError, match="two rows for buy hold on 2008-04-24"):
        Rulebook.from_frames(frames)


def test_unknown_words_are_refused() -> None:
    frames = rule_frames()
    frames["rules.transfer_fee"].loc[0, "basis"] = "weight"
    with pytest.raises(InputError, match=r"rules.transfer_fee.basis: expected one of value"):
        Rulebook.from_frames(frames)


def test_practitioner_pays_the_fees_of_the_day(hand_market: Make) -> None:
    # 2024-01-08: 2.5 bp commission and 0.1 bp transfer fee; a sale pays 5 bp of duty besides.
    tables = hand_market(FLAT, SIGNALS).run(fee_schedule="rulebook", cost_rate=0.0002)
    bought, sold = tables.fill("A", 5), tables.fill("B", 10)
    assert bought.cost / bought.traded_value == pytest.approx(2.6e-4 + 2e-4)
    assert sold.filled_weight < sold.weight_before
    assert sold.cost / sold.traded_value == pytest.approx(7.6e-4 + 2e-4)


def test_a_changed_row_changes_the_costs_of_the_rulebook_alone(hand_market: Make) -> None:
    hand = hand_market(FLAT, SIGNALS)
    frames = hand.frames()
    duty = frames["rules.stamp_duty"]
    latest = (duty["side"] == "sell") & duty["valid_to"].isna()
    duty.loc[latest, "rate"] = 0.01
    found = hand.run(frames, fee_schedule="rulebook").fill("B", 10)
    assert found.cost / found.traded_value == pytest.approx(102.6e-4)
    assert hand.run(frames, fee_schedule="none").fill("B", 10).cost == 0.0


def test_shares_are_sold_only_after_the_wait_of_the_rulebook(hand_market: Make) -> None:
    # Bought on 5, to be sold on 10: five sessions. With a wait of six the sale comes on 11.
    hand = hand_market(FLAT, SIGNALS)
    frames = hand.frames()
    assert hand.run(frames).fill("B", 10).filled_weight == pytest.approx(0.4)
    frames["rules.settlement_rule"]["sessions_before_sale"] = 6
    tables = hand.run(frames)
    refused = tables.fill("B", 10)
    assert (refused.reason, refused.filled_weight) == ("t_plus_1", 0.5)
    assert refused.shortfall_weight == pytest.approx(-0.1)
    assert tables.fill("B", 11).filled_weight == pytest.approx(0.4)


@pytest.mark.parametrize("column", ["board", "exchange"])
def test_names_whose_rules_are_unknown_are_refused(hand_market: Make, column: str) -> None:
    hand = hand_market(FLAT, SIGNALS)
    frames = hand.frames()
    frames["core.dim_security"].loc[1, column] = None
    with pytest.raises(InputError, match=rf"dim_security.{column} of 1 symbols .* instance B"):
        hand.run(frames)
