"""How fast does a recurrent net learn here, and how fast in the loop that everybody writes?

Run as `ashare bench recurrent [--samples N] [--hidden H] [--batch B] [--kinds gru lstm rnn]
[--epochs E] [--threads T]`. A seeded panel of stocks with a hundred weeks each is learned from
twice, from the same weights, without dropout, batch by batch in stock order: here, and by torch's
own layers fed by a TensorDataset and a DataLoader over the copied sequences, as the study describes
it. Losses of all steps must agree. Each way runs in a process of its own; the best epoch of
`--epochs` counts. Memory is the most that the process held for the feature array and beyond it, as
a multiple of that array. What libraries hold once they have learned from a hundred samples (code,
kernels) is of no window and is told apart. The share of the rate of multiplication is of processor
seconds, with the better of torch's two libraries.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks._resident import with_added_bytes
from models_ml.estimators import Resources
from models_ml.estimators.recurrent_cells import product
from models_ml.estimators.recurrent_network import RecurrentNetwork
from models_ml.estimators.recurrent_training import (
    GRADIENT_LIMIT,
    NetworkTrainer,
    SequenceData,
    TrainingSettings,
    computing,
)
from models_ml.full_panel import full_panel
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.sequences import SEQUENCE_WEEKS, Sequences

SAMPLES, FEATURES, HIDDEN, BATCH, WEEKS_OF_STOCK = 188_544, 123, 128, 2048, 100
KINDS = ("gru", "lstm", "rnn")
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LEARNING_RATE, SEED = 0.001, 777
RATIO_GOAL, MEMORY_GOAL, TOLERANCE = 3.0, 1.5, 1e-4
LAYERS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


@dataclass(frozen=True)
class Size:
    """What is learned."""

    kind: str
    samples: int
    hidden: int
    batch: int
    epochs: int
    threads: int

    def operations(self, *, shared: bool) -> float:
        """Multiplications and additions of one epoch.

        Parameters
        ----------
        shared
            As done here: input products once per row, no product with the zero state. Else as in
            torch's layers. Backward costs two products for each one forward, less the gradient of
            the features, which nobody asks for.
        """
        width = GATES[self.kind] * self.hidden
        rows = (1.0 + (SEQUENCE_WEEKS - 1) / WEEKS_OF_STOCK) if shared else SEQUENCE_WEEKS
        first = rows * FEATURES * width
        steps = SEQUENCE_WEEKS - 1 if shared else SEQUENCE_WEEKS
        others = (2 * steps + SEQUENCE_WEEKS) * self.hidden * width
        return 2.0 * self.samples * (2.0 * first + 3.0 * others)


def make_panel(samples: int) -> Panel:
    """Stocks of a hundred weeks each that end so many sequences; weeks in order."""
    weeks = WEEKS_OF_STOCK + SEQUENCE_WEEKS - 1
    stocks = -(-samples // WEEKS_OF_STOCK)
    random = np.random.default_rng(SEED)
    count = weeks * stocks
    features = random.standard_normal((count, FEATURES), dtype=np.float32)
    target = 0.1 * features[:, 0] + random.standard_normal(count, dtype=np.float32)
    target = target.astype(np.float32).astype(np.float64)
    dates = np.datetime64("2010-01-01") + 7 * np.arange(weeks)
    return full_panel(features, target, dates, label_days=7)


class Recorded(NetworkTrainer):
    """The trainer of the forecasters, which also keeps the loss of every step."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.losses: list[float] = []

    def _step(self, batch: np.ndarray) -> float:
        self.losses.append(super()._step(batch))
        return self.losses[-1]


def learn_here(size: Size, panel: Panel) -> dict[str, Any]:
    """Epochs by the loop of the forecasters."""
    resources = Resources(size.threads)
    data = SequenceData(panel, Sequences.of(panel), resources)
    rows = data.sequences.sorted_by_stock(data.sequences.complete(np.arange(panel.row_count)))
    settings = TrainingSettings(
        "mse", "order", LEARNING_RATE, 0.0, size.batch, 0.0, SEED, mixed_precision=False
    )
    trainer = Recorded(
        data,
        rows[: size.samples],
        lambda random: RecurrentNetwork(size.kind, FEATURES, size.hidden, random),  # type: ignore[arg-type]
        settings,
        TrainingRules.paper(),
    )
    with computing(resources):
        seconds = [timed(trainer.run_epoch) for _ in range(size.epochs)]
    return {"seconds": seconds, "losses": trainer.losses}


class PlainNetwork(torch.nn.Module):
    """Two layers and a head, as one writes them."""

    def __init__(self, kind: str, hidden: int) -> None:
        super().__init__()
        self.layers = LAYERS[kind](FEATURES, hidden, num_layers=2, batch_first=True)
        self.head = torch.nn.Linear(hidden, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Forecast [n, 1] from [n, 5, f]."""
        forecast: torch.Tensor = self.head(self.layers(inputs)[0][:, -1])
        return forecast


def learn_plainly(size: Size, panel: Panel) -> dict[str, Any]:
    """Epochs by torch's layers, a TensorDataset and a DataLoader."""
    sequences = Sequences.of(panel)
    ends = sequences.sorted_by_stock(sequences.complete(np.arange(panel.row_count)))[: size.samples]
    inputs = torch.from_numpy(panel.features[sequences.rows_of(ends)])
    target = torch.from_numpy(panel.target[ends].astype(np.float32)[:, None])
    network = PlainNetwork(size.kind, size.hidden)
    network.load_state_dict(same_weights(size))
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    loader = DataLoader(TensorDataset(inputs, target), batch_size=size.batch)
    losses: list[float] = []

    def epoch() -> None:
        for features, label in loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.mse_loss(network(features), label)
            loss.backward()
            torch.nn.utils.clip_grad_value_(network.parameters(), GRADIENT_LIMIT)
            optimiser.step()
            losses.append(loss.item())

    torch.set_num_threads(size.threads)
    return {"seconds": [timed(epoch) for _ in range(size.epochs)], "losses": losses}


def same_weights(size: Size) -> dict[str, torch.Tensor]:
    """Weights that the trainer begins with, by the names of one module of two layers."""
    random = np.random.default_rng(SEED).spawn(3)[0]
    network = RecurrentNetwork(size.kind, FEATURES, size.hidden, random)  # type: ignore[arg-type]
    own = {f"head.{name}": each for name, each in network.head.state_dict().items()}
    for number, layer in enumerate(network.layers):
        for name, each in layer.state_dict().items():
            own[f"layers.{name.removesuffix('_l0')}_l{number}"] = each
    return own


def timed(work: Any) -> tuple[float, float]:
    """Seconds that some work takes, and seconds of processors."""
    started = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started[0], time.process_time() - started[1]


def multiplication_rate(size: Size) -> dict[str, float]:
    """Multiplications and additions per processor second in the products of the loop."""
    torch.set_num_threads(size.threads)
    left = torch.randn(SEQUENCE_WEEKS * size.batch, size.hidden)
    right = torch.randn(GATES[size.kind] * size.hidden, size.hidden)
    work = 2.0 * left.shape[0] * left.shape[1] * right.shape[0]
    ways = {"torch.mm": lambda: torch.mm(left, right.t()), "oneDNN": lambda: product(left, right)}
    rates = {}
    for name, way in ways.items():
        for _ in range(5):
            way()
        rates[name] = work / min(timed(way)[1] for _ in range(50))
    return rates


WAYS = {"here": learn_here, "plain": learn_plainly}


def worker(way: str, size: Size) -> None:
    """One way in this process; what came of it as JSON on standard output."""
    few = replace(size, samples=WEEKS_OF_STOCK, epochs=1)
    _, libraries = with_added_bytes(lambda: WAYS[way](few, make_panel(few.samples)))
    panel = make_panel(size.samples)
    found, added = with_added_bytes(lambda: WAYS[way](size, panel))
    found["library_bytes"] = libraries
    found["added_bytes"] = added
    found["feature_bytes"] = panel.features.nbytes
    print(json.dumps(found))


def measure(way: str, size: Size) -> dict[str, Any]:
    """Run a way in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.recurrent", "--worker", way, *arguments_of(size)]
    root = Path(__file__).parents[1]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def arguments_of(size: Size) -> list[str]:
    """The size as arguments of the command line."""
    numbers = ("samples", "hidden", "batch", "epochs", "threads")
    named = [text for name in numbers for text in (f"--{name}", str(getattr(size, name)))]
    return [*named, "--kinds", size.kind]


def report(size: Size) -> bool:
    """Print one kind; true if losses agree and both goals are met."""
    found = {way: measure(way, size) for way in WAYS}
    rates = multiplication_rate(size)
    best = max(rates.values())
    seconds = {way: min(wall for wall, _ in each["seconds"]) for way, each in found.items()}
    busy = {way: min(cpu for _, cpu in each["seconds"]) for way, each in found.items()}
    ours, plain = (np.array(found[way]["losses"]) for way in ("here", "plain"))
    difference = float(np.max(np.abs(ours - plain) / plain))
    memory = {
        way: (each["feature_bytes"] + each["added_bytes"]) / each["feature_bytes"]
        for way, each in found.items()
    }
    print(f"\n{size.kind}: {size.samples:,} x {SEQUENCE_WEEKS} x {FEATURES}, hidden {size.hidden}")
    for way in WAYS:
        share = size.operations(shared=way == "here") / busy[way] / best
        print(
            f"  {way:<6} {seconds[way]:8.2f} s per epoch {size.samples / seconds[way]:10,.0f}"
            f" samples/s  {share:5.0%} of the multiplication rate  memory"
            f" {memory[way]:.2f} x features"
        )
    libraries = ", ".join(f"{way} {found[way]['library_bytes'] / 1e6:.0f}" for way in WAYS)
    floor = size.operations(shared=True) / best
    measured = ", ".join(f"{name} {rate / 1e9:.0f}" for name, rate in rates.items())
    ratio = seconds["plain"] / seconds["here"]
    print(
        f"  ratio {ratio:.2f} (goal {RATIO_GOAL:.0f}), of processor time"
        f" {busy['plain'] / busy['here']:.2f}; memory {memory['here']:.2f} x features (goal"
        f" {MEMORY_GOAL:.1f}; libraries beside it, MB: {libraries}); losses of {len(ours)} steps"
        f" differ by at most {difference:.1e} of themselves"
    )
    print(
        f"  products, 10^9 operations/s: {measured}; products alone take {floor:.2f} s of a"
        f" processor, so that no other work at all would give a ratio of"
        f" {busy['plain'] / floor:.1f}"
    )
    return is_met(ratio, memory["here"], difference)


def is_met(ratio: float, memory: float, difference: float) -> bool:
    """Whether speed and memory reach their goals and both ways learn the same."""
    return ratio >= RATIO_GOAL and memory <= MEMORY_GOAL and difference <= TOLERANCE


def main() -> int:
    """Measure every kind; exit status 1 if a goal is missed or losses differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--hidden", type=int, default=HIDDEN)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--worker", choices=list(WAYS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = [
        Size(kind, given.samples, given.hidden, given.batch, given.epochs, given.threads)
        for kind in given.kinds
    ]
    if given.worker:
        worker(given.worker, sizes[0])
        return 0
    met = [report(size) for size in sizes]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
