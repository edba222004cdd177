"""Hashes that decide whether work has to be done again."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

KEY_LENGTH = 16


def hash_text(*parts: str) -> str:
    """Hash of the parts in order, as 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\x00")
    return digest.hexdigest()[:KEY_LENGTH]


def hash_json(value: Any) -> str:
    """Hash of a JSON-serialisable value; the order of dictionary keys does not matter."""
    return hash_text(json.dumps(value, sort_keys=True, default=str))


def hash_files(root: Path, files: Iterable[Path]) -> str:
    """Hash of names (relative to the root) and contents of files.

    Python files count by their syntax tree without docstrings, so that comments and layout do
    not set off a refit that costs hours.
    """
    parts: list[str] = []
    for file in sorted(files):
        parts.append(file.relative_to(root).as_posix())
        parts.append(_content(file))
    return hash_text(*parts)


def hash_package(root: Path, package: str) -> str:
    """Hash of the Python code of one top-level package."""
    return hash_files(root, (root / package).rglob("*.py"))


def _content(file: Path) -> str:
    if file.suffix != ".py":
        return hashlib.sha256(file.read_bytes()).hexdigest()
    return _syntax(file.read_text(encoding="utf-8"), str(file))


@cache
def _syntax(source: str, name: str) -> str:
    """Hash of a syntax tree without docstrings; a run asks for every file once per window."""
    tree = ast.parse(source, filename=name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _strip_docstring(node)
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _strip_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:] or [ast.Pass()]
