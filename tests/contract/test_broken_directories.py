"""Ten deliberately broken landing directories: each is refused by name, and nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from fixtures.landing import sessions, valid_tables, write_directory
from fixtures.tampering import changed, position, repeated, retyped

from market_data.errors import LandingRefusedError
from market_data.ingest import land
from market_data.validation import Fault, render, validate_directory

Tables = dict[str, pa.Table]
DAY = dt.date(2020, 1, 8)


@dataclass(frozen=True)
class Broken:
    """A fault put into a valid directory, and what the message has to name."""

    name: str
    put_in: Callable[[Path, Tables], None]
    table: str
    column: str
    rule: str
    rows: int | None
    first_rows: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"{self.table}.parquet"


def bars_with(tables: Tables, *cells: dict[str, object]) -> pa.Table:
    """Daily bars in which the first sessions of 600000.SH from DAY on have other cells."""
    bars = tables["daily_bars"]
    start = position(bars, symbol="600000.SH", trade_date=DAY)
    return changed(bars, {start + n: dict(cell) for n, cell in enumerate(cells)})


def wrong_type(source: Path, tables: Tables) -> None:
    bars = tables["daily_bars"]
    prices = pa.array([f"{price} yuan" for price in bars["close"].to_pylist()])
    write_directory(tables | {"daily_bars": retyped(bars, "close", prices)}, source)


def duplicate_key(source: Path, tables: Tables) -> None:
    start = position(tables["daily_bars"], symbol="600000.SH", trade_date=DAY)
    bars = repeated(tables["daily_bars"], start, start + 1)
    write_directory(tables | {"daily_bars": bars}, source)


def negative_price(source: Path, tables: Tables) -> None:
    bars = bars_with(tables, {"pre_close": Decimal("-12.34")})
    write_directory(tables | {"daily_bars": bars}, source)


def high_below_low(source: Path, tables: Tables) -> None:
    cells = {"high": Decimal("11.00"), "low": Decimal("13.00")}
    write_directory(tables | {"daily_bars": bars_with(tables, cells, cells)}, source)


def vwap_outside_range(source: Path, tables: Tables) -> None:
    row = tables["daily_bars"].to_pylist()[
        position(tables["daily_bars"], symbol="600000.SH", trade_date=DAY)
    ]
    amount = float(row["high"]) * row["volume"] * 1.0011
    bars = bars_with(tables, {"amount": amount})
    write_directory(tables | {"daily_bars": bars}, source)


def missing_column(source: Path, tables: Tables) -> None:
    bars = tables["daily_bars"].drop_columns(["adj_factor"])
    write_directory(tables | {"daily_bars": bars}, source)


def unknown_symbol(source: Path, tables: Tables) -> None:
    securities = tables["instruments"]
    kept = securities.filter(pc.not_equal(securities["symbol"], "688001.SH"))
    write_directory(tables | {"instruments": kept}, source)


def date_outside_calendar(source: Path, tables: Tables) -> None:
    bars = tables["daily_bars"]
    last = position(bars, symbol="600000.SH", trade_date=sessions()[-1])
    moved = changed(bars, {last: {"trade_date": dt.date(2020, 2, 22)}})
    write_directory(tables | {"daily_bars": moved}, source)


def truncated_parquet(source: Path, tables: Tables) -> None:
    file = write_directory(tables, source) / "index_bars.parquet"
    file.write_bytes(file.read_bytes()[:-100])


def empty_table(source: Path, tables: Tables) -> None:
    write_directory(tables | {"industry_history": tables["industry_history"].slice(0, 0)}, source)


BARS = "daily_bars"
KEY = "symbol=600000.SH trade_date=2020-01-08"
NEXT_KEY = "symbol=600000.SH trade_date=2020-01-09"
CASES = (
    Broken("wrong type", wrong_type, BARS, "close", "wrong_type", 150, ("close=9.95 yuan",)),
    Broken(
        "duplicate key",
        duplicate_key,
        BARS,
        "symbol, trade_date",
        "duplicate_key",
        4,
        (f"{KEY} times=2", f"{NEXT_KEY} times=2"),
    ),
    Broken(
        "negative price",
        negative_price,
        BARS,
        "pre_close",
        "out_of_range",
        1,
        (f"{KEY} pre_close=-12.34",),
    ),
    Broken(
        "high < low",
        high_below_low,
        BARS,
        "high, low",
        "high_below_low",
        2,
        (f"{KEY} high=11.00 low=13.00", f"{NEXT_KEY} high=11.00 low=13.00"),
    ),
    Broken(
        "amount / volume outside [low, high]",
        vwap_outside_range,
        BARS,
        "amount, volume",
        "vwap_outside_range",
        1,
        (f"{KEY} low=", "vwap="),
    ),
    Broken(
        "missing column",
        missing_column,
        BARS,
        "adj_factor",
        "missing_column",
        150,
        ("symbol=000001.SZ trade_date=2020-01-02",),
    ),
    Broken(
        "symbol absent from instruments",
        unknown_symbol,
        BARS,
        "symbol",
        "symbol_not_in_instruments",
        31,
        ("symbol=688001.SH trade_date=2020-01-02 affected_rows=31",),
    ),
    Broken(
        "date outside the calendar",
        date_outside_calendar,
        BARS,
        "trade_date",
        "date_not_in_calendar",
        1,
        ("symbol=600000.SH trade_date=2020-02-22",),
    ),
    Broken("truncated Parquet", truncated_parquet, "index_bars", "", "unreadable_file", None, ()),
    Broken("empty table", empty_table, "industry_history", "", "empty_table", 0, ()),
)


@pytest.mark.parametrize("small_table_rows", [0, 200_000], ids=["read_by_query", "in_memory"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_fault_is_named_and_nothing_is_written(
    case: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_table_rows: int
) -> None:
    monkeypatch.setattr("market_data.reading.directory.SMALL_TABLE_ROWS", small_table_rows)
    source, home = tmp_path / "source", tmp_path / "home"
    case.put_in(source, valid_tables())

    with pytest.raises(LandingRefusedError) as refusal:
        land(f"parquet:{source}", home / "landing", home / "truth")

    assert not home.exists()
    text = " ".join(str(refusal.value).split())
    heading = [f"ERROR {case.file}", f"rule {case.rule}"]
    if case.column:
        heading.insert(1, f"column{'s' if ',' in case.column else ''} {case.column}")
    if case.rows is not None:
        heading.append(f"{case.rows} row{'' if case.rows == 1 else 's'}")
    assert " | ".join(heading) in text
    assert "remedy" in text
    for row in case.first_rows:
        assert row in text
    assert "refused (1 error, " in text


@pytest.mark.parametrize("put_in", [missing_column, truncated_parquet])
def test_a_refused_source_leaves_an_earlier_landing_as_it_was(
    put_in: Callable[[Path, Tables], None], tmp_path: Path
) -> None:
    source, home = tmp_path / "source", tmp_path / "home"
    good = write_directory(valid_tables(), tmp_path / "good")
    land(f"parquet:{good}", home / "landing", home / "truth")
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    put_in(source, valid_tables())

    with pytest.raises(LandingRefusedError):
        land(f"parquet:{source}", home / "landing", home / "truth")

    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == before


def test_a_message_shows_the_first_three_rows_of_many(tmp_path: Path) -> None:
    tables = valid_tables()
    cells = [{"pre_close": Decimal("-1.00")}] * 5
    source = write_directory(tables | {BARS: bars_with(tables, *cells)}, tmp_path)

    fault = _fault(validate_directory(source).errors, "out_of_range")

    assert fault.row_count == 5
    assert [row["trade_date"] for row in fault.examples] == [
        dt.date(2020, 1, 8),
        dt.date(2020, 1, 9),
        dt.date(2020, 1, 10),
    ]


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    tables = valid_tables()
    bars = bars_with(
        tables,
        {"high": Decimal("11.00"), "low": Decimal("13.00")},
        {"pre_close": Decimal("-12.34")},
        {"volume": -5, "amount": None},
    ).drop_columns(["adj_factor"])
    tables[BARS] = repeated(bars, 0)
    tables["instruments"] = tables["instruments"].slice(0, 4)
    tables["industry_history"] = tables["industry_history"].slice(0, 0)
    del tables["index_members"]
    source = write_directory(tables, tmp_path)
    (source / "index_bars.parquet").write_bytes(b"PAR1 cut off")

    report = validate_directory(source)

    assert {(fault.table, fault.rule) for fault in report.errors} == {
        (BARS, "missing_column"),
        (BARS, "duplicate_key"),
        (BARS, "high_below_low"),
        (BARS, "out_of_range"),
        (BARS, "symbol_not_in_instruments"),
        ("industry_history", "empty_table"),
        ("index_members", "missing_table"),
        ("index_bars", "unreadable_file"),
    }
    assert {fault.column for fault in report.errors if fault.rule == "out_of_range"} == {
        "pre_close",
        "volume",
    }
    assert max(len(line) for line in render(report).splitlines()) <= 100


def _fault(faults: tuple[Fault, ...], rule: str) -> Fault:
    (fault,) = [fault for fault in faults if fault.rule == rule]
    return fault
