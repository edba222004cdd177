"""What SQL lacks of the judgement: p-values and statistics of the weekly Rank IC it computed."""

from collections.abc import Hashable, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from models_ml.arrays import Floats
from models_ml.metrics import rank_ic_summary, spearman_p_value

_SERIES_FIELDS = [
    ("run_id", pa.string()),
    ("rule_set", pa.string()),
    ("model", pa.string()),
    ("horizon_weeks", pa.int32()),
    ("label_kind", pa.string()),
]
_SERIES_KEYS = [name for name, _ in _SERIES_FIELDS]

P_VALUE_SCHEMA = pa.schema([*_SERIES_FIELDS, ("week_date", pa.date32()), ("p_value", pa.float64())])
STATISTIC_SCHEMA = pa.schema([*_SERIES_FIELDS, ("statistic", pa.string()), ("value", pa.float64())])


def rank_ic_p_values(weekly: pa.Table) -> pa.Table:
    """Give every weekly Rank IC its own p-value.

    Parameters
    ----------
    weekly
        run_id, rule_set, model, horizon_weeks, label_kind, week_date, rank_ic (NULL = no value),
        stock_count; one row per week and series, in any order.

    Returns
    -------
    pyarrow.Table
        `P_VALUE_SCHEMA`, sorted by its keys; NULL where there is no Rank IC.
    """
    frame = _sorted_frame(weekly)
    frame["p_value"] = _p_values(frame)
    return pa.Table.from_pandas(
        frame[P_VALUE_SCHEMA.names], schema=P_VALUE_SCHEMA, preserve_index=False
    )


def rank_ic_statistics(weekly: pa.Table) -> pa.Table:
    """Summarise each weekly Rank IC series by the names of `models_ml.metrics.STATISTICS`.

    Parameters
    ----------
    weekly
        As for `rank_ic_p_values`. A week without a value must have its row, with a NULL: the
        non-overlapping sub-samples count weeks by position.

    Returns
    -------
    pyarrow.Table
        `STATISTIC_SCHEMA`, one row per series and statistic; NULL = not defined.
    """
    rows = [
        (*keys, statistic, value)
        for keys, series in _series(weekly)
        for statistic, value in rank_ic_summary(
            _floats(series["rank_ic"]),
            _p_values(series),
            horizon_weeks=int(series["horizon_weeks"].iloc[0]),
        ).items()
    ]
    frame = pd.DataFrame(rows, columns=STATISTIC_SCHEMA.names)
    return pa.Table.from_pandas(frame, schema=STATISTIC_SCHEMA, preserve_index=False)


def _sorted_frame(weekly: pa.Table) -> pd.DataFrame:
    needed = [*_SERIES_KEYS, "week_date", "rank_ic", "stock_count"]
    absent = sorted(set(needed) - set(weekly.column_names))
    if absent:
        raise ValueError(f"expected a weekly Rank IC table, found no columns {absent}")
    frame: pd.DataFrame = weekly.select(needed).to_pandas()
    keys = [*_SERIES_KEYS, "week_date"]
    if frame.duplicated(keys).any():
        raise ValueError(f"expected one row per {keys}, found {frame.duplicated(keys).sum()} more")
    return frame.sort_values(keys, ignore_index=True)


def _series(weekly: pa.Table) -> Iterator[tuple[tuple[Hashable, ...], pd.DataFrame]]:
    for keys, series in _sorted_frame(weekly).groupby(_SERIES_KEYS, sort=True):
        yield tuple(keys), series


def _p_values(frame: pd.DataFrame) -> Floats:
    counts = frame["stock_count"].fillna(0).to_numpy(dtype=np.int64)
    return spearman_p_value(_floats(frame["rank_ic"]), counts)


def _floats(column: pd.Series) -> Floats:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
