"""Epochs of nets as they were handed over, dated by their window."""

from __future__ import annotations

import pandas as pd
from twins.compiled_models import build_models, scratch_database

START = pd.Timestamp("2020-01-01")
KEYS = {"run_id": "r", "rule_set": "paper", "model": "gru-mse-fixed_2y-s1", "window_start": START}


def test_every_epoch_of_a_window_is_known_with_the_window() -> None:
    epochs = pd.DataFrame(
        [
            KEYS | {"epoch": epoch, "train_loss": 1.0 / epoch, "validation_score": 0.5 * epoch}
            for epoch in (1, 2, 4)
        ]
    )
    window = pd.DataFrame([KEYS | {"uses_future": True, "known_at": pd.Timestamp("2020-07-10")}])
    # The epochs of a window that is not among those of the run are left out.
    strange = epochs.head(1).assign(window_start=pd.Timestamp("2021-01-01"))
    given = {
        "staging.stg_model_output__training_epoch": pd.concat([epochs, strange]),
        "results.fct_training_window": window,
    }
    with scratch_database(given) as connection:
        build_models(connection, ("fct_training_epoch",))
        found = connection.table("results.fct_training_epoch").df().sort_values("epoch")
    assert found.epoch.tolist() == [1, 2, 4]
    assert found.train_loss.tolist() == [1.0, 0.5, 0.25]
    assert found.validation_score.tolist() == [0.5, 1.0, 2.0]
    assert found.uses_future.all()
    assert set(found.known_at) == {pd.Timestamp("2020-07-10")}
