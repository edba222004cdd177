"""Search spaces: which parameters are tuned, and where."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from models_ml.specs import ParameterValue

Scale = Literal["linear", "log"]
Kind = Literal["float", "int"]

# A real value this close to an end of its range, as a share of the range, counts as on it.
_EDGE_SHARE = 0.02


@dataclass(frozen=True)
class ParameterRange:
    """One parameter and the closed range it is searched in.

    Parameters
    ----------
    name
        As the library's parameter class names it.
    low, high
        Ends of the range.
    default
        Value where the parameter is not tuned, within the range.
    precision
        A range this narrow is scanned no further: a width on a linear scale, the ratio of its
        ends on a logarithmic one.
    kind
        'float' or 'int'.
    scale
        'linear' or 'log': how points are spaced and values drawn.
    choices
        The values there are, ascending; empty: every one between the ends.

    Raises
    ------
    ValueError
        If low <= default <= high does not hold, a logarithmic range begins at zero, or an end is
        none of the choices.
    """

    name: str
    low: float
    high: float
    default: float
    precision: float
    kind: Kind = "float"
    scale: Scale = "linear"
    choices: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(
                f"expected low <= default <= high for {self.name}, found {self.low}, "
                f"{self.default}, {self.high}"
            )
        if self.scale == "log" and self.low <= 0.0:
            raise ValueError(f"expected a positive low for {self.name} on a logarithmic scale")

        if self.choices and not {self.low, self.default, self.high} <= set(self.choices):
            raise ValueError(
                f"expected low, default and high of {self.name} among {self.choices}, found "
                f"{self.low}, {self.default}, {self.high}"
            )

    def points(self, count: int) -> tuple[ParameterValue, ...]:
        """Return evenly spaced values from low to high, each once, in ascending order."""
        if self.choices:
            within = self._within
            at = np.linspace(0, len(within) - 1, min(count, len(within))).round().astype(int)
            return tuple(within[position] for position in at)
        space = np.geomspace if self.scale == "log" else np.linspace
        values = space(self.low, self.high, count)
        # The ends exactly: a power of a logarithm may miss them by a bit.
        values[0], values[-1] = self.low, self.high
        return tuple(dict.fromkeys(self.value(float(value)) for value in values))

    def value(self, number: float) -> ParameterValue:
        """Return a number in the type of the parameter."""
        return round(number) if self.kind == "int" else float(number)

    def narrowed(self, low: float, high: float, default: float) -> "ParameterRange":
        """Return the same parameter in another range, its default moved inside."""
        return replace(self, low=low, high=high, default=min(max(default, low), high))

    @property
    def is_resolved(self) -> bool:
        """Whether the range is as narrow as its precision asks."""
        width = self.high / self.low if self.scale == "log" else self.high - self.low
        return width <= self.precision

    def is_at_edge(self, value: float) -> bool:
        """Whether a value lies on an end of the range (integers exactly, others within 2 %)."""
        if self.low == self.high:
            return False
        if self.kind == "int" or self.choices:
            return value in (self.low, self.high)
        position = (self._place(value) - self._place(self.low)) / (
            self._place(self.high) - self._place(self.low)
        )
        return not _EDGE_SHARE < position < 1.0 - _EDGE_SHARE

    @property
    def distribution(self) -> BaseDistribution:
        """The range as the sampler knows it."""
        log = self.scale == "log"
        if self.choices:
            return CategoricalDistribution(self._within)
        if self.kind == "int":
            return IntDistribution(int(self.low), int(self.high), log=log)
        return FloatDistribution(self.low, self.high, log=log)

    @property
    def _within(self) -> tuple[ParameterValue, ...]:
        inside = [each for each in self.choices if self.low <= each <= self.high]
        return tuple(self.value(each) for each in inside)

    def _place(self, value: float) -> float:
        return float(np.log(value)) if self.scale == "log" else float(value)


@dataclass(frozen=True)
class SearchSpace:
    """What is tuned for one library, and what is fixed beside it.

    Parameters
    ----------
    name
        Of the space: 'paper' or 'practitioner'.
    library
        The library whose parameters it names.
    ranges
        In the order in which they are scanned: what matters most first.
    fixed
        Parameters that differ from the library's defaults and are not tuned.
    """

    name: str
    library: str
    ranges: tuple[ParameterRange, ...]
    fixed: dict[str, ParameterValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [each.name for each in self.ranges]
        if len(set(names)) != len(names) or set(names) & set(self.fixed):
            raise ValueError(
                f"expected each parameter once in the space {self.name} of {self.library}, found "
                f"{names} tuned and {sorted(self.fixed)} fixed"
            )

    def edges(self, parameters: Mapping[str, ParameterValue]) -> tuple[str, ...]:
        """Return the tuned parameters whose value sits on an end of its range in this space."""
        return tuple(
            each.name
            for each in self.ranges
            if each.name in parameters and each.is_at_edge(float(parameters[each.name]))
        )

    def without(self, names: set[str]) -> "SearchSpace":
        """Return the space without the parameters that the experiment fixes itself."""
        kept = tuple(each for each in self.ranges if each.name not in names)
        fixed = {name: value for name, value in self.fixed.items() if name not in names}
        return replace(self, ranges=kept, fixed=fixed)

    def at_most(self, limits: Mapping[str, float]) -> "SearchSpace":
        """Return the space with ends moved down; a range that ends below its low is fixed there.

        Parameters
        ----------
        limits
            Largest value by parameter; those of other libraries are passed over.
        """
        kept: list[ParameterRange] = []
        fixed = dict(self.fixed)
        for each in self.ranges:
            limit = min(limits.get(each.name, each.high), each.high)
            limit = max((value for value in each.choices if value <= limit), default=limit)
            if limit <= each.low:
                fixed[each.name] = each.value(limit)
            else:
                kept.append(each.narrowed(each.low, limit, each.default))
        return replace(self, ranges=tuple(kept), fixed=fixed)

    def to_mapping(self) -> dict[str, Any]:
        """Return the space as JSON-serialisable values."""
        return asdict(self)
