"""What a fitted model reads: the weight of each feature, by the model's own measures."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa

from models_ml.arrays import Floats, Rows
from models_ml.estimators import FittedForecaster
from models_ml.panel import Panel

IMPORTANCE_SCHEMA = pa.schema(
    [
        ("feature", pa.string()),
        ("importance_kind", pa.string()),
        ("importance", pa.float64()),
    ]
)
# Contributions cost one walk through every tree per row; a mean over so many rows is enough.
SAMPLE_ROWS = 2_000


@runtime_checkable
class Explained(Protocol):
    """A fitted model that knows the weight of its features."""

    def importances(self, panel: Panel, rows: Rows) -> Mapping[str, Floats]:
        """Return float64 [f] per kind of importance, none negative.

        Parameters
        ----------
        panel, rows
            Rows to measure on.
        """
        ...


def feature_importance(model: FittedForecaster, panel: Panel, rows: Rows, seed: int) -> pa.Table:
    """List the importance of every feature of a model.

    Parameters
    ----------
    model
        The fitted model; one that is not `Explained` has no rows.
    panel, rows
        Where to measure; no label is read. Of more than `SAMPLE_ROWS` rows a sample is drawn.
    seed
        Seed of the sample.

    Returns
    -------
    pyarrow.Table
        `IMPORTANCE_SCHEMA`, by kind.
    """
    if not isinstance(model, Explained):
        return IMPORTANCE_SCHEMA.empty_table()
    if len(rows) > SAMPLE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE_ROWS, replace=False))
    parts = [
        pa.table(
            [list(model.feature_names), [kind] * len(values), values], schema=IMPORTANCE_SCHEMA
        )
        for kind, values in sorted(model.importances(panel, rows).items())
    ]
    return pa.concat_tables(parts)
