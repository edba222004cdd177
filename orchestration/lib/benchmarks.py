"""Benchmarks as scripts: found by name, run in a process of their own."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestration.lib.errors import UserError
from orchestration.lib.paths import PROJECT_ROOT

BENCHMARKS_DIR = PROJECT_ROOT / "benchmarks"


class UnknownBenchmarkError(UserError):
    """No script of that name."""


def list_benchmarks() -> dict[str, str]:
    """Name and first line of the description of every benchmark."""
    return {file.stem: _purpose(file) for file in _scripts()}


def run_benchmark(name: str, arguments: Sequence[str]) -> int:
    """Run one benchmark and return its exit status.

    Raises
    ------
    UnknownBenchmarkError
        Naming the ones there are.
    """
    if BENCHMARKS_DIR / f"{name}.py" not in _scripts():
        known = ", ".join(file.stem for file in _scripts())
        raise UnknownBenchmarkError(f"no benchmark named {name!r}; there are: {known}")
    command = [sys.executable, "-m", f"{BENCHMARKS_DIR.name}.{name}", *arguments]
    return subprocess.run(command, check=False, cwd=PROJECT_ROOT).returncode


def _scripts() -> list[Path]:
    return sorted(
        file for file in BENCHMARKS_DIR.glob("*.py") if not file.name.startswith(("_", "conftest"))
    )


def _purpose(file: Path) -> str:
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0] if text else ""
