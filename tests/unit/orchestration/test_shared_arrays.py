"""What is shared between processes comes back equal, read-only, and not copied."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from optimizer.backtest import run_backtest
from optimizer.expected_return import Skill
from orchestration.lib.backtest_pool import Task, run_tasks
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.scenario_partition import ScenarioPartition
from orchestration.lib.shared_arrays import attach, share
from tests.unit.optimizer.conftest import HandMarket


@pytest.fixture
def hand() -> HandMarket:
    random = np.random.default_rng(1)
    names = [f"N{number:02d}" for number in range(40)]
    paths = 10.0 * np.exp(np.cumsum(0.02 * random.standard_normal((40, 60)), axis=1))
    forecasts = {
        week: dict(zip(names, random.standard_normal(40).tolist(), strict=True))
        for week in range(4, 60, 5)
    }
    return HandMarket(dict(zip(names, paths.tolist(), strict=True)), forecasts)


def test_arrays_come_back_equal_and_read_only(tmp_path: Path) -> None:
    value = {
        "days": np.array(["2020-01-01", "NaT"], dtype="datetime64[D]"),
        "transposed": np.arange(12.0).reshape(3, 4).T,
        "sliced": np.arange(10)[::2],
        "empty": np.empty((0, 3)),
        "text": ("a", "b"),
        "read_only": MappingProxyType({"one": np.ones(3)}),
    }
    share(value, tmp_path / "it")
    found = attach(tmp_path / "it")
    for name in ("days", "transposed", "sliced", "empty"):
        np.testing.assert_array_equal(found[name], value[name])
        assert found[name].dtype == value[name].dtype
    assert found["text"] == ("a", "b")
    assert found["read_only"]["one"].tolist() == [1.0] * 3
    with pytest.raises(ValueError, match="read-only"):
        found["transposed"][0, 0] = 1.0


@pytest.mark.parametrize("processes", [1, 2])
def test_any_number_of_processes_stores_the_same_bits(
    hand: HandMarket, tmp_path: Path, processes: int
) -> None:
    market, signals = hand.load()
    share((market, None), tmp_path / "market")
    share((signals, Skill.none()), tmp_path / "signals")
    limits = (0.2, 0.4, 0.6, 0.8)
    partitions = [
        ScenarioPartition(hand.scenario(num_stock=8, turnover_limit=limit), f"k{limit}", f"{limit}")
        for limit in limits
    ]
    store = PartitionStore(tmp_path / "store")
    tasks = [Task(partition, tmp_path / "signals") for partition in partitions]
    done = list(run_tasks(tasks, tmp_path / "market", store, processes))
    assert sorted(each.partition.label for each in done) == [str(limit) for limit in limits]
    for partition in partitions:
        alone = run_backtest(market, signals, partition.scenario).tables()
        for name, table in alone.items():
            stored = store.read(partition.key, name)
            if name == "solution":
                table, stored = table.drop_columns("seconds"), stored.drop_columns("seconds")
            assert stored.equals(table), name


def test_what_the_study_alone_asks_for_may_lack_data(hand: HandMarket, tmp_path: Path) -> None:
    market, signals = hand.load()
    share((market, None), tmp_path / "market")
    share((signals, Skill.none()), tmp_path / "signals")
    too_many = hand.scenario(num_stock=400)
    tasks = [
        Task(ScenarioPartition(too_many, "k", "too many", may_lack_data=True), tmp_path / "signals")
    ]
    store = PartitionStore(tmp_path / "store")
    (done,) = run_tasks(tasks, tmp_path / "market", store, 1)
    assert done.reason is not None
    assert "at most 40 names can be chosen" in done.reason
    assert not store.is_complete("k")
