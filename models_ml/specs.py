"""What a model is: a frozen, JSON-serialisable specification with a readable key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from models_ml.splits import WindowMode

Library = Literal["ridge", "xgboost", "lightgbm", "rnn", "lstm", "gru"]
Loss = Literal["mse", "rank_ic"]
Device = Literal["cpu", "cuda", "mps"]
Order = Literal["order", "random"]
ParameterValue = int | float | str | bool

RECURRENT: frozenset[str] = frozenset({"rnn", "lstm", "gru"})
# Libraries whose fits draw random numbers carry their seed in the key.
_SEEDED: frozenset[str] = frozenset({"xgboost", "lightgbm"}) | RECURRENT


@dataclass(frozen=True)
class ModelSpec:
    """One model of an experiment.

    Parameters
    ----------
    library
        'ridge', 'xgboost', 'lightgbm', 'rnn', 'lstm' or 'gru'.
    loss
        'mse' or 'rank_ic'.
    window_mode
        'expanding' or 'fixed_2y'.
    seed
        Seed of the library's random numbers; without effect on ridge.
    tuning
        Name of the budget that its parameters are tuned under in every window; empty: untuned.
    order
        Of recurrent nets: in which order stocks are learned from, 'order' (of their symbols) or
        'random' (shuffled in every epoch).
    universe_rule_set, label_rule_set, purge_rule_set
        Rule set whose universe (with the preprocessing over it), label (with the choice of rows
        whose label could be traded) and purge before the window (labels known, embargo) the model
        has in place of its own; empty: its own.
    parameters
        What differs from the library's fixed parameters, by the names of its parameter class.
    name
        Readable key of results.dim_model; made from the fields above where it is empty. Two
        specifications that differ in parameters alone need names of their own.

    Raises
    ------
    ValueError
        If a field has a value outside its list, or the library does not learn in an order.
    """

    library: Library
    loss: Loss = "mse"
    window_mode: WindowMode = "expanding"
    seed: int = 777
    tuning: str = ""
    order: Order = "order"
    universe_rule_set: str = ""
    label_rule_set: str = ""
    purge_rule_set: str = ""
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict, hash=False)
    name: str = ""

    def __post_init__(self) -> None:
        _check_choice("library", self.library, get_args(Library))
        _check_choice("loss", self.loss, get_args(Loss))
        _check_choice("window_mode", self.window_mode, get_args(WindowMode))
        _check_choice("order", self.order, orders_of(self.library))
        object.__setattr__(self, "parameters", dict(sorted(self.parameters.items())))
        if not self.name:
            object.__setattr__(self, "name", self.key)

    @property
    def key(self) -> str:
        """Key such as 'xgboost-mse-expanding-s777'; tuned: 'xgboost-mse-expanding-smoke-s777'.

        What a model has of another rule set is a token: 'ridge-mse-expanding-practitioner_label'.
        """
        parts: list[str] = [self.library, self.loss, self.window_mode]
        if self.tuning:
            parts.append(self.tuning)
        if self.order == "random":
            parts.append(self.order)
        parts += [f"{rule_set}_{part}" for part, rule_set in self.crossed.items()]
        if self.library in _SEEDED:
            parts.append(f"s{self.seed}")
        return "-".join(parts)

    @property
    def crossed(self) -> dict[str, str]:
        """Which parts are of another rule set ('universe', 'label', 'purge'), and of which."""
        parts = {
            "universe": self.universe_rule_set,
            "label": self.label_rule_set,
            "purge": self.purge_rule_set,
        }
        return {part: rule_set for part, rule_set in parts.items() if rule_set}

    def to_json(self) -> str:
        """Return the specification as JSON with sorted keys: equal text means equal models."""
        return json.dumps(
            {
                "library": self.library,
                "loss": self.loss,
                "window_mode": self.window_mode,
                "seed": self.seed,
                "tuning": self.tuning,
                "order": self.order,
                "universe_rule_set": self.universe_rule_set,
                "label_rule_set": self.label_rule_set,
                "purge_rule_set": self.purge_rule_set,
                "parameters": dict(self.parameters),
                "name": self.name,
            },
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> "ModelSpec":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


def orders_of(library: Library) -> tuple[Order, ...]:
    """Return the orders that a library can learn in: one for those that see all rows at once."""
    return get_args(Order) if library in RECURRENT else ("order",)


def rounds_parameter(library: str) -> str:
    """Return the name of the parameter that limits the passes of a fit."""
    return "max_epochs" if library in RECURRENT else "max_rounds"


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"expected {name} to be one of {list(choices)}, found {value!r}")
