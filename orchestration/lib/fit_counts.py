"""Fits and configurations behind a piece of work: what the trial ledger counts."""

from __future__ import annotations

import json
from dataclasses import dataclass

import optuna
import pyarrow as pa
from optuna.storages import BaseStorage

from models_ml.estimators import RidgeParameters
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec


@dataclass(frozen=True)
class FitCount:
    """Fits, and the configurations that they tried.

    Parameters
    ----------
    fits
        Every fit: each fold of each point and trial, each penalty, refits.
    trials
        Configurations among which something could be chosen: what the deflated Sharpe ratio calls
        trials. The folds of one configuration are one of them.
    """

    fits: int
    trials: int


def final_fits(spec: ModelSpec, rules: TrainingRules) -> FitCount:
    """Fits of a window beyond its tuning: the stopped one, a refit, all penalties of a ridge."""
    if spec.library == "ridge":
        penalties = RidgeParameters.from_mapping(spec.parameters).penalty_count
        return FitCount(fits=penalties + 1, trials=penalties)
    return FitCount(fits=2 if rules.refit else 1, trials=1)


def tuning_fits(trials: pa.Table, stage: str) -> FitCount:
    """Fits of one stage of a finished tuning, from its rows (columns of `TRIAL_SCHEMA`).

    What the search drew again was not fitted again, and counts once.
    """
    folds: dict[tuple[str, int | None], int] = {}
    for number, row in enumerate(trials.to_pylist()):
        if row["stage"] == stage:
            key = row["parameters"], number if stage == "range_scan" else None
            folds[key] = max(folds.get(key, 0), len(json.loads(row["fold_scores"])))
    return FitCount(fits=sum(folds.values()), trials=len(folds))


def stored_fits(storage: BaseStorage, study_name: str) -> FitCount:
    """Fits that a study has kept so far, finished or not; none if it never began."""
    if study_name not in optuna.get_all_study_names(storage):
        return FitCount(0, 0)
    study = optuna.load_study(study_name=study_name, storage=storage)
    folds = [len(trial.intermediate_values) for trial in study.get_trials(deepcopy=False)]
    return FitCount(fits=sum(folds), trials=sum(count > 0 for count in folds))
