"""The training panel as arrays: one row per stock and week, sorted by week, then symbol."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models_ml.arrays import Booleans, Dates, Features, Floats, Rows

# Rows copied at a time: a block of 123 float32 columns then stays inside the processor's cache.
_BLOCK_ROWS = 16_384
_FLAGS = ("tradable", "uses_future")
_NOT_PER_ROW = ("feature_names", "symbols")
_FORWARD_PREFIXES = ("fwd_", "label_")


@dataclass(frozen=True, eq=False)
class Panel:
    """Features, target and label of one rule set.

    Parameters
    ----------
    features
        float32 [n, f], C-contiguous. NaN = missing; never infinite.
    feature_names
        f names, in column order.
    symbol_codes
        int32 [n], positions in `symbols`.
    symbols
        The distinct symbols in ascending order.
    week_dates
        datetime64[D] [n], ascending.
    target
        float64 [n], what a model is trained on; NaN = missing.
    raw_label
        float64 [n], forward return as a fraction, what a model is judged on; NaN = missing.
    label_known_at
        datetime64[D] [n]; NaT = no label.
    tradable
        bool [n], both end points of the label had a trade.
    uses_future
        bool [n], the row was chosen with foresight (the paper's universe).

    Raises
    ------
    ValueError
        If lengths differ, rows are not sorted by week and symbol, or a key occurs twice.
    """

    features: Features
    feature_names: tuple[str, ...]
    symbol_codes: NDArray[np.int32]
    symbols: NDArray[np.str_]
    week_dates: Dates
    target: Floats
    raw_label: Floats
    label_known_at: Dates
    tradable: Booleans
    uses_future: Booleans

    def __post_init__(self) -> None:
        if self.features.shape != (len(self.week_dates), len(self.feature_names)):
            raise ValueError(
                f"expected features of shape {(len(self.week_dates), len(self.feature_names))}, "
                f"found {self.features.shape}"
            )
        for name in ("symbol_codes", "target", "raw_label", "label_known_at", *_FLAGS):
            if len(getattr(self, name)) != len(self.week_dates):
                raise ValueError(f"expected {len(self.week_dates)} values of {name}")
        week_step = np.diff(self.week_dates).astype(np.int64)
        symbol_step = np.diff(self.symbol_codes)
        if np.any((week_step < 0) | ((week_step == 0) & (symbol_step <= 0))):
            raise ValueError("expected rows sorted by week_date and symbol, each key once")

    @property
    def row_count(self) -> int:
        """Number of stock-weeks."""
        return len(self.week_dates)

    @cached_property
    def weeks(self) -> Dates:
        """The distinct week_dates in time order."""
        return np.unique(self.week_dates)

    def take(self, rows: Rows) -> Features:
        """Return the features of some rows: a view where they are consecutive, else a copy."""
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
            return self.features[rows[0] : rows[-1] + 1]
        return self.features[rows]

    def symbols_of(self, rows: Rows) -> NDArray[np.str_]:
        """Return the symbols of some rows."""
        return self.symbols[self.symbol_codes[rows]]

    def until(self, last_week: date) -> "Panel":
        """Return the rows of the weeks up to a day, sharing all arrays; symbols stay as they are.

        Parameters
        ----------
        last_week
            Last week_date to keep.
        """
        rows = int(np.searchsorted(self.week_dates, np.datetime64(last_week, "D"), side="right"))
        per_row = {
            field.name: getattr(self, field.name)[:rows]
            for field in fields(self)
            if field.name not in _NOT_PER_ROW
        }
        return replace(self, **per_row)

    def with_labels(self, target: Floats, raw_label: Floats) -> "Panel":
        """Return the same panel, sharing its features, with other labels."""
        return replace(self, target=target, raw_label=raw_label)

    @classmethod
    def from_arrow(
        cls, table: pa.Table, feature_names: Sequence[str], *, horizon_weeks: int = 1
    ) -> "Panel":
        """Take columns of ml.fct_training_panel without a copy through pandas.

        Parameters
        ----------
        table
            Columns symbol, week_date, the features, fwd_target_1w, fwd_return_{h}w_cum,
            label_known_at_{h}w, label_tradable_{h}w, uses_future of one rule set. Rows in any
            order.
        feature_names
            Factor columns to use, in this order.
        horizon_weeks
            Horizon h of the label the model is judged on and whose known_at governs training.

        Returns
        -------
        Panel
            NULL features, targets and labels become NaN, NULL known_at NaT, NULL flags false.

        Raises
        ------
        ValueError
            If a column is absent, looks forward, holds an infinity, or rule sets are mixed.
        """
        _check_columns(table, feature_names, horizon_weeks)
        places = places_in_order(table.select(["week_date", "symbol"]))
        return cls.from_chunks([table], places, feature_names, horizon_weeks=horizon_weeks)

    @classmethod
    def from_chunks(
        cls,
        chunks: Iterable[pa.Table],
        places: Rows,
        feature_names: Sequence[str],
        *,
        horizon_weeks: int = 1,
    ) -> "Panel":
        """Take a panel chunk by chunk, so that only one is in memory beside the matrix.

        Parameters
        ----------
        chunks
            As for `from_arrow`, in any order.
        places
            int64 [n], position in the panel of every row of all chunks (`places_in_order`).
        feature_names, horizon_weeks
            As for `from_arrow`.

        Raises
        ------
        ValueError
            As `from_arrow`, or if the rows of the chunks are not those of the places.
        """
        row_count = len(places)
        features = np.empty((row_count, len(feature_names)), dtype=np.float32)
        narrow: list[pa.Table] = []
        first = 0
        for chunk in chunks:
            _check_columns(chunk, feature_names, horizon_weeks)
            last = first + chunk.num_rows
            if last > row_count:
                raise ValueError(f"expected {row_count} rows in all chunks, found more")
            _fill_features(features, chunk, feature_names, places[first:last])
            narrow.append(_copied(chunk.select(_narrow_columns(horizon_weeks))))
            first = last
        if first != row_count:
            raise ValueError(f"expected {row_count} rows in all chunks, found {first}")
        table = pa.concat_tables(narrow).take(pa.array(_inverse(places)))
        if not _is_in_order(table):
            raise ValueError("expected places that bring the rows of all chunks into order")
        return cls._assembled(table, features, feature_names, horizon_weeks)

    @classmethod
    def _assembled(
        cls, table: pa.Table, features: Features, feature_names: Sequence[str], horizon_weeks: int
    ) -> "Panel":
        symbols, codes = _encode_symbols(table)
        return cls(
            features=features,
            feature_names=tuple(feature_names),
            symbol_codes=codes,
            symbols=symbols,
            week_dates=_dates(table, "week_date"),
            target=_floats(table, "fwd_target_1w"),
            raw_label=_floats(table, f"fwd_return_{horizon_weeks}w_cum"),
            label_known_at=_dates(table, f"label_known_at_{horizon_weeks}w"),
            tradable=_flags(table, f"label_tradable_{horizon_weeks}w"),
            uses_future=_flags(table, "uses_future"),
        )


def factor_columns(schema: pa.Schema) -> tuple[str, ...]:
    """List the factor columns of a training panel: floating-point and not forward-looking."""
    return tuple(
        field.name
        for field in schema
        if pa.types.is_floating(field.type) and not field.name.startswith(_FORWARD_PREFIXES)
    )


def panel_columns(feature_names: Sequence[str], *, horizon_weeks: int = 1) -> list[str]:
    """List the columns of ml.fct_training_panel that a panel is made from."""
    return [*_narrow_columns(horizon_weeks), *feature_names]


def _narrow_columns(horizon_weeks: int) -> list[str]:
    return [
        *("symbol", "week_date", "fwd_target_1w", "uses_future"),
        *(f"fwd_return_{horizon_weeks}w_cum", f"label_known_at_{horizon_weeks}w"),
        f"label_tradable_{horizon_weeks}w",
    ]


def _check_columns(table: pa.Table, feature_names: Sequence[str], horizon_weeks: int) -> None:
    forward = [name for name in feature_names if name.startswith(_FORWARD_PREFIXES)]
    if forward:
        raise ValueError(f"expected features known at week_date, found forward-looking {forward}")
    needed = [*_narrow_columns(horizon_weeks), *feature_names]
    absent = sorted(set(needed) - set(table.column_names))
    if absent:
        raise ValueError(f"expected the columns of ml.fct_training_panel, found no {absent}")
    if "rule_set" in table.column_names:
        rule_sets = pc.unique(table["rule_set"]).to_pylist()
        if len(rule_sets) > 1:
            raise ValueError(f"expected rows of one rule set, found {sorted(rule_sets)}")


def places_in_order(keys: pa.Table) -> Rows:
    """Position of each row once sorted by (week_date, symbol): int64 [n].

    Parameters
    ----------
    keys
        Columns week_date and symbol, in the order in which the rows will come.
    """
    by_key = [("week_date", "ascending"), ("symbol", "ascending")]
    return _inverse(pc.sort_indices(keys, sort_keys=by_key).to_numpy().astype(np.int64))


def _inverse(permutation: Rows) -> Rows:
    inverse = np.empty_like(permutation)
    inverse[permutation] = np.arange(len(permutation))
    return inverse


def _is_in_order(table: pa.Table) -> bool:
    week_steps = np.diff(_dates(table, "week_date").astype(np.int64))
    symbol_steps = np.diff(_encode_symbols(table)[1])
    return bool(np.all((week_steps > 0) | ((week_steps == 0) & (symbol_steps >= 0))))


def _encode_symbols(table: pa.Table) -> tuple[NDArray[np.str_], NDArray[np.int32]]:
    encoded = table["symbol"].cast(pa.string()).combine_chunks().dictionary_encode()
    names = np.asarray(encoded.dictionary.to_pylist(), dtype=np.str_)
    order = np.argsort(names, kind="stable")
    position = np.empty(len(names), dtype=np.int32)
    position[order] = np.arange(len(names), dtype=np.int32)
    return names[order], position[encoded.indices.to_numpy()]


def _copied(table: pa.Table) -> pa.Table:
    """Copy of a few columns: a slice of what an engine handed over keeps all of it in memory."""
    return table.take(pa.array(np.arange(table.num_rows)))


def _fill_features(
    matrix: Features, table: pa.Table, feature_names: Sequence[str], places: Rows
) -> None:
    first = 0
    for batch in table.select(list(feature_names)).to_batches(max_chunksize=_BLOCK_ROWS):
        block = np.empty((batch.num_rows, len(feature_names)), dtype=np.float32)
        for position, column in enumerate(batch.columns):
            block[:, position] = column.to_numpy(zero_copy_only=False)
        if np.isinf(block).any():
            columns = np.flatnonzero(np.isinf(block).any(axis=0)).tolist()
            infinite = [feature_names[column] for column in columns]
            raise ValueError(f"expected finite or missing features, found infinities in {infinite}")
        matrix[places[first : first + batch.num_rows]] = block
        first += batch.num_rows


def _floats(table: pa.Table, name: str) -> Floats:
    values = table[name].cast(pa.float64()).to_numpy()
    return np.asarray(values, dtype=np.float64)


def _dates(table: pa.Table, name: str) -> Dates:
    days = table[name].cast(pa.date32()).to_numpy()
    return np.asarray(days, dtype="datetime64[D]")


def _flags(table: pa.Table, name: str) -> Booleans:
    values = pc.fill_null(table[name].cast(pa.bool_()), False).to_numpy()
    return np.asarray(values, dtype=np.bool_)
