"""The page `docs/data_quality.md`: every gate, its rules, how severe they are, and what to do.

`python -m orchestration.lib.quality_page` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from market_data.contract import LANDING_TABLES
from market_data.validation import declared_rules
from orchestration.lib.paths import DBT_PROJECT_DIR, PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "data_quality.md"
HEADER = """# Data quality

Two gates stand between a source and the published tables. An error stops the run before anything
is published; a warning is counted, shown in the summary of the run (`ashare summary`), and lets it
go on. `tests/fixtures/faults` is a catalogue of faults: each is proven to be caught by the rule or
the data test that it names, and a clean simulated market is caught by none of them.

- `ashare validate SOURCE` checks the raw tables. Beside the rules below it checks presence, type,
  NULL, range and allowed values of each column ([landing_contract.md](landing_contract.md)), and
  `ashare run` checks the same before it lands a source.
- The data tests of dbt check the tables of the warehouse as they are built. Their results are in
  `ops.fct_dbt_result`; `dbt_project/analyses/checks_that_warned.sql` lists those that warned in
  the last run. A stopped run prints the table, the test, the number of rows, the first three, and
  a query for all of them (`ashare sql - --unpublished`).
"""
VALIDATE = """
## `ashare validate`

| table | columns | rule | severity | what is wrong | what to do |
|---|---|---|---|---|---|
"""
TESTS = """
## Data tests of dbt

| test | severity | what is wrong, and what to do |
|---|---|---|
"""
GENERIC = """
These generic tests are attached to many columns; `ops.fct_dbt_result` names the table and column.

| generic test | what is wrong, and what to do |
|---|---|
"""


def quality_page() -> str:
    """Render the page as Markdown."""
    return (
        HEADER
        + VALIDATE
        + "".join(_rule_rows())
        + TESTS
        + "".join(_test_rows())
        + GENERIC
        + "".join(_generic_rows())
    )


def _rule_rows() -> Iterator[str]:
    position = {name: number for number, name in enumerate(LANDING_TABLES)}
    for rule in sorted(
        declared_rules(), key=lambda rule: (position[rule.table], rule.name, rule.columns)
    ):
        yield (
            f"| {rule.table} | {', '.join(rule.columns)} | {rule.name} | {rule.severity.value} "
            f"| {rule.problem} | {rule.remedy} |\n"
        )


def _test_rows() -> Iterator[str]:
    for file in sorted((DBT_PROJECT_DIR / "tests").rglob("_*__tests.yml")):
        for test in _read(file)["data_tests"]:
            statement = (file.parent / f"{test['name']}.sql").read_text(encoding="utf-8")
            severity = _severity(statement)
            yield f"| {test['name']} | {severity} | {_line(test['description'])} |\n"


def _severity(statement: str) -> str:
    if "severity='error' if var('source_is_simulated') else 'warn'" in statement:
        return "warning; of simulated markets error"
    return "warning" if re.search(r"severity\s*=\s*'warn'", statement) else "error"


def _generic_rows() -> Iterator[str]:
    for macro in _read(DBT_PROJECT_DIR / "macros/generic_tests/_generic_tests.yml")["macros"]:
        yield f"| {macro['name'].removeprefix('test_')} | {_line(macro['description'])} |\n"


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


def _line(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write the page."""
    PAGE.write_text(quality_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
