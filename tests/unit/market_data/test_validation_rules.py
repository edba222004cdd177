"""Every rule of the validation is broken once, and counts the rows that break it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from fixtures.faults.catalogue import VALIDATE_FAULTS
from fixtures.landing import INDEX, valid_tables, write_directory
from fixtures.tampering import changed, position, repeated, retyped

from market_data.validation import Severity, declared_rules, validate_directory

Tables = dict[str, pa.Table]
Found = dict[tuple[str, str], int | None]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def faults_of(directory: Path) -> dict[Severity, Found]:
    """Rows by column and rule of all faults, by severity."""
    report = validate_directory(directory)
    return {
        severity: {
            (f"{fault.table}.{fault.column}", fault.rule): fault.row_count
            for fault in report.faults
            if fault.severity is severity
        }
        for severity in Severity
    }


def with_columns(table: pa.Table, **columns: list[object]) -> pa.Table:
    """The table with columns replaced by values of whatever type they have."""
    for name, values in columns.items():
        table = retyped(table, name, pa.array(values))
    return table


def bars_between_columns(tables: Tables) -> None:
    bars = tables["daily_bars"]
    start = position(bars, symbol="600000.SH", trade_date=day("2020-01-08"))
    suspended = position(bars, is_suspended=True)
    row = bars.to_pylist()[start + 4]
    tables["daily_bars"] = changed(
        bars,
        {
            start: {"open": Decimal("99.00")},
            start + 1: {"close": Decimal("1.00")},
            start + 2: {"volume": 0},
            start + 3: {"volume": 0, "amount": None},
            start + 4: {"amount": float(row["high"]) * row["volume"] * 1.0005},
            start + 5: {"amount": None},
            suspended: {"volume": 100},
        },
    )


def bars_between_rows(tables: Tables) -> None:
    bars = tables["daily_bars"]
    start = position(bars, symbol="600000.SH", trade_date=day("2020-01-08"))
    tables["daily_bars"] = repeated(changed(bars, {start: {"adj_factor": 2.0}}), 0)
    tables["instruments"] = changed(
        tables["instruments"],
        {
            position(tables["instruments"], symbol="688001.SH"): {"list_date": day("2020-01-06")},
            position(tables["instruments"], symbol="600001.SH"): {"delist_date": day("2020-02-12")},
        },
    )


def values_of_bars(tables: Tables) -> None:
    bars = tables["daily_bars"]
    prices = [float(price) for price in bars["pre_close"].to_pylist()]
    prices[0], prices[1], prices[2] = float("nan"), prices[1] + 0.004, 1e9
    volumes = [float(volume) for volume in bars["volume"].to_pylist()]
    volumes[3] += 0.5
    amounts = bars["amount"].to_pylist()
    amounts[4] = float("inf")
    flags = bars["is_suspended"].to_pylist()
    flags[5] = None
    tables["daily_bars"] = with_columns(
        bars, pre_close=prices, volume=volumes, amount=amounts, is_suspended=flags
    )


def securities(tables: Tables) -> None:
    instruments = changed(
        tables["instruments"],
        {
            0: {"board": "Growth"},
            1: {"name": " "},
            2: {"delist_date": day("2000-01-01")},
            3: {"list_date": None},
        },
    )
    new = [{"symbol": "600009.SH", "name": "New", "board": "Main", "list_date": day("2010-01-04")}]
    tables["instruments"] = pa.concat_tables(
        [instruments, pa.Table.from_pylist(new, schema=instruments.schema)]
    )


def calendar(tables: Tables) -> None:
    sessions = tables["trade_calendar"]
    tables["trade_calendar"] = changed(
        sessions,
        {
            position(sessions, trade_date=day("2020-01-10")): {"is_last_session_of_week": False},
            position(sessions, trade_date=day("2020-01-13")): {"is_last_session_of_week": True},
            position(sessions, trade_date=day("2020-02-21")): {"is_last_session_of_week": False},
        },
    )


def indices(tables: Tables) -> None:
    tables["index_bars"] = changed(
        tables["index_bars"],
        {
            0: {"high": 3000.0},
            1: {"open": 5000.0},
            2: {"close": 1000.0},
            3: {"close": None},
            4: {"trade_date": day("2020-01-11")},
        },
    )
    weights = tables["index_weights"]
    percents = [
        {"index_symbol": INDEX, "as_of": day("2020-01-10"), "symbol": s, "weight": 0.8}
        for s in ("000001.SZ", "600000.SH")
    ]
    unknown = [
        {"index_symbol": INDEX, "as_of": day("2020-01-17"), "symbol": "600999.SH", "weight": 0.5},
        {"index_symbol": INDEX, "as_of": day("2020-01-17"), "symbol": "600000.SH", "weight": 1.01},
    ]
    tables["index_weights"] = pa.concat_tables(
        [
            weights,
            pa.Table.from_pylist(percents + unknown[:1], schema=weights.schema),
            pa.Table.from_pylist(unknown[1:], schema=weights.schema),
        ]
    )


def members(tables: Tables) -> None:
    spans = tables["index_members"]
    new = [
        (INDEX, "600999.SH", "2020-01-02", "2020-06-14"),
        (INDEX, "600998.SH", "2010-01-04", "2010-06-14"),
        (INDEX, "600001.SH", "2020-02-17", "2020-06-14"),
        ("000905.SH", "688001.SH", "2020-01-02", "2020-06-14"),
        (INDEX, "000001.SZ", "2020-06-14", "2020-12-14"),
        (INDEX, "688001.SH", "2020-06-14", "2020-01-14"),
    ]
    rows = [
        {"index_symbol": i, "symbol": s, "in_date": day(first), "out_date": day(last)}
        for i, s, first, last in new
    ]
    tables["index_members"] = pa.concat_tables(
        [spans, pa.Table.from_pylist(rows, schema=spans.schema)]
    )


def industries(tables: Tables) -> None:
    spans = tables["industry_history"]
    tables["industry_history"] = changed(
        spans,
        {
            position(spans, symbol="000001.SZ", out_date=day("2020-02-03")): {
                "out_date": day("2020-02-10")
            },
            position(spans, symbol="300001.SZ"): {"out_date": day("2001-08-27")},
            position(spans, symbol="688001.SH"): {"symbol": "600999.SH"},
        },
    )


def company_figures(tables: Tables) -> None:
    statements = tables["financial_statements"]
    tables["financial_statements"] = changed(
        statements,
        {
            0: {"announce_date": day("2019-06-29")},
            1: {"report_period": day("2019-09-29")},
            2: {"symbol": "600999.SH"},
        },
    )
    tables["financial_indicators"] = pa.table(
        {
            "symbol": ["000001.SZ", "000001.SZ", "600999.SH"],
            "report_period": pa.array([day("2019-06-30"), day("2019-08-31"), day("2019-06-30")]),
            "announce_date": pa.array([day("2019-06-01"), day("2019-10-01"), None]),
        }
    )
    tables["dividends"] = changed(
        tables["dividends"], {0: {"ex_date": day("2020-02-08"), "cash_per_share": -0.25}}
    )


CASES: tuple[tuple[Callable[[Tables], None], Found, Found], ...] = (
    (
        bars_between_columns,
        {
            ("daily_bars.open", "open_outside_range"): 1,
            ("daily_bars.close", "close_outside_range"): 1,
            ("daily_bars.amount, volume", "amount_without_volume"): 1,
        },
        {
            ("daily_bars.volume, is_suspended", "suspended_with_volume"): 1,
            ("daily_bars.volume, is_suspended", "traded_without_volume"): 2,
            ("daily_bars.amount, volume", "vwap_slightly_outside_range"): 1,
            ("daily_bars.amount", "traded_without_amount"): 1,
            ("daily_bars.pre_close, adj_factor", "adjustment_chain_broken"): 1,
        },
    ),
    (
        bars_between_rows,
        {("daily_bars.symbol, trade_date", "duplicate_key"): 2},
        {
            ("daily_bars.pre_close, adj_factor", "adjustment_chain_broken"): 2,
            ("daily_bars.trade_date", "bar_outside_listing"): 4,
            ("index_members.out_date", "member_after_delisting"): 1,
        },
    ),
    (
        values_of_bars,
        {
            ("daily_bars.pre_close", "not_finite"): 1,
            ("daily_bars.pre_close", "wrong_type"): 1,
            ("daily_bars.volume", "not_whole"): 1,
            ("daily_bars.is_suspended", "null_value"): 1,
        },
        {
            ("daily_bars.pre_close", "finer_than_a_cent"): 1,
            ("daily_bars.amount", "not_finite"): 1,
            ("daily_bars.amount", "traded_without_amount"): 1,
        },
    ),
    (
        securities,
        {
            ("instruments.board", "value_not_allowed"): 1,
            ("instruments.name", "empty_text"): 1,
            ("instruments.list_date, delist_date", "delisted_before_listed"): 1,
            ("instruments.list_date", "null_value"): 1,
        },
        {
            ("instruments.symbol", "instrument_without_bars"): 1,
            ("instruments.symbol", "instrument_without_industry"): 1,
            ("daily_bars.trade_date", "bar_outside_listing"): 31,
            ("index_members.out_date", "member_after_delisting"): 1,
        },
    ),
    (
        calendar,
        {("trade_calendar.is_last_session_of_week", "week_end_inconsistent"): 3},
        {},
    ),
    (
        indices,
        {
            ("index_bars.high, low", "high_below_low"): 1,
            ("index_bars.close", "null_value"): 1,
            ("index_bars.trade_date", "date_not_in_calendar"): 1,
            ("index_weights.weight", "out_of_range"): 1,
            ("index_weights.weight", "weights_not_fractions"): 4,
        },
        {
            ("index_bars.open", "open_outside_range"): 1,
            ("index_bars.close", "close_outside_range"): 1,
            ("index_bars.pre_close", "index_chain_broken"): 1,
            ("index_bars.symbol, trade_date", "index_bar_missing"): 1,
            ("index_weights.symbol", "symbol_not_in_instruments"): 1,
            ("index_weights.symbol", "weight_of_a_non_member"): 1,
        },
    ),
    (
        members,
        {
            ("index_members.in_date, out_date", "span_reversed"): 1,
            ("index_members.in_date, out_date", "span_overlap"): 1,
        },
        {
            ("index_members.symbol", "member_without_instrument"): 1,
            ("index_members.symbol", "member_without_bars"): 1,
            ("index_members.out_date", "member_after_delisting"): 1,
            ("index_members.index_symbol", "index_without_bars"): 1,
        },
    ),
    (
        industries,
        {
            ("industry_history.in_date, out_date", "span_reversed"): 1,
            ("industry_history.in_date, out_date", "span_overlap"): 1,
        },
        {
            ("industry_history.out_date", "industry_gap"): 1,
            ("industry_history.symbol", "symbol_not_in_instruments"): 1,
            ("instruments.symbol", "instrument_without_industry"): 1,
        },
    ),
    (
        company_figures,
        {
            (
                "financial_statements.announce_date, report_period",
                "announced_before_period_end",
            ): 1,
            ("financial_statements.report_period", "not_a_quarter_end"): 1,
            (
                "financial_indicators.announce_date, report_period",
                "announced_before_period_end",
            ): 1,
            ("financial_indicators.report_period", "not_a_quarter_end"): 1,
            ("dividends.cash_per_share", "out_of_range"): 1,
        },
        {
            ("financial_statements.symbol", "symbol_not_in_instruments"): 1,
            ("financial_indicators.symbol", "symbol_not_in_instruments"): 1,
            ("dividends.ex_date", "date_not_in_calendar"): 1,
        },
    ),
)


@pytest.mark.parametrize(
    ("break_tables", "errors", "warnings"), CASES, ids=[case[0].__name__ for case in CASES]
)
def test_broken_rows_are_counted_and_nothing_else_is_reported(
    break_tables: Callable[[Tables], None], errors: Found, warnings: Found, tmp_path: Path
) -> None:
    tables = valid_tables()
    break_tables(tables)

    assert faults_of(write_directory(tables, tmp_path)) == {
        Severity.ERROR: errors,
        Severity.WARNING: warnings,
    }


def test_every_rule_between_columns_rows_and_tables_is_broken_somewhere() -> None:
    elsewhere = {fault.check for fault in VALIDATE_FAULTS}
    broken = {rule for _, errors, warnings in CASES for _, rule in (*errors, *warnings)}
    declared = {rule.name for rule in declared_rules()}
    assert declared - elsewhere <= broken


def test_a_valid_directory_has_no_fault(landing_directory: Path) -> None:
    report = validate_directory(landing_directory)
    assert report.faults == ()
    assert report.ok


def test_weights_may_miss_one_by_two_per_cent(tmp_path: Path) -> None:
    tables = valid_tables()
    weights = tables["index_weights"]
    tables["index_weights"] = changed(weights, {0: {"weight": 0.225}})
    found = faults_of(write_directory(tables, tmp_path / "off"))
    assert found[Severity.WARNING] == {("index_weights.weight", "weights_do_not_add_up"): 4}
    assert found[Severity.ERROR] == {}

    tables["index_weights"] = changed(weights, {0: {"weight": 0.235}})
    assert faults_of(write_directory(tables, tmp_path / "near")) == {
        Severity.ERROR: {},
        Severity.WARNING: {},
    }


def test_the_week_of_the_last_row_may_go_on_after_the_data(tmp_path: Path) -> None:
    tables = valid_tables()
    cut = position(tables["trade_calendar"], trade_date=day("2020-02-19"))
    short = tables["trade_calendar"].slice(0, cut + 1)
    for flag in (False, True):
        tables["trade_calendar"] = changed(short, {cut: {"is_last_session_of_week": flag}})
        found = faults_of(write_directory(tables, tmp_path / str(flag)))
        assert ("trade_calendar.is_last_session_of_week", "week_end_inconsistent") not in found[
            Severity.ERROR
        ]
