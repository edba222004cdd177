"""Duals and slacks of a solved portfolio, condition by condition, under their names.

Each condition has a dual and a slack (`condition_prices`). Listed for storage are all conditions of
rows and of the turnover limit, caps and bands of names where they have a price, frozen names and
forced exits, and one entry for `long_only` as a whole: thousands of names have no weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.problem.base import Bounds, ConditionPrices, LinearForm, Rows
from optimizer.problem.linear import LinearPortfolio, PortfolioProblem
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
        `full_investment`; of the weight itself, for `frozen` and `exit`). That of `long_only` is
        for all names at once.
    slack
        Distance to the limit as asked for; negative by the violation. That of `long_only` is the
        smallest of all names.
    relaxation_step
        Step of the ladder that widened this limit; 0 if it holds as asked.
    violation
        By how much the limit is exceeded, the least that the ladder found; 0 if it holds.
    """

    name: str
    group: str
    dual: float
    slack: float
    is_active: bool
    relaxation_step: int
    violation: float


def condition_prices(
    problem: PortfolioProblem, lp: LinearPortfolio, solved: LadderSolution
) -> list[ConditionPrices]:
    """Dual and slack of every condition of every constraint.

    A bound that several constraints set alike is priced at the first of them; names with a fixed
    weight are priced there alone.

    Parameters
    ----------
    lp
        The program of the problem as asked for, before any relaxation.
    """
    weights = solved.solution.weights
    parts = [(constraint, constraint.linear_form()) for constraint in problem.constraints]
    fixed = np.zeros(lp.size, dtype=np.bool_)
    for _, form in parts:
        if isinstance(form, Bounds) and form.sides == "equal":
            fixed |= form.bounded
    pricing = _Pricing(lp, solved, fixed)
    return [
        ConditionPrices(constraint, pricing.of(form), constraint.slacks(weights))
        for constraint, form in parts
    ]


def shadow_prices(
    problem: PortfolioProblem, lp: LinearPortfolio, solved: LadderSolution
) -> list[ShadowPrice]:
    """The entries for storage (see the module's text)."""
    entries: list[ShadowPrice] = []
    for prices in condition_prices(problem, lp, solved):
        entries += _entries(prices, lp.scale)
    return entries


class _Pricing:
    """Turns duals of a program into duals of conditions, form by form."""

    def __init__(self, lp: LinearPortfolio, solved: LadderSolution, fixed: BoolArray) -> None:
        weights, duals = solved.solution.weights, solved.solution.duals
        right, left = one_sided_derivatives(solved.relaxed, weights, duals)
        at_upper = ~fixed & (weights >= solved.relaxed.upper - _ACTIVE)
        at_lower = ~fixed & (weights <= solved.relaxed.lower + _ACTIVE)
        self._upper = np.where(at_upper, np.maximum(left, 0.0), 0.0)
        self._lower = np.where(at_lower, np.maximum(-right, 0.0), 0.0)
        self._net = reduced_rewards(solved.relaxed, duals)
        self._lp, self._duals = lp, duals
        self._rows_seen = 0

    def of(self, form: LinearForm | None) -> FloatArray:
        """Duals of the conditions of a form; rows must come in the order of the program."""
        if isinstance(form, Rows):
            first = self._rows_seen
            self._rows_seen += len(form.labels)
            return _by_side(self._duals.rows[first : self._rows_seen], form.sides)
        if isinstance(form, Bounds):
            return self._of_bounds(form)
        return np.array([self._duals.turnover])

    def _of_bounds(self, form: Bounds) -> FloatArray:
        if form.sides == "equal":
            return self._net[form.bounded]
        upper, lower = np.empty(0), np.empty(0)
        if form.sides in ("upper", "both"):
            upper = self._taken(self._upper, form.upper == self._lp.upper)[form.bounded]
        if form.sides in ("lower", "both"):
            lower = self._taken(self._lower, form.lower == self._lp.lower)[form.bounded]
        return np.concatenate([upper, lower])

    def _taken(self, prices: FloatArray, sets_bound: BoolArray) -> FloatArray:
        """Prices of the names whose bound this form sets; nobody else gets them."""
        own = np.where(sets_bound, prices, 0.0)
        prices[sets_bound] = 0.0
        return own


def _by_side(duals: FloatArray, sides: str) -> FloatArray:
    if sides == "equal":
        return duals
    upper, lower = np.maximum(duals, 0.0), np.maximum(-duals, 0.0)
    return {"upper": upper, "lower": lower}.get(sides, np.concatenate([upper, lower]))


def _entries(prices: ConditionPrices, scale: float) -> list[ShadowPrice]:
    constraint, slack, form = prices.constraint, prices.slack, prices.constraint.linear_form()
    if constraint.group == "long_only":
        total, least = float(prices.dual.sum()), float(slack.min())
        return [_entry(constraint.group, constraint.group, total, least, False)]
    is_equality = isinstance(form, Rows | Bounds) and form.sides == "equal"
    shown = np.arange(slack.size)
    if isinstance(form, Bounds) and not is_equality:
        shown = np.flatnonzero((prices.dual > _PRICE * scale) | (slack < -_ACTIVE))
    names = constraint.names() if shown.size else ()
    return [
        _entry(names[i], constraint.group, float(prices.dual[i]), float(slack[i]), is_equality)
        for i in shown
    ]


def _entry(name: str, group: str, dual: float, slack: float, is_equality: bool) -> ShadowPrice:
    violated = slack < -_ACTIVE
    step = STEPS.index(group) + 1 if group in STEPS else len(STEPS)
    return ShadowPrice(
        name=name,
        group=group,
        dual=dual + 0.0,
        slack=slack + 0.0,
        is_active=is_equality or slack <= _ACTIVE,
        relaxation_step=step if violated else 0,
        violation=-slack if violated else 0.0,
    )
