"""Files and columns that are no tables of the contract, and what a report says about them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from fixtures.landing import write_csv_directory, write_directory
from fixtures.tampering import retyped

from market_data.errors import SourceError
from market_data.reading import SourceMapping
from market_data.validation import TableState, validate_directory

Tables = dict[str, pa.Table]


def test_text_that_is_no_value_of_its_type_is_a_wrong_type(
    landing_tables: Tables, tmp_path: Path
) -> None:
    tables = landing_tables
    closes = [str(price) for price in tables["daily_bars"]["close"].to_pylist()]
    closes[7], closes[8] = "n/a", "ten"
    dates = [date.isoformat() for date in tables["daily_bars"]["trade_date"].to_pylist()]
    dates[9] = "2020-13-01"
    # Vendors write dates without dashes, too.
    dates[10] = dates[10].replace("-", "")
    with_text = retyped(tables["daily_bars"], "close", pa.array(closes))
    tables["daily_bars"] = retyped(with_text, "trade_date", pa.array(dates))

    report = validate_directory(write_csv_directory(tables, tmp_path))

    found = {fault.column: fault for fault in report.errors}
    assert {name: fault.row_count for name, fault in found.items()} == {
        "close": 2,
        "trade_date": 1,
    }
    assert {fault.rule for fault in found.values()} == {"wrong_type"}
    assert found["close"].examples[0]["close"] == "n/a"
    assert found["trade_date"].examples[0]["trade_date"] == "2020-13-01"


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("trade_date", pa.array([20200102], pa.int64())),
        ("trade_date", pa.array(["2020-01-02"])),
        ("trade_date", pa.array([dt.datetime(2020, 1, 2, 15)], pa.timestamp("us"))),
        ("trade_date", pa.array([dt.datetime(2020, 1, 2)], pa.timestamp("us", "Asia/Shanghai"))),
        ("is_last_session_of_week", pa.array([1], pa.int8())),
    ],
    ids=["integer", "text", "time of day", "time zone", "flag as number"],
)
def test_types_that_cannot_be_cast_safely_are_refused(
    column: str, values: pa.Array, landing_tables: Tables, tmp_path: Path
) -> None:
    first = landing_tables["trade_calendar"].slice(0, 1)
    landing_tables["trade_calendar"] = retyped(first, column, values)

    errors = validate_directory(write_directory(landing_tables, tmp_path)).errors

    counts = {(fault.table, fault.column, fault.rule): fault.row_count for fault in errors}
    assert counts["trade_calendar", column, "wrong_type"] == 1


def test_a_column_of_nulls_fits_any_type(landing_tables: Tables, tmp_path: Path) -> None:
    instruments = landing_tables["instruments"]
    nothing = pa.nulls(instruments.num_rows, pa.int32())
    landing_tables["instruments"] = retyped(instruments, "delist_date", nothing)
    assert validate_directory(write_directory(landing_tables, tmp_path)).ok


def test_a_damaged_page_behind_an_intact_footer_is_unreadable(
    landing_directory: Path,
) -> None:
    file = landing_directory / "daily_bars.parquet"
    content = bytearray(file.read_bytes())
    content[4:400] = bytes(396)
    file.write_bytes(content)

    report = validate_directory(landing_directory)

    assert [(fault.table, fault.rule) for fault in report.errors] == [
        ("daily_bars", "unreadable_file")
    ]
    states = {table.name: table.state for table in report.tables}
    assert states["daily_bars"] is TableState.UNREADABLE


def test_every_unreadable_part_of_a_folder_is_named(
    landing_directory: Path, landing_tables: Tables
) -> None:
    (landing_directory / "index_bars.parquet").unlink()
    folder = landing_directory / "index_bars"
    write_directory({"a": landing_tables["index_bars"]}, folder)
    (folder / "b.parquet").write_bytes(b"PAR1")
    (folder / "c.parquet").write_bytes(b"")

    report = validate_directory(landing_directory)

    assert [fault.file for fault in report.errors] == [
        "index_bars/b.parquet",
        "index_bars/c.parquet",
    ]


def test_a_table_that_is_there_twice_is_refused(
    landing_directory: Path, landing_tables: Tables
) -> None:
    write_csv_directory({"dividends": landing_tables["dividends"]}, landing_directory)
    report = validate_directory(landing_directory)
    (fault,) = report.errors
    assert (fault.table, fault.rule) == ("dividends", "ambiguous_table")
    assert "dividends.csv" in fault.problem


def test_unknown_tables_are_named_and_ignored(
    landing_directory: Path, landing_tables: Tables
) -> None:
    write_directory({"minute_bars": landing_tables["dividends"]}, landing_directory)
    (landing_directory / "README.md").write_text("notes")
    report = validate_directory(landing_directory)
    assert report.ok
    assert [(fault.file, fault.rule) for fault in report.warnings] == [
        ("minute_bars.parquet", "unknown_table")
    ]


def test_an_empty_optional_table_counts_as_absent(landing_tables: Tables, tmp_path: Path) -> None:
    landing_tables["dividends"] = landing_tables["dividends"].slice(0, 0)
    report = validate_directory(write_directory(landing_tables, tmp_path))
    assert report.ok
    (summary,) = [table for table in report.tables if table.name == "dividends"]
    assert summary.state is TableState.EMPTY
    assert "dividend factors" in summary.switched_off


def test_a_mapping_is_followed(landing_tables: Tables, tmp_path: Path) -> None:
    theirs = landing_tables["instruments"].rename_columns({"name": "short_name"})
    source = write_directory(landing_tables | {"instruments": theirs}, tmp_path)
    mapping = SourceMapping(columns={"instruments": {"short_name": "name"}})

    assert not validate_directory(source).ok
    assert validate_directory(source, mapping).ok


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a directory"):
        validate_directory(tmp_path / "nowhere")


def test_names_with_pattern_signs_are_read_literally(
    landing_tables: Tables, tmp_path: Path
) -> None:
    source = write_directory(landing_tables, tmp_path / "data [2020] what?*'s")
    assert validate_directory(source).ok
