"""Rows of a panel as XGBoost's binned matrix, without a copy of them all."""

from collections.abc import Callable
from typing import Any

import xgboost as xgb

from models_ml.arrays import Rows
from models_ml.panel import Panel

# Rows handed over at a time: 8 MB of 123 float32 features.
_BLOCK_ROWS = 16_384


class _PanelBlocks(xgb.DataIter):  # type: ignore[misc]
    """Feeds rows of a panel block by block, as often as the library asks."""

    def __init__(self, panel: Panel, rows: Rows) -> None:
        super().__init__()
        self._panel = panel
        self._rows = rows
        self._position = 0

    def next(self, input_data: Callable[..., Any]) -> bool:
        """Hand over the next block; false when there is none."""
        rows = self._rows[self._position : self._position + _BLOCK_ROWS]
        if len(rows) == 0:
            return False
        self._position += len(rows)
        input_data(
            data=self._panel.take(rows),
            label=self._panel.target[rows],
            feature_names=list(self._panel.feature_names),
        )
        return True

    def reset(self) -> None:
        """Begin again with the first block."""
        self._position = 0


def quantile_matrix(
    panel: Panel,
    rows: Rows,
    *,
    max_bin: int,
    threads: int,
    reference: xgb.QuantileDMatrix | None = None,
) -> xgb.QuantileDMatrix:
    """Bin the features of some rows.

    Parameters
    ----------
    panel
        Features and training target.
    rows
        Row numbers, ascending.
    max_bin
        Bins per feature.
    threads
        Threads of the library.
    reference
        A matrix whose bins are used; None: bins from these rows.

    Returns
    -------
    xgboost.QuantileDMatrix
        At most one byte per value with up to 256 bins.
    """
    return xgb.QuantileDMatrix(
        _PanelBlocks(panel, rows), max_bin=max_bin, ref=reference, nthread=threads
    )
