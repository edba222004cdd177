"""Results of completed partitions on disk: written whole or not at all, found by their key."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CARD = "card.json"


@dataclass(frozen=True)
class PartitionStore:
    """One directory per partition key below `root`.

    A partition is filled in a temporary directory and renamed when complete, so a killed run
    leaves either nothing or everything. The key hashes all inputs of the partition; whoever asks
    for the same key later finds the work done.
    """

    root: Path

    def directory(self, key: str) -> Path:
        """Where the partition lies or will lie."""
        return self.root / key

    def is_complete(self, key: str) -> bool:
        """Whether the partition was written to the end."""
        return (self.directory(key) / CARD).exists()

    def card(self, key: str) -> dict[str, Any]:
        """What was written about the partition when it completed."""
        content: dict[str, Any] = json.loads((self.directory(key) / CARD).read_text())
        return content

    def holds(self, key: str, table: str) -> bool:
        """Whether a completed partition has a table of that name."""
        return (self.directory(key) / f"{table}.parquet").exists()

    def read(self, key: str, table: str) -> pa.Table:
        """One table of a completed partition."""
        return pq.read_table(self.directory(key) / f"{table}.parquet")

    def write(
        self,
        key: str,
        tables: Mapping[str, pa.Table],
        card: Mapping[str, Any],
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        """Store a completed partition: Parquet tables, opaque files, and its card last."""
        temporary = self.root / f".{key}.{os.getpid()}.partial"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, table in tables.items():
            pq.write_table(table, temporary / f"{name}.parquet", compression="zstd")
        for name, content in (files or {}).items():
            (temporary / name).write_bytes(content)
        (temporary / CARD).write_text(json.dumps(dict(card), indent=1, default=str))
        target = self.directory(key)
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A directory for the length of the block; `sweep` removes a killed run's."""
        directory = self.root / f".shared.{os.getpid()}.partial"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        try:
            yield directory
        finally:
            shutil.rmtree(directory)

    def sweep(self) -> None:
        """Remove what killed runs left behind; processes still at work keep their files."""
        for leftover in self.root.glob(".*.partial"):
            if not _is_running(int(leftover.suffixes[-2].lstrip("."))):
                shutil.rmtree(leftover)


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
