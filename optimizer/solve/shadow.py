"""Duals and slacks of a solved portfolio, named.

Bands give one entry per side. Caps, frozen names and forced exits give entries where they have a
price; the price of `long_only` is the reduced reward of names not held and is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.problem.linear import LinearPortfolio
from optimizer.relaxation import STEPS, LadderSolution
from optimizer.solve.certificate import one_sided_derivatives, reduced_rewards

_ACTIVE = 1e-9
_PRICE = 1e-12


@dataclass(frozen=True)
class ShadowPrice:
    """One condition of one decision.

    Attributes
    ----------
    dual
        Change of the objective per unit by which the limit widens (of the total, for
        `full_investment`; of the weight itself, for `frozen` and `exit`).
    slack
        Distance to the limit as asked for; negative by the violation.
    relaxation_step
        Step of the ladder that widened this limit; 0 if it holds as asked.
    violation
        By how much the limit is exceeded; 0 if it holds.
    """

    name: str
    group: str
    dual: float
    slack: float
    is_active: bool
    relaxation_step: int
    violation: float


def shadow_prices(
    lp: LinearPortfolio, solved: LadderSolution, frozen: BoolArray, exits: BoolArray
) -> list[ShadowPrice]:
    """Entries of all rows, the turnover limit, binding caps, frozen names and forced exits.

    Parameters
    ----------
    lp
        The program as asked for, before any relaxation.
    frozen, exits
        [names], names fixed at their holding and at zero.
    """
    weights = solved.solution.weights
    return [
        *_row_prices(lp, solved, weights),
        *_turnover_price(lp, solved, weights),
        *_cap_prices(lp, solved, frozen | exits),
        *_fixed_prices(lp, solved, frozen, "frozen"),
        *_fixed_prices(lp, solved, exits, "exit"),
    ]


def _entry(
    name: str, group: str, dual: float, slack: float, step: int, *, equality: bool = False
) -> ShadowPrice:
    violated = slack < -_ACTIVE
    return ShadowPrice(
        name=name,
        group=group,
        dual=dual + 0.0,
        slack=slack + 0.0,
        is_active=equality or slack <= _ACTIVE,
        relaxation_step=step if violated else 0,
        violation=-slack if violated else 0.0,
    )


def _row_prices(
    lp: LinearPortfolio, solved: LadderSolution, weights: FloatArray
) -> list[ShadowPrice]:
    activity = np.asarray(lp.matrix @ weights)
    duals = solved.solution.duals.rows
    entries: list[ShadowPrice] = []
    for row, (label, group) in enumerate(zip(lp.row_labels, lp.row_groups, strict=True)):
        dual = float(duals[row])
        upper = float(lp.row_upper[row] - activity[row])
        lower = float(activity[row] - lp.row_lower[row])
        step = STEPS.index(group) + 1 if group in STEPS else len(STEPS)
        if lp.row_lower[row] == lp.row_upper[row]:
            entries.append(_entry(label, group, dual, min(upper, lower), step, equality=True))
            continue
        entries.append(_entry(f"{label}:upper", group, max(dual, 0.0), upper, step))
        entries.append(_entry(f"{label}:lower", group, max(-dual, 0.0), lower, step))
    return entries


def _turnover_price(
    lp: LinearPortfolio, solved: LadderSolution, weights: FloatArray
) -> list[ShadowPrice]:
    if np.isinf(lp.turnover_limit):
        return []
    slack = lp.turnover_limit - lp.turnover(weights)
    return [_entry("turnover", "turnover", solved.solution.duals.turnover, slack, 1)]


def _cap_prices(lp: LinearPortfolio, solved: LadderSolution, fixed: BoolArray) -> list[ShadowPrice]:
    weights = solved.solution.weights
    _, left = one_sided_derivatives(solved.relaxed, weights, solved.solution.duals)
    slack = lp.upper - weights
    at_cap = weights >= solved.relaxed.upper - _ACTIVE
    shown = ~fixed & ((at_cap & (left > _PRICE * lp.scale)) | (slack < -_ACTIVE))
    return [
        _entry(
            f"name_cap:{lp.symbols[i]}",
            "name_cap",
            max(float(left[i]), 0.0) if at_cap[i] else 0.0,
            float(slack[i]),
            len(STEPS),
        )
        for i in np.flatnonzero(shown)
    ]


def _fixed_prices(
    lp: LinearPortfolio, solved: LadderSolution, fixed: BoolArray, group: str
) -> list[ShadowPrice]:
    net = reduced_rewards(solved.relaxed, solved.solution.duals)
    return [
        _entry(f"{group}:{lp.symbols[i]}", group, float(net[i]), 0.0, 0, equality=True)
        for i in np.flatnonzero(fixed)
    ]
