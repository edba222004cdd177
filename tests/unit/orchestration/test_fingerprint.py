"""Hashes change with meaning, not with layout."""

from pathlib import Path

import pytest

from orchestration.lib.fingerprint import hash_files, hash_json, hash_text


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.write_text(text, encoding="utf-8")
    return path


def test_parts_are_kept_apart() -> None:
    assert hash_text("ab", "c") != hash_text("a", "bc")


def test_key_order_of_json_does_not_matter() -> None:
    assert hash_json({"a": 1, "b": [2, 3]}) == hash_json({"b": [2, 3], "a": 1})
    assert hash_json({"a": 1}) != hash_json({"a": 2})


def test_comments_and_docstrings_do_not_change_the_hash_of_code(tmp_path: Path) -> None:
    file = write(tmp_path, "a.py", "def f(x):\n    return x + 1\n")
    before = hash_files(tmp_path, [file])
    write(tmp_path, "a.py", '"""Doc."""\n\n\ndef f(x):\n    """Say."""\n    return x + 1  # why\n')
    assert hash_files(tmp_path, [file]) == before


def test_a_changed_constant_changes_the_hash_of_code(tmp_path: Path) -> None:
    file = write(tmp_path, "a.py", "def f(x):\n    return x + 1\n")
    before = hash_files(tmp_path, [file])
    write(tmp_path, "a.py", "def f(x):\n    return x + 2\n")
    assert hash_files(tmp_path, [file]) != before


def test_a_renamed_file_changes_the_hash(tmp_path: Path) -> None:
    first = hash_files(tmp_path, [write(tmp_path, "a.sql", "select 1")])
    second = hash_files(tmp_path, [write(tmp_path, "b.sql", "select 1")])
    assert first != second


def test_broken_python_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, "a.py", "def f(:\n")
    with pytest.raises(SyntaxError):
        hash_files(tmp_path, [file])
