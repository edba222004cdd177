"""A decision: from what is known after the close to target weights, with duals and certificate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer import baselines
from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.errors import InfeasibleError, OptimizerError
from optimizer.execution.policy import ExecutionPolicy
from optimizer.inputs import MarketData, Signals
from optimizer.problem.linear import assemble
from optimizer.problem.weekly import Limits, WeeklyData, build_weekly_problem
from optimizer.relaxation import LadderSolution, solve_with_ladder
from optimizer.scenario import Scenario
from optimizer.schedule import Rebalance, candidate_mask
from optimizer.solve.shadow import ShadowPrice, shadow_prices


@dataclass(frozen=True)
class Decision:
    """Targets of one rebalance over its names (candidates and holdings).

    Attributes
    ----------
    names
        [names], positions among the market's symbols, ascending.
    data
        What the optimiser saw of them.
    target
        [names], weights wanted.
    solved
        Solution, ladder step and certificate; None for a portfolio by rule.
    shadow
        Duals and slacks.
    objective
        Forecast return of the target.
    """

    rebalance: Rebalance
    names: IntArray
    data: WeeklyData
    target: FloatArray
    solved: LadderSolution | None
    shadow: list[ShadowPrice]
    objective: float


def decide(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
    weights: FloatArray,
    *,
    is_first: bool,
) -> Decision:
    """Solve the linear program of one rebalance, or apply the rule of a baseline.

    Parameters
    ----------
    weights
        [N], held weights at the close of the decision session.
    is_first
        Whether this is the first portfolio.

    Raises
    ------
    OptimizerError
        If no portfolio exists or its certificate fails; the message names the decision.
    """
    candidates = eligible(market, signals, scenario, policy, rebalance)
    names, data = weekly_data(
        market, signals, scenario, policy, rebalance, weights, candidates, is_first=is_first
    )
    if scenario.is_baseline:
        return _by_rule(scenario, rebalance, names, data)
    day = market.sessions[rebalance.decision]
    try:
        return _solve(names, data, scenario.limits, policy, rebalance)
    except InfeasibleError as error:
        raise InfeasibleError(f"{scenario.label}, decision of {day}: {error}") from error
    except OptimizerError as error:
        error.add_note(f"{scenario.label}, decision of {day}")
        raise


def eligible(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
) -> BoolArray:
    """Names that a portfolio may choose, [N]; those of the index where it is held equally."""
    foresees = policy.foresees_suspension
    candidates = candidate_mask(market, signals, rebalance, foresees)
    if scenario.model == baselines.EQUAL_INDEX:
        session = rebalance.adjustment if foresees else rebalance.decision
        index = market.index_weights[scenario.benchmark][rebalance.week].toarray()[0]
        members: BoolArray = (
            (index > 0.0) & market.is_listed[rebalance.decision] & market.is_tradable[session]
        )
        return members
    if scenario.model.startswith(baselines.TOP_OF):
        forecast = signals.prediction[rebalance.signal_week]
        chosen = np.zeros_like(candidates)
        chosen[baselines.highest(forecast, candidates, scenario.num_stock)] = True
        return chosen
    return candidates


def _by_rule(
    scenario: Scenario, rebalance: Rebalance, names: IntArray, data: WeeklyData
) -> Decision:
    """Equal weights over the names that may be chosen; at most 1 / num_stock each."""
    frozen = np.where(data.frozen, data.before, 0.0)
    target = baselines.equal_weights(
        np.flatnonzero(data.candidates), frozen, count=scenario.num_stock
    )
    return Decision(
        rebalance=rebalance,
        names=names,
        data=data,
        target=target,
        solved=None,
        shadow=[],
        objective=float(np.nan_to_num(data.forecast) @ target),
    )


def _solve(
    names: IntArray,
    data: WeeklyData,
    limits: Limits,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
) -> Decision:
    problem = build_weekly_problem(data, limits)
    lp = assemble(problem)
    solved = solve_with_ladder(lp, policy.last_resort, data.candidates)
    target = solved.solution.weights
    return Decision(
        rebalance=rebalance,
        names=names,
        data=data,
        target=target,
        solved=solved,
        shadow=shadow_prices(problem, lp, solved),
        objective=problem.objective(target),
    )


def weekly_data(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
    weights: FloatArray,
    candidates: BoolArray,
    *,
    is_first: bool,
) -> tuple[IntArray, WeeklyData]:
    """Names of a decision, their positions and what is known about them.

    Candidates are the names that may be chosen, [N]. A held name is frozen if it cannot be sold at
    the decision (never with foresight, where suspended holdings are sold by force); any other held
    name that is no candidate is an exit.
    """
    held = weights > 0.0
    frozen = np.zeros_like(held)
    if not policy.sells_suspended:
        frozen = held & ~market.is_tradable[rebalance.decision]
    names = np.flatnonzero(candidates | held)
    week = rebalance.week
    index = market.index_weights[scenario.benchmark][week].toarray()[0]
    banded = scenario.barra_limit is not None
    style_labels = market.style_names if banded else ()
    styles = market.styles[week].astype(np.float64) if banded else np.empty((0, held.size))
    labels, industry, centre = _industries(signals, week, names, index)
    return names, WeeklyData(
        symbols=tuple(market.symbols[name] for name in names),
        forecast=signals.prediction[rebalance.signal_week, names],
        before=weights[names],
        frozen=frozen[names],
        exits=_exits(candidates, held, frozen)[names],
        style_labels=style_labels,
        styles=styles[:, names],
        style_centre=styles @ index,
        industry_labels=labels,
        industry=industry,
        industry_centre=centre,
        is_first=is_first,
    )


def _exits(candidates: BoolArray, held: BoolArray, frozen: BoolArray) -> BoolArray:
    result: BoolArray = held & ~candidates & ~frozen
    return result


def _industries(
    signals: Signals, week: int, names: IntArray, index: FloatArray
) -> tuple[tuple[str, ...], IntArray, FloatArray]:
    """Industries of the names and of the index, as labels, positions and index weights."""
    codes = signals.industry[week].astype(np.intp)
    relevant = np.union1d(codes[names], codes[np.flatnonzero(index)])
    relevant = relevant[relevant >= 0]
    position = np.full(len(signals.industry_codes) + 1, -1, dtype=np.intp)
    position[relevant] = np.arange(relevant.size)
    known = codes >= 0
    weights = np.bincount(codes[known], weights=index[known], minlength=len(signals.industry_codes))
    labels = tuple(signals.industry_codes[code] for code in relevant)
    return labels, position[codes[names]], weights[relevant]
