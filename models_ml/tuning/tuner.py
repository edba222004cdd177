"""Tune one model in one window: folds, range scan, search."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from models_ml.estimators import Resources
from models_ml.folds import FoldPlan, FoldRows, fold_rows, plan_folds
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec, ParameterValue
from models_ml.splits import TrainingSplit, split_weeks
from models_ml.tuning.adapters import PreparedFolds, adapter_of
from models_ml.tuning.budget import TuningPlan
from models_ml.tuning.host import TuningHost
from models_ml.tuning.range_scan import RangeScan, ScanResult
from models_ml.tuning.records import TRIAL_SCHEMA, TuningTrial
from models_ml.tuning.scoring import FoldJudge, Objective
from models_ml.tuning.search import Search
from models_ml.windows import TestWindow


@dataclass(frozen=True)
class TunedModel:
    """A specification with its tuned parameters, and how they were found.

    Parameters
    ----------
    spec
        The model with every parameter set; its name is unchanged.
    trials
        Columns of `TRIAL_SCHEMA`: points of the range scan, then trials of the search.
    """

    spec: ModelSpec
    trials: pa.Table


@dataclass(frozen=True, eq=False)
class WindowTuner:
    """Everything that the two stages of one window share.

    Parameters
    ----------
    panel
        One rule set's panel; no row of the window or after it is read.
    spec
        The model; parameters it sets itself are not tuned.
    window
        The half-year to be forecast.
    rules
        Which rows train and when training stops.
    plan
        Search space and budget.
    resources
        What a fit may use.
    """

    panel: Panel
    spec: ModelSpec
    window: TestWindow
    rules: TrainingRules
    plan: TuningPlan
    resources: Resources

    @property
    def objective(self) -> Objective:
        """What the folds are judged by: the loss that the model is trained on."""
        return self.spec.loss

    @property
    def identity(self) -> str:
        """What seeds the sampler: rule set, model, seed and window."""
        return f"{self.rules.rule_set}|{self.spec.name}|{self.spec.seed}|{self.window.label}"

    @cached_property
    def split(self) -> TrainingSplit:
        """Rows of the window."""
        return split_weeks(self.panel, self.window, self.rules, self.spec.window_mode)

    @cached_property
    def fold_plan(self) -> FoldPlan:
        """Folds over the window's training weeks."""
        weeks = np.unique(self.panel.week_dates[self.split.train_rows])
        return plan_folds(weeks, self.plan.budget.fold_count, purge_weeks=self.rules.purge_weeks)

    @cached_property
    def folds(self) -> tuple[FoldRows, ...]:
        """Rows of the folds."""
        return fold_rows(self.panel, self.split.train_rows, self.fold_plan)

    @cached_property
    def known_at(self) -> dt.date:
        """The day on which the last label behind the tuning was known."""
        known_at = self.panel.label_known_at[self.split.train_rows]
        last: dt.date = known_at[~np.isnat(known_at)].max().astype("datetime64[D]").item()
        return last

    def scan(self, host: TuningHost, study_name: str) -> ScanResult:
        """Narrow the ranges of the space."""
        space, fixed = self.plan.fixed_parameters(self.spec.parameters)
        return RangeScan(
            space=space,
            fixed=fixed,
            budget=self.plan.budget,
            objective=self.objective,
            folds=self.folds,
            evaluate=self.evaluate,
            host=host,
            study_name=study_name,
        ).run()

    def search(
        self, host: TuningHost, study_name: str, scanned: ScanResult
    ) -> tuple[dict[str, ParameterValue], tuple[TuningTrial, ...]]:
        """Search the narrowed ranges; return every parameter and the trials."""
        space, fixed = self.plan.fixed_parameters(self.spec.parameters)
        result = Search(
            space=space,
            ranges=scanned.ranges,
            fixed={**fixed, **scanned.settled},
            budget=self.plan.budget,
            objective=self.objective,
            folds=self.folds,
            evaluate=self.evaluate,
            host=host,
            study_name=study_name,
            seed_text=self.identity,
            spent_seconds=sum(trial.seconds for trial in scanned.trials),
        ).run()
        return result.parameters, result.trials

    def evaluate(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> float:
        """Score of one fold with all parameters; equal parameters are fitted once."""
        asked = (fold.number, json.dumps(dict(parameters), sort_keys=True))
        if asked not in self._known_scores:
            forecast = self._prepared.forecast(fold, parameters)
            self._known_scores[asked] = self._judges[fold.number].score(forecast)
        return self._known_scores[asked]

    @cached_property
    def _known_scores(self) -> dict[tuple[int, str], float]:
        return {}

    @cached_property
    def _judges(self) -> dict[int, FoldJudge]:
        return {
            fold.number: FoldJudge(self.panel, fold.test, self.objective) for fold in self.folds
        }

    @cached_property
    def _prepared(self) -> PreparedFolds:
        adapter = adapter_of(self.spec.library)
        return adapter.prepare(self.panel, self.folds, self.spec, self.rules, self.resources)


@dataclass(frozen=True)
class Scan:
    """Where the ranges of a window are scanned: its own weeks, or those of an earlier window.

    Parameters
    ----------
    tuner
        The window whose weeks scan.
    host
        Storage of the points.
    study_name
        Names the study in that storage.
    """

    tuner: WindowTuner
    host: TuningHost
    study_name: str


def tune_window(tuner: WindowTuner, host: TuningHost, study_name: str, scan: Scan) -> TunedModel:
    """Tune one window.

    Parameters
    ----------
    tuner
        The window.
    host
        Storage, clock, audience.
    study_name
        Names the search in the storage.
    scan
        Where its ranges come from.

    Returns
    -------
    TunedModel
        The same for the same panel, specification, rules, plan, threads and device, however often
        the tuning was interrupted (one process, no limit of hours).

    Raises
    ------
    ValueError
        If the library cannot be tuned, the space names a parameter it does not have, or there are
        too few weeks for the folds.
    """
    _check_names(tuner)
    scanned = scan.tuner.scan(scan.host, scan.study_name)
    parameters, searched = tuner.search(host, study_name, scanned)
    scan_rows = [
        trial.as_row(scan.tuner.window.start, scan.tuner.known_at) for trial in scanned.trials
    ]
    rows = [trial.as_row(tuner.window.start, tuner.known_at) for trial in searched]
    return TunedModel(
        spec=replace(tuner.spec, parameters=parameters),
        trials=pa.Table.from_pylist([*scan_rows, *rows], schema=TRIAL_SCHEMA),
    )


def _check_names(tuner: WindowTuner) -> None:
    space, fixed = tuner.plan.fixed_parameters(tuner.spec.parameters)
    defaults = {each.name: each.value(each.default) for each in space.ranges}
    adapter_of(tuner.spec.library).parameter_set.from_mapping({**fixed, **defaults})
