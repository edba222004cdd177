"""What was ever tried on a market: by any run of the experiment, and by its neighbours.

Whoever chooses among results has seen those of runs that are no longer kept, and those of other
experiments on the same source below the same home.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from market_data.source_spec import DirectorySource, Source, parse_source
from orchestration.lib.fit_counts import FitCount
from orchestration.lib.ledger import Event, Ledger, PartitionEvent, RunStarted, StudyEvent
from orchestration.lib.paths import experiments_below
from orchestration.lib.tuning import JOURNAL, killed_fits
from orchestration.lib.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True)
class Journal:
    """What runs of one experiment did, and where it keeps its tunings."""

    experiment: str
    tuning: Path
    events: list[Event]

    def storage_of(self, study: StudyEvent) -> str:
        """Where a study's trials are: by the setting of its run, or as it is without one.

        Journals of earlier versions may name runs whose beginning they do not tell.
        """
        record = self.records.get(study.run_id)
        return record["configuration"]["resources"]["tuning_storage"] if record else JOURNAL

    @property
    def records(self) -> dict[str, Mapping[str, Any]]:
        """What each run said of itself when it began."""
        return {
            event.run_id: event.record for event in self.events if isinstance(event, RunStarted)
        }

    def on(self, market: Source) -> Journal:
        """The part of it that the experiment's own runs did on a market."""
        runs = {
            run_id
            for run_id, record in self.records.items()
            if record["experiment"] == self.experiment
            and _market(record["configuration"]["source"]) == market
        }
        return replace(self, events=[event for event in self.events if event.run_id in runs])


def trial_rows(workspace: Workspace) -> list[Row]:
    """Rows of `trial.parquet`, each piece of work once, whoever did it how often.

    Of one that several began the one that came furthest counts.
    """
    rows = [row for journal in journals(workspace) for row in journal_rows(journal)]
    once: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: (-row["fit_count"], row["first_completed_at"])):
        once.setdefault((row["kind"], row["partition_key"]), row)
    return sorted(once.values(), key=lambda row: (row["first_completed_at"], row["partition_key"]))


def journals(workspace: Workspace) -> Iterator[Journal]:
    """The experiment's own journal, and of others below the same home what is on its source."""
    paths, name = workspace.paths, workspace.experiment.name
    yield Journal(name, paths.tuning, workspace.ledger.events())
    # A directory of another name is of no home: what lies beside it is anything.
    if paths.root.name != name:
        return
    market = _market(workspace.experiment.source)
    for other in experiments_below(paths.root.parent):
        if other.root != paths.root:
            events = Ledger(other.ledger).events()
            yield Journal(other.root.name, other.tuning, events).on(market)


def journal_rows(journal: Journal) -> list[Row]:
    """Everything that a journal's runs computed or began."""
    return [*_partitions(journal), *_studies(journal)]


def _partitions(journal: Journal) -> Iterable[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for event in journal.events:
        if isinstance(event, PartitionEvent) and event.state == "computed":
            trials = event.fit_count if event.trial_count is None else event.trial_count
            row = _row(journal, event, event.completed_at, FitCount(event.fit_count, trials))
            rows.setdefault((event.kind, event.partition_key), row)
    return rows.values()


def _studies(journal: Journal) -> Iterator[Row]:
    """Every range scan and search once: those that were done, and what was killed."""
    found: dict[tuple[str, str], StudyEvent] = {}
    for event in journal.events:
        if isinstance(event, StudyEvent):
            known = found.setdefault((event.kind, event.partition_key), event)
            if known.fit_count is None and event.fit_count is not None:
                found[event.kind, event.partition_key] = replace(
                    event, run_id=known.run_id, at=known.at
                )
    for study in found.values():
        if study.fit_count is None or study.trial_count is None:
            counted = killed_fits(journal.storage_of(study), journal.tuning, study)
        else:
            counted = FitCount(study.fit_count, study.trial_count)
        yield _row(journal, study, study.at, counted)


def _row(journal: Journal, event: PartitionEvent | StudyEvent, at: str, count: FitCount) -> Row:
    return {
        "kind": event.kind,
        "partition_key": event.partition_key,
        "label": event.label,
        "experiment": journal.experiment,
        "first_run_id": event.run_id,
        "fit_count": count.fits,
        "trial_count": count.trials,
        "first_completed_at": datetime.fromisoformat(at),
    }


def _market(source: str) -> Source:
    """What a source says, however it is written."""
    found = parse_source(source)
    return DirectorySource(found.path.resolve()) if isinstance(found, DirectorySource) else found
