"""The problem of one decision: the paper's section 4.3 with workable turnover rules, and risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.problem.bands import IndustryBand, StyleBand
from optimizer.problem.base import Constraint, ObjectiveTerm
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.linear import PortfolioProblem
from optimizer.problem.names import FixedNames, LongOnly, NameCap
from optimizer.problem.terms import ActiveRisk, ExpectedReturn, TradingCost
from optimizer.problem.totals import FullInvestment, TrackingError, TurnoverLimit


@dataclass(frozen=True)
class Limits:
    """What a scenario bounds.

    Attributes
    ----------
    barra_limit
        Half-width of each style band in standard deviations; None for no style bands.
    industry_limit
        Half-width of each industry band, in weight.
    num_stock
        The cap on one name is 1 / num_stock.
    turnover_limit
        Two-way, in weight.
    risk_aversion
        Price of active variance; with it trading costs count too. None for neither.
    tracking_error
        Largest deviation of the active return over a week; None for no bound.
    """

    barra_limit: float | None
    industry_limit: float
    num_stock: int
    turnover_limit: float
    risk_aversion: float | None = None
    tracking_error: float | None = None


@dataclass(frozen=True)
class WeeklyRisk:
    """What limits on risk need of a decision.

    Attributes
    ----------
    model
        Risk of the names over a week.
    benchmark
        [names], weights of the index; what it holds elsewhere is in the model.
    buying_cost, selling_cost
        [names], per value traded.
    """

    model: FactorModel
    benchmark: FloatArray
    buying_cost: FloatArray
    selling_cost: FloatArray


@dataclass(frozen=True)
class WeeklyData:
    """What is known at a decision about the names that are candidates or held.

    Attributes
    ----------
    symbols
        [names].
    forecast
        [names]; NaN where there is none (only frozen names and exits may lack one).
    before
        [names], weights held, after drift; what is missing to one is cash.
    frozen
        [names], held and not sellable: stay at `before`.
    exits
        [names], held and to be sold: target 0.
    style_labels, styles, style_centre
        [styles], [styles, names], [styles]: exposures and those of the index.
    industry_labels, industry, industry_centre
        [industries], [names] (-1: unknown, in no band), [industries]: weights of the index.
    is_first
        Whether this is the first portfolio, which is exempt from the turnover limit.
    risk
        None where the scenario neither prices nor bounds risk.
    """

    symbols: tuple[str, ...]
    forecast: FloatArray
    before: FloatArray
    frozen: BoolArray
    exits: BoolArray
    style_labels: tuple[str, ...]
    styles: FloatArray
    style_centre: FloatArray
    industry_labels: tuple[str, ...]
    industry: IntArray
    industry_centre: FloatArray
    is_first: bool
    risk: WeeklyRisk | None = None

    @property
    def candidates(self) -> BoolArray:
        """Names whose weight is free, [names]."""
        return ~(self.frozen | self.exits)


def effective_turnover_limit(turnover_limit: float, before: FloatArray, exits: BoolArray) -> float:
    """Turnover allowed over the names that are not forced out.

    Cash and the proceeds of forced exits have to be invested again, so at least their weight is
    allowed: ``max(turnover_limit, cash share + weight of forced exits)``.
    """
    cash = max(1.0 - float(before.sum()), 0.0)
    return max(turnover_limit, cash + float(before[exits].sum()))


def build_weekly_problem(data: WeeklyData, limits: Limits) -> PortfolioProblem:
    """Compose objective and constraints of one decision.

    The caps of frozen names rise to what is held; frozen names count in every exposure; forced
    exits do not count as turnover; the first portfolio has no turnover limit.
    """
    size = len(data.symbols)
    plain_cap = np.full(size, 1.0 / limits.num_stock)
    cap = np.where(data.frozen, np.maximum(plain_cap, data.before), plain_cap)
    constraints: list[Constraint] = []
    if limits.barra_limit is not None and data.style_labels:
        constraints.append(
            StyleBand(
                labels=data.style_labels,
                exposures=sparse.csr_matrix(data.styles),
                centre=data.style_centre,
                limit=limits.barra_limit,
            )
        )
    constraints += [
        IndustryBand(
            labels=data.industry_labels,
            exposures=_membership(data.industry, len(data.industry_labels)),
            centre=data.industry_centre,
            limit=limits.industry_limit,
        ),
        FullInvestment(size),
        LongOnly(data.symbols),
        NameCap(data.symbols, cap),
        FixedNames(data.symbols, data.frozen, data.before, "frozen"),
        FixedNames(data.symbols, data.exits, np.zeros(size), "exit"),
    ]
    if not data.is_first:
        limit = effective_turnover_limit(limits.turnover_limit, data.before, data.exits)
        constraints.append(TurnoverLimit(data.before, ~data.exits, limit))
    terms: list[ObjectiveTerm] = [
        ExpectedReturn(np.where(np.isnan(data.forecast), 0.0, data.forecast))
    ]
    if data.risk is not None:
        terms += _risk_terms(data, data.risk, limits)
        if limits.tracking_error is not None:
            bound = limits.tracking_error
            constraints.append(TrackingError(data.risk.model, data.risk.benchmark, bound))
    return PortfolioProblem(data.symbols, tuple(terms), tuple(constraints))


def _risk_terms(data: WeeklyData, risk: WeeklyRisk, limits: Limits) -> list[ObjectiveTerm]:
    if limits.risk_aversion is None:
        return []
    return [
        TradingCost(data.before, risk.buying_cost, risk.selling_cost),
        ActiveRisk(risk.model, risk.benchmark, limits.risk_aversion),
    ]


def _membership(industry: IntArray, count: int) -> sparse.csr_matrix:
    known = np.flatnonzero(industry >= 0)
    return sparse.csr_matrix(
        (np.ones(known.size), (industry[known], known)), shape=(count, industry.size)
    )
