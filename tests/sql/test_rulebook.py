"""The rulebook as data: limits on the day before, on and after each change, and what they block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml
from twins.compiled_models import build_models, scratch_database

from optimizer.rulebook import EXCHANGES, Rulebook
from orchestration.lib.paths import DBT_PROJECT_DIR
from tests.fixtures.rulebook import SEEDS, dated_seeds, load_seeds, rule_frames
from tests.unit.optimizer.conftest import HandMarket
from tests.unit.optimizer.test_rulebook import FLAT, PROPORTIONAL, SIGNALS, day

MODELS = (
    "int_price_limit__by_session",
    "int_ipo_limit__by_security",
    "int_delisting_limit__by_security",
    "fct_bar_daily",
)
OLD = "1991-04-03"

# Session, board, special treatment, listing date, sessions since listing, previous close, and the
# limit prices worked out by hand (half cents go up).
LIMITS = [
    ("1996-12-13", "Main", False, OLD, 900, "10.05", None, None),
    ("1996-12-16", "Main", False, OLD, 900, "10.05", "11.06", "9.05"),
    ("1996-12-17", "Main", False, OLD, 900, "10.05", "11.06", "9.05"),
    ("1998-04-21", "Main", True, OLD, 900, "10.10", None, None),
    ("1998-04-22", "Main", True, OLD, 900, "10.10", "10.61", "9.60"),
    ("1998-04-23", "Main", True, OLD, 900, "10.10", "10.61", "9.60"),
    ("2013-12-31", "Main", False, "2013-12-31", 1, "10.00", None, None),
    ("2014-01-02", "Main", False, "2013-12-31", 2, "10.00", "11.00", "9.00"),
    ("2014-01-02", "Main", False, "2014-01-02", 1, "10.00", "14.40", "6.40"),
    ("2014-01-03", "Main", False, "2014-01-02", 2, "14.40", "15.84", "12.96"),
    ("2014-01-02", "ChiNext", False, "2014-01-02", 1, "24.07", "34.66", "15.40"),
    ("2019-07-19", "STAR", False, "2019-07-22", 6, "50.00", None, None),
    ("2019-07-22", "STAR", False, "2019-07-22", 1, "50.00", None, None),
    ("2019-07-26", "STAR", False, "2019-07-22", 5, "50.00", None, None),
    ("2019-07-29", "STAR", False, "2019-07-22", 6, "50.00", "60.00", "40.00"),
    ("2020-08-21", "ChiNext", False, "2010-01-08", 900, "10.05", "11.06", "9.05"),
    ("2020-08-24", "ChiNext", False, "2010-01-08", 900, "10.05", "12.06", "8.04"),
    ("2020-08-25", "ChiNext", False, "2010-01-08", 900, "10.05", "12.06", "8.04"),
    ("2020-08-21", "ChiNext", True, "2010-01-08", 900, "10.05", "11.06", "9.05"),
    ("2020-08-24", "ChiNext", True, "2010-01-08", 900, "10.05", "12.06", "8.04"),
    ("2020-08-21", "ChiNext", False, "2020-08-21", 1, "10.00", "14.40", "6.40"),
    ("2020-08-24", "ChiNext", False, "2020-08-21", 2, "14.40", "17.28", "11.52"),
    ("2020-08-24", "ChiNext", False, "2020-08-24", 1, "10.00", None, None),
    ("2020-08-28", "ChiNext", False, "2020-08-24", 5, "10.00", None, None),
    ("2020-08-31", "ChiNext", False, "2020-08-24", 6, "10.00", "12.00", "8.00"),
    ("2021-11-12", "BSE", False, "2021-11-15", 9, "20.15", None, None),
    ("2021-11-15", "BSE", False, "2021-11-15", 1, "20.15", None, None),
    ("2021-11-16", "BSE", False, "2021-11-15", 2, "20.15", "26.20", "14.11"),
    ("2023-04-07", "Main", False, "2023-04-07", 1, "10.00", "14.40", "6.40"),
    ("2023-04-10", "Main", False, "2023-04-07", 2, "14.40", "15.84", "12.96"),
    ("2023-04-10", "Main", False, "2023-04-10", 1, "10.00", None, None),
    ("2023-04-14", "Main", False, "2023-04-10", 5, "10.00", None, None),
    ("2023-04-17", "Main", False, "2023-04-10", 6, "10.00", "11.00", "9.00"),
    ("2023-04-07", "Main", False, OLD, 900, "10.05", "11.06", "9.05"),
    ("2023-04-10", "Main", False, OLD, 900, "10.05", "11.06", "9.05"),
    ("2023-04-11", "Main", True, OLD, 900, "10.10", "10.61", "9.60"),
    ("2026-07-03", "Main", True, OLD, 900, "10.10", "10.61", "9.60"),
    ("2026-07-06", "Main", True, OLD, 900, "10.10", "11.11", "9.09"),
    ("2026-07-07", "Main", True, OLD, 900, "10.10", "11.11", "9.09"),
    ("2026-07-06", "ChiNext", True, "2010-01-08", 900, "10.05", "12.06", "8.04"),
]


def _bar(name: str, session: int, on: dt.date, close: str, **changes: Any) -> dict[str, Any]:
    """A row of int_bar__densified: a session at one price, without corporate actions."""
    row: dict[str, Any] = {"symbol": name, "trade_date": on, "session_number": session}
    row |= {"sessions_since_listing": 900, "board": "Main", "pre_close": close}
    row |= dict.fromkeys(("open", "high", "low", "close"), close)
    row |= {"adj_factor": 1.0, "adj_close": float(close), "previous_adj_close": float(close)}
    row |= {"volume_shares": 100, "amount_cny": 100 * float(close), "turnover_rate_pct": 1.0}
    row |= {"turnover_change_pct": 0.0}
    row |= {"is_suspended": False, "is_st": False}
    row |= {"total_cap_cny": 1.0, "circulating_cap_cny": 1.0}
    return row | changes


def _database(
    bars: Sequence[dict[str, Any]],
    days: Sequence[dt.date],
    listed: Sequence[tuple[str, str, str]],
    leaving: Mapping[str, dt.date] = MappingProxyType({}),
) -> duckdb.DuckDBPyConnection:
    """Seeds as they are and the intermediates before the limits.

    Listed: symbol, board, date; leaving: first day of the delisting period by symbol.
    """
    listings = pd.DataFrame(listed, columns=["symbol", "board", "list_date"])
    last_days = pd.to_datetime(listings["symbol"].map(leaving))
    instruments = listings.assign(delisting_period_start_date=last_days)
    numbers = range(1, len(days) + 1)
    calendar = pd.DataFrame({"trade_date": days, "session_number": numbers, "is_in_data": True})
    connection = scratch_database(
        {
            "staging.stg_landing__instruments": instruments,
            "intermediate.int_security__listed": listings.astype({"list_date": "datetime64[s]"}),
            "intermediate.int_calendar__numbered": calendar,
            "intermediate.int_bar__densified": pd.DataFrame(bars),
        }
    )
    for column in ("open", "high", "low", "close", "pre_close"):
        connection.sql(
            f"alter table intermediate.int_bar__densified alter {column} type decimal(9, 2)"
        )
    load_seeds(connection)
    return connection


@pytest.fixture(scope="module")
def limits() -> list[tuple[Decimal | None, Decimal | None]]:
    """Limit prices of every row of LIMITS, in order."""
    days = sorted({dt.date.fromisoformat(row[0]) for row in LIMITS})
    bars, listed = [], []
    for position, (on, board, is_st, list_date, age, close, _, _) in enumerate(LIMITS):
        name, date = f"{position:03d}", dt.date.fromisoformat(on)
        rules = {"board": board, "is_st": is_st, "sessions_since_listing": age}
        bars.append(_bar(name, days.index(date) + 1, date, close, **rules))
        listed.append((name, board, list_date))
    connection = _database(bars, days, listed)
    build_models(connection, MODELS)
    return connection.sql(
        "select limit_up_price, limit_down_price from core.fct_bar_daily order by symbol"
    ).fetchall()


@pytest.mark.parametrize("position", range(len(LIMITS)), ids=lambda p: "-".join(LIMITS[p][:2]))
def test_limit_prices_around_every_change(
    limits: list[tuple[Decimal | None, Decimal | None]], position: int
) -> None:
    expected = tuple(None if text is None else float(text) for text in LIMITS[position][6:])
    assert limits[position] == expected


@pytest.mark.parametrize("name", dated_seeds())
def test_every_column_of_a_seed_is_declared_and_described(name: str) -> None:
    declared = yaml.safe_load((SEEDS / "_rules__seeds.yml").read_text(encoding="utf-8"))["seeds"]
    seed = next(seed for seed in declared if seed["name"] == name)
    header = (SEEDS / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert list(seed["config"]["column_types"]) == header
    assert [column["name"] for column in seed["columns"]] == header
    assert all(column["description"].strip() for column in seed["columns"])
    assert seed["description"].startswith("One row per ")
    assert {test if isinstance(test, str) else next(iter(test)) for test in seed["data_tests"]} == {
        "unique_grain",
        "unbroken_spans",
    }
    assert header[-4:] == ["valid_from", "valid_to", "published_on", "source"]


def test_fees_of_the_cookbook_around_every_change() -> None:
    with duckdb.connect() as connection:
        load_seeds(connection)
        rows = connection.sql(
            (DBT_PROJECT_DIR / "analyses" / "trading_costs_by_date.sql").read_text()
        ).fetchall()
    found = {(str(row[0]), row[1], row[2]): row[-1] for row in rows}
    by_hand = {
        (on, exchange, side): bps
        for on, exchange, *both in PROPORTIONAL
        for side, bps in zip(("buy", "sell"), both, strict=True)
    }
    days_of_change = {key[0] for key in found}
    expected = {key: bps for key, bps in by_hand.items() if key[0] in days_of_change}
    assert len(rows) == len(found)
    assert set(found) == set(expected)
    assert found == pytest.approx(expected)


def test_spans_agree_between_the_query_and_the_engine() -> None:
    rulebook = Rulebook.from_frames(rule_frames())
    with duckdb.connect() as connection:
        load_seeds(connection)
        rows = connection.sql(
            "select valid_from, exchange, rate from rules.transfer_fee"
            " union all select valid_to, exchange, rate from rules.transfer_fee"
            " where valid_to is not null"
        ).fetchall()
    for on, exchange, rate in rows:
        assert exchange in EXCHANGES
        fee = rulebook.transfer_fee.on(day(str(on)), exchange)
        assert fee.rate == pytest.approx(float(rate)), (on, exchange)


def _bars_of_a_sealed_session(
    change: str | None = None, *, is_leaving: bool = False
) -> pd.DataFrame:
    """The hand market's bars through fct_bar_daily: A is sealed at +10 % on session 5.

    That session may be the first of its delisting period.
    """
    days = [stamp.date() for stamp in HandMarket(FLAT, SIGNALS).days]
    bars = []
    for name, path in FLAT.items():
        for session, on in enumerate(days):
            close = 11.0 if name == "A" and session >= 5 else path[session]
            before = 11.0 if name == "A" and session > 5 else path[session]
            bars.append(_bar(name, session + 1, on, f"{close:.2f}", pre_close=f"{before:.2f}"))
    leaving = {"A": days[5]} if is_leaving else {}
    connection = _database(bars, days, [(name, "Main", OLD) for name in FLAT], leaving)
    if change:
        connection.sql(change)
    build_models(connection, MODELS)
    return connection.sql("select * from core.fct_bar_daily").df()


@pytest.mark.parametrize(
    "change",
    [
        "update rules.price_limit set limit_rate = 0.2 where board = 'Main'",
        # A has been listed for 900 sessions.
        "update rules.ipo_limit_rule set unlimited_sessions = 1000 where board = 'Main'",
    ],
)
def test_a_changed_row_of_the_limits_changes_flags_and_fills(change: str) -> None:
    hand = HandMarket(FLAT, SIGNALS)
    sealed = _bars_of_a_sealed_session()
    wider = _bars_of_a_sealed_session(change)
    assert sealed["is_one_price_limit_up"].sum() == 1
    assert wider["is_one_price_limit_up"].sum() == 0
    refused = hand.run({**hand.frames(), "core.fct_bar_daily": sealed}).fill("A", 5)
    assert (refused.reason, refused.filled_weight) == ("one_price_day", 0.0)
    bought = hand.run({**hand.frames(), "core.fct_bar_daily": wider}).fill("A", 5)
    assert bought.filled_weight > 0.4


def test_a_changed_row_of_the_delisting_period_changes_flags_and_fills() -> None:
    hand = HandMarket(FLAT, SIGNALS)
    change = "update rules.delisting_period set {} where board = 'Main'"
    found = {}
    for label, statement in (
        ("in force", None),
        ("limited at once", change.format("unlimited_sessions = 0")),
        ("wider", change.format("unlimited_sessions = 0, limit_rate = 0.2")),
    ):
        bars = _bars_of_a_sealed_session(statement, is_leaving=True)
        fill = hand.run({**hand.frames(), "core.fct_bar_daily": bars}).fill("A", 5)
        found[label] = (int(bars["is_one_price_limit_up"].sum()), fill.reason)
        assert (fill.filled_weight > 0.4) == (fill.reason != "one_price_day")
    # No limit on the first session since the end of 2020; what is short then is cash (A is dearer).
    assert found == {
        "in force": (0, "cash"),
        "limited at once": (1, "one_price_day"),
        "wider": (0, "cash"),
    }


# Session, board and first day of the delisting period; limit prices by hand of a share under
# special treatment that closed at 10.10 the session before.
ENDS = [
    ("2020-12-30", "Main", "2020-12-30", "11.11", "9.09"),
    ("2020-12-31", "Main", "2020-12-30", "11.11", "9.09"),
    ("2020-12-31", "Main", "2020-12-31", None, None),
    ("2021-01-04", "Main", "2020-12-31", "11.11", "9.09"),
    ("2020-12-30", "Main", "2020-12-31", "10.61", "9.60"),
    ("2020-08-21", "ChiNext", "2020-08-21", "11.11", "9.09"),
    ("2020-08-24", "ChiNext", "2020-08-24", "12.12", "8.08"),
    ("2021-01-04", "STAR", "2021-01-04", None, None),
    ("2021-01-05", "STAR", "2021-01-04", "12.12", "8.08"),
    ("2013-01-04", "Main", "2012-12-31", "10.61", "9.60"),
]


def test_limits_of_the_delisting_period_around_every_change() -> None:
    days = sorted({dt.date.fromisoformat(text) for row in ENDS for text in (row[0], row[2])})
    bars, listed, leaving = [], [], {}
    for position, (on, board, first, _, _) in enumerate(ENDS):
        name, date = f"{position:03d}", dt.date.fromisoformat(on)
        rules = {"board": board, "is_st": True}
        bars.append(_bar(name, days.index(date) + 1, date, "10.10", **rules))
        listed.append((name, board, OLD))
        leaving[name] = dt.date.fromisoformat(first)
    connection = _database(bars, days, listed, leaving)
    build_models(connection, MODELS)
    found = connection.sql(
        "select limit_up_price, limit_down_price from core.fct_bar_daily order by symbol"
    ).fetchall()
    expected = [
        tuple(None if text is None else float(text) for text in (up, down))
        for _, _, _, up, down in ENDS
    ]
    assert found == expected


def test_a_changed_tick_moves_the_limit_prices() -> None:
    change = "update rules.trading_unit set tick_cny = 0.05 where board = 'Main'"
    bar = _bar("A", 1, dt.date(2024, 1, 2), "10.05")
    for statement, expected in ((None, (11.06, 9.05)), (change, (11.05, 9.05))):
        connection = _database([bar], [dt.date(2024, 1, 2)], [("A", "Main", OLD)])
        if statement:
            connection.sql(statement)
        build_models(connection, MODELS)
        found = connection.sql(
            "select limit_up_price, limit_down_price from core.fct_bar_daily"
        ).fetchall()
        assert found == [expected]
