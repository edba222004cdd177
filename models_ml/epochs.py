"""The rows that the epochs of a fit leave in results.fct_training_epoch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

# Columns of model_output/training_epoch.parquet, less identifiers (run_id, rule_set, model,
# window_start).
EPOCH_SCHEMA = pa.schema(
    [
        ("epoch", pa.int64()),
        ("train_loss", pa.float64()),
        ("validation_score", pa.float64()),
    ]
)


@dataclass(frozen=True)
class EpochRecord:
    """One pass of a net over its training rows.

    Parameters
    ----------
    epoch
        Number of the pass, from 1.
    train_loss
        Mean loss over the samples of the pass, in the unit of the loss.
    validation_score
        What early stopping reads after it, on the validation weeks; higher is better: Rank IC, or,
        where the rules stop on it, less the mean squared error in squared units of the training
        target.
    """

    epoch: int
    train_loss: float
    validation_score: float


def epoch_table(records: Sequence[EpochRecord]) -> pa.Table:
    """Rows of `EPOCH_SCHEMA`, in the order of the records; none for a model without epochs.

    Raises
    ------
    ValueError
        If the epochs are not 1, 2, ... in this order.
    """
    found = [record.epoch for record in records]
    if found != list(range(1, len(found) + 1)):
        raise ValueError(f"expected epochs 1 to {len(found)} in order, found {found}")
    return pa.Table.from_pylist([asdict(record) for record in records], schema=EPOCH_SCHEMA)
