"""The interface of a forecaster: fit on a panel and a split, predict rows of a panel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Protocol, Self

from models_ml.arrays import Floats, Rows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import Device, ParameterValue
from models_ml.splits import TrainingSplit


def _unheard(message: str) -> None:
    return None


@dataclass(frozen=True)
class Resources:
    """What a fit may use.

    Parameters
    ----------
    threads
        Threads of the library; part of what a bit-identical re-run must repeat.
    device
        'cpu', 'cuda' or, of nets, 'mps'.
    on_progress
        Hears of every epoch of a long fit; of no other influence.
    """

    threads: int = 1
    device: Device = "cpu"
    on_progress: Callable[[str], None] = field(default=_unheard, compare=False, repr=False)


class FittedForecaster(Protocol):
    """A fitted model; it holds no reference to the panel it came from."""

    @property
    def format(self) -> str:
        """Name of the storage format, a key of models_ml.serialisation."""
        ...

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Features in the order in which the model reads them."""
        ...

    @property
    def boosting_rounds(self) -> int | None:
        """Number of trees; None where a model has none."""
        ...

    @property
    def epochs(self) -> int | None:
        """Number of passes over the rows; None where a model has none."""
        ...

    @property
    def parameters(self) -> Mapping[str, ParameterValue]:
        """Parameters as used, what the fit itself chose among them."""
        ...

    def predict(self, panel: Panel, rows: Rows) -> Floats:
        """Forecast rows of a panel: float64 [len(rows)], in units of the training target.

        NaN where a model with memory lacks the weeks before.
        """
        ...

    def to_bytes(self) -> bytes:
        """Return the model in its own format."""
        ...


class Forecaster(Protocol):
    """An unfitted model. Fitting whole rows of a panel leaves room for models with memory."""

    def fit(
        self, panel: Panel, split: TrainingSplit, rules: TrainingRules, resources: Resources
    ) -> FittedForecaster:
        """Fit on the training rows of a split; no other row's label is read."""
        ...


@dataclass(frozen=True)
class ParameterSet:
    """Fixed parameters of a library: typed fields with defaults, set by name."""

    description: ClassVar[str] = "a forecaster"

    @classmethod
    def from_mapping(cls, values: Mapping[str, ParameterValue]) -> Self:
        """Return the defaults with some of them replaced.

        Raises
        ------
        ValueError
            If a name is unknown: a misspelt parameter must not pass for a default.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(
                f"expected parameters of {cls.description} among {sorted(known)}, found {unknown}"
            )
        return cls(**values)

    def to_mapping(self) -> dict[str, ParameterValue]:
        """Return every parameter by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
