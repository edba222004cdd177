"""Tuning of trees and nets: folds built once, a range scan, a search that can be interrupted."""

from models_ml.tuning.adapters import ADAPTERS, PreparedFolds, TuningAdapter, adapter_of
from models_ml.tuning.budget import TuningBudget, TuningPlan
from models_ml.tuning.host import TuningHost
from models_ml.tuning.records import TRIAL_SCHEMA, TuningTrial
from models_ml.tuning.space import ParameterRange, SearchSpace
from models_ml.tuning.tuner import Scan, TunedModel, WindowTuner, tune_window

__all__ = [
    "ADAPTERS",
    "TRIAL_SCHEMA",
    "ParameterRange",
    "PreparedFolds",
    "Scan",
    "SearchSpace",
    "TunedModel",
    "TuningAdapter",
    "TuningBudget",
    "TuningHost",
    "TuningPlan",
    "TuningTrial",
    "WindowTuner",
    "adapter_of",
    "tune_window",
]
