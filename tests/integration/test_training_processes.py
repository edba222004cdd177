"""Windows trained in other processes, beside a warehouse that is built on, are the same windows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.paths import ExperimentPaths
from tests.integration.conftest import TINY, FinishedRun, kill_when, windows


@pytest.mark.slow
def test_windows_side_by_side_and_killed_are_those_of_one_process(
    tiny_run: FinishedRun, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(tiny_run.paths.root.parent, home)
    paths = ExperimentPaths(home / "tiny")
    shutil.rmtree(paths.model_output / "partitions")
    stages = paths.state / "stages.json"
    # All but the panel is built anew, while the windows are trained.
    kept = {"warehouse": json.loads(stages.read_text())["warehouse"]}
    stages.write_text(json.dumps(kept), encoding="utf-8")
    content = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    content["resources"] = {"training_processes": 2}
    both = tmp_path / "both.yml"
    both.write_text(yaml.safe_dump(content), encoding="utf-8")
    of_one = len(windows(paths))
    store, of_one_process = (
        PartitionStore(each.model_output / "partitions") for each in (paths, tiny_run.paths)
    )
    keys = {event.label: event.partition_key for event in windows(tiny_run.paths)}

    def fresh(state: str) -> list[str]:
        return [event.label for event in windows(paths)[of_one:] if event.state == state]

    kill_when(home, both, lambda: len(fresh("computed")) >= 3)
    assert len(fresh("computed")) < len(keys)
    kill_when(home, both, lambda: {*fresh("computed"), *fresh("reused")} == set(keys))
    assert len(fresh("computed")) == len(set(fresh("computed")))
    for label, key in keys.items():
        for name in ("prediction", "feature_importance", "training_epoch"):
            if of_one_process.holds(key, name):
                assert store.read(key, name).equals(of_one_process.read(key, name)), (label, name)
