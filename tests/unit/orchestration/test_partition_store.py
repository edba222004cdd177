"""A partition is there whole or not at all."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.lib.partition_store import PartitionStore


def test_a_written_partition_is_complete_and_reads_back(tmp_path: Path) -> None:
    store = PartitionStore(tmp_path)
    table = pa.table({"symbol": ["a", "b"], "prediction": [0.25, -1.0]})
    store.write("k1", {"prediction": table}, {"seconds": 1.5}, {"model.json": b"{}"})
    assert store.is_complete("k1")
    assert store.read("k1", "prediction").equals(table)
    assert store.holds("k1", "prediction")
    assert not store.holds("k1", "feature_importance")
    assert store.card("k1") == {"seconds": 1.5}
    assert (store.directory("k1") / "model.json").read_bytes() == b"{}"


def test_a_failure_while_writing_leaves_no_partition(tmp_path: Path) -> None:
    store = PartitionStore(tmp_path)
    with pytest.raises(AttributeError):
        store.write("k1", {"prediction": "no table"}, {})  # type: ignore[dict-item]
    assert not store.is_complete("k1")


def test_sweep_removes_the_leftovers_of_dead_processes_only(tmp_path: Path) -> None:
    store = PartitionStore(tmp_path)
    dead = tmp_path / ".k1.999999999.partial"
    alive = tmp_path / f".k2.{os.getpid()}.partial"
    dead.mkdir()
    alive.mkdir()
    store.sweep()
    assert not dead.exists()
    assert alive.exists()
