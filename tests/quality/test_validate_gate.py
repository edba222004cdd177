"""`ashare validate` catches its part of the catalogue of faults, and accepts a clean market."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from fixtures.faults.catalogue import VALIDATE_FAULTS
from fixtures.faults.model import InjectedFault, names, offending_rows, write_with_fault

from market_data.validation import validate_directory


@pytest.mark.parametrize("fault", VALIDATE_FAULTS, ids=names(VALIDATE_FAULTS))
def test_fault_is_caught(
    fault: InjectedFault,
    clean_market: duckdb.DuckDBPyConnection,
    clean_landing: Path,
    tmp_path: Path,
) -> None:
    directory = write_with_fault(clean_market, fault, clean_landing, tmp_path / "landing")

    report = validate_directory(directory)

    found = {(f"{entry.table}.{entry.column}", entry.rule): entry for entry in report.faults}
    assert (fault.column, fault.check) in found, sorted(found)
    caught = found[fault.column, fault.check]
    assert caught.severity == fault.severity
    assert caught.row_count == offending_rows(clean_market, fault)
    assert caught.remedy
    assert 1 <= len(caught.examples) <= 3
    assert report.ok == (not report.errors)


def test_a_clean_market_has_no_fault(clean_landing: Path) -> None:
    assert validate_directory(clean_landing).faults == ()
