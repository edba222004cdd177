"""A back-test scenario: everything that distinguishes one back-test of a model from another."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from optimizer import baselines
from optimizer.errors import InputError
from optimizer.execution.switches import (
    ExecutionSwitches,
    PolicyName,
    SwitchOverrides,
    switched,
)
from optimizer.problem.weekly import Limits

RuleSet = Literal["paper", "practitioner"]
FeeSchedule = Literal["none", "rulebook"]
Adjustment = Literal["every_5_sessions", "weekly"]
DEFAULT_CAPITAL_CNY = 1e8

# A week of five sessions, as a share of the 244 of a year.
WEEK_OF_YEAR = 5.0 / 244.0

RULE_SET_DEFAULTS: dict[str, dict[str, Any]] = {
    "paper": {
        "industry_limit": 0.5,
        "cost_rate": 0.00005,
        "fee_schedule": "none",
        "execution_policy": "paper",
        "adjustment": "every_5_sessions",
    },
    "practitioner": {
        "industry_limit": 0.02,
        "cost_rate": 0.0002,
        "fee_schedule": "rulebook",
        "execution_policy": "practitioner",
        "adjustment": "weekly",
    },
}


class Scenario(BaseModel):
    """Frozen, JSON-serialisable description of one back-test.

    Fields that the rule set decides (`industry_limit`, `cost_rate`, `fee_schedule`,
    `execution_policy`, `adjustment`) default to its values when left out or None. `barra_limit`
    None means no style bands; `cost_rate` is a share of the value traded, charged on purchases and
    on sales on top of the fees of the schedule. `switches` override single rules of the execution
    policy. `trading_delay_sessions` is how many sessions the predictions lie back at a decision
    beside their usual age: everything else is decided on what is known then. `risk_aversion` is
    expected return given up per unit of active variance, `tracking_error` the largest ex-ante
    deviation of the active return, a year; both need the rule set `practitioner`, whose forecasts
    are returns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_set: RuleSet
    model: str = Field(min_length=1)
    benchmark: str = Field(min_length=1)
    barra_limit: float | None = Field(ge=0, allow_inf_nan=False)
    num_stock: int = Field(ge=1)
    turnover_limit: float = Field(default=0.15, ge=0, le=2)
    industry_limit: float = Field(ge=0, le=1)
    cost_rate: float = Field(ge=0, lt=0.1)
    fee_schedule: FeeSchedule
    execution_policy: PolicyName
    adjustment: Adjustment
    switches: SwitchOverrides = SwitchOverrides()
    capital_cny: float = Field(default=DEFAULT_CAPITAL_CNY, gt=0, allow_inf_nan=False)
    trading_delay_sessions: int = Field(default=0, ge=0, le=10)
    risk_aversion: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    tracking_error: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    first_trade_date: date
    last_trade_date: date

    @model_validator(mode="before")
    @classmethod
    def _fill_from_rule_set(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        defaults = RULE_SET_DEFAULTS.get(str(values.get("rule_set")), {})
        given = {key: value for key, value in values.items() if value is not None}
        return {"barra_limit": None, **defaults, **given}

    @model_validator(mode="after")
    def _baseline_exists(self) -> Scenario:
        if self.is_baseline and not baselines.is_known(self.model):
            raise ValueError(
                f"no baseline {self.model!r}; there are {baselines.EQUAL_UNIVERSE},"
                f" {baselines.EQUAL_INDEX}, {baselines.INDEX} and {baselines.TOP_OF}<model>"
            )
        return self

    @model_validator(mode="after")
    def _dates_in_order(self) -> Scenario:
        if self.first_trade_date > self.last_trade_date:
            raise ValueError(
                f"first_trade_date {self.first_trade_date} comes after"
                f" last_trade_date {self.last_trade_date}"
            )
        return self

    @model_validator(mode="after")
    def _risk_needs_returns(self) -> Scenario:
        if self.needs_risk and self.rule_set == "paper":
            raise ValueError(
                "risk_aversion and tracking_error weigh risk against returns, and forecasts under"
                " `paper` are none: write rule_sets: [practitioner]"
            )
        return self

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> Scenario:
        """Scenario from plain values, for instance a row of a YAML file.

        Raises
        ------
        InputError
            Listing every field that cannot be used, with what was found.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc']) or 'scenario'}: {fault['msg']}"
                f" (found {fault['input']!r})"
                for fault in error.errors()
            )
            raise InputError(f"the scenario cannot be used: {faults}") from error

    @property
    def is_baseline(self) -> bool:
        """Whether the portfolio is made by a rule and not by optimisation."""
        return baselines.is_baseline(self.model)

    @property
    def signal_model(self) -> str:
        """Model whose forecasts are traded on; `baselines.NO_MODEL` where there are none."""
        return baselines.signal_model(self.model)

    @property
    def limits(self) -> Limits:
        """Bounds of the weekly program."""
        return Limits(
            barra_limit=self.barra_limit,
            industry_limit=self.industry_limit,
            num_stock=self.num_stock,
            turnover_limit=self.turnover_limit,
            risk_aversion=self.risk_aversion,
            tracking_error=None
            if self.tracking_error is None
            else self.tracking_error * WEEK_OF_YEAR**0.5,
        )

    @property
    def execution(self) -> ExecutionSwitches:
        """Rules of execution: those of the policy, after the switches."""
        return switched(self.execution_policy, self.switches)

    @property
    def needs_risk(self) -> bool:
        """Whether decisions need the risk model."""
        return self.risk_aversion is not None or self.tracking_error is not None

    @property
    def uses_future(self) -> bool:
        """Whether the universe or the fills look ahead, as the paper's do."""
        rules = self.execution
        foresight = rules.foresees_suspension or rules.stale_forced_sale
        return self.rule_set == "paper" or foresight

    @property
    def is_variant(self) -> bool:
        """Whether it repeats another scenario with other switches, capital or delay."""
        return bool(self._deviations)

    @property
    def label(self) -> str:
        """Readable one-line name."""
        risk = ""
        if self.risk_aversion is not None:
            risk += f", aversion {self.risk_aversion:g}"
        if self.tracking_error is not None:
            risk += f", tracking error {self.tracking_error:g}"
        barra = "unbanded" if self.barra_limit is None else f"barra {self.barra_limit:g}"
        return (
            f"{self.rule_set} {self.model} vs {self.benchmark}, {barra}, {self.num_stock} names,"
            f" turnover {self.turnover_limit:g}{risk}{self._deviations}"
        )

    @property
    def _deviations(self) -> str:
        """What is unlike most scenarios, for the label; empty if nothing is."""
        parts = []
        if self.capital_cny != DEFAULT_CAPITAL_CNY:
            parts.append(f"{self.capital_cny:g} yuan")
        if self.trading_delay_sessions:
            parts.append(f"delay {self.trading_delay_sessions}")
        if self.switches.given():
            parts.append(str(self.switches))
        return "".join(f", {part}" for part in parts)

    def as_record(self) -> dict[str, Any]:
        """Fields and flags, as one row of a table (dates stay dates, switches are text)."""
        flags = {"uses_future": self.uses_future, "is_variant": self.is_variant}
        record = self.model_dump()
        record["tracking_error_limit"] = record.pop("tracking_error")
        return {**record, **flags, "switches": str(self.switches)}
