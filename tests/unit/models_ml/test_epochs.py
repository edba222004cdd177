"""Rows of epochs."""

import pytest

from models_ml.epochs import EPOCH_SCHEMA, EpochRecord, epoch_table
from orchestration.lib.model_output_schemas import MODEL_OUTPUT


def test_epochs_become_rows_in_order() -> None:
    table = epoch_table([EpochRecord(1, 1.0, 0.5), EpochRecord(2, 0.75, 0.25)])
    assert table.schema == EPOCH_SCHEMA
    assert table.to_pylist()[1] == {"epoch": 2, "train_loss": 0.75, "validation_score": 0.25}
    assert epoch_table([]).num_rows == 0


def test_an_epoch_that_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected epochs 1 to 2 in order, found \[1, 3\]"):
        epoch_table([EpochRecord(1, 1.0, 0.5), EpochRecord(3, 0.75, 0.25)])


def test_columns_are_those_of_the_file_less_its_identifiers() -> None:
    file = MODEL_OUTPUT["training_epoch"]
    assert file.names == ["run_id", "rule_set", "model", "window_start", *EPOCH_SCHEMA.names]
    for name in EPOCH_SCHEMA.names:
        assert file.field(name).type == EPOCH_SCHEMA.field(name).type
