"""The project is compiled again where it is out of date or only half of it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib import dbt
from orchestration.lib.experiment import load_experiment
from orchestration.lib.paths import ExperimentPaths


def test_half_a_manifest_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment, paths = load_experiment("demo"), ExperimentPaths(tmp_path)
    calls = []

    def compiled(arguments: list[str], *_: object) -> str:
        calls.append(arguments[0])
        (paths.dbt_target / "manifest.json").write_text('{"nodes": {}}')
        return ""

    monkeypatch.setattr(dbt, "run_dbt", compiled)
    manifest = dbt.ensure_manifest(experiment, paths)
    dbt.ensure_manifest(experiment, paths)
    assert calls == ["compile"]
    manifest.write_text('{"nodes": {')
    dbt.ensure_manifest(experiment, paths)
    assert calls == ["compile", "compile"]
    assert manifest.read_text() == '{"nodes": {}}'
