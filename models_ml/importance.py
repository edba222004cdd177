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
# Decimals of the largest importance that ranks look at. Beyond them, of features that say the same
# and of those that say nothing, the order would be that of rounding errors, other in every build.
RANKED_DECIMALS = 9


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
        `IMPORTANCE_SCHEMA`, by kind and rank; rank 1 is the most important feature. What is equal
        to `RANKED_DECIMALS` of the largest is a tie, in order of the names.
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
    largest = values.max() or 1.0
    order = np.lexsort((names, -np.round(values / largest, RANKED_DECIMALS)))
    return pa.table(
        [names[order], np.full(len(names), kind), values[order], np.arange(1, len(names) + 1)],
        schema=IMPORTANCE_SCHEMA,
    )
