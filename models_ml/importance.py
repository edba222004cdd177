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
        ("importance_rank", pa.int64()),
    ]
)
# Contributions cost one walk through every tree per row; a mean over so many rows is enough.
SAMPLE_ROWS = 2_000
# Of the largest importance of a model: what arithmetic leaves where there is none. Its order would
# be that of rounding errors, which differ between builds.
NOTHING = 1e-12


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
        `IMPORTANCE_SCHEMA`, by kind and rank; rank 1 is the most important feature, ties in
        order of their names. What is below `NOTHING` of the largest is zero.
    """
    if not isinstance(model, Explained):
        return IMPORTANCE_SCHEMA.empty_table()
    if len(rows) > SAMPLE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE_ROWS, replace=False))
    names = np.asarray(model.feature_names)
    parts = [
        _ranked(kind, names, values)
        for kind, values in sorted(model.importances(panel, rows).items())
    ]
    return pa.concat_tables(parts)


def _ranked(kind: str, names: np.ndarray, values: Floats) -> pa.Table:
    values = np.where(values > NOTHING * values.max(), values, 0.0)
    order = np.lexsort((names, -values))
    return pa.table(
        [names[order], np.full(len(names), kind), values[order], np.arange(1, len(names) + 1)],
        schema=IMPORTANCE_SCHEMA,
    )
