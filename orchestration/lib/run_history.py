"""Which partitions belong to the runs whose results stay in the tables."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.ledger import Event, PartitionEvent, retained_runs
from orchestration.lib.workspace import Workspace


@dataclass(frozen=True)
class RunPartition:
    """A completed partition as part of a run."""

    run_id: str
    label: str
    key: str


def retained_partitions(workspace: Workspace, kind: str) -> list[RunPartition]:
    """Completed partitions of a kind, of the current run and of the runs kept beside it.

    An earlier run whose partitions were removed from disk is left out whole: half a run would
    be judged as if it were one.
    """
    events = workspace.ledger.events()
    runs = retained_runs(events, workspace.run_id, workspace.experiment.resources.retained_runs)
    store = {"training_window": workspace.training_windows, "backtest": workspace.backtests}[kind]
    partitions: list[RunPartition] = []
    for run_id in runs:
        of_run = latest_partitions(events, run_id, kind)
        if run_id == workspace.run_id or all(store.is_complete(item.key) for item in of_run):
            partitions += of_run
    return partitions


def latest_partitions(events: list[Event], run_id: str, kind: str) -> list[RunPartition]:
    """Partitions of the last attempt at a run, in order of their labels."""
    of_run = [
        event
        for event in events
        if isinstance(event, PartitionEvent) and event.run_id == run_id and event.kind == kind
    ]
    last = max((event.attempt for event in of_run), default=0)
    by_label = {event.label: event.partition_key for event in of_run if event.attempt == last}
    return [RunPartition(run_id, label, key) for label, key in sorted(by_label.items())]
