"""Recurrent forecasters: the last five weeks of a stock's features in, one forecast out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from safetensors.torch import load, save

from models_ml.arrays import Floats, Rows
from models_ml.epochs import EpochRecord
from models_ml.estimators.base import ParameterSet, Resources
from models_ml.estimators.recurrent_network import Kind, RecurrentNetwork
from models_ml.estimators.recurrent_training import (
    NetworkTrainer,
    SequenceData,
    TrainingSettings,
    computing,
    train_until_stop,
)
from models_ml.estimators.stopping import StoppingTracker, stopping_score
from models_ml.panel import Panel
from models_ml.rules import StoppingRule, TrainingRules
from models_ml.sequences import Sequences
from models_ml.specs import Loss, Order, ParameterValue
from models_ml.splits import TrainingSplit

# Points on the way from zero features to the features of a row.
GRADIENT_STEPS = 8
_HEADER = "forecaster"


@dataclass(frozen=True)
class RecurrentParameters(ParameterSet):
    """Parameters of all three kinds, by the names of table 8 of the study.

    Parameters
    ----------
    hidden_size
        Width of the states of both layers.
    learning_rate, weight_decay
        Of Adam.
    batch_size
        Samples per step.
    dropout_rate
        Share of the first layer's states that a step drops.
    max_epochs, early_stop
        Epochs at most, and without a better score before training stops.
    mixed_precision
        On a GPU multiply in bfloat16; without effect on a processor.
    """

    description: ClassVar[str] = "a recurrent net"

    hidden_size: int = 64
    learning_rate: float = 0.001
    weight_decay: float = 0.0
    batch_size: int = 1024
    dropout_rate: float = 0.2
    max_epochs: int = 100
    early_stop: int = 10
    mixed_precision: bool = True

    def __post_init__(self) -> None:
        counts = (self.hidden_size, self.batch_size, self.max_epochs, self.early_stop)
        if min(counts) < 1 or not 0.0 <= self.dropout_rate < 1.0:
            raise ValueError(
                "expected positive hidden_size, batch_size, max_epochs and early_stop and a "
                f"dropout_rate in [0, 1), found {counts} and {self.dropout_rate}"
            )


@dataclass(frozen=True, eq=False)
class FittedRecurrent:
    """A network with its weights, on the processor.

    A row whose stock lacks one of the last weeks has no forecast. `history` is of the fit that
    stopped, not of the refit.
    """

    format: ClassVar[str] = "recurrent-safetensors"
    boosting_rounds: ClassVar[None] = None

    network: RecurrentNetwork
    feature_names: tuple[str, ...]
    epochs: int
    sequence_weeks: int
    threads: int
    parameters: Mapping[str, ParameterValue]
    history: tuple[EpochRecord, ...]

    def predict(self, panel: Panel, rows: Rows) -> Floats:
        """Forecast rows: float64 [len(rows)], in units of the training target.

        NaN where no sequence ends.
        """
        resources = Resources(self.threads)
        data = SequenceData(panel, Sequences.of(panel, self.sequence_weeks), resources)
        with computing(resources):
            return data.forecast(self.network, rows)

    def importances(self, panel: Panel, rows: Rows) -> dict[str, Floats]:
        """Return mean |integrated gradient| of each feature over rows, summed over the weeks.

        Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks (2017), from zero,
        the mean of a factor in its week; midpoint rule. In units of the forecast.
        """
        resources = Resources(self.threads)
        sequences = Sequences.of(panel, self.sequence_weeks)
        ends = sequences.complete(rows)
        if len(ends) == 0:
            return {"mean_abs_integrated_gradient": np.zeros(len(self.feature_names))}
        # Rows are not shared here: the gradient is asked for sequence by sequence.
        own = sequences.rows_of(ends).T.reshape(-1)
        features = torch.from_numpy(panel.features[own]).nan_to_num_(nan=0.0)
        places = torch.arange(len(own)).reshape(self.sequence_weeks, -1)
        total = torch.zeros_like(features)
        with computing(resources):
            for step in range(GRADIENT_STEPS):
                point = (features * ((step + 0.5) / GRADIENT_STEPS)).requires_grad_()
                (gradient,) = torch.autograd.grad(self.network(point, places).sum(), point)
                total += gradient
        parts = (total / GRADIENT_STEPS * features).reshape(*places.shape, -1).sum(0)
        return {"mean_abs_integrated_gradient": parts.abs().double().mean(0).numpy()}

    def to_bytes(self) -> bytes:
        """Return weights and what else a forecast needs, as safetensors with a text header."""
        about = {
            "kind": self.network.kind,
            "feature_names": list(self.feature_names),
            "epochs": self.epochs,
            "sequence_weeks": self.sequence_weeks,
            "threads": self.threads,
            "parameters": dict(self.parameters),
            "history": [asdict(record) for record in self.history],
        }
        weights = {name: each.contiguous() for name, each in self.network.state_dict().items()}
        content: bytes = save(weights, {_HEADER: json.dumps(about, sort_keys=True)})
        return content

    @classmethod
    def from_bytes(cls, content: bytes) -> "FittedRecurrent":
        """Read what `to_bytes` wrote."""
        about = _header(content)
        names = tuple(about["feature_names"])
        network = RecurrentNetwork(about["kind"], len(names), about["parameters"]["hidden_size"])
        network.load_state_dict(load(content))
        return cls(
            network=network,
            feature_names=names,
            epochs=about["epochs"],
            sequence_weeks=about["sequence_weeks"],
            threads=about["threads"],
            parameters=about["parameters"],
            history=tuple(EpochRecord(**record) for record in about["history"]),
        )


@dataclass(frozen=True)
class RecurrentForecaster:
    """A network stopped on the last weeks and, if the rules say so, trained anew on all of them.

    The score that stops is the one that stops trees under the same rules and loss; patience is
    the parameter `early_stop`. Without a refit the weights are those of the best epoch; a refit
    runs as many epochs on all training rows.
    """

    kind: Kind
    hyper: RecurrentParameters
    seed: int
    loss: Loss
    order: Order

    def fit(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> FittedRecurrent:
        """Find the number of epochs on the stopping rows; refit if the rules say so."""
        data = SequenceData(panel, Sequences.of(panel), resources)
        with computing(resources):
            trainer, history, epochs = self.fit_rows(data, split.fit_rows, split.stop_rows, rules)
            if rules.refit:
                trainer = self._trainer(data, split.train_rows, rules)
                for epoch in range(1, epochs + 1):
                    trainer.run_epoch()
                    resources.on_progress(f"refit {epoch}/{epochs}")
        return FittedRecurrent(
            network=trainer.network.cpu(),
            feature_names=panel.feature_names,
            epochs=epochs,
            sequence_weeks=data.sequences.weeks,
            threads=resources.threads,
            parameters=self.hyper.to_mapping(),
            history=history,
        )

    def fit_rows(
        self, data: SequenceData, fit: Rows, stop: Rows, rules: TrainingRules
    ) -> tuple[NetworkTrainer, tuple[EpochRecord, ...], int]:
        """Train on some rows until others say so: the best weights, all epochs, the best one.

        Raises
        ------
        ValueError
            If no fitting or no stopping row ends a sequence.
        """
        stop = data.sequences.complete(stop)
        if len(stop) == 0:
            raise ValueError(
                f"expected stopping rows with {data.sequences.weeks} consecutive weeks of one "
                "stock, found none: begin the panel earlier"
            )
        trainer = self._trainer(data, fit, rules)
        judge = stopping_score(data.panel, stop, self.loss, rules)
        rule = StoppingRule(rules.stopping.score, patience=self.hyper.early_stop)
        tracker = StoppingTracker(rule)
        history = train_until_stop(
            trainer,
            lambda: judge(trainer.forecast(stop)),
            tracker,
            self.hyper.max_epochs,
            data.resources,
        )
        return trainer, history, tracker.best_rounds

    def _trainer(self, data: SequenceData, rows: Rows, rules: TrainingRules) -> NetworkTrainer:
        hyper, width = self.hyper, len(data.panel.feature_names)
        return NetworkTrainer(
            data,
            rows,
            lambda random: RecurrentNetwork(self.kind, width, hyper.hidden_size, random),
            TrainingSettings(
                loss=self.loss,
                order=self.order,
                learning_rate=hyper.learning_rate,
                weight_decay=hyper.weight_decay,
                batch_size=hyper.batch_size,
                dropout_rate=hyper.dropout_rate,
                seed=self.seed,
                mixed_precision=hyper.mixed_precision,
            ),
            rules,
        )


def _header(content: bytes) -> dict[str, Any]:
    """Text that was stored beside the weights: safetensors begins with the length of its header."""
    length = int.from_bytes(content[:8], "little")
    about: dict[str, Any] = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][_HEADER])
    return about
