"""A canary that fails: its row, the data test on it, and a published copy that stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from models_ml.pipeline_canaries import CanaryResult
from orchestration.lib import canary_records
from orchestration.lib.assembly import experiment_assets
from orchestration.lib.instance import open_instance
from orchestration.lib.pipeline import RunFailedError, Scheduler
from orchestration.lib.warehouse import query
from orchestration.lib.workspace import Workspace

from .conftest import TINY, FinishedRun

# The canaries of the panel, their table, and what is published when every public table is there.
GATE = dg.AssetSelection.assets(
    ["model_output", "pipeline_canary"],
    ["staging", "stg_model_output__pipeline_canary"],
    ["staging", "stg_model_output__attainable_canary"],
    ["ops", "fct_canary"],
    ["publish", "database"],
)


def canary(p_value: float) -> CanaryResult:
    """Shuffled labels, which must be silent."""
    return CanaryResult(
        canary="shuffled_labels",
        expectation="silent",
        observed=0.2,
        spread=0.01,
        p_value=p_value,
        randomisation_count=99,
        week_count=26,
    )


def test_a_failed_canary_blocks_publishing(
    tiny_run: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(tiny_run.paths.root.parent, home)
    workspace = Workspace.open(str(TINY), home=home)
    published = workspace.paths.published_database
    before = published.stat().st_mtime_ns, published.read_bytes()
    workspace.start_attempt()
    assets = experiment_assets(workspace)

    def send(p_value: float) -> None:
        result = canary(p_value)
        monkeypatch.setattr(canary_records, "pipeline_canaries", lambda *_: [result])
        with open_instance(workspace) as instance:
            Scheduler(workspace, instance).materialise(assets, GATE)

    with pytest.raises(RunFailedError, match="assert_canaries_are_as_expected"):
        send(p_value=0.0001)
    failed = query(
        workspace.paths.warehouse,
        "select distinct canary, p_value from ops.fct_canary where not is_passed",
    )
    assert failed.to_pylist() == [{"canary": "shuffled_labels", "p_value": 0.0001}]
    assert (published.stat().st_mtime_ns, published.read_bytes()) == before
    # The same steps with a sound canary publish: nothing else held them up.
    send(p_value=0.5)
    assert published.stat().st_mtime_ns > before[0]
