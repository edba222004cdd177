"""Reports on the terminal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rich.cells import cell_len

from market_data.validation import (
    Fault,
    Severity,
    TableState,
    TableSummary,
    ValidationReport,
    render,
)


def fault(severity: Severity, row_count: int | None = 1_234, **example: object) -> Fault:
    return Fault(
        severity,
        "daily_bars.parquet",
        "daily_bars",
        "high, low",
        "high_below_low",
        "the highest price is below the lowest",
        "correct high and low",
        row_count,
        (example,) if example else (),
    )


def report_of(*faults: Fault) -> ValidationReport:
    tables = (
        TableSummary("daily_bars", "daily_bars.parquet", TableState.PRESENT, 5_000, ("is_st",)),
        TableSummary("dividends", "", TableState.ABSENT, switched_off=("dividend factors",)),
    )
    return ValidationReport(Path("/data/market"), tables, faults)


def test_a_fault_names_file_columns_rule_rows_examples_and_remedy() -> None:
    shown = fault(
        Severity.ERROR, symbol="600000.SH", trade_date=dt.date(2020, 1, 2), high=None, x=1.25
    )
    text = render(report_of(shown))
    assert (
        "ERROR   daily_bars.parquet | columns high, low | rule high_below_low | 1,234 rows" in text
    )
    assert "symbol=600000.SH  trade_date=2020-01-02  high=NULL  x=1.25" in text
    assert "remedy     correct high and low" in text
    assert text.endswith("/data/market: refused (1 error, 0 warnings)")


def test_warnings_let_a_directory_pass() -> None:
    report = report_of(fault(Severity.WARNING, None), fault(Severity.WARNING, 1))
    text = render(report)
    assert report.ok
    assert text.endswith("/data/market: accepted (0 errors, 2 warnings)")
    assert "rule high_below_low\n" in text
    assert "rule high_below_low | 1 row\n" in text


def test_what_is_switched_off_is_said() -> None:
    text = render(report_of())
    assert "no dividends: switched off: dividend factors" in text
    assert "no daily_bars.is_st" in text


def test_long_and_wide_text_stays_within_a_hundred_columns() -> None:
    shown = fault(Severity.ERROR, name="平安银行" * 60, remark="x" * 300)
    lines = render(report_of(shown)).splitlines()
    assert max(cell_len(line) for line in lines) <= 100
    assert sum(line.count("平安银行") for line in lines) >= 50


def test_signs_of_markup_are_printed_as_they_are() -> None:
    assert "name=[bold]x[/bold]" in render(report_of(fault(Severity.ERROR, name="[bold]x[/bold]")))


def test_colour_is_written_on_request_only() -> None:
    report = report_of(fault(Severity.ERROR))
    assert "\x1b[" not in render(report)
    assert "\x1b[" in render(report, color=True)
