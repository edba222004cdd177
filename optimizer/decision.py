"""A decision: from what is known after the close to target weights, with duals and certificate."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer import baselines
from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.errors import InfeasibleError, InputError, OptimizerError
from optimizer.execution.policy import ExecutionPolicy
from optimizer.execution.quotes import Quotes
from optimizer.expected_return import Skill, expected_returns, trailing_volatility
from optimizer.inputs import MarketData
from optimizer.problem.linear import assemble
from optimizer.problem.risk_part import split_risk
from optimizer.problem.weekly import Limits, WeeklyData, WeeklyRisk, build_weekly_problem
from optimizer.relaxation import LadderSolution, solve_with_ladder
from optimizer.risk.market_risk import MarketRisk
from optimizer.risk_ladder import solve_risk_with_ladder, tracking_error_price
from optimizer.scenario import WEEK_OF_YEAR, Scenario
from optimizer.schedule import Rebalance, candidate_mask
from optimizer.signals import Signals
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
        Value of the objective at the target: its forecast return, less risk and costs where the
        scenario prices them.
    prediction
        [names], the model's own, NaN where there is none.
    """

    rebalance: Rebalance
    names: IntArray
    data: WeeklyData
    target: FloatArray
    solved: LadderSolution | None
    shadow: list[ShadowPrice]
    objective: float
    prediction: FloatArray


@dataclass(frozen=True)
class Beliefs:
    """What turns predictions into returns and weighs them against risk.

    Attributes
    ----------
    skill
        How well the model has ranked so far.
    risk
        The risk model; None where there is none.
    """

    skill: Skill = field(default_factory=Skill.none)
    risk: MarketRisk | None = None


def decide(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
    weights: FloatArray,
    *,
    is_first: bool,
    beliefs: Beliefs | None = None,
) -> Decision:
    """Solve the problem of one rebalance, or apply the rule of a baseline.

    Parameters
    ----------
    weights
        [N], held weights at the close of the decision session.
    is_first
        Whether this is the first portfolio.
    beliefs
        By default no history of forecasts and no risk model.

    Raises
    ------
    OptimizerError
        If no portfolio exists or its certificate fails; the message names the decision.
    """
    beliefs = beliefs or Beliefs()
    candidates = eligible(market, signals, scenario, policy, rebalance)
    names, data = weekly_data(
        market,
        signals,
        scenario,
        policy,
        rebalance,
        weights,
        candidates,
        is_first=is_first,
        beliefs=beliefs,
    )
    prediction = signals.prediction[rebalance.signal_week, names]
    if scenario.is_baseline:
        return _by_rule(scenario, rebalance, names, data, prediction)
    day = market.sessions[rebalance.decision]
    try:
        return _solve(names, data, scenario.limits, policy, rebalance, prediction)
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
    scenario: Scenario,
    rebalance: Rebalance,
    names: IntArray,
    data: WeeklyData,
    prediction: FloatArray,
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
        prediction=prediction,
    )


def _solve(
    names: IntArray,
    data: WeeklyData,
    limits: Limits,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
    prediction: FloatArray,
) -> Decision:
    problem = build_weekly_problem(data, limits)
    linear, risk = split_risk(problem)
    lp = assemble(linear)
    if risk is None:
        solved = solve_with_ladder(lp, policy.last_resort, data.candidates)
        shadow = shadow_prices(linear, lp, solved)
    else:
        solved, found = solve_risk_with_ladder(lp, risk, policy.last_resort, data.candidates)
        shadow = shadow_prices(linear, lp, solved)
        if limits.tracking_error is not None:
            yearly = WEEK_OF_YEAR**-0.5
            shadow.append(tracking_error_price(risk, found, limits.tracking_error, yearly))
    target = solved.solution.weights
    return Decision(
        rebalance=rebalance,
        names=names,
        data=data,
        target=target,
        solved=solved,
        shadow=shadow,
        objective=problem.objective(target),
        prediction=prediction,
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
    beliefs: Beliefs,
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
        forecast=_forecast(market, signals, scenario, rebalance, beliefs)[names],
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
        risk=_risk(market, signals, scenario, policy, rebalance, names, index, beliefs.risk),
    )


def _forecast(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    rebalance: Rebalance,
    beliefs: Beliefs,
) -> FloatArray:
    """What the objective earns on each name, [N]: the prediction itself under `paper`."""
    prediction: FloatArray = signals.prediction[rebalance.signal_week]
    if scenario.rule_set == "paper":
        return prediction
    if beliefs.risk is not None and beliefs.risk.has(rebalance.week):
        volatility = beliefs.risk.volatility(market, signals, rebalance.week)
    else:
        volatility = trailing_volatility(market, rebalance.decision)
    skill = beliefs.skill.at(np.datetime64(market.sessions[rebalance.decision], "D"))
    members = signals.in_universe[rebalance.signal_week]
    return expected_returns(prediction, members, volatility, skill)


def _risk(
    market: MarketData,
    signals: Signals,
    scenario: Scenario,
    policy: ExecutionPolicy,
    rebalance: Rebalance,
    names: IntArray,
    index: FloatArray,
    risk: MarketRisk | None,
) -> WeeklyRisk | None:
    """Risk of the names and what trading them costs; None where the scenario asks for neither."""
    if not scenario.needs_risk:
        return None
    if risk is None:
        raise InputError(f"{scenario.label}: the scenario needs a risk model and there is none")
    buying, selling = _cost_rates(market, scenario, policy, rebalance.decision, names)
    return WeeklyRisk(
        model=risk.model(market, signals, rebalance.week, names, index),
        benchmark=index[names],
        buying_cost=np.nan_to_num(buying),
        selling_cost=np.nan_to_num(selling),
    )


def _cost_rates(
    market: MarketData,
    scenario: Scenario,
    policy: ExecutionPolicy,
    session: int,
    names: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Cost per yuan of buying and of selling a full position of the initial capital, [names].

    Costs have a minimum and grow with size, so a rate needs a size: the cap stands for it.
    """
    value = np.full(names.size, scenario.capital_cny / scenario.num_stock)
    price = market.raw_close(session, names)
    costs = []
    for is_purchase in (True, False):
        quotes = Quotes.of(market, session, names, np.full(names.size, is_purchase))
        costs.append(policy.costs.tariff(quotes, price).charge(value).sum(axis=0))
    return costs[0] / value, costs[1] / value


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
