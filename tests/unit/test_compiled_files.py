"""Files that numba compiles read nothing of ours from elsewhere.

numba keeps a compiled function beside its file until that file changes. A function or a constant
that it took from another file would stay as it was on the day of compiling.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("market_data", "models_ml", "optimizer", "orchestration")


def imported(source: str) -> set[str]:
    """Top-level packages that a file imports; of relative imports, a dot."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." if node.level else str(node.module).split(".")[0])
    return names


def stale_sources(source: str) -> set[str]:
    """What a compiled file takes from files whose changes its cache does not see."""
    found = imported(source)
    return found & {*PACKAGES, "."} if "numba" in found else set()


COMPILED = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "numba" in imported(path.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.name)
def test_compiled_files_import_nothing_of_ours(path):
    assert not stale_sources(path.read_text(encoding="utf-8"))


def test_the_rule_sees_both_kinds_of_import_and_leaves_other_files_alone():
    assert {path.name for path in COMPILED} == {"trading_kernels.py", "recurrent_kernels.py"}
    assert stale_sources("import numba\nfrom optimizer.day_rules import DayRules") == {"optimizer"}
    assert stale_sources("from numba import njit\nfrom . import parts") == {"."}
    assert not stale_sources("from optimizer.day_rules import DayRules")
