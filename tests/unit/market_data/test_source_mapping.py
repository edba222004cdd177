"""How names of a source map onto the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from market_data.contract import LANDING_TABLES
from market_data.errors import MappingError
from market_data.reading import SourceMapping, locate_tables
from market_data.reading.table import SourceColumn, match_columns


@pytest.mark.parametrize(
    ("tables", "columns", "message"),
    [
        ({"quotes": "bars"}, {}, r"quotes -> bars is not in the landing contract.*daily_bars"),
        ({}, {"quotes": {"code": "symbol"}}, "column mapping of table: quotes"),
        ({}, {"daily_bars": {"code": "ticker"}}, r"code -> ticker is not in.*symbol"),
        ({}, {"daily_bars": {"a": "open", "b": "open"}}, "open is the target of two columns"),
    ],
)
def test_names_that_the_contract_does_not_know_are_refused(
    tables: dict[str, str], columns: dict[str, dict[str, str]], message: str
) -> None:
    with pytest.raises(MappingError, match=message):
        SourceMapping(tables, columns)


def test_factors_of_a_user_may_be_renamed_to_anything() -> None:
    mapping = SourceMapping({}, {"factor_exposures": {"F1": "my_factor"}})
    assert mapping.columns_of("factor_exposures") == {"f1": "my_factor"}


def test_columns_may_be_listed_under_either_name_of_the_table() -> None:
    mapping = SourceMapping({"quotes": "daily_bars"}, {"quotes": {"code": "symbol"}})
    assert mapping.columns_of("daily_bars") == {"code": "symbol"}


def test_a_mapped_table_is_looked_for_under_its_name_in_the_source(tmp_path: Path) -> None:
    for name in ("quotes.parquet", "daily_bars.parquet", "dividends.CSV", "dividends.csv.gz"):
        (tmp_path / name).touch()
    located = locate_tables(tmp_path, SourceMapping({"quotes": "daily_bars"}))
    assert located["daily_bars"].label == "quotes.parquet"
    assert located["daily_bars"].rivals == ()
    assert located["dividends"].label == "dividends.csv.gz"
    assert located["dividends"].is_csv
    assert located["index_bars"].files == ()


def test_a_renamed_column_goes_before_one_of_the_contracts_name() -> None:
    contract = LANDING_TABLES["instruments"]
    found = [SourceColumn(name, "VARCHAR") for name in ("Symbol", "name", "full_name", "sector")]
    assigned, dropped = match_columns(contract, found, {"full_name": "name"}, frozenset())
    assert {ours: column.name for ours, column in assigned.items()} == {
        "symbol": "Symbol",
        "name": "full_name",
    }
    assert dropped == ("name", "sector")


def test_a_second_column_of_the_same_name_is_dropped() -> None:
    found = [SourceColumn(name, "VARCHAR") for name in ("symbol", "SYMBOL")]
    assigned, dropped = match_columns(LANDING_TABLES["instruments"], found, {}, frozenset())
    assert assigned["symbol"].name == "symbol"
    assert dropped == ("SYMBOL",)
