"""The switches of execution: what a policy is made of, each of which a scenario may turn alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

PolicyName = Literal["paper", "practitioner"]
LimitRule = Literal["one_price", "at_fill"]
Dividends = Literal["reinvested", "cash"]
BenchmarkSeries = Literal["price", "total_return"]


class ExecutionSwitches(BaseModel):
    """Rules of one policy.

    Attributes
    ----------
    foresees_suspension
        Names suspended on the adjustment day are left out at the decision (looks ahead).
    stale_forced_sale
        A holding that gets suspended is sold at its last VWAP.
    retries
        Unfilled orders are tried again every session until the next adjustment, forced exits
        beyond it while the name stays frozen.
    limit_rule
        `one_price`: only a session locked at one price refuses; `at_fill`: also one whose VWAP,
        the price of the fill, lies at the limit.
    t_plus_1, volume_cap, lots
        Settlement before sale, largest share of a session's volume, round lots.
    impact
        Square-root market impact is part of the cost.
    dividends
        `reinvested` at the ex-price, in fractional shares, through the adjustment factor; or paid
        out in `cash` where the source lists them (the rest through the factor).
    terminal_value
        A delisted holding is worth what the source says of it, not its last close.
    benchmark_series
        `price`, or `total_return` (as given, else rebuilt from the index weights).
    fees
        Rule set whose fee schedule and cost rate are charged; None: the scenario's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    foresees_suspension: bool
    stale_forced_sale: bool
    retries: bool
    limit_rule: LimitRule
    t_plus_1: bool
    volume_cap: bool
    lots: bool
    impact: bool
    dividends: Dividends
    terminal_value: bool
    benchmark_series: BenchmarkSeries
    fees: PolicyName | None = None


class SwitchOverrides(BaseModel):
    """Switches that differ from those of the scenario's policy; None keeps the policy's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    foresees_suspension: bool | None = None
    stale_forced_sale: bool | None = None
    retries: bool | None = None
    limit_rule: LimitRule | None = None
    t_plus_1: bool | None = None
    volume_cap: bool | None = None
    lots: bool | None = None
    impact: bool | None = None
    dividends: Dividends | None = None
    terminal_value: bool | None = None
    benchmark_series: BenchmarkSeries | None = None
    fees: PolicyName | None = None

    def given(self) -> dict[str, Any]:
        """The switches that are set."""
        return self.model_dump(exclude_none=True)

    def __str__(self) -> str:
        """`lots=false, limit_rule=one_price`, in the order of the fields; empty if none is set."""
        return ", ".join(f"{name}={_word(value)}" for name, value in self.given().items())


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


POLICIES: Mapping[str, ExecutionSwitches] = MappingProxyType(
    {
        "paper": ExecutionSwitches(
            foresees_suspension=True,
            stale_forced_sale=True,
            retries=False,
            limit_rule="one_price",
            t_plus_1=False,
            volume_cap=False,
            lots=False,
            impact=False,
            dividends="reinvested",
            terminal_value=False,
            benchmark_series="price",
        ),
        "practitioner": ExecutionSwitches(
            foresees_suspension=False,
            stale_forced_sale=False,
            retries=True,
            limit_rule="at_fill",
            t_plus_1=True,
            volume_cap=True,
            lots=True,
            impact=True,
            dividends="cash",
            terminal_value=True,
            benchmark_series="total_return",
        ),
    }
)
"""The two policies of the rule sets."""


def switched(policy: PolicyName, overrides: SwitchOverrides) -> ExecutionSwitches:
    """Switches of a policy after what a scenario overrides."""
    return POLICIES[policy].model_copy(update=overrides.given())
