"""Section `backtests` of an experiment: grids of scenarios, and the study's by name."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from optimizer.execution.switches import SwitchOverrides
from optimizer.scenario import DEFAULT_CAPITAL_CNY
from orchestration.lib.settings import RuleSet, Settings

PaperScenarioName = Literal[
    "table_14", "table_10", "figure_8", "figure_9", "figure_15", "figure_17"
]


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
    libraries: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="only the scenarios of these forecasters; all of the study's by default",
    )
    rule_sets: tuple[RuleSet, ...] | None = None


def _kind_of_backtests(value: Any) -> str:
    named = "paper_scenarios" in value if isinstance(value, dict) else not hasattr(value, "models")
    return "study" if named else "grid"


Backtests = Annotated[
    Annotated[BacktestSettings, Tag("grid")] | Annotated[PaperScenarioSettings, Tag("study")],
    Discriminator(_kind_of_backtests),
]
