"""The experiment file: one typed, validated description of what a run does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from models_ml.combination import FORESIGHT, CombinationSpec
from optimizer.risk.settings import RiskSettings
from orchestration.lib.backtest_settings import Backtests, BacktestSettings
from orchestration.lib.crossed_models import crossing_faults
from orchestration.lib.errors import UserError
from orchestration.lib.fingerprint import hash_json
from orchestration.lib.forecast_settings import ForecastSettings
from orchestration.lib.paths import EXPERIMENTS_DIR
from orchestration.lib.scenario_rows import scenario_faults
from orchestration.lib.settings import RuleSet, Settings
from orchestration.lib.waterfall_settings import WaterfallSettings


class ExperimentError(UserError):
    """The experiment file cannot be used; the message says where and how to mend it."""


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
    minimum_listed_sessions: int | None = Field(
        default=None,
        ge=0,
        description="sessions since listing that the universe of every rule set asks for, in place"
        " of the ages of rules.universe_rule",
    )
    factor_set: Literal["computed", "supplied", "both"] = Field(
        default="computed",
        description="the computed factors, those of landing.factor_exposures, or both",
    )
    column_mapping: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="table -> {column of the source: column of the contract}"
    )
    table_mapping: dict[str, str] = Field(
        default_factory=dict, description="table of the source -> table of the contract"
    )


class Resources(Settings):
    """What a run may use of the machine."""

    threads: int = Field(default=2, ge=1)
    training_processes: int = Field(
        default=1,
        ge=1,
        description="training windows at the same time; with two or more, training begins beside"
        " what needs no forecast",
    )
    training_threads: int | None = Field(
        default=None,
        ge=1,
        description="threads of one fit; none: `threads` shared among the training processes",
    )
    processes: int = Field(default=2, ge=1, description="back-tests that run at the same time")
    warehouse_memory: str = "3GB"
    tuning_storage: str = Field(
        default="journal",
        description="`journal` (a file per window) or the URL of a database for all trials",
    )
    retained_runs: int = Field(
        default=2, ge=1, description="runs whose results stay in the results tables"
    )

    @property
    def fit_threads(self) -> int:
        """Threads of one fit."""
        return self.training_threads or max(1, self.threads // self.training_processes)


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
        """How risk is estimated; None where no portfolio asks for it: attribution needs it too."""
        portfolios = self.backtests or self.scenarios
        return self.risk_model or (RiskSettings() if portfolios else None)

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

    @model_validator(mode="after")
    def _crossed_models_can_be_made(self) -> Experiment:
        faults = crossing_faults(self.forecast, self.rule_sets)
        if faults:
            raise ValueError("; ".join(faults))
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
            if untuned and any(each.library != "ridge" for each in members):
                raise ValueError(
                    f"choice {spec.name!r} by validation needs tuned members, or ridges alone, and"
                    f" {untuned[0]!r} has no section tuning: its refit has seen the stopping weeks"
                )
            if len({each.loss for each in members}) > 1:
                raise ValueError(
                    f"choice {spec.name!r} by validation needs members of one loss: scores of"
                    f" {[each.loss for each in members]} do not compare"
                )

    def configuration_hash(self) -> str:
        """Hash of what defines a result.

        Resources are left out: the number of threads moves the last digits of LSTM and GRU alone.
        """
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
