"""Rows of a back-test, collected while it runs and turned into typed tables at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from optimizer.decision import Decision
from optimizer.execution.engine import Fills
from optimizer.inputs import MarketData

# Weights closer than this are the same: no order, no row of reasons.
SAME_WEIGHT = 1e-12

_DATE, _TEXT, _NUMBER, _COUNT, _FLAG = (
    pa.date32(),
    pa.string(),
    pa.float64(),
    pa.int64(),
    pa.bool_(),
)

TABLES: Mapping[str, Any] = MappingProxyType(
    {
        "target_weight": pa.schema(
            {
                "rebalance_date": _DATE,
                "symbol": _TEXT,
                "target_weight": _NUMBER,
                "weight_before": _NUMBER,
                "signal_week_date": _DATE,
                "signal_age_sessions": _COUNT,
                "prediction": _NUMBER,
            }
        ),
        "order": pa.schema(
            {"rebalance_date": _DATE, "symbol": _TEXT, "order_weight": _NUMBER, "side": _TEXT}
        ),
        "fill": pa.schema(
            {
                "rebalance_date": _DATE,
                "trade_date": _DATE,
                "symbol": _TEXT,
                "weight_before": _NUMBER,
                "target_weight": _NUMBER,
                "filled_weight": _NUMBER,
                "shortfall_weight": _NUMBER,
                "reason": _TEXT,
                "traded_value": _NUMBER,
                "fill_price": _NUMBER,
                "cost": _NUMBER,
            }
        ),
        "fill_reason": pa.schema(
            {
                "rebalance_date": _DATE,
                "trade_date": _DATE,
                "symbol": _TEXT,
                "reason": _TEXT,
                "shortfall_weight": _NUMBER,
            }
        ),
        "nav_daily": pa.schema(
            {
                "trade_date": _DATE,
                "nav": _NUMBER,
                "benchmark_nav": _NUMBER,
                "cash_weight": _NUMBER,
                "cost": _NUMBER,
                "turnover": _NUMBER,
                "holding_count": _COUNT,
            }
        ),
        "shadow_price": pa.schema(
            {
                "rebalance_date": _DATE,
                "constraint_name": _TEXT,
                "constraint_group": _TEXT,
                "dual": _NUMBER,
                "slack": _NUMBER,
                "is_active": _FLAG,
                "relaxation_step": _COUNT,
                "violation": _NUMBER,
            }
        ),
        "solution": pa.schema(
            {
                "rebalance_date": _DATE,
                "objective": _NUMBER,
                "status": _TEXT,
                "relaxation_step": _COUNT,
                "primal_residual": _NUMBER,
                "dual_residual": _NUMBER,
                "gap": _NUMBER,
                "candidate_count": _COUNT,
                "seconds": _NUMBER,
            }
        ),
    }
)
"""Columns of every table of a result, in order, without the caller's run and scenario keys."""


@dataclass(frozen=True)
class DayValue:
    """Closing state of one session; money in units of initial capital."""

    session: int
    nav: float
    cash: float
    cost: float
    traded_value: float
    holding_count: int


class Ledger:
    """Collects decisions, fills and daily values."""

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._symbols = np.array(market.symbols, dtype=object)
        self._rows: dict[str, dict[str, list[Any]]] = {name: defaultdict(list) for name in TABLES}
        self._days: list[DayValue] = []

    def record_decision(self, decision: Decision) -> None:
        """Targets, orders, duals and the solver's report of a decision."""
        data, plan = decision.data, decision.rebalance
        day = self._market.session_date(plan.adjustment)
        shown = np.flatnonzero((decision.target > 0.0) | (data.before > 0.0))
        self._extend(
            "target_weight",
            shown.size,
            rebalance_date=day,
            symbol=self._symbols[decision.names[shown]],
            target_weight=decision.target[shown],
            weight_before=data.before[shown],
            signal_week_date=self._market.weeks[plan.signal_week],
            signal_age_sessions=plan.signal_age,
            prediction=decision.prediction[shown],
        )
        change = decision.target - data.before
        ordered = np.flatnonzero(np.abs(change) > SAME_WEIGHT)
        self._extend(
            "order",
            ordered.size,
            rebalance_date=day,
            symbol=self._symbols[decision.names[ordered]],
            order_weight=change[ordered],
            side=np.where(change[ordered] > 0.0, "buy", "sell"),
        )
        self._record_shadow(decision, day)
        self._record_solution(decision, day)

    def _record_shadow(self, decision: Decision, day: np.datetime64) -> None:
        prices = decision.shadow
        self._extend(
            "shadow_price",
            len(prices),
            rebalance_date=day,
            constraint_name=[price.name for price in prices],
            constraint_group=[price.group for price in prices],
            dual=[price.dual for price in prices],
            slack=[price.slack for price in prices],
            is_active=[price.is_active for price in prices],
            relaxation_step=[price.relaxation_step for price in prices],
            violation=[price.violation for price in prices],
        )

    def _record_solution(self, decision: Decision, day: np.datetime64) -> None:
        solved = decision.solved
        self._extend(
            "solution",
            1,
            rebalance_date=day,
            objective=decision.objective,
            status="relaxed" if solved.step else "optimal",
            relaxation_step=solved.step,
            primal_residual=solved.certificate.primal_residual,
            dual_residual=solved.certificate.dual_residual,
            gap=solved.certificate.gap,
            candidate_count=int(decision.data.candidates.sum()),
            seconds=solved.solution.seconds,
        )

    def record_fills(self, session: int, fills: Fills) -> None:
        """Fills of some orders on one session, and the reasons of what is short."""
        rebalance_date = self._market.sessions[fills.adjustment]
        trade_date = self._market.sessions[session]
        symbols = self._symbols[fills.names]
        self._extend(
            "fill",
            fills.names.size,
            rebalance_date=rebalance_date,
            trade_date=trade_date,
            symbol=symbols,
            weight_before=fills.weight_before,
            target_weight=fills.target_weight,
            filled_weight=fills.filled_weight,
            shortfall_weight=fills.target_weight - fills.filled_weight,
            reason=_largest_reasons(fills),
            traded_value=fills.traded_value,
            fill_price=fills.price,
            cost=fills.cost,
        )
        for reason, shortfall in fills.shortfalls.items():
            short = np.flatnonzero(shortfall)
            self._extend(
                "fill_reason",
                short.size,
                rebalance_date=rebalance_date,
                trade_date=trade_date,
                symbol=symbols[short],
                reason=reason,
                shortfall_weight=shortfall[short],
            )

    def record_day(self, day: DayValue) -> None:
        """Closing state of a session."""
        self._days.append(day)

    def tables(self, benchmark: np.ndarray) -> dict[str, Any]:
        """All tables; `benchmark` is its level on the recorded days."""
        self._extend_days(benchmark)
        return {name: _table(name, self._rows[name]) for name in TABLES}

    def _extend_days(self, benchmark: np.ndarray) -> None:
        days = self._days
        nav = np.array([day.nav for day in days])
        traded = np.array([day.traded_value for day in days])
        previous = np.concatenate([nav[:1], nav[:-1]])
        cash = np.array([day.cash for day in days])
        # Rounding may leave cash at minus one part in 1e16.
        cash = np.where(np.abs(cash) < SAME_WEIGHT, np.maximum(cash, 0.0), cash)
        self._extend(
            "nav_daily",
            len(days),
            trade_date=self._market.sessions[[day.session for day in days]],
            nav=nav,
            benchmark_nav=benchmark,
            cash_weight=cash / nav,
            cost=[day.cost for day in days],
            turnover=traded / previous,
            holding_count=[day.holding_count for day in days],
        )

    def _extend(self, table: str, count: int, **columns: Any) -> None:
        """Append rows; a scalar stands for the same value in all of them."""
        if not count:
            return
        for name, values in columns.items():
            scalar = np.ndim(values) == 0
            self._rows[table][name].append(np.full(count, values) if scalar else np.asarray(values))


def _largest_reasons(fills: Fills) -> list[str]:
    """Reason of the largest shortfall of each order, its remark where nothing is short."""
    if not fills.shortfalls:
        return fills.remark
    reasons = list(fills.shortfalls)
    sizes = np.abs(np.array([fills.shortfalls[reason] for reason in reasons]))
    largest = sizes.argmax(axis=0)
    return [
        reasons[position] if sizes[position, order] > 0.0 else fills.remark[order]
        for order, position in enumerate(largest)
    ]


def _table(name: str, rows: Mapping[str, list[Any]]) -> Any:
    schema = TABLES[name]
    if not rows:
        return schema.empty_table()
    columns = [_column(np.concatenate(rows[field.name]), field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(values: Any, kind: Any) -> Any:
    if kind == _TEXT:
        return pa.array(values.tolist(), type=_TEXT)
    if kind == _DATE:
        return pa.array(values.astype("datetime64[D]"), type=_DATE)
    if kind == _NUMBER:
        return pa.array(values.astype(np.float64), type=_NUMBER, from_pandas=True)
    return pa.array(values, type=kind)
