"""Rules of execution: a policy is a small set of switches and parts of one engine."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.execution.costs import CostModel, FlatCost, RulebookFees, WithImpact
from optimizer.execution.limits import (
    DELISTED,
    FILL_AT_LIMIT_DOWN,
    FILL_AT_LIMIT_UP,
    ONE_PRICE_DAY,
    SUSPENDED,
    FillLimit,
    RoundLots,
    Unsettled,
    VolumeCap,
)
from optimizer.execution.switches import ExecutionSwitches
from optimizer.relaxation import LastResort
from optimizer.scenario import RULE_SET_DEFAULTS, Scenario

# Remainders below a tenth of a basis point of the portfolio are not worth another order.
SMALLEST_RETRY_WEIGHT = 1e-5


@dataclass(frozen=True)
class ExecutionPolicy:
    """One set of rules.

    Attributes
    ----------
    switches
        What is on and off.
    fill_limits
        Judged in this order, lots last but for cash; each takes its share of the shortfall.
    lots
        The last of them, where the policy trades in lots: judged again where cash is short.
    last_resort
        What gives way when turnover, industries and styles were not enough.
    """

    name: str
    switches: ExecutionSwitches
    fill_limits: tuple[FillLimit, ...]
    lots: RoundLots | None
    costs: CostModel
    last_resort: LastResort

    @property
    def foresees_suspension(self) -> bool:
        """Whether names suspended on the adjustment day are left out at the decision."""
        return self.switches.foresees_suspension

    @property
    def sells_suspended(self) -> bool:
        """Whether a holding that gets suspended is sold at its last VWAP."""
        return self.switches.stale_forced_sale


def execution_policy(scenario: Scenario) -> ExecutionPolicy:
    """Policy that a scenario names, with its switches and costs."""
    switches = scenario.execution
    lots = RoundLots() if switches.lots else None
    return ExecutionPolicy(
        name=scenario.execution_policy,
        switches=switches,
        fill_limits=_fill_limits(switches) + ((lots,) if lots else ()),
        lots=lots,
        costs=_costs(scenario, switches),
        last_resort="raise_cap" if scenario.execution_policy == "paper" else "cash",
    )


def _fill_limits(switches: ExecutionSwitches) -> tuple[FillLimit, ...]:
    limits: list[FillLimit] = [DELISTED, SUSPENDED, ONE_PRICE_DAY]
    if switches.limit_rule == "at_fill":
        limits += [FILL_AT_LIMIT_UP, FILL_AT_LIMIT_DOWN]
    if switches.t_plus_1:
        limits.append(Unsettled())
    if switches.volume_cap:
        limits.append(VolumeCap())
    return tuple(limits)


def _costs(scenario: Scenario, switches: ExecutionSwitches) -> CostModel:
    rate, schedule = scenario.cost_rate, scenario.fee_schedule
    if switches.fees is not None:
        defaults = RULE_SET_DEFAULTS[switches.fees]
        rate, schedule = defaults["cost_rate"], defaults["fee_schedule"]
    fees = RulebookFees(rate) if schedule == "rulebook" else FlatCost(rate)
    return WithImpact(fees) if switches.impact else fees
