"""Search spaces and budgets as files: typed, validated, and turned into what the tuner takes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models_ml.specs import RECURRENT
from models_ml.tuning import ParameterRange, SearchSpace, TuningBudget, TuningPlan
from orchestration.lib.errors import UserError
from orchestration.lib.paths import BUDGETS_DIR, SPACES_DIR

Value = int | float | str | bool
File = TypeVar("File", bound="TuningFile")


class TuningFileError(UserError):
    """A search space or a budget cannot be used; the message says where and how to mend it."""


class TuningFile(BaseModel):
    """Base of the files: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RangeSettings(TuningFile):
    """One tuned parameter."""

    low: float
    high: float
    default: float
    precision: float = Field(gt=0, description="scanned until a range is this narrow")
    kind: Literal["float", "int"] = "float"
    scale: Literal["linear", "log"] = "linear"
    choices: tuple[float, ...] = Field(
        default=(), description="the only values there are, ascending; low and high among them"
    )
    printed: str = Field(default="", description="the range as the study prints it")

    def named(self, name: str) -> ParameterRange:
        """The range of a parameter."""
        return ParameterRange(name=name, **self.model_dump(exclude={"printed"}))


class LibrarySpace(TuningFile):
    """What is tuned and what is fixed of one library."""

    tuned: dict[str, RangeSettings] = Field(min_length=1)
    fixed: dict[str, Value] = Field(default_factory=dict)


class SpaceFile(TuningFile):
    """A search space: one file of experiments/search_spaces."""

    name: str
    description: str
    libraries: dict[str, LibrarySpace]

    @model_validator(mode="after")
    def _usable(self) -> SpaceFile:
        for library in self.libraries:
            self.space(library)
        return self

    def space(self, library: str) -> SearchSpace:
        """The space of one library."""
        content = self.libraries[library]
        ranges = tuple(settings.named(name) for name, settings in content.tuned.items())
        return SearchSpace(self.name, library, ranges, dict(content.fixed))


class NetBudget(TuningFile):
    """What differs for recurrent nets; what is not given is as for trees."""

    fold_count: int | None = Field(default=None, ge=1)
    trial_count: int | None = Field(default=None, ge=1)
    max_epochs: int = Field(ge=1)
    max_hidden_size: int | None = Field(default=None, ge=1)
    scan_parameter_count: int | None = Field(default=None, ge=0)


class BudgetFile(TuningFile):
    """A budget: one file of experiments/tuning_budgets."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    fold_count: int = Field(ge=1)
    trial_count: int = Field(ge=1)
    max_rounds: int = Field(ge=1)
    scan_points: int = Field(ge=2)
    scan_passes: int = Field(ge=1)
    scan_parameter_count: int | None = Field(default=None, ge=0)
    scan_window: Literal["every", "first"]
    startup_trials: int = Field(ge=1)
    pruning_startup_trials: int = Field(ge=1)
    pruning_warmup_folds: int = Field(ge=1)
    pruning_percentile: float = Field(gt=0, lt=100)
    maximum_hours: float | None = Field(default=None, gt=0)
    nets: NetBudget

    def budget(self, library: str) -> TuningBudget:
        """The budget of a library as the tuner takes it."""
        content = self.model_dump(exclude={"nets"})
        if library in RECURRENT:
            own = self.nets.model_dump(exclude={"max_epochs", "max_hidden_size"}, exclude_none=True)
            content |= {**own, "max_rounds": self.nets.max_epochs}
        return TuningBudget(**content)

    @property
    def limits(self) -> dict[str, float]:
        """Largest value of parameters, whatever a space says."""
        size = self.nets.max_hidden_size
        return {} if size is None else {"hidden_size": size}


def tuning_plan(library: str, space: str, budget: str) -> TuningPlan:
    """Plan of a model, from the names of a space and of a budget.

    Raises
    ------
    TuningFileError
        If there is no such file, it breaks the schema, or the space lacks the library.
    """
    content = _read(SPACES_DIR, space, SpaceFile)
    if library not in content.libraries:
        raise TuningFileError(
            f"search space {space!r} says nothing of {library}; it has {sorted(content.libraries)}"
        )
    limited = _read(BUDGETS_DIR, budget, BudgetFile)
    return TuningPlan(content.space(library).at_most(limited.limits), limited.budget(library))


def known_names(directory: Path) -> list[str]:
    """Names of the files in a directory of spaces or budgets."""
    return sorted(file.stem for file in directory.glob("*.yml"))


@cache
def _read(directory: Path, name: str, kind: type[File]) -> File:
    file = directory / f"{name}.yml"
    if not file.exists():
        raise TuningFileError(
            f"no file {name!r} in {directory.name}; there are: {', '.join(known_names(directory))}"
        )
    try:
        content = kind.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise TuningFileError(f"{file} is no valid YAML: {error}") from error
    except ValidationError as error:
        faults = "\n".join(
            f"  {'.'.join(str(part) for part in fault['loc']) or '(file)'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise TuningFileError(f"{file} is not usable:\n{faults}") from error
    return content
