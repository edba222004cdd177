"""The training panel from the warehouse into one matrix, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from models_ml.panel import Panel, factor_columns, panel_columns, places_in_order
from models_ml.relabelling import LABEL_COLUMNS, relabelled
from orchestration.lib.shared_arrays import attach, share
from orchestration.lib.warehouse import read_only

TABLE = "ml.fct_training_panel"
CROSSED_LABELS = "ml.fct_crossed_label"
# Bytes that the engine may hold in a query, and beside the matrix for each column: fewer than about
# half a megabyte a column, and it gives up.
QUERY_MEMORY = 256_000_000
COLUMN_MEMORY, LEAST_MEMORY = 750_000, 64_000_000
_BATCH_ROWS = 4_096


@dataclass
class PanelCache:
    """The panel of the rule set that was asked for last, read once for all models and windows.

    A window gets its weeks and those before, never what comes after it. The arrays are shared and
    must not be written to.

    Parameters
    ----------
    database
        The warehouse.
    shared
        Files that `share` wrote, by rule set: panels come from there while they are set.
    """

    database: Path
    shared: dict[str, Path] = field(default_factory=dict)
    _key: tuple[str, int, int] | None = field(default=None, init=False)
    _panel: Panel | None = field(default=None, init=False)
    _crossed: tuple[str, Panel] | None = field(default=None, init=False)
    _attached: dict[str, dict[str, Panel]] = field(default_factory=dict, init=False)

    def until(self, rule_set: str, last_week: date, *, label_rule_set: str = "") -> Panel:
        """Panel of a rule set up to a week, from memory unless the database has changed.

        Labels are those of `label_rule_set`, where it is given, on the same features.
        """
        return self._whole(rule_set, label_rule_set or rule_set).until(last_week)

    def share(self, wanted: Iterable[tuple[str, str]], directory: Path) -> int:
        """Write panels to files that all processes of a run map; bytes written.

        Until `clear` they come from there, whatever is done to the database meanwhile.

        Parameters
        ----------
        wanted
            Pairs of rule set and rule set of the labels.
        directory
            Where the files go, for the caller to remove.
        """
        labels: dict[str, list[str]] = {}
        for rule_set, label_rule_set in wanted:
            labels.setdefault(rule_set, [rule_set]).append(label_rule_set)
        size, files = 0, {}
        for rule_set, asked in labels.items():
            files[rule_set] = directory / f"panel_{rule_set}"
            panels = {each: self._whole(rule_set, each) for each in dict.fromkeys(asked)}
            size += share(panels, files[rule_set])
        self.clear()
        self.shared = files
        return size

    def for_process(self) -> PanelCache:
        """The same for another process of the run: it maps the shared files for itself."""
        return PanelCache(self.database, self.shared)

    def _whole(self, rule_set: str, label_rule_set: str) -> Panel:
        if rule_set in self.shared:
            if rule_set not in self._attached:
                self._attached[rule_set] = attach(self.shared[rule_set])
            if label_rule_set in self._attached[rule_set]:
                return self._attached[rule_set][label_rule_set]
        return self._read(rule_set, label_rule_set)

    def _read(self, rule_set: str, label_rule_set: str) -> Panel:
        state = self.database.stat()
        key = (rule_set, state.st_mtime_ns, state.st_size)
        if self._panel is None or self._key != key:
            # Two rule sets would not fit beside each other.
            self._panel = self._crossed = None
            self._panel, self._key = load_panel(self.database, rule_set), key
        if label_rule_set == rule_set:
            return self._panel
        if self._crossed is None or self._crossed[0] != label_rule_set:
            other = relabel(self.database, self._panel, rule_set, label_rule_set)
            self._crossed = label_rule_set, other
        return self._crossed[1]

    def clear(self) -> None:
        """Give the memory back, and read from the database again."""
        self._panel = self._crossed = None
        self._attached.clear()
        self.shared = {}


def load_panel(database: Path, rule_set: str, *, features: bool = True) -> Panel:
    """Panel of a rule set, features at single precision.

    Keys are sorted first; rows then come once, in the order in which they are stored, and go to
    their places in the matrix, which is the only thing that grows with the years. (Half-years read
    one after the other cost a pass over the whole table each: a share's weeks lie side by side.)

    Parameters
    ----------
    database
        The warehouse or its published copy.
    rule_set
        Rows of this rule set.
    features
        False leaves the factors out: for whoever only needs weeks and labels.
    """
    where = f"rule_set = '{rule_set}'"
    schema = _query(database, f"select * from {TABLE} limit 0").schema
    names = factor_columns(schema) if features else ()
    columns = panel_columns(names)
    places = places_in_order(
        _query(database, f"select week_date, symbol from {TABLE} where {where}")
    )
    with _connection(database, max(LEAST_MEMORY, COLUMN_MEMORY * len(columns))) as connection:
        listed = ", ".join(f'"{column}"' for column in columns)
        rows = connection.sql(f"select {listed} from {TABLE} where {where}")
        chunks = (pa.Table.from_batches([batch]) for batch in rows.to_arrow_reader(_BATCH_ROWS))
        panel = Panel.from_chunks(chunks, places, names)
    # What the batches were in: the library would keep it.
    pa.default_memory_pool().release_unused()
    return panel


def relabel(database: Path, panel: Panel, rule_set: str, label_rule_set: str) -> Panel:
    """Panel of a rule set with the labels of another one."""
    labels = _query(
        database,
        f"select {', '.join(LABEL_COLUMNS)} from {CROSSED_LABELS}"
        f" where rule_set = '{rule_set}' and label_rule_set = '{label_rule_set}'"
        " order by week_date, symbol",
    )
    return relabelled(panel, labels)


def _query(database: Path, statement: str) -> pa.Table:
    with _connection(database, QUERY_MEMORY) as connection:
        return connection.sql(statement).to_arrow_table()


@contextmanager
def _connection(database: Path, memory: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of one thread, so that rows keep their order; closing it frees its pages."""
    with read_only(database, threads=1) as connection:
        connection.sql(f"set memory_limit = '{memory}B'")
        yield connection
