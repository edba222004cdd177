"""The one training loop of all recurrent models: epochs, losses, stopping, best weights."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from models_ml.arrays import Floats, Rows
from models_ml.epochs import EpochRecord
from models_ml.estimators.base import Resources
from models_ml.estimators.recurrent_batches import stock_batches, week_batches
from models_ml.estimators.recurrent_network import RecurrentNetwork, dropout_masks
from models_ml.estimators.stopping import StoppingTracker
from models_ml.estimators.thread_parts import in_threads
from models_ml.losses import RankICLoss
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.sequences import Sequences
from models_ml.specs import Loss, Order

GRADIENT_LIMIT = 3.0
# Sums of gates in a part of a batch, of each week and layer. Smaller parts cost more in calls,
# which run one at a time, than a thread saves; larger ones keep memory and save nothing.
_LEAST_SUMS, _MOST_SUMS = 2**15, 2**18
# Read by cuBLAS when it is first called: with a workspace of fixed size its sums have one order.
_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
_CUBLAS_WORKSPACE = ":4096:8"
# Numbers of mallopt(3), and the largest threshold that it takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_MMAP_THRESHOLD, _KEPT_BYTES = 32 * 2**20, 2**30


@dataclass(frozen=True)
class TrainingSettings:
    """How the weights are found.

    Parameters
    ----------
    loss
        'mse' or 'rank_ic'.
    order
        As in `recurrent_batches`.
    learning_rate, weight_decay
        Of Adam.
    batch_size
        Samples per step.
    dropout_rate
        Share of the first layer's states that a step drops.
    seed
        Of weights, masks and shuffles.
    mixed_precision
        On a GPU multiply in bfloat16 and keep weights in float32.
    """

    loss: Loss
    order: Order
    learning_rate: float
    weight_decay: float
    batch_size: int
    dropout_rate: float
    seed: int
    mixed_precision: bool


@dataclass(frozen=True, eq=False)
class SequenceData:
    """A panel as a network reads it: one array of features, not copied, and positions in it."""

    panel: Panel
    sequences: Sequences
    resources: Resources

    def inputs(self, ends: Rows) -> tuple[Tensor, Tensor]:
        """Rows of some sequences, each once, and their places: float32 [r, f], int64 [t, n].

        Parameters
        ----------
        ends
            Rows that end a sequence. A missing feature counts as zero, its mean that week.
        """
        rows, places = np.unique(self.sequences.rows_of(ends), return_inverse=True)
        features = torch.from_numpy(self.panel.features[rows]).nan_to_num_(nan=0.0)
        turned = np.ascontiguousarray(places.reshape(len(ends), -1).T, dtype=np.int64)
        device = self.resources.device
        return features.to(device), torch.from_numpy(turned).to(device)

    def forecast(
        self, network: RecurrentNetwork, rows: Rows, *, mixed_precision: bool = False
    ) -> Floats:
        """Forecast rows: float64 [len(rows)]; NaN where no sequence ends.

        Week by week: the last bits of a product depend on the rows it is done with, and a forecast
        must not depend on later weeks even in those.
        """
        forecast = np.full(self.panel.row_count, np.nan)
        ends = np.sort(self.sequences.complete(rows))
        borders = np.flatnonzero(np.diff(self.panel.week_dates[ends]).astype(np.int64)) + 1
        weeks = np.split(ends, borders) if len(ends) else []

        def of_week(week: Rows) -> Floats:
            with torch.no_grad(), precision(self.resources, mixed_precision):
                return float64_of(network(*self.inputs(week)))

        sums = network.width * len(ends) // max(1, len(weeks))
        threads = self.threads if sums >= _LEAST_SUMS else 1
        for week, values in zip(weeks, in_threads(of_week, weeks, threads), strict=True):
            forecast[week] = values
        return forecast[rows]

    @property
    def threads(self) -> int:
        """Parts that are computed at the same time: on a processor alone."""
        return self.resources.threads if self.resources.device == "cpu" else 1


class NetworkTrainer:
    """Weights under way.

    Parameters
    ----------
    data
        Panel and sequences.
    rows
        Rows to learn from; those without a sequence are left out.
    kind_and_size
        Kind of the network and its hidden size.
    settings
        How the weights are found.
    rules
        Form of the loss 'rank_ic'.

    Raises
    ------
    ValueError
        If no row ends a sequence.
    """

    def __init__(
        self,
        data: SequenceData,
        rows: Rows,
        network: Callable[[np.random.Generator], RecurrentNetwork],
        settings: TrainingSettings,
        rules: TrainingRules,
    ) -> None:
        self._data, self._settings, self._rules = data, settings, rules
        self._rows = data.sequences.complete(rows)
        if len(self._rows) == 0:
            raise ValueError(
                f"expected rows with {data.sequences.weeks} consecutive weeks of one stock, found "
                f"none among {len(rows)}: begin the panel earlier"
            )
        weights, self._masks, self._order = np.random.default_rng(settings.seed).spawn(3)
        self.network = network(weights).to(data.resources.device)
        self._adam = torch.optim.Adam(
            self.network.parameters(),
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )

    def run_epoch(self) -> float:
        """Learn from every sample once; return the mean loss of the steps."""
        losses = [self._step(batch) for batch in self._batches()]
        return float(np.mean(losses))

    def forecast(self, rows: Rows) -> Floats:
        """Forecast rows with the weights as they are; NaN where no sequence ends."""
        return self._data.forecast(
            self.network, rows, mixed_precision=self._settings.mixed_precision
        )

    def _batches(self) -> Iterator[Rows]:
        panel, size, order = self._data.panel, self._settings.batch_size, self._settings.order
        if self._settings.loss == "rank_ic" and self._rules.rank_ic.form == "weekly":
            return week_batches(panel, self._rows, size, order, self._order)
        return stock_batches(panel, self._data.sequences, self._rows, size, order, self._order)

    def _step(self, batch: Rows) -> float:
        shape = (self._data.sequences.weeks, len(batch), self.network.head.in_features)
        device = self._data.resources.device
        masks = dropout_masks(shape, self._settings.dropout_rate, self._masks, device)
        weights = list(self.network.parameters())
        parts, threads = self._parts(len(batch)), self._data.threads

        def forecast_of(part: slice) -> Tensor:
            rows, places = self._data.inputs(batch[part])
            own = None if masks is None else tuple(mask[:, part] for mask in masks)
            with precision(self._data.resources, self._settings.mixed_precision):
                forecast: Tensor = self.network(rows, places, own).float()
            return forecast

        def gradients_of(given: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
            return torch.autograd.grad(given[0], weights, given[1])

        def learned_from(part: slice) -> tuple[float, tuple[Tensor, ...]]:
            forecast = forecast_of(part)
            loss, gradient = self._squared_error(forecast.detach(), batch[part], len(batch))
            return loss, gradients_of((forecast, gradient))

        if self._settings.loss == "mse":
            # A sum over samples: what a part keeps for its gradients is freed before the next.
            losses, found = zip(*in_threads(learned_from, parts, threads), strict=True)
            loss = float(sum(losses))
        else:
            forecasts = in_threads(forecast_of, parts, threads)
            loss, gradient = self._ranked(torch.cat([each.detach() for each in forecasts]), batch)
            given = [(each, gradient[part]) for each, part in zip(forecasts, parts, strict=True)]
            found = tuple(in_threads(gradients_of, given, threads))
        for weight, *gradients in zip(weights, *found, strict=True):
            # Adam's one kernel takes gradients to lie in memory as the weights do.
            weight.grad = sum(gradients[1:], start=gradients[0].contiguous())
        torch.nn.utils.clip_grad_value_(weights, GRADIENT_LIMIT)
        self._adam.step()
        return loss

    def _parts(self, count: int) -> list[slice]:
        """Neighbouring samples, as stocks side by side share rows; as many for every thread."""
        threads = self._data.threads
        sums = count * self.network.width if self._data.resources.device == "cpu" else 0
        rounds = -(-sums // (_MOST_SUMS * threads))
        part_count = max(1, min(threads * rounds, sums // _LEAST_SUMS))
        borders = np.linspace(0, count, part_count + 1).astype(int)
        return [slice(*pair) for pair in pairwise(borders)]

    def _squared_error(self, forecast: Tensor, rows: Rows, count: int) -> tuple[float, Tensor]:
        """What rows add to the mean over `count`, and its gradient in their forecasts, [n]."""
        target = torch.from_numpy(self._data.panel.target[rows].astype(np.float32))
        error = forecast - target.to(forecast.device)
        return float(error.square().sum().item()) / count, error * (2.0 / count)

    def _ranked(self, forecast: Tensor, batch: Rows) -> tuple[float, Tensor]:
        """Loss 'rank_ic' of a batch and its gradient in the forecasts, [n]."""
        panel = self._data.panel
        # The exact gradient that trees learn by; a pooled correlation asks for no order of rows.
        form = self._rules.rank_ic.form
        weeks = panel.week_dates[batch] if form == "weekly" else panel.week_dates[batch[:1]]
        ranked = RankICLoss.of(form, np.broadcast_to(weeks, len(batch)), panel.target[batch])
        values = float64_of(forecast)
        gradient = ranked.gradient(values).astype(np.float32)
        return ranked.value(values), torch.from_numpy(gradient).to(forecast.device)


def train_until_stop(
    trainer: NetworkTrainer,
    score: Callable[[], float],
    tracker: StoppingTracker,
    max_epochs: int,
    resources: Resources,
) -> tuple[EpochRecord, ...]:
    """Run epochs until the rule stops; leave the best epoch's weights in the network.

    Parameters
    ----------
    trainer
        The network with its rows.
    score
        Of the network as it is, on the stopping rows; higher is better.
    tracker
        The stopping rule.
    max_epochs
        Epochs at most.
    resources
        Who hears of every epoch.

    Returns
    -------
    tuple
        Loss and score of every epoch; `tracker` knows the best.

    Raises
    ------
    ValueError
        If training ends in a score that is no number.
    """
    best = 0
    weights: dict[str, Tensor] = {}
    records: list[EpochRecord] = []
    for epoch in range(1, max_epochs + 1):
        loss = trainer.run_epoch()
        value = score()
        if not np.isfinite([loss, value]).all():
            raise ValueError(
                f"expected a finite loss and score, found {loss} and {value} after epoch {epoch}: "
                "choose a lower learning_rate"
            )
        records.append(EpochRecord(epoch, loss, value))
        is_over = tracker.add(value)
        resources.on_progress(f"epoch {epoch}/{max_epochs}: {value:.4f}")
        if tracker.best_rounds != best:
            best = tracker.best_rounds
            weights = {name: each.clone() for name, each in trainer.network.state_dict().items()}
        if is_over:
            break
    trainer.network.load_state_dict(weights)
    return tuple(records)


def float64_of(values: Tensor) -> Floats:
    """Bring values to the processor and widen them there: `mps` knows no float64."""
    wide: Floats = values.cpu().double().numpy()
    return wide


@contextmanager
def computing(resources: Resources) -> Iterator[None]:
    """Let torch use so many threads, on `cuda` repeatable sums alone, for the length of the block.

    On a processor it uses one: parts of a batch have threads of their own. The memory of a step is
    kept for the next one, where the C library allows it.
    On `cuda` torch raises where it knows no repeatable way, and cuBLAS is given the workspace that
    its repeatable sums need; a process that has multiplied there before keeps what it began with,
    so that it should set CUBLAS_WORKSPACE_CONFIG itself. On `mps` torch offers no such choice:
    the same seed may give other last bits. A setting that was there before stays.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if resources.device == "cpu" else resources.threads)
    try:
        with repeatable() if resources.device == "cuda" else keeping_memory():
            yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def keeping_memory() -> Iterator[None]:
    """Keep freed memory in the process for the length of the block, with glibc.

    It gives the top of the heap back to the system after every step, and each page of the next
    one is a fault that costs more than the arithmetic on it. What is not in use is given back at
    the end; the limits that then hold are those that glibc itself ends up with after arrays of
    32 MiB. Elsewhere nothing is done.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):
        yield
        return
    libc.mallopt(_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
    libc.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    try:
        yield
    finally:
        libc.mallopt(_TRIM_THRESHOLD, 2 * _LARGEST_MMAP_THRESHOLD)
        libc.malloc_trim(0)


@contextmanager
def repeatable() -> Iterator[None]:
    """Let torch use repeatable sums alone for the length of the block."""
    is_repeatable = torch.are_deterministic_algorithms_enabled()
    is_warning = torch.is_deterministic_algorithms_warn_only_enabled()
    is_given = _CUBLAS in os.environ
    os.environ.setdefault(_CUBLAS, _CUBLAS_WORKSPACE)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(is_repeatable, warn_only=is_warning)
        if not is_given:
            del os.environ[_CUBLAS]


@contextmanager
def precision(resources: Resources, is_mixed: bool) -> Iterator[None]:
    """On a GPU multiply in bfloat16 for the length of the block; its range needs no scaling."""
    is_lowered = is_mixed and resources.device != "cpu"
    with torch.autocast(resources.device, dtype=torch.bfloat16, enabled=is_lowered):
        yield
