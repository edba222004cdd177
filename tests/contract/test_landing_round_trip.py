"""What lands is what the source said, in the contract's types, in one order, and complete."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from fixtures.landing import write_csv_directory, write_directory
from fixtures.tampering import changed, position, retyped

from market_data.contract import LANDING_TABLES, empty_table
from market_data.errors import LandingRefusedError, SourceError
from market_data.ingest import LandingManifest, land, read_manifest

Tables = dict[str, pa.Table]


def landed(source: Path, home: Path, **settings: object) -> LandingManifest:
    return land(f"parquet:{source}", home / "landing", home / "truth", **settings)  # type: ignore[arg-type]


def read(home: Path, name: str) -> pa.Table:
    return pq.read_table(home / "landing" / f"{name}.parquet")


def as_rows(table: pa.Table) -> list[dict[str, object]]:
    return table.to_pylist()


def test_a_valid_directory_lands_unchanged(
    landing_directory: Path, landing_tables: Tables, tmp_path: Path
) -> None:
    manifest = landed(landing_directory, tmp_path / "home")

    for name, contract in LANDING_TABLES.items():
        table = read(tmp_path / "home", name)
        expected = landing_tables.get(name, empty_table(name))
        assert table.schema.equals(contract.arrow_schema()), name
        order = [(column, "ascending") for column in contract.key]
        assert as_rows(table) == as_rows(expected.sort_by(order)), name
    assert {table.name: table.row_count for table in manifest.tables} == {
        name: landing_tables[name].num_rows if name in landing_tables else 0
        for name in LANDING_TABLES
    }


def test_csv_lands_like_parquet(
    landing_directory: Path, landing_tables: Tables, tmp_path: Path
) -> None:
    text = write_csv_directory(landing_tables, tmp_path / "csv")

    from_parquet = landed(landing_directory, tmp_path / "one")
    from_text = landed(text, tmp_path / "other")

    assert {table.name: table.sha256 for table in from_text.tables} == {
        table.name: table.sha256 for table in from_parquet.tables
    }


def test_folders_of_parts_land_like_one_file(
    landing_directory: Path, landing_tables: Tables, tmp_path: Path
) -> None:
    parts = tmp_path / "parts"
    shutil.copytree(landing_directory, parts)
    (parts / "daily_bars.parquet").unlink()
    bars = landing_tables["daily_bars"]
    for year, rows in (("b", bars.slice(0, 70)), ("a", bars.slice(70))):
        folder = parts / "daily_bars" / year
        folder.mkdir(parents=True)
        pq.write_table(rows, folder / "part.parquet")

    whole = landed(landing_directory, tmp_path / "one")
    partial = landed(parts, tmp_path / "other")

    assert [table.sha256 for table in partial.tables] == [table.sha256 for table in whole.tables]


def test_row_order_and_number_types_of_the_source_do_not_matter(
    landing_directory: Path, landing_tables: Tables, tmp_path: Path
) -> None:
    bars = landing_tables["daily_bars"].sort_by([("trade_date", "descending")])
    for column in ("open", "high", "low", "close", "pre_close"):
        bars = retyped(bars, column, bars[column].cast(pa.float64()))
    bars = retyped(bars, "volume", bars["volume"].cast(pa.float64()))
    bars = retyped(bars, "total_shares", bars["total_shares"].cast(pa.int32()))
    bars = retyped(bars, "trade_date", bars["trade_date"].cast(pa.timestamp("ns")))
    other = write_directory(landing_tables | {"daily_bars": bars}, tmp_path / "other_types")

    plain = landed(landing_directory, tmp_path / "one")
    cast = landed(other, tmp_path / "other")

    assert [table.sha256 for table in cast.tables] == [table.sha256 for table in plain.tables]


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("prices", ["decimal", "double"])
def test_tables_too_large_for_memory_land_like_small_ones(
    landing_tables: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    order: str,
    prices: str,
) -> None:
    bars = landing_tables["daily_bars"].sort_by([("trade_date", order), ("symbol", order)])
    # A value that does not land as it came: a sorted copy of such a source cannot be moved.
    bars = changed(bars, {3: {"turnover_rate": float("nan")}})
    if prices == "double":
        bars = retyped(bars, "close", bars["close"].cast(pa.float64()))
    source = write_directory(landing_tables | {"daily_bars": bars}, tmp_path / "source")

    small = landed(source, tmp_path / "one")
    monkeypatch.setattr("market_data.reading.directory.SMALL_TABLE_ROWS", 10)
    large = landed(source, tmp_path / "other")

    assert large.warnings == small.warnings
    assert [table.sha256 for table in large.tables] == [table.sha256 for table in small.tables]


def test_absent_optional_columns_land_as_null_and_extra_ones_are_dropped(
    landing_tables: Tables, tmp_path: Path
) -> None:
    bars = landing_tables["daily_bars"].drop_columns(["total_shares", "float_shares"])
    bars = bars.append_column("pct_change", pa.array([0.0] * bars.num_rows))
    source = write_directory(landing_tables | {"daily_bars": bars}, tmp_path / "source")

    manifest = landed(source, tmp_path / "home")

    (table,) = [table for table in manifest.tables if table.name == "daily_bars"]
    assert table.columns_absent == ("total_shares", "float_shares")
    assert table.columns_dropped == ("pct_change",)
    assert any("total market cap" in phrase for phrase in table.switched_off)
    written = read(tmp_path / "home", "daily_bars")
    assert written["total_shares"].null_count == bars.num_rows
    assert "pct_change" not in written.column_names


def test_absent_tables_land_with_zero_rows_and_say_what_is_switched_off(
    landing_tables: Tables, tmp_path: Path
) -> None:
    del landing_tables["financial_statements"]
    source = write_directory(landing_tables, tmp_path / "source")

    manifest = landed(source, tmp_path / "home")

    assert "financial_statements" in manifest.tables_absent
    (table,) = [table for table in manifest.tables if table.name == "financial_statements"]
    assert not table.provided
    assert table.switched_off == LANDING_TABLES["financial_statements"].feeds
    assert read(tmp_path / "home", "financial_statements").num_rows == 0


def test_nulls_of_suspended_rows_and_not_a_numbers_are_mended_and_counted(
    landing_tables: Tables, tmp_path: Path
) -> None:
    bars = landing_tables["daily_bars"]
    suspended = position(bars, is_suspended=True)
    bars = changed(
        bars,
        {
            suspended: {"volume": None, "pre_close": None, "amount": float("nan")},
            0: {"turnover_rate": float("inf")},
        },
    )
    source = write_directory(landing_tables | {"daily_bars": bars}, tmp_path / "source")

    manifest = landed(source, tmp_path / "home")

    row = as_rows(read(tmp_path / "home", "daily_bars"))[suspended]
    assert (row["volume"], row["amount"]) == (0, None)
    assert row["pre_close"] == row["close"]
    assert as_rows(read(tmp_path / "home", "daily_bars"))[0]["turnover_rate"] is None
    assert {(warning.column, warning.rule, warning.row_count) for warning in manifest.warnings} == {
        ("pre_close", "null_on_suspended_row", 1),
        ("volume", "null_on_suspended_row", 1),
        ("amount", "not_finite", 1),
        ("turnover_rate", "not_finite", 1),
    }


def test_exposures_of_a_user_keep_their_numeric_columns(
    landing_tables: Tables, tmp_path: Path
) -> None:
    exposures = pa.table(
        {
            "Symbol": ["000001.SZ", "600000.SH"],
            "week_date": pa.array([dt.date(2020, 1, 10)] * 2),
            "My_Factor": pa.array([1, 2], pa.int8()),
            "comment": ["a", "b"],
        }
    )
    source = write_directory(landing_tables | {"factor_exposures": exposures}, tmp_path / "source")

    manifest = landed(source, tmp_path / "home")

    written = read(tmp_path / "home", "factor_exposures")
    assert written.schema.field("my_factor").type == pa.float64()
    assert written.column_names == ["symbol", "week_date", "my_factor"]
    (table,) = [table for table in manifest.tables if table.name == "factor_exposures"]
    assert table.columns_dropped == ("comment",)


def test_a_users_names_are_mapped_onto_the_contract(
    landing_directory: Path, landing_tables: Tables, tmp_path: Path
) -> None:
    theirs = landing_tables["daily_bars"].rename_columns({"symbol": "ts_code", "volume": "Vol"})
    del landing_tables["daily_bars"]
    source = write_directory(landing_tables | {"quotes": theirs}, tmp_path / "theirs")

    plain = landed(landing_directory, tmp_path / "one")
    mapped = landed(
        source,
        tmp_path / "other",
        mapping={"quotes": {"ts_code": "symbol", "vol": "volume"}},
        table_mapping={"quotes": "daily_bars"},
    )

    assert [table.sha256 for table in mapped.tables] == [table.sha256 for table in plain.tables]


def test_a_mapped_column_that_the_file_lacks_is_a_fault(
    landing_directory: Path, tmp_path: Path
) -> None:
    with pytest.raises(LandingRefusedError, match="mapped_column_missing"):
        landed(
            landing_directory,
            tmp_path / "home",
            mapping={"daily_bars": {"float_share": "float_shares"}},
        )


def test_landing_again_gives_the_same_files_and_manifest(
    landing_directory: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    first = landed(landing_directory, home)
    files = {file.name: file.read_bytes() for file in (home / "landing").iterdir()}

    second = landed(landing_directory, home)

    assert second == first == read_manifest(home / "landing")
    assert {file.name: file.read_bytes() for file in (home / "landing").iterdir()} == files
    assert sorted(files) == sorted(
        [*(f"{name}.parquet" for name in LANDING_TABLES), "manifest.json"]
    )
    assert json.loads(files["manifest.json"])["source"] == f"parquet:{landing_directory}"


def test_a_landed_directory_is_itself_a_valid_source(
    landing_directory: Path, tmp_path: Path
) -> None:
    first = landed(landing_directory, tmp_path / "one")
    second = landed(tmp_path / "one" / "landing", tmp_path / "other")
    assert second.tables == first.tables


def test_the_truth_of_an_earlier_source_is_removed(landing_directory: Path, tmp_path: Path) -> None:
    truth = tmp_path / "home" / "truth"
    truth.mkdir(parents=True)
    (truth / "expected_return.parquet").write_bytes(b"of a simulated market")

    landed(landing_directory, tmp_path / "home")

    assert list(truth.iterdir()) == []


def test_progress_is_told_once_per_table(landing_directory: Path, tmp_path: Path) -> None:
    told: list[str] = []
    landed(landing_directory, tmp_path / "home", progress=told.append)
    assert told == list(LANDING_TABLES)


def test_a_source_may_not_be_its_own_landing(landing_directory: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="landing directory itself"):
        land(f"parquet:{landing_directory}", landing_directory, tmp_path / "truth")
    with pytest.raises(SourceError, match="beside landing"):
        land(f"parquet:{landing_directory}", tmp_path / "l", tmp_path / "l" / "truth")


def test_a_halt_between_the_files_shows_as_a_missing_manifest(
    landing_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = tmp_path / "home" / "landing"
    landed(landing_directory, tmp_path / "home")
    monkeypatch.setattr(
        "market_data.ingest.write_manifest", lambda *_: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        landed(landing_directory, tmp_path / "home")

    assert read_manifest(landing) is None
    assert pc.count(read(tmp_path / "home", "daily_bars")["symbol"]).as_py() == 150
