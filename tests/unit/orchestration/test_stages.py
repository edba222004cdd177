"""A stage is up to date only after it was completed with the same inputs."""

from pathlib import Path

from orchestration.lib.stages import StageRecord


def test_a_begun_stage_is_not_current_until_completed(tmp_path: Path) -> None:
    record = StageRecord(tmp_path / "stages.json")
    assert not record.is_current("results", "k1")
    record.complete("results", "k1")
    record.complete("warehouse", "k2")
    assert record.is_current("results", "k1")
    record.begin("results")
    assert not record.is_current("results", "k1")
    assert record.is_current("warehouse", "k2")


def test_other_inputs_are_not_current(tmp_path: Path) -> None:
    record = StageRecord(tmp_path / "stages.json")
    record.complete("results", "k1")
    assert not record.is_current("results", "k3")
