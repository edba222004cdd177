"""The real sample is a valid landing directory with known, counted blemishes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from market_data.contract import LANDING_TABLES
from market_data.ingest import land
from market_data.validation import ValidationReport, validate_directory

SAMPLE = Path(__file__).parents[3] / "shared" / "market_data"

pytestmark = pytest.mark.skipif(
    not SAMPLE.is_dir(), reason="the real sample is private and is not beside the checkout"
)


@pytest.fixture(scope="module")
def report() -> ValidationReport:
    return validate_directory(SAMPLE)


def test_the_real_sample_passes(report: ValidationReport) -> None:
    assert report.errors == ()


def test_its_blemishes_are_counted(report: ValidationReport) -> None:
    counts = {(fault.table, fault.column, fault.rule): fault.row_count for fault in report.warnings}
    assert counts == {
        ("instruments", "delist_date", "survivors_only"): 549,
        ("daily_bars", "pre_close", "null_on_suspended_row"): 3,
        ("daily_bars", "volume", "null_on_suspended_row"): 3,
        ("daily_bars", "amount, volume", "vwap_slightly_outside_range"): 1506,
        ("daily_bars", "amount", "traded_without_amount"): 990,
        ("index_bars", "open", "open_outside_range"): 2,
        ("index_bars", "close", "close_outside_range"): 3,
        ("index_bars", "pre_close", "index_chain_broken"): 1,
        ("index_members", "symbol", "member_without_instrument"): 2780,
        ("index_weights", "symbol", "symbol_not_in_instruments"): 4,
    }


def test_what_it_lacks_is_said(report: ValidationReport) -> None:
    lacking = {table.name for table in report.tables if not table.row_count}
    assert lacking == {
        "financial_statements",
        "dividends",
        "factor_exposures",
        "style_exposures",
    }
    (bars,) = [table for table in report.tables if table.name == "daily_bars"]
    assert bars.columns_absent == ("total_shares", "float_shares")
    assert any("market cap" in phrase for phrase in bars.switched_off)


def test_it_lands_without_losing_or_changing_a_value(tmp_path: Path) -> None:
    manifest = land(f"parquet:{SAMPLE}", tmp_path / "landing", tmp_path / "truth")

    assert [table.name for table in manifest.tables] == list(LANDING_TABLES)
    shared = "symbol, trade_date, open, high, low, close, amount, adj_factor, is_suspended, is_st"
    difference = duckdb.sql(
        f"select count(*) from (select {shared} from '{SAMPLE}/daily_bars.parquet' except all "
        f"select {shared} from '{tmp_path}/landing/daily_bars.parquet')"
    ).fetchall()
    assert difference == [(0,)]
    unknown = duckdb.sql(
        f"select count(*) - count(volume), count(*) - count(pre_close), count(*) from "
        f"'{tmp_path}/landing/daily_bars.parquet'"
    ).fetchall()
    assert unknown == [(0, 0, 828_249)]
