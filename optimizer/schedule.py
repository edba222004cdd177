"""When a scenario decides and trades, and which weekly data each decision may use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, IntArray
from optimizer.errors import InputError
from optimizer.inputs import MarketData
from optimizer.scenario import Scenario
from optimizer.signals import Signals

PAPER_INTERVAL = 5
# Predictions older than this at a decision are a gap in the forecasts, not a holiday.
OLDEST_SIGNAL_SESSIONS = 20
_SMALLEST_INDEX_COVERAGE = 0.5


@dataclass(frozen=True)
class Rebalance:
    """One decision; all fields are positions on the axes of the market.

    Attributes
    ----------
    decision
        Session after whose close is decided.
    adjustment
        Session of the fills, the one after; the last decision may be for the session after the
        data, and then there are no fills.
    week
        Latest week_date at or before the decision: universe, exposures, index weights.
    signal_week
        Latest such week with predictions, as many sessions back as the scenario delays trading.
    signal_age
        Sessions from the week_date of the predictions to the decision.
    """

    decision: int
    adjustment: int
    week: int
    signal_week: int
    signal_age: int


def plan_rebalances(market: MarketData, signals: Signals, scenario: Scenario) -> list[Rebalance]:
    """All decisions of a scenario, checked for the data they need.

    The schedule begins with the first adjustment day on or after `first_trade_date` for which
    predictions exist: every fifth session from there, or the first session after each week_date,
    later by the scenario's delay.
    A decision for the session after the data is part of it where the scenario lasts that long,
    unless it would have to foresee what is suspended then.

    Raises
    ------
    InputError
        If signals and scenario do not belong together, no decision falls into the span, or
        benchmark, index weights, styles, universe or predictions are missing where needed.
    """
    _refuse_mismatch(signals, scenario)
    adjustments = _adjustment_sessions(market, scenario)
    delay = scenario.trading_delay_sessions
    plan = [_rebalance(market, signals, int(session), delay) for session in adjustments]
    usable = [rebalance for rebalance in plan if rebalance is not None]
    if usable and scenario.adjustment == "every_5_sessions":
        usable = usable[::PAPER_INTERVAL]
    if not usable:
        raise InputError(
            f"{scenario.label}: no adjustment day between {scenario.first_trade_date} and"
            f" {scenario.last_trade_date} has predictions before it; bars span"
            f" {market.sessions[0]} to {market.sessions[-1]}: change the dates of the scenario"
        )
    _refuse_missing(market, signals, scenario, usable)
    return usable


def last_session(market: MarketData, scenario: Scenario) -> int:
    """Position of the last session of the back-test."""
    last = np.datetime64(scenario.last_trade_date, "D")
    return int(np.searchsorted(market.sessions, last, side="right")) - 1


def candidate_mask(
    market: MarketData, signals: Signals, rebalance: Rebalance, foresees_suspension: bool
) -> BoolArray:
    """Names the optimiser may choose at a decision, [N].

    In the universe, with a prediction, listed at the decision, and tradable on the adjustment day
    (with foresight, as the paper has it) or at the decision (without).
    """
    session = rebalance.adjustment if foresees_suspension else rebalance.decision
    mask: BoolArray = (
        signals.in_universe[rebalance.week]
        & np.isfinite(signals.prediction[rebalance.signal_week])
        & market.is_listed[rebalance.decision]
        & market.is_tradable[session]
    )
    return mask


def _refuse_mismatch(signals: Signals, scenario: Scenario) -> None:
    if (signals.rule_set, signals.model) != (scenario.rule_set, scenario.signal_model):
        raise InputError(
            f"the scenario asks for {scenario.rule_set}, {scenario.signal_model}; the signals are"
            f" of {signals.rule_set}, {signals.model}"
        )


def _adjustment_sessions(market: MarketData, scenario: Scenario) -> IntArray:
    first = np.datetime64(scenario.first_trade_date, "D")
    start = max(int(np.searchsorted(market.sessions, first)), 1)
    end = _last_adjustment(market, scenario)
    if scenario.adjustment == "every_5_sessions":
        return np.arange(start, end + 1, dtype=np.intp)
    sessions = market.week_sessions + 1 + scenario.trading_delay_sessions
    return sessions[(sessions >= start) & (sessions <= end)]


def _last_adjustment(market: MarketData, scenario: Scenario) -> int:
    """Position of the last session that may be an adjustment day."""
    end = last_session(market, scenario)
    foresees = scenario.execution.foresees_suspension
    lasts = np.datetime64(scenario.last_trade_date, "D") >= market.next_session
    return end + 1 if lasts and not foresees else end


def _rebalance(
    market: MarketData, signals: Signals, adjustment: int, delay: int
) -> Rebalance | None:
    decision = adjustment - 1
    week_sessions = market.week_sessions
    week = int(np.searchsorted(week_sessions, decision, side="right")) - 1
    ready = int(np.searchsorted(week_sessions, decision - delay, side="right"))
    known = np.flatnonzero(signals.has_prediction[:ready])
    if week < 0 or not known.size:
        return None
    signal_week = int(known[-1])
    age = decision - int(week_sessions[signal_week])
    return Rebalance(decision, adjustment, week, signal_week, age)


def _refuse_missing(
    market: MarketData, signals: Signals, scenario: Scenario, plan: list[Rebalance]
) -> None:
    weeks = np.unique([rebalance.week for rebalance in plan])
    _refuse_missing_benchmark(market, scenario, weeks, plan[0].decision)
    needs = [("core.fct_universe_week", signals.has_universe)]
    if scenario.barra_limit is not None and market.style_names:
        needs.append(("risk.fct_style_exposure", market.has_styles))
    for table, present in needs:
        missing = weeks[~present[weeks]]
        if missing.size:
            raise InputError(
                f"{table} has no rows for {missing.size} of the {weeks.size} weeks needed, first"
                f" {market.weeks[missing[0]]}: build it for the whole span of the scenario"
            )
    oldest = max(plan, key=lambda rebalance: rebalance.signal_age)
    if oldest.signal_age > OLDEST_SIGNAL_SESSIONS + scenario.trading_delay_sessions:
        raise InputError(
            f"at the decision of {market.sessions[oldest.decision]} the latest prediction of"
            f" {scenario.model} is from {market.weeks[oldest.signal_week]},"
            f" {oldest.signal_age} sessions before (at most {OLDEST_SIGNAL_SESSIONS}): predict the"
            " missing weeks or end the scenario earlier"
        )
    _refuse_small_universe(market, signals, scenario, plan)


def _refuse_missing_benchmark(
    market: MarketData, scenario: Scenario, weeks: IntArray, first: int
) -> None:
    benchmark = scenario.benchmark
    for table, known in (
        ("core.fct_index_daily", market.index_close),
        ("core.fct_index_weight_week", market.index_weights),
    ):
        if benchmark not in known:
            raise InputError(
                f"{table} has no index {benchmark}; it has {', '.join(sorted(known)) or 'none'}:"
                " choose one of these as benchmark"
            )
    span = slice(first, last_session(market, scenario) + 1)
    gaps = np.flatnonzero(~(market.index_close[benchmark][span] > 0))
    if gaps.size:
        raise InputError(
            f"core.fct_index_daily has no close of {benchmark} on {gaps.size} sessions, first"
            f" {market.sessions[first + gaps[0]]}: supply them or shorten the scenario"
        )
    coverage = market.index_coverage[benchmark][weeks]
    poor = weeks[coverage < _SMALLEST_INDEX_COVERAGE]
    if poor.size:
        raise InputError(
            f"core.fct_index_weight_week: for {poor.size} of the {weeks.size} weeks needed, first"
            f" {market.weeks[poor[0]]}, less than half of the weight of {benchmark} lies on names"
            " with bars (or there are no weights): supply weights or members for these weeks, or"
            " choose another benchmark or a later start"
        )


def _refuse_small_universe(
    market: MarketData, signals: Signals, scenario: Scenario, plan: list[Rebalance]
) -> None:
    foresees = scenario.execution.foresees_suspension
    counts = [int(candidate_mask(market, signals, r, foresees).sum()) for r in plan]
    if max(counts) < scenario.num_stock:
        raise InputError(
            f"num_stock {scenario.num_stock} caps each name at {1 / scenario.num_stock:.4f}, but at"
            f" most {max(counts)} names can be chosen at any decision, which would hold less than"
            " the whole portfolio: lower num_stock or widen the universe"
        )
    if min(counts) == 0:
        empty = plan[counts.index(0)]
        raise InputError(
            f"no name can be chosen at the decision of {market.sessions[empty.decision]}: no"
            " tradable name is in the universe and has a prediction; check the predictions of"
            f" {market.weeks[empty.signal_week]}"
        )
