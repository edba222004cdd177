"""Windows of the retained runs become one file per table, whatever each of them stored."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow.parquet as pq
import pytest

from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.train import WindowResult, train_window
from models_ml.windows import TestWindow
from orchestration.lib import forecasting
from orchestration.lib.model_output_schemas import MODEL_OUTPUT
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.run_history import RunPartition

WINDOW = TestWindow("2015H1")
TREES = ModelSpec("lightgbm", "rank_ic", parameters={"max_rounds": 12, "min_data_in_leaf": 20})


def panel() -> Panel:
    """60 weeks of 30 stocks from 2014-01-03; labels follow the first of two features."""
    weeks, stocks = 60, 30
    rng = np.random.default_rng(5)
    features = rng.standard_normal((weeks * stocks, 2)).astype(np.float32)
    label = features[:, 0] + rng.standard_normal(weeks * stocks)
    dates = np.datetime64("2014-01-03", "D") + 7 * np.repeat(np.arange(weeks), stocks)
    return Panel(
        features=features,
        feature_names=("quality", "size"),
        symbol_codes=np.tile(np.arange(stocks, dtype=np.int32), weeks),
        symbols=np.array([f"{600000 + number}.SH" for number in range(stocks)]),
        week_dates=dates,
        target=label,
        raw_label=label,
        label_known_at=dates + np.timedelta64(10, "D"),
        tradable=np.ones(len(dates), dtype=np.bool_),
        uses_future=np.zeros(len(dates), dtype=np.bool_),
    )


def store_window(store: PartitionStore, key: str, result: WindowResult, *names: str) -> None:
    tables = {"prediction": result.predictions, "feature_importance": result.importances}
    card = {
        "window_start": WINDOW.start.isoformat(),
        "record": result.record.as_row(),
        "model": result.model_card,
        "fit_seconds": 0.5,
        "completed_at": "2024-01-01T00:00:00",
    }
    store.write(key, {name: tables[name] for name in names}, card, result.model_files)


def test_windows_stored_before_there_were_importances_are_collected_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = TrainingRules.practitioner()
    store = PartitionStore(tmp_path / "store")
    ridge, trees = (
        train_window(panel(), spec, WINDOW, rules) for spec in (ModelSpec("ridge"), TREES)
    )
    store_window(store, "old", ridge, "prediction")
    store_window(store, "new", trees, "prediction", "feature_importance")
    partitions = [
        RunPartition("run_1", f"practitioner|ridge-mse-expanding|{WINDOW.label}", "old"),
        RunPartition("run_2", f"practitioner|{TREES.name}|{WINDOW.label}", "new"),
    ]
    monkeypatch.setattr(forecasting, "retained_partitions", lambda *_: partitions)
    output = tmp_path / "model_output"
    workspace = SimpleNamespace(training_windows=store, paths=SimpleNamespace(model_output=output))
    counts = forecasting.write_forecasts(cast(Any, workspace))

    assert counts["prediction"] == ridge.predictions.num_rows + trees.predictions.num_rows > 0
    assert (counts["training_window"], counts["model"], counts["tuning_trial"]) == (2, 2, 0)
    importances = pq.read_table(output / "feature_importance.parquet")
    assert importances.schema.equals(MODEL_OUTPUT["feature_importance"])
    assert importances.num_rows == 2 * 2  # kinds, features
    assert set(importances["run_id"].to_pylist()) == {"run_2"}
    windows = pq.read_table(output / "training_window.parquet").to_pylist()
    assert [row["out_of_sample_mse"] is None for row in windows] == [False, True]
