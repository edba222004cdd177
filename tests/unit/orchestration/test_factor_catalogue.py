from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from orchestration.lib.factor_catalogue import (
    CATALOGUE,
    FactorCatalogueError,
    main,
    read_catalogue,
    render_generated,
    stale_files,
)
from orchestration.lib.paths import DBT_PROJECT_DIR

FACTORS = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the catalogue alone, from which everything is to be generated."""
    (tmp_path / CATALOGUE).parent.mkdir(parents=True)
    shutil.copy(DBT_PROJECT_DIR / CATALOGUE, tmp_path / CATALOGUE)
    return tmp_path


def _change(project: Path, factor: str, column: str, value: str) -> None:
    with (project / CATALOGUE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["factor"] == factor:
            row[column] = value
    with (project / CATALOGUE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_committed_files_are_those_of_the_catalogue() -> None:
    assert stale_files(DBT_PROJECT_DIR) == ()


def test_catalogue_names_123_factors_of_twelve_families() -> None:
    rows = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)
    assert len(rows) == 123
    assert len({row.family for row in rows}) == 12


@pytest.mark.parametrize("path", list(render_generated(FACTORS)), ids=str)
def test_every_generated_file_lists_every_factor(path: Path) -> None:
    text = render_generated(FACTORS)[path]
    if path.suffix == ".yml":
        (model,) = yaml.safe_load(text)["models"]
        listed = [column["name"] for column in model["columns"]]
        assert [name for name in listed if name in {row.factor for row in FACTORS}] == [
            row.factor for row in FACTORS
        ]
        assert all(column["description"] for column in model["columns"])
    else:
        assert all(f"'{row.factor}'" in text for row in FACTORS)


def test_write_then_check_is_clean_and_a_change_is_found(project: Path) -> None:
    arguments = ["--project-dir", str(project)]
    assert main([*arguments, "--check"]) == 1
    assert main(arguments) == 0
    assert main([*arguments, "--check"]) == 0
    _change(project, "book_to_price", "factor", "book_to_value")
    assert main([*arguments, "--check"]) == 1
    assert len(stale_files(project)) == 4


@pytest.mark.parametrize(
    ("factor", "column", "value", "message"),
    [
        ("return_1w", "factor", "return_1m", "more than once"),
        ("return_1w", "factor_number", "7", "factor_number"),
        ("return_1w", "formula", "", "missing for"),
    ],
)
def test_faulty_catalogue_is_refused(
    project: Path, factor: str, column: str, value: str, message: str
) -> None:
    _change(project, factor, column, value)
    with pytest.raises(FactorCatalogueError, match=message):
        read_catalogue(project / CATALOGUE)
