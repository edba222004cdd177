"""Which dates a change of landing tables touches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from fixtures.landing import DELISTED, SUSPENDED, SYMBOLS, valid_tables, write_directory

from market_data.changes import (
    COMPARED_BY_DAY,
    RULES,
    TableChange,
    changed_table,
    changed_tables,
)
from market_data.contract import LANDING_TABLES
from market_data.ingest import land

Edited = Callable[..., TableChange | None]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Compare a table of the fixture market with what a query makes of it."""

    def compare(table: str, query: str, before: str = "select * from rows") -> TableChange | None:
        rows = valid_tables()[table]
        files = []
        for name, statement in (("before", before), ("after", query)):
            with duckdb.connect(":memory:") as connection:
                connection.register("rows", rows)
                result = connection.sql(statement).to_arrow_table().cast(rows.schema)
            files.append(tmp_path / f"{name}.parquet")
            pq.write_table(result, files[-1])
        return changed_table(table, *files)

    return compare


def test_every_landing_table_has_a_rule() -> None:
    assert set(RULES) == set(LANDING_TABLES)


def test_equal_tables_have_no_changes(edited: Edited) -> None:
    assert edited("daily_bars", "select * from rows order by trade_date desc") is None


def test_a_corrected_bar_shows_until_the_share_trades_again(edited: Edited) -> None:
    day, settled = dt.date(2020, 1, 8), dt.date(2020, 1, 9)
    query = (
        "select * replace (case when symbol = '000001.SZ' and trade_date = date '2020-01-08'"
        " then volume * 2 else volume end as volume, case when symbol = '000001.SZ'"
        " and trade_date = date '2020-01-08' then amount * 2 else amount end as amount) from rows"
    )
    assert edited("daily_bars", query) == TableChange("daily_bars", 2, day, settled)


def test_a_corrected_bar_before_a_suspension_shows_until_after_it(edited: Edited) -> None:
    share, days = SUSPENDED
    query = (
        f"select * replace (case when symbol = '{share}' and trade_date = date '2020-01-10'"
        " then false when is_st is null then null else is_st end as is_st) from rows"
    )
    before = query.replace("then false", "then true")
    change = edited("daily_bars", query, before)
    assert change is not None
    assert (change.first_date, change.last_date) == (dt.date(2020, 1, 10), dt.date(2020, 1, 16))
    assert max(days) < dt.date(2020, 1, 16)


def test_new_sessions_stay_open_at_the_end(edited: Edited) -> None:
    cut = "select * from rows where trade_date <= date '2020-02-14'"
    change = edited("daily_bars", "select * from rows", cut)
    assert change is not None
    assert change.first_date == dt.date(2020, 2, 17)
    assert change.last_date is None


def test_a_deleted_bar_shows_until_the_share_trades_again(edited: Edited) -> None:
    query = "select * from rows where not (symbol = '000001.SZ' and trade_date = date '2020-01-08')"
    change = edited("daily_bars", query)
    assert change == TableChange("daily_bars", 1, dt.date(2020, 1, 8), dt.date(2020, 1, 9))


def test_an_old_correction_is_found_beside_new_sessions(edited: Edited) -> None:
    before = (
        "select * replace (if(symbol = '000001.SZ' and trade_date = date '2020-01-08',"
        " volume + 1, volume) as volume) from rows where trade_date <= date '2020-02-14'"
    )
    change = edited("daily_bars", "select * from rows", before)
    assert change is not None
    assert (change.first_date, change.last_date) == (dt.date(2020, 1, 8), None)


def test_bars_that_end_earlier_stay_open_at_the_end(edited: Edited) -> None:
    change = edited("daily_bars", "select * from rows where trade_date <= date '2020-02-14'")
    assert change is not None
    assert (change.first_date, change.last_date) == (dt.date(2020, 2, 17), None)


@pytest.mark.parametrize("table", COMPARED_BY_DAY)
def test_a_row_moved_between_equal_days_is_two_changes(edited: Edited, table: str) -> None:
    key = ", ".join(LANDING_TABLES[table].key)
    day = COMPARED_BY_DAY[table]
    query = (
        f"select * replace (if(row_number() over (order by {key}) = 1, {day} + 1, {day}) as {day})"
        " from rows"
    )
    change = edited(table, query)
    assert change is not None
    assert change.row_count == 2


@pytest.mark.parametrize("table", COMPARED_BY_DAY)
def test_two_rows_that_change_places_on_a_day_are_found(edited: Edited, table: str) -> None:
    value = {"daily_bars": "volume", "index_weights": "weight", "financial_statements": "revenue"}
    day, column = COMPARED_BY_DAY[table], value[table]
    distinct = (
        f"select * replace (row_number() over (order by symbol, {day}) as {column}) from rows"
    )
    swapped = (
        f"with numbered as ({distinct}), pair as (select {day} as day, min({column}) as lowest,"
        f" max({column}) as highest from numbered group by {day} having count(*) > 1"
        f" order by {day} limit 1)"
        f" select numbered.* replace (case {column} when lowest then highest"
        f" when highest then lowest else {column} end as {column})"
        " from numbered cross join pair"
    )
    change = edited(table, swapped, distinct)
    assert change is not None
    assert change.row_count == 4


def test_a_session_inserted_into_the_calendar_touches_everything(edited: Edited) -> None:
    query = (
        "select * from rows union all select date '2020-01-27' as trade_date,"
        " true as is_last_session_of_week"
    )
    assert edited("trade_calendar", query) == TableChange("trade_calendar", 1, None, None)


def test_a_delisting_that_became_known_touches_its_day(edited: Edited) -> None:
    before = "select * replace (cast(null as date) as delist_date) from rows"
    change = edited("instruments", "select * from rows", before)
    assert change is not None
    assert change.first_date == DELISTED[1]


def test_a_delisting_period_that_became_known_touches_its_first_day(edited: Edited) -> None:
    query = (
        f"select * replace (case when symbol = '{DELISTED[0]}' then date '2020-01-20' end"
        " as delisting_period_start_date) from rows"
    )
    change = edited("instruments", query)
    assert change is not None
    assert change.first_date == dt.date(2020, 1, 20)


def test_a_new_name_touches_no_date(edited: Edited) -> None:
    change = edited("instruments", "select * replace ('Renamed' as name) from rows")
    assert change is not None
    assert change.first_date == dt.date.max


def test_a_closed_industry_span_touches_its_end(edited: Edited) -> None:
    query = (
        "select * replace (case when symbol = '600000.SH' then date '2020-02-10'"
        " else out_date end as out_date) from rows"
    )
    change = edited("industry_history", query)
    assert change is not None
    assert change.first_date == dt.date(2020, 2, 10)


def test_another_industry_touches_the_whole_span(edited: Edited) -> None:
    query = (
        "select * replace (case when in_date = date '2020-02-03' then 'I0'"
        " else industry_code end as industry_code) from rows"
    )
    change = edited("industry_history", query)
    assert change is not None
    assert change.first_date == dt.date(2020, 2, 3)


def test_a_restatement_touches_its_own_announcement(edited: Edited) -> None:
    query = (
        "select * from rows union all select * replace (date '2020-01-20' as announce_date,"
        " revenue * 2 as revenue) from rows where report_period = date '2019-06-30'"
    )
    change = edited("financial_statements", query)
    assert change == TableChange("financial_statements", len(SYMBOLS), dt.date(2020, 1, 20), None)


def test_directories_are_compared_by_their_manifests(tmp_path: Path) -> None:
    tables = valid_tables()
    for name in ("before", "after"):
        source = write_directory(tables, tmp_path / f"{name}_source")
        land(f"parquet:{source}", tmp_path / name, tmp_path / f"{name}_truth")
        tables["dividends"] = tables["dividends"].slice(0, 0)
    changes = changed_tables(tmp_path / "before", tmp_path / "after")
    assert changes == (TableChange("dividends", 1, dt.date(2020, 1, 20), None),)
    (tmp_path / "after" / "manifest.json").unlink()
    with pytest.raises(FileNotFoundError, match="no complete landing tables"):
        changed_tables(tmp_path / "before", tmp_path / "after")
