"""What a run derives from the dbt project beside its first steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from orchestration.lib import preparation
from orchestration.lib.dbt import DbtError
from orchestration.lib.preparation import (
    begin_preparation,
    prepared_dictionary,
    prepared_manifest,
)
from orchestration.lib.workspace import Workspace
from tests.integration.conftest import TINY


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(str(TINY), home=tmp_path)


def test_a_run_goes_on_while_the_project_is_compiled(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    went_on, done = Event(), []

    def compiled(*_: object) -> Path:
        assert went_on.wait(30)
        done.append("manifest")
        return Path("manifest.json")

    def derived(_: Workspace) -> int:
        done.append("dictionary")
        return 7

    monkeypatch.setattr(preparation, "ensure_manifest", compiled)
    monkeypatch.setattr(preparation, "write_dictionary", derived)
    begin_preparation(workspace)
    # Views over files that do not exist would fail.
    assert (workspace.paths.ops_output / "column.parquet").exists()
    assert done == []
    went_on.set()
    assert prepared_manifest(workspace) == Path("manifest.json")
    assert prepared_dictionary(workspace) == 7
    # Once each, and the dictionary from what was compiled.
    assert done == ["manifest", "dictionary"]


def test_nothing_is_begun_by_whoever_only_asks(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "ensure_manifest", lambda *_: Path("manifest.json"))
    monkeypatch.setattr(preparation, "write_dictionary", lambda _: 7)
    assert prepared_manifest(workspace) == Path("manifest.json")
    assert prepared_dictionary(workspace) == 7
    assert workspace.prepared == {}
    assert not workspace.paths.ops_output.exists()


def test_a_project_that_does_not_compile_is_said_to_whoever_needs_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Path:
        raise DbtError("dbt compile failed")

    monkeypatch.setattr(preparation, "ensure_manifest", fails)
    monkeypatch.setattr(preparation, "write_dictionary", lambda _: 7)
    begin_preparation(workspace)
    with pytest.raises(DbtError, match="dbt compile failed"):
        prepared_manifest(workspace)


def test_a_process_that_loaded_everything_ends_silently() -> None:
    both = "import orchestration.lib.experiment_run, orchestration.lib.pipeline"
    finished = subprocess.run([sys.executable, "-c", both], capture_output=True, text=True)
    assert (finished.returncode, finished.stderr) == (0, "")
