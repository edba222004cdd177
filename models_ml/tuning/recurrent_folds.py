"""Recurrent nets on many folds: positions of the panel's rows, found once."""

from collections.abc import Mapping
from dataclasses import dataclass

from models_ml.arrays import Floats
from models_ml.estimators import ParameterSet, RecurrentForecaster, RecurrentParameters, Resources
from models_ml.estimators.recurrent_network import Kind
from models_ml.estimators.recurrent_training import SequenceData, computing
from models_ml.folds import FoldRows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.sequences import Sequences
from models_ml.specs import ModelSpec, ParameterValue


@dataclass(frozen=True, eq=False)
class RecurrentFolds:
    """The panel with its sequences, shared by every fold and trial."""

    kind: Kind
    data: SequenceData
    spec: ModelSpec
    rules: TrainingRules

    def forecast(self, fold: FoldRows, parameters: Mapping[str, ParameterValue]) -> Floats:
        """Fit on train, stop on valid, and forecast the test rows; NaN where no sequence ends."""
        spec = self.spec
        hyper = RecurrentParameters.from_mapping(parameters)
        forecaster = RecurrentForecaster(self.kind, hyper, spec.seed, spec.loss, spec.order)
        with computing(self.data.resources):
            trainer, *_ = forecaster.fit_rows(self.data, fold.train, fold.valid, self.rules)
            return trainer.forecast(fold.test)


@dataclass(frozen=True)
class RecurrentAdapter:
    """A kind of net in the tuning."""

    kind: Kind
    parameter_set: type[ParameterSet] = RecurrentParameters

    def prepare(
        self,
        panel: Panel,
        folds: tuple[FoldRows, ...],
        spec: ModelSpec,
        rules: TrainingRules,
        resources: Resources,
    ) -> RecurrentFolds:
        """Find the sequences of the panel; no fold needs data of its own."""
        data = SequenceData(panel, Sequences.of(panel), resources)
        return RecurrentFolds(self.kind, data, spec, rules)
