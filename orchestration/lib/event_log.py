"""The scheduler's event log, with databases that stay open while a run writes to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine

# Databases kept open: the index, and those of the runs that were written to last.
OPEN_DATABASES = 4
BUSY_SECONDS = 20
INDEX = "index"


class OpenEventLog(SqliteEventLogStorage):
    """SQLite event log of a process that writes thousands of events.

    Dagster's own opens and closes a database up to six times an event: every time its statements
    are compiled anew and the write-ahead log goes into the file. The files are the same: other
    processes read and write them by Dagster's own class.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._one_at_a_time = threading.RLock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenEventLog:
        """As Dagster makes it from its settings."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        """Events of one run."""
        return self._open(str(run_id), super().run_connection(run_id))

    def index_connection(self) -> AbstractContextManager[Connection]:
        """Events of all runs, by asset."""
        return self._open(INDEX, super().index_connection())

    def wipe(self) -> None:
        """Delete the events of all runs."""
        self._close(0)
        super().wipe()

    def dispose(self) -> None:
        """Close every database."""
        self._close(0)
        super().dispose()

    @contextmanager
    def _open(
        self, shard: str, creating: AbstractContextManager[Connection]
    ) -> Iterator[Connection]:
        """A transaction in a database, created if there is none."""
        with self._one_at_a_time:
            engine = self._engines.pop(shard, None)
            if engine is None:
                with creating:
                    pass
                engine = create_engine(
                    self.conn_string_for_shard(shard), connect_args={"timeout": BUSY_SECONDS}
                )
            # The last in the dictionary was used last.
            self._engines[shard] = engine
            self._close(OPEN_DATABASES)
            with engine.begin() as connection:
                yield connection

    def _close(self, left: int) -> None:
        """Close those that were not used for longest, until so many are left."""
        with self._one_at_a_time:
            for shard in list(self._engines)[: max(0, len(self._engines) - left)]:
                self._engines.pop(shard).dispose()
