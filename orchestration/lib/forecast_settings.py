"""Section `forecast` of an experiment: models, what they are made into, and their windows."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from models_ml.combination import CombinationSpec
from models_ml.specs import Device, Library, Loss, ModelSpec, Order, orders_of
from orchestration.lib.paths import BUDGETS_DIR, SPACES_DIR
from orchestration.lib.settings import RuleSet, Settings

HALF_YEAR = re.compile(r"^\d{4}H[12]$")


def _checked_half_year(value: str | None) -> str | None:
    if value is not None and not HALF_YEAR.match(value):
        raise ValueError(f"{value!r} is no half-year window: write for example 2016H1")
    return value


class TuningSettings(Settings):
    """How the parameters of a model are found anew in every window."""

    budget: str = Field(description="a file of experiments/tuning_budgets, such as smoke or modest")
    space: str | None = Field(
        default=None,
        description="a file of experiments/search_spaces; by default that of the rule set's name",
    )

    @model_validator(mode="after")
    def _known(self) -> TuningSettings:
        for name, directory in ((self.budget, BUDGETS_DIR), (self.space, SPACES_DIR)):
            known = sorted(file.stem for file in directory.glob("*.yml"))
            if name is not None and name not in known:
                raise ValueError(f"no {name!r} in experiments/{directory.name}; there are: {known}")
        return self


class ModelSettings(Settings):
    """One forecaster, trained anew in every window."""

    library: Library
    loss: Loss = "mse"
    window_mode: Literal["expanding", "fixed_2y"] = "expanding"
    seed: int = 777
    seeds: tuple[int, ...] | None = Field(
        default=None, min_length=1, description="several seeds: a model of each, in place of seed"
    )
    order: Order = Field(
        default="order", description="of recurrent nets: stocks in order, or shuffled (random)"
    )
    first_window: str | None = Field(
        default=None, description="first window it is trained in; the experiment's by default"
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="parameters that differ from the defaults; never tuned"
    )
    tuning: TuningSettings | None = Field(default=None, description="untuned by default")
    rule_sets: tuple[RuleSet, ...] | None = Field(
        default=None, description="rule sets to train it under; all of the experiment by default"
    )
    universe_rule_set: RuleSet | None = Field(
        default=None,
        description="universe, with the preprocessing over it, of another rule set than its own",
    )
    label_rule_set: RuleSet | None = Field(
        default=None,
        description="label, target and tradable rows of another rule set than its own",
    )
    purge_rule_set: RuleSet | None = Field(
        default=None,
        description="known labels and embargo before a window of another rule set than its own",
    )

    @model_validator(mode="after")
    def _order_exists(self) -> ModelSettings:
        if self.order not in orders_of(self.library):
            raise ValueError(f"{self.library} learns from all rows at once: leave out its order")
        return self

    @field_validator("first_window")
    @classmethod
    def _half_year(cls, value: str | None) -> str | None:
        return _checked_half_year(value)

    def begins_by(self, window: str) -> bool:
        """Whether the model is trained in a window."""
        return self.first_window is None or self.first_window <= window

    @property
    def specs(self) -> tuple[ModelSpec, ...]:
        """The models as the forecasters know them, one per seed."""
        return tuple(
            ModelSpec(
                library=self.library,
                loss=self.loss,
                window_mode=self.window_mode,
                seed=seed,
                tuning=self.tuning.budget if self.tuning else "",
                order=self.order,
                universe_rule_set=self.universe_rule_set or "",
                label_rule_set=self.label_rule_set or "",
                purge_rule_set=self.purge_rule_set or "",
                parameters=self.parameters,
            )
            for seed in self.seeds or (self.seed,)
        )


class EnsembleSettings(Settings):
    """A model from the forecasts of others: the mean of their ranks week by week."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="its key in results.dim_model")
    members: tuple[str, ...] = Field(min_length=2, description="keys of models listed in models")
    rule_sets: tuple[RuleSet, ...] | None = Field(
        default=None, description="rule sets to build it under; all of the experiment by default"
    )

    @property
    def spec(self) -> CombinationSpec:
        """The combination as the forecasters know it."""
        return CombinationSpec(self.name, self.members, "mean_rank")


class ChoiceSettings(EnsembleSettings):
    """A model that takes, window by window, the forecasts of one of its members."""

    by: Literal["out_of_sample_rank_ic", "in_out_difference", "validation"]

    @property
    def spec(self) -> CombinationSpec:
        """The combination as the forecasters know it."""
        return CombinationSpec(self.name, self.members, self.by)


class ForecastSettings(Settings):
    """Which windows are predicted, and by what."""

    first_window: str
    last_window: str
    models: tuple[ModelSettings, ...]
    ensembles: tuple[EnsembleSettings, ...] = ()
    choices: tuple[ChoiceSettings, ...] = ()
    embargo_weeks: int | None = Field(
        default=None, ge=0, description="overrides the rule set's embargo"
    )
    group_count: int = Field(default=10, ge=2)
    device: Device = Field(
        default="cpu",
        description="what trees and nets are fitted on (mps: nets alone); part of the run's"
        " identity, as the last bits differ",
    )
    only_window: str | None = Field(
        default=None, description="the one window to train, as `ashare run --window` sets it"
    )

    @field_validator("first_window", "last_window", "only_window")
    @classmethod
    def _half_year(cls, value: str | None) -> str | None:
        return _checked_half_year(value)

    @model_validator(mode="after")
    def _ordered(self) -> ForecastSettings:
        if self.first_window > self.last_window:
            raise ValueError(
                f"first_window {self.first_window} comes after last_window {self.last_window}"
            )
        late = [each.first_window or "" for each in self.models]
        if max(late, default="") > self.last_window:
            raise ValueError(
                f"a model has first_window {max(late)}, after last_window {self.last_window}"
            )
        only = self.only_window
        if only is not None and not self.first_window <= only <= self.last_window:
            raise ValueError(
                f"window {only} is none of the experiment's: {self.first_window} to"
                f" {self.last_window}"
            )
        return self

    @property
    def combinations(self) -> tuple[EnsembleSettings, ...]:
        """Models that are made of other models."""
        return (*self.ensembles, *self.choices)

    @property
    def predicted_span(self) -> tuple[str, str]:
        """First and last window to predict."""
        if self.only_window is not None:
            return self.only_window, self.only_window
        return self.first_window, self.last_window
