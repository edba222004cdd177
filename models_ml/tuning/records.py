"""What tuning leaves in results.fct_tuning_trial."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from models_ml.specs import ParameterValue

Stage = Literal["range_scan", "optuna"]
State = Literal["complete", "pruned"]

# Columns of model_output/tuning_trial.parquet, less identifiers and clock times.
TRIAL_SCHEMA = pa.schema(
    [
        ("stage", pa.string()),
        ("trial", pa.int64()),
        ("scanned_parameter", pa.string()),
        ("scan_pass", pa.int64()),
        ("parameters", pa.string()),
        ("search_range", pa.string()),
        ("fold_scores", pa.string()),
        ("fold_count", pa.int64()),
        ("score", pa.float64()),
        ("state", pa.string()),
        ("is_best", pa.bool_()),
        ("is_at_edge", pa.bool_()),
        ("edge_parameters", pa.string()),
        ("seconds", pa.float64()),
        ("tuned_on_window_start", pa.date32()),
        ("known_at", pa.date32()),
    ]
)


@dataclass(frozen=True)
class TuningTrial:
    """One point of the range scan or one trial of the search.

    Parameters
    ----------
    stage
        'range_scan' or 'optuna'.
    trial
        Number within the stage, from 0.
    parameters
        Values that the stage chose; all others are fixed.
    ranges
        Range of each of them at that time: (low, high).
    fold_scores
        Score on the test weeks of each fold that was done, in fold order.
    fold_count
        Folds of a complete trial.
    state
        'complete', or 'pruned': given up after fewer folds.
    seconds
        Time of its fits.
    scanned_parameter, scan_pass
        What the scan moved, and in which pass, from 1; empty and 0 for the search.
    is_best
        Search: the window was fitted with it. Scan: best point of its parameter and pass.
    edge_parameters
        Of a best one: parameters that sit on an end of their range in the search space.
    """

    stage: Stage
    trial: int
    parameters: dict[str, ParameterValue]
    ranges: dict[str, tuple[float, float]]
    fold_scores: tuple[float, ...]
    fold_count: int
    state: State
    seconds: float
    scanned_parameter: str = ""
    scan_pass: int = 0
    is_best: bool = False
    edge_parameters: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """Mean over the folds that were done."""
        return sum(self.fold_scores) / len(self.fold_scores)

    def as_row(self, tuned_on: dt.date, known_at: dt.date) -> dict[str, Any]:
        """Return values by column, in the order of `TRIAL_SCHEMA`."""
        return {
            "stage": self.stage,
            "trial": self.trial,
            "scanned_parameter": self.scanned_parameter or None,
            "scan_pass": self.scan_pass or None,
            "parameters": json.dumps(self.parameters, sort_keys=True),
            "search_range": json.dumps(self.ranges, sort_keys=True),
            "fold_scores": json.dumps(self.fold_scores),
            "fold_count": self.fold_count,
            "score": self.score,
            "state": self.state,
            "is_best": self.is_best,
            "is_at_edge": bool(self.edge_parameters),
            "edge_parameters": json.dumps(self.edge_parameters) if self.edge_parameters else None,
            "seconds": self.seconds,
            "tuned_on_window_start": tuned_on,
            "known_at": known_at,
        }
