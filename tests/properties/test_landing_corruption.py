"""Random damage to a valid landing directory is either harmless or reported.

What has landed is judged by an oracle written without the validation: plain loops over rows.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fixtures.landing import valid_tables, write_directory
from fixtures.tampering import changed, repeated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market_data.contract import LANDING_TABLES, ColumnType
from market_data.errors import LandingRefusedError
from market_data.ingest import land

Row = dict[str, Any]
Rows = list[Row]
VALID = valid_tables()

_VALUES: dict[ColumnType, st.SearchStrategy[object]] = {
    ColumnType.TEXT: st.sampled_from(["", " ", "600000.SH", "000300.SH", "x", "Main"]),
    ColumnType.DATE: st.dates(dt.date(2001, 1, 1), dt.date(2021, 12, 31)),
    ColumnType.BOOLEAN: st.booleans(),
    ColumnType.PRICE: st.decimals("-99.99", "99.99", places=2),
    ColumnType.WHOLE: st.integers(-(10**6), 10**9),
    ColumnType.DOUBLE: st.floats(width=32),
    ColumnType.FLOAT: st.floats(width=32),
}


@st.composite
def damaged_cells(draw: st.DrawFn) -> tuple[str, pa.Table]:
    """One to three cells of a table take another value, or NULL."""
    name = draw(st.sampled_from(sorted(VALID)))
    table = VALID[name]
    for _ in range(draw(st.integers(1, 3))):
        column = draw(st.sampled_from(LANDING_TABLES[name].columns))
        value = draw(st.none() | _VALUES[column.type])
        number = draw(st.integers(0, table.num_rows - 1))
        table = changed(table, {number: {column.name: value}})
    return name, table


@st.composite
def damaged_rows(draw: st.DrawFn) -> tuple[str, pa.Table]:
    """Rows of a table are repeated, left out, or shuffled."""
    name = draw(st.sampled_from(sorted(VALID)))
    table = VALID[name]
    number = draw(st.integers(0, table.num_rows - 1))
    how = draw(st.sampled_from(["repeat", "leave out", "shuffle", "none"]))
    if how == "repeat":
        return name, repeated(table, number)
    if how == "leave out":
        return name, pa.concat_tables([table.slice(0, number), table.slice(number + 1)])
    if how == "none":
        return name, table.slice(0, 0)
    return name, table.take(draw(st.permutations(range(table.num_rows))))


@st.composite
def damaged_columns(draw: st.DrawFn) -> tuple[str, pa.Table]:
    """A column of a table is dropped, or stored as another type."""
    name = draw(st.sampled_from(sorted(VALID)))
    table = VALID[name]
    column = draw(st.sampled_from(table.column_names))
    if draw(st.booleans()):
        return name, table.drop_columns([column])
    place = table.schema.get_field_index(column)
    return name, table.set_column(place, column, table[column].cast(pa.string()))


def lands_or_is_refused(source: Path, home: Path) -> Path | None:
    """Landing directory, or None if the source was refused; a refusal writes nothing."""
    try:
        land(f"parquet:{source}", home / "landing", home / "truth")
    except LandingRefusedError:
        assert not home.exists()
        return None
    return home / "landing"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damage=damaged_cells() | damaged_rows() | damaged_columns())
def test_damaged_tables_land_sound_or_not_at_all(damage: tuple[str, pa.Table]) -> None:
    name, table = damage
    with tempfile.TemporaryDirectory() as scratch:
        source = write_directory(VALID | {name: table}, Path(scratch) / "source")
        landing = lands_or_is_refused(source, Path(scratch) / "home")
        if landing is not None:
            assert unsound(landing) == []


@settings(max_examples=10, deadline=None)
@given(name=st.sampled_from(sorted(VALID)), share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_refused(name: str, share: float) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        source = write_directory(VALID, Path(scratch) / "source")
        file = source / f"{name}.parquet"
        content = file.read_bytes()
        file.write_bytes(content[: int(share * len(content))])
        assert lands_or_is_refused(source, Path(scratch) / "home") is None


def unsound(landing: Path) -> list[str]:
    """Everything that is wrong with landed tables."""
    tables = {name: pq.read_table(landing / f"{name}.parquet") for name in LANDING_TABLES}
    rows = {name: table.to_pylist() for name, table in tables.items()}
    wrong = [name for name, c in LANDING_TABLES.items() if tables[name].schema != c.arrow_schema()]
    for name, contract in LANDING_TABLES.items():
        keys = [tuple(row[column] for column in contract.key) for row in rows[name]]
        wrong += [f"{name}: key"] * (keys != sorted(set(keys)))
        wrong += [
            f"{name}.{column.name}: NULL"
            for column in contract.columns
            if not column.nullable and any(row[column.name] is None for row in rows[name])
        ]
        wrong += [f"{name}: no rows"] * (contract.required and not keys)
    return wrong + _unsound_market(rows)


def _unsound_market(rows: dict[str, Rows]) -> list[str]:
    sessions = {row["trade_date"] for row in rows["trade_calendar"]}
    symbols = {row["symbol"] for row in rows["instruments"]}
    checks: dict[str, tuple[str, Callable[[Row], bool]]] = {
        "bar": ("daily_bars", lambda row: _bar_is_sound(row, symbols, sessions)),
        "index bar": (
            "index_bars",
            lambda row: row["trade_date"] in sessions and row["close"] > 0,
        ),
        "security": (
            "instruments",
            lambda row: (
                row["board"] in {"Main", "ChiNext", "STAR", "BSE"}
                and (row["delist_date"] is None or row["delist_date"] >= row["list_date"])
            ),
        ),
        "membership": ("index_members", lambda row: row["in_date"] <= row["out_date"]),
        "weight": ("index_weights", lambda row: 0 <= row["weight"] <= 1),
        "dividend": ("dividends", lambda row: row["cash_per_share"] >= 0),
        "statement": (
            "financial_statements",
            lambda row: row["announce_date"] >= row["report_period"],
        ),
    }
    return [
        f"{what}: {row}"
        for what, (table, is_sound) in checks.items()
        for row in rows[table]
        if not is_sound(row)
    ] + _overlapping_industries(rows["industry_history"])


def _bar_is_sound(row: Row, symbols: set[object], sessions: set[object]) -> bool:
    low, high = row["low"], row["high"]
    assert isinstance(low, Decimal)
    assert isinstance(high, Decimal)
    prices = [row[name] for name in ("open", "close")]
    volume, amount = row["volume"], row["amount"]
    assert isinstance(volume, int)
    sound = (
        row["symbol"] in symbols
        and row["trade_date"] in sessions
        and 0 < low <= high
        and all(low <= price <= high for price in prices)
        and row["pre_close"] > 0
        and row["adj_factor"] > 0
        and volume >= 0
    )
    if sound and amount is not None and volume and not row["is_suspended"]:
        vwap = float(amount) / volume
        sound = float(low) * 0.99899 <= vwap <= float(high) * 1.00101
    return sound


def _overlapping_industries(rows: Rows) -> list[str]:
    spans: dict[object, list[tuple[dt.date, dt.date]]] = {}
    for row in rows:
        span = (row["in_date"], row["out_date"] or dt.date.max)
        spans.setdefault((row["industry_scheme"], row["symbol"]), []).append(span)
    return [
        f"overlap: {key}"
        for key, found in spans.items()
        for earlier, later in zip(sorted(found), sorted(found)[1:], strict=False)
        if earlier[1] > later[0]
    ]


def test_the_oracle_sees_what_is_wrong(tmp_path: Path) -> None:
    source = write_directory(VALID, tmp_path / "source")
    land(f"parquet:{source}", tmp_path / "landing", tmp_path / "truth")
    assert unsound(tmp_path / "landing") == []

    bars = pq.read_table(tmp_path / "landing" / "daily_bars.parquet")
    broken = changed(bars, {0: {"high": Decimal("0.01")}, 1: {"adj_factor": -1.0}})
    shutil.copytree(tmp_path / "landing", tmp_path / "broken")
    write_directory({"daily_bars": repeated(broken, 5)}, tmp_path / "broken")
    found = unsound(tmp_path / "broken")
    assert [entry.partition(" ")[0] for entry in found] == ["daily_bars:", "bar:", "bar:"]
