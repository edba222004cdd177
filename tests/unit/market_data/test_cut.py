"""Landing tables as they looked on an earlier day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fixtures.landing import DELISTED, EX_DIVIDEND, INDEX, sessions, valid_tables

from market_data.contract import LANDING_TABLES, ColumnContract, ColumnType, TableContract
from market_data.cut import cut_landing, cut_query, is_known
from market_data.errors import SourceError
from market_data.ingest import land

BEFORE = dt.date(2020, 1, 17)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """Landing directory of the fixture market."""
    source = tmp_path / "source"
    source.mkdir()
    for name, table in valid_tables().items():
        pq.write_table(table, source / f"{name}.parquet")
    land(f"parquet:{source}", tmp_path / "landing", tmp_path / "truth")
    return tmp_path / "landing"


def _cut(name: str, rows: list[Mapping[str, Any]], at: dt.date) -> list[dict[str, Any]]:
    """Rows of one table, given by the columns that matter, as they looked on a day."""
    contract = LANDING_TABLES[name]
    table = pa.Table.from_pylist(list(rows), schema=contract.arrow_schema())
    with duckdb.connect(":memory:") as connection:
        connection.register("rows", table)
        found: list[dict[str, Any]] = (
            connection.sql(cut_query(contract, "rows", at)).to_arrow_table().to_pylist()
        )
    return found


def test_no_row_is_younger_than_the_cut(landing: Path, tmp_path: Path) -> None:
    dropped = cut_landing(landing, tmp_path / "cut", BEFORE)
    assert dropped.keys() == LANDING_TABLES.keys()
    with duckdb.connect(":memory:") as connection:
        for name, contract in LANDING_TABLES.items():
            rows = f"'{tmp_path / 'cut' / name}.parquet'"
            late = f"select count(*) from {rows} where not ({is_known(contract, BEFORE)})"
            assert connection.sql(late).fetchall() == [(0,)]
            kept = connection.sql(f"select count(*) from {rows}").fetchall()[0][0]
            whole = connection.sql(f"select count(*) from '{landing / name}.parquet'")
            assert kept + dropped[name] == whole.fetchall()[0][0]
        bars = connection.sql(f"select max(trade_date) from '{tmp_path}/cut/daily_bars.parquet'")
        assert bars.fetchall() == [(BEFORE,)]
    assert dropped["daily_bars"] > 0
    assert dropped["dividends"] == 1
    assert dropped["trade_calendar"] == 0


def test_a_cut_is_a_source_that_lands(landing: Path, tmp_path: Path) -> None:
    cut_landing(landing, tmp_path / "cut", sessions()[10])
    land(f"parquet:{tmp_path / 'cut'}", tmp_path / "again", tmp_path / "no_truth")


def test_the_end_of_a_listing_is_known_on_its_day() -> None:
    symbol, end = DELISTED
    row = {
        "symbol": symbol,
        "name": "x",
        "board": "Main",
        "list_date": dt.date(2010, 1, 4),
        "delist_date": end,
        "terminal_value_cny": 1.5,
        "delisting_period_start_date": end - dt.timedelta(days=1),
    }
    assert _cut("instruments", [row], end) == [row]
    (earlier,) = _cut("instruments", [row], end - dt.timedelta(days=1))
    assert earlier == {**row, "delist_date": None, "terminal_value_cny": None}
    (before,) = _cut("instruments", [row], end - dt.timedelta(days=2))
    assert before == {**earlier, "delisting_period_start_date": None}
    assert _cut("instruments", [row], dt.date(2010, 1, 3)) == []


def test_a_membership_lasts_until_its_end_is_known() -> None:
    end = dt.date(2020, 1, 17)
    row = {"index_symbol": INDEX, "symbol": "A", "in_date": dt.date(2019, 1, 2), "out_date": end}
    assert _cut("index_members", [row], end) == [row]
    (earlier,) = _cut("index_members", [row], end - dt.timedelta(days=1))
    assert earlier["out_date"] > dt.date(2100, 1, 1)


def test_an_industry_lasts_until_the_next_one_is_known() -> None:
    change = dt.date(2020, 1, 17)
    spans = [
        {"in_date": dt.date(2019, 1, 2), "out_date": change, "industry_code": "old"},
        {"in_date": change, "out_date": None, "industry_code": "new"},
    ]
    rows = [
        {"symbol": "A", "industry_name": "x", "industry_scheme": "SIM1", **span} for span in spans
    ]
    (only,) = _cut("industry_history", rows, change - dt.timedelta(days=1))
    assert (only["industry_code"], only["out_date"]) == ("old", None)
    assert len(_cut("industry_history", rows, change)) == 2


def test_a_restatement_is_unknown_before_it_is_announced() -> None:
    rows = [
        {
            "symbol": "A",
            "report_period": dt.date(2019, 9, 30),
            "announce_date": announced,
            "revenue": revenue,
        }
        for announced, revenue in ((dt.date(2019, 10, 30), 1.0), (dt.date(2020, 1, 20), 2.0))
    ]
    assert [row["revenue"] for row in _cut("financial_statements", rows, BEFORE)] == [1.0]


def test_a_dividend_without_announcement_is_known_on_its_ex_date() -> None:
    ex_date = EX_DIVIDEND[1]
    row = {
        "symbol": "A",
        "ex_date": ex_date,
        "announce_date": None,
        "cash_per_share": 0.1,
        "bonus_shares_per_share": 0.0,
    }
    announced = {**row, "announce_date": ex_date - dt.timedelta(days=20)}
    day_before = ex_date - dt.timedelta(days=1)
    assert _cut("dividends", [row], day_before) == []
    assert _cut("dividends", [row], ex_date) == [row]
    assert _cut("dividends", [announced], day_before) == [announced]


def test_a_figure_without_any_date_is_never_known() -> None:
    row = {"symbol": "A", "report_period": dt.date(2019, 9, 30), "announce_date": None}
    assert _cut("financial_indicators", [row], dt.date(2999, 1, 1)) == []


def test_a_directory_that_is_not_complete_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="lacks trade_calendar"):
        cut_landing(tmp_path, tmp_path / "cut", BEFORE)
    with pytest.raises(SourceError, match="is the landing directory itself"):
        cut_landing(tmp_path, tmp_path, BEFORE)


def test_dates_of_a_contract_are_date_columns_of_it() -> None:
    name = ColumnContract("name", ColumnType.TEXT, "Name.")
    with pytest.raises(ValueError, match="name is no date column"):
        TableContract("t", "A table.", "one row", True, (name,), ("name",))
    ended = ColumnContract("x", ColumnType.TEXT, "X.", nullable=True, known_on="ended")
    with pytest.raises(ValueError, match="ended is no date column"):
        TableContract("t", "A table.", "one row", True, (ended,), ())
    with pytest.raises(ValueError, match="before it was known"):
        ColumnContract("x", ColumnType.DATE, "X.", known_on="x")
