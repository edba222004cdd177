"""A panel whose rows are of one rule set and whose labels are of another."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models_ml.panel import Panel

# Columns of ml.fct_crossed_label that a panel takes.
LABEL_COLUMNS = (
    "symbol",
    "week_date",
    "fwd_target_1w",
    "fwd_return_1w_cum",
    "label_known_at_1w",
    "label_tradable_1w",
)


def relabelled(panel: Panel, labels: pa.Table) -> Panel:
    """Return the panel with other 1-week labels, sharing its features.

    Parameters
    ----------
    panel
        n rows.
    labels
        `LABEL_COLUMNS`, one row per row of the panel, sorted by week_date and symbol. Returns and
        targets are fractions or standardised, as the rule set of the label has them; NULL becomes
        NaN or NaT.

    Raises
    ------
    ValueError
        If the keys of the labels are not those of the panel.
    """
    weeks = labels["week_date"].cast(pa.date32()).to_numpy().astype("datetime64[D]")
    symbols = np.asarray(labels["symbol"].to_pylist(), dtype=np.str_)
    rows = np.arange(panel.row_count)
    if not (
        np.array_equal(weeks, panel.week_dates) and np.array_equal(symbols, panel.symbols_of(rows))
    ):
        raise ValueError(
            f"expected a label for each of the {panel.row_count} rows of the panel, found"
            f" {labels.num_rows} labels of other stocks or weeks: build the warehouse again"
        )
    known_at = labels["label_known_at_1w"].cast(pa.date32()).to_numpy()
    tradable = pc.fill_null(labels["label_tradable_1w"].cast(pa.bool_()), False)
    return replace(
        panel,
        target=np.asarray(labels["fwd_target_1w"].to_numpy(), dtype=np.float64),
        raw_label=np.asarray(labels["fwd_return_1w_cum"].to_numpy(), dtype=np.float64),
        label_known_at=np.asarray(known_at, dtype="datetime64[D]"),
        tradable=np.asarray(tradable.to_numpy(), dtype=np.bool_),
    )
