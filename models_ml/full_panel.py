"""A panel in which every stock has a row in every week: for measurements, not for markets."""

from __future__ import annotations

import numpy as np

from models_ml.arrays import Booleans, Dates, Features, Floats
from models_ml.panel import Panel


def full_panel(
    features: Features,
    target: Floats,
    weeks: Dates,
    *,
    label_days: int,
    raw_label: Floats | None = None,
    tradable: Booleans | None = None,
) -> Panel:
    """Panel of w weeks times s stocks, rows by week, then stock.

    Parameters
    ----------
    features
        float32 [w * s, f], C-contiguous.
    target
        float64 [w * s].
    weeks
        datetime64[D] [w], ascending.
    label_days
        Days from a week_date until its label is known.
    raw_label
        float64 [w * s]; None: the target.
    tradable
        bool [w * s]; None: all are.

    Raises
    ------
    ValueError
        If there are not as many rows for each week, or lengths differ.
    """
    count, feature_count = features.shape
    stocks, left = divmod(count, len(weeks))
    if left:
        raise ValueError(f"{count} rows are not the same number for each of {len(weeks)} weeks")
    dates = np.repeat(weeks, stocks)
    return Panel(
        features=features,
        feature_names=tuple(f"factor_{number}" for number in range(feature_count)),
        symbol_codes=np.tile(np.arange(stocks, dtype=np.int32), len(weeks)),
        symbols=np.array([f"{number:06d}.SH" for number in range(stocks)]),
        week_dates=dates,
        target=target,
        raw_label=target if raw_label is None else raw_label,
        label_known_at=dates + np.timedelta64(label_days, "D"),
        tradable=np.ones(count, dtype=np.bool_) if tradable is None else tradable,
        uses_future=np.zeros(count, dtype=np.bool_),
    )
