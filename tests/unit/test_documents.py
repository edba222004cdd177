"""What the documents name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.lib.paths import PROJECT_ROOT

DOCUMENTS = (*PROJECT_ROOT.glob("*.md"), *PROJECT_ROOT.glob("docs/**/*.md"))
FOLDERS = (
    "benchmarks", "dbt_project", "docs", "experiments", "market_data", "models_ml", "optimizer",
    "orchestration", "tests",
)  # fmt: skip
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
# A file of the project by its ending, or a path that begins with one of its folders.
NAMED_FILE = re.compile(rf"`([\w./-]+\.(?:py|sql|yml|toml|md)|(?:{'|'.join(FOLDERS)})/[\w./-]*)`")


def absent(text: str, place: Path, known: frozenset[str]) -> Iterator[str]:
    """Links that lead nowhere, and files or folders in backticks that do not exist."""
    for link in LINK.findall(text):
        if not (place / link).exists():
            yield link
    for name in NAMED_FILE.findall(text):
        ending = f"/{name.rstrip('/')}"
        if not any(path.endswith((ending, f"{ending}.py")) for path in known):
            yield name


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    """Files and folders of the project, each with a leading slash."""
    found = {f"/{file.name}" for file in PROJECT_ROOT.iterdir()}
    for folder in FOLDERS:
        top = PROJECT_ROOT / folder
        found |= {f"/{path.relative_to(PROJECT_ROOT).as_posix()}" for path in top.rglob("*")}
    return frozenset(found)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_what_exists(document: Path, known: frozenset[str]) -> None:
    assert list(absent(document.read_text(encoding="utf-8"), document.parent, known)) == []


def test_what_is_gone_is_found(known: frozenset[str]) -> None:
    text = "`gone.py` [here](nowhere.md) `optimizer/gone/` `cli.py` `optimizer/risk` [a](README.md)"
    assert list(absent(text, PROJECT_ROOT, known)) == ["nowhere.md", "gone.py", "optimizer/gone/"]
