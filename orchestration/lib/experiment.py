"""The experiment file: one typed, validated description of what a run does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from models_ml.combination import FORESIGHT, CombinationSpec
from models_ml.specs import LOSSES, Device, Library, ModelSpec, Order, orders_of
from optimizer.execution.switches import SwitchOverrides
from optimizer.risk.settings import RiskSettings
from optimizer.scenario import DEFAULT_CAPITAL_CNY
from orchestration.lib.errors import UserError
from orchestration.lib.fingerprint import hash_json
from orchestration.lib.paths import BUDGETS_DIR, EXPERIMENTS_DIR, SPACES_DIR
from orchestration.lib.scenario_rows import scenario_faults
from orchestration.lib.waterfall_settings import WaterfallSettings

RuleSet = Literal["paper", "practitioner"]
PaperScenarioName = Literal["table_14", "table_10", "figure_8", "figure_9", "figure_15"]
HALF_YEAR = re.compile(r"^\d{4}H[12]$")


class ExperimentError(UserError):
    """The experiment file cannot be used; the message says where and how to mend it."""


class Settings(BaseModel):
    """Base of all sections: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MarketSettings(Settings):
    """How the warehouse reads the market."""

    industry_scheme: str = Field(description="scheme in landing.industry_history")
    market_return: str = Field(
        default="universe",
        description="`universe` (cap-weighted practitioner universe) or an index symbol",
    )
    universe_index: str = Field(
        default="",
        description="index to whose constituents of the day the universe is confined; empty: none",
    )
    column_mapping: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="table -> {column of the source: column of the contract}"
    )
    table_mapping: dict[str, str] = Field(
        default_factory=dict, description="table of the source -> table of the contract"
    )


class TuningSettings(Settings):
    """How the parameters of a model are found anew in every window."""

    budget: str = Field(description="a file of experiments/tuning_budgets: smoke, modest, paper")
    space: str = Field(description="a file of experiments/search_spaces: paper, practitioner")

    @model_validator(mode="after")
    def _known(self) -> TuningSettings:
        for name, directory in ((self.budget, BUDGETS_DIR), (self.space, SPACES_DIR)):
            known = sorted(file.stem for file in directory.glob("*.yml"))
            if name not in known:
                raise ValueError(f"no {name!r} in experiments/{directory.name}; there are: {known}")
        return self


class ModelSettings(Settings):
    """One forecaster, trained anew in every window."""

    library: Library
    loss: Literal["mse", "rank_ic"] = "mse"
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

    @model_validator(mode="after")
    def _loss_exists(self) -> ModelSettings:
        known = LOSSES[self.library]
        if self.loss not in known:
            raise ValueError(
                f"{self.library} has no loss {self.loss!r}: write one of {list(known)}, or name"
                f" one of {[library for library in LOSSES if self.loss in LOSSES[library]]}"
            )
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


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class BacktestSettings(Settings):
    """A grid of scenarios: the product of all its lists."""

    benchmark: tuple[str, ...] = Field(min_length=1, description="one index symbol, or several")
    models: tuple[str, ...] | None = Field(
        default=None, description="model keys; every model of the rule set by default"
    )
    rule_sets: tuple[RuleSet, ...] | None = None
    barra_limit: tuple[float | None, ...] = (0.3,)
    num_stock: tuple[int, ...] = (100,)
    turnover_limit: tuple[float, ...] = (0.15,)
    risk_aversion: float | None = Field(
        default=None, gt=0, description="price of active variance; needs practitioner"
    )
    tracking_error: float | None = Field(
        default=None, gt=0, description="largest ex-ante active volatility, a year"
    )
    industry_limit: float | None = Field(
        default=None, description="overrides the rule set's band (paper 0.5, practitioner 0.02)"
    )
    cost_rate: float | None = Field(
        default=None, description="share of value traded, per side; overrides the rule set's"
    )
    fee_schedule: Literal["none", "rulebook"] | None = Field(
        default=None, description="fees under cost_rate: none (paper) or rulebook (practitioner)"
    )
    capital_cny: tuple[float, ...] = Field(
        default=(DEFAULT_CAPITAL_CNY,), description="yuan at the start"
    )
    trading_delay_sessions: tuple[int, ...] = Field(
        default=(0,), description="sessions that predictions wait beside their usual age"
    )
    switches: SwitchOverrides = Field(
        default=SwitchOverrides(), description="rules of execution unlike the policy's"
    )
    first_date: date | None = None
    last_date: date | None = None
    baselines: bool = Field(
        default=True,
        description="also back-test equal weights of universe and index, the best forecasts of"
        " each model without bands, and the index itself",
    )

    _one_or_several = field_validator("benchmark", mode="before")(_as_list)


class PaperScenarioSettings(Settings):
    """Scenarios of the study by name; `paper_scenarios.py` says what each is."""

    paper_scenarios: tuple[PaperScenarioName, ...] = Field(min_length=1)
    benchmark: str | None = Field(default=None, description="replaces the index of the study")
    rule_sets: tuple[RuleSet, ...] | None = None


def _kind_of_backtests(value: Any) -> str:
    named = "paper_scenarios" in value if isinstance(value, dict) else not hasattr(value, "models")
    return "study" if named else "grid"


Backtests = Annotated[
    Annotated[BacktestSettings, Tag("grid")] | Annotated[PaperScenarioSettings, Tag("study")],
    Discriminator(_kind_of_backtests),
]


class Resources(Settings):
    """What a run may use of the machine."""

    threads: int = Field(default=2, ge=1)
    processes: int = Field(default=2, ge=1, description="back-tests that run at the same time")
    warehouse_memory: str = "3GB"
    tuning_storage: str = Field(
        default="journal",
        description="`journal` (a file per window) or the URL of a database for all trials",
    )
    retained_runs: int = Field(
        default=2, ge=1, description="runs whose results stay in the results tables"
    )


class Experiment(Settings):
    """Everything a run needs to know."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    source: str
    rule_sets: tuple[RuleSet, ...] = ("practitioner",)
    market: MarketSettings
    forecast: ForecastSettings
    backtests: tuple[Backtests, ...] = ()
    scenarios: tuple[dict[str, Any], ...] = Field(
        default=(), description="back-tests one by one; `ashare scenario add` appends to them"
    )
    waterfall: WaterfallSettings | None = None
    risk_model: RiskSettings | None = Field(
        default=None, description="estimated if given, or with its defaults if a scenario needs it"
    )
    resources: Resources = Resources()

    @model_validator(mode="after")
    def _rule_sets_agree(self) -> Experiment:
        used = [model.rule_sets for model in self.forecast.models]
        used += [combination.rule_sets for combination in self.forecast.combinations]
        used += [backtest.rule_sets for backtest in self.backtests]
        for rule_sets in used:
            extra = set(rule_sets or ()) - set(self.rule_sets)
            if extra:
                raise ValueError(
                    f"rule set {sorted(extra)[0]!r} is used by a model or a back-test but the"
                    f" experiment lists only {list(self.rule_sets)}"
                )
        return self

    @property
    def risk_settings(self) -> RiskSettings | None:
        """How risk is estimated; None where nothing needs it."""
        grids = [each for each in self.backtests if isinstance(each, BacktestSettings)]
        priced = any(each.risk_aversion or each.tracking_error for each in grids) or any(
            row.get("risk_aversion") or row.get("tracking_error") for row in self.scenarios
        )
        return self.risk_model or (RiskSettings() if priced else None)

    @model_validator(mode="after")
    def _risk_needs_practitioner(self) -> Experiment:
        for backtest in self.backtests:
            if not isinstance(backtest, BacktestSettings):
                continue
            priced = backtest.risk_aversion or backtest.tracking_error
            if priced and "paper" in (backtest.rule_sets or self.rule_sets):
                raise ValueError(
                    "a back-test with risk_aversion or tracking_error weighs risk against returns,"
                    " and forecasts under paper are none: write rule_sets: [practitioner]"
                )
        return self

    @model_validator(mode="after")
    def _scenarios_can_be_used(self) -> Experiment:
        faults = [
            fault
            for number, row in enumerate(self.scenarios)
            for fault in scenario_faults(row, f"scenarios.{number}", self.rule_sets)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @model_validator(mode="after")
    def _combinations_can_be_made(self) -> Experiment:
        for combination in self.forecast.combinations:
            for rule_set in combination.rule_sets or self.rule_sets:
                self._check_combination(combination.spec, rule_set)
        return self

    def _check_combination(self, spec: CombinationSpec, rule_set: str) -> None:
        trained = {
            each.name: each
            for model in self.forecast.models
            if rule_set in (model.rule_sets or self.rule_sets)
            for each in model.specs
        }
        late = {
            each.name
            for model in self.forecast.models
            for each in model.specs
            if not model.begins_by(self.forecast.first_window)
        }
        if late & set(spec.members):
            raise ValueError(
                f"{spec.library} {spec.name!r} names {min(late & set(spec.members))!r}, which is"
                " not trained in every window: leave out its first_window"
            )
        unknown = [name for name in spec.members if name not in trained]
        if unknown:
            raise ValueError(
                f"{spec.library} {spec.name!r} names {unknown[0]!r}, which is not trained under"
                f" {rule_set}; there are: {sorted(trained)}"
            )
        if rule_set == "practitioner" and spec.by in FORESIGHT:
            raise ValueError(
                f"choice {spec.name!r} by {spec.by} reads the labels of the window it forecasts:"
                " write rule_sets: [paper], or choose by: validation"
            )
        if spec.by == "validation":
            members = [trained[name] for name in spec.members]
            untuned = [each.name for each in members if not each.tuning]
            if untuned:
                raise ValueError(
                    f"choice {spec.name!r} by validation needs tuned members, and"
                    f" {untuned[0]!r} has no section tuning: its refit has seen the stopping weeks"
                )
            if len({each.loss for each in members}) > 1:
                raise ValueError(
                    f"choice {spec.name!r} by validation needs members of one loss: scores of"
                    f" {[each.loss for each in members]} do not compare"
                )

    def configuration_hash(self) -> str:
        """Hash of all that can change a result (resources cannot)."""
        return hash_json(self.model_dump(mode="json", exclude={"resources", "description"}))

    def with_window(self, window: str | None) -> Experiment:
        """The same experiment, trained and judged in one of its windows.

        Raises
        ------
        ExperimentError
            If it is none of the experiment's windows.
        """
        if window is None:
            return self
        content = {**self.forecast.model_dump(), "only_window": window}
        try:
            forecast = ForecastSettings.model_validate(content)
        except ValidationError as error:
            raise ExperimentError(error.errors()[0]["msg"]) from error
        return self.model_copy(update={"forecast": forecast})

    def with_scenarios(self, rows: Sequence[Mapping[str, Any]]) -> Experiment:
        """The same experiment with more back-tests, one per row."""
        listed = (*self.scenarios, *(dict(row) for row in rows))
        return self.model_copy(update={"scenarios": listed}) if rows else self

    def with_source(self, source: str | None) -> Experiment:
        """The same experiment on another source."""
        return self if source is None else self.model_copy(update={"source": source})


def _checked_half_year(value: str | None) -> str | None:
    if value is not None and not HALF_YEAR.match(value):
        raise ValueError(f"{value!r} is no half-year window: write for example 2016H1")
    return value


def load_experiment(name_or_file: str) -> Experiment:
    """Experiment by name (a file in experiments/) or by path.

    Raises
    ------
    ExperimentError
        If the file is missing, is no YAML, or breaks the schema; all faults are listed.
    """
    path = _experiment_file(name_or_file)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ExperimentError(f"{path} is no valid YAML: {error}") from error
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(
            f"  {'.'.join(str(part) for part in fault['loc']) or '(file)'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ExperimentError(f"{path} is no valid experiment:\n{faults}") from error


def _experiment_file(name_or_file: str) -> Path:
    as_path = Path(name_or_file)
    if as_path.suffix in {".yml", ".yaml"}:
        if as_path.exists():
            return as_path
        raise ExperimentError(f"experiment file {as_path} does not exist")
    candidate = EXPERIMENTS_DIR / f"{name_or_file}.yml"
    if candidate.exists():
        return candidate
    known = ", ".join(sorted(file.stem for file in EXPERIMENTS_DIR.glob("*.yml")))
    raise ExperimentError(f"no experiment named {name_or_file!r}; there are: {known}")
