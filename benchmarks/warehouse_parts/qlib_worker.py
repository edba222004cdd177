"""What qlib does, run by the interpreter of its own environment: imports nothing of ours.

    python qlib_worker.py features DATA REQUEST OUTPUT    every feature, without any cache
    python qlib_worker.py cache DATA PANEL HANDLER        keep a panel as a pickled handler
    python qlib_worker.py load DATA HANDLER TIMING        load it as a training segment
    python qlib_worker.py start DATA                      nothing: what starting qlib costs

REQUEST is a JSON object: feature name -> expression.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import qlib
from qlib.config import REG_CN
from qlib.data import D
from qlib.data.dataset import DatasetH
from qlib.data.dataset.handler import DataHandlerLP
from qlib.data.dataset.loader import StaticDataLoader


def start(data: str) -> None:
    """One process, no cache on disk: what costs the least processor time."""
    qlib.init(
        provider_uri=data,
        region=REG_CN,
        kernels=1,
        expression_cache=None,
        dataset_cache=None,
        logging_level=40,
    )


def compute_features(request: str, output: str) -> None:
    """All features of all instruments; rows of the last session of each ISO week are kept."""
    expressions = json.loads(Path(request).read_text())
    frame = D.features(D.instruments("all"), list(expressions.values()), freq="day")
    frame.columns = list(expressions)
    calendar = pd.Series(D.calendar(freq="day"))
    iso = calendar.dt.isocalendar()
    week_ends = calendar.groupby([iso["year"].to_numpy(), iso["week"].to_numpy()]).max()
    frame[frame.index.get_level_values("datetime").isin(week_ends)].to_parquet(output)


def keep_handler(panel: str, target: str) -> None:
    """A handler that holds the rows and features of a panel, with all its data."""
    frame = pd.read_parquet(panel).set_index(["datetime", "instrument"]).sort_index()
    features = frame.drop(columns="label").astype(np.float32)
    labels = frame[["label"]].astype(np.float32)
    loader = StaticDataLoader(pd.concat({"feature": features, "label": labels}, axis=1))
    handler = DataHandlerLP(data_loader=loader, infer_processors=[], learn_processors=[])
    handler.to_pickle(target, dump_all=True)


def load_handler(file: str, timing: str) -> None:
    """Features as one float32 array, labels as another; `timing` says how long that took."""
    wall, processor = time.perf_counter(), time.process_time()
    with Path(file).open("rb") as stream:
        handler = pickle.load(stream)
    dataset = DatasetH(handler, segments={"train": ("1900-01-01", "2200-01-01")})
    frame = dataset.prepare("train", col_set=["feature", "label"], data_key=DataHandlerLP.DK_L)
    features = np.ascontiguousarray(frame["feature"].to_numpy(dtype=np.float32))
    labels = frame["label"].to_numpy(dtype=np.float64)
    used = {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - processor,
        "rows": len(labels),
        "features": features.shape[1],
    }
    Path(timing).write_text(json.dumps(used))


if __name__ == "__main__":
    what, data, *rest = sys.argv[1:]
    start(data)
    {
        "features": compute_features,
        "cache": keep_handler,
        "load": load_handler,
        "start": lambda: None,
    }[what](*rest)
