"""Rows of a back-test, collected while it runs and turned into typed tables at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from optimizer.arrays import FloatArray
from optimizer.decision import Decision
from optimizer.execution.engine import Fills
from optimizer.execution.holdings import ValuedBook
from optimizer.inputs import MarketData
from optimizer.ledger_columns import Words, fill_columns, position_columns
from optimizer.relaxation import LadderSolution
from optimizer.trading_kernels import COST_PARTS

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
                "expected_return": _NUMBER,
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
                "traded_shares": _NUMBER,
                "traded_value": _NUMBER,
                "fill_price": _NUMBER,
                "cost": _NUMBER,
                **dict.fromkeys(COST_PARTS, _NUMBER),
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
        "position": pa.schema(
            {
                "trade_date": _DATE,
                "symbol": _TEXT,
                "shares": _NUMBER,
                "close_price": _NUMBER,
                "value_cny": _NUMBER,
                "weight": _NUMBER,
                "is_tradable": _FLAG,
            }
        ),
        "nav_daily": pa.schema(
            {
                "trade_date": _DATE,
                "nav": _NUMBER,
                "benchmark_nav": _NUMBER,
                "cash_weight": _NUMBER,
                "cost": _NUMBER,
                **dict.fromkeys(COST_PARTS, _NUMBER),
                "dividend": _NUMBER,
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


class DayValue(NamedTuple):
    """Closing state of one session; money in yuan, costs by part."""

    session: int
    nav: float
    cash: float
    dividends: float
    costs: FloatArray
    traded_value: float
    holding_count: int


class Ledger:
    """Collects decisions, fills and daily values.

    Parameters
    ----------
    capital
        Initial capital in yuan.
    daily_only
        Leave out decisions, fills and positions.
    """

    def __init__(self, market: MarketData, capital: float, *, daily_only: bool = False) -> None:
        self._market = market
        self._capital = capital
        self._daily_only = daily_only
        self._symbols = np.array(market.symbols, dtype=object)
        self._rows: dict[str, dict[str, list[Any]]] = {name: defaultdict(list) for name in TABLES}
        self._days: list[DayValue] = []
        self._fills: list[tuple[int, Fills]] = []
        self._books: list[tuple[int, ValuedBook]] = []

    def record_decision(self, decision: Decision) -> None:
        """Targets, orders, duals and the solver's report of a decision."""
        if self._daily_only:
            return
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
            expected_return=data.forecast[shown],
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
        if decision.solved is not None:
            self._record_solution(decision, decision.solved, day)

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

    def _record_solution(
        self, decision: Decision, solved: LadderSolution, day: np.datetime64
    ) -> None:
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
        if not self._daily_only:
            self._fills.append((session, fills))

    def record_positions(self, session: int, valued: ValuedBook) -> None:
        """Every holding after the close."""
        if not self._daily_only and valued.names.size:
            self._books.append((session, valued))

    def record_day(self, day: DayValue) -> None:
        """Closing state of a session."""
        self._days.append(day)

    def tables(self, benchmark: np.ndarray) -> dict[str, Any]:
        """All tables; `benchmark` is its level on the recorded days."""
        self._extend_days(benchmark)
        bulk = {
            **fill_columns(self._market, self._capital, self._fills),
            "position": position_columns(self._market, self._books),
        }
        return {name: _table(name, self._rows[name], bulk.get(name, {})) for name in TABLES}

    def _extend_days(self, benchmark: np.ndarray) -> None:
        days = self._days
        capital = self._capital
        nav = np.array([day.nav for day in days]) / capital
        traded = np.array([day.traded_value for day in days]) / capital
        costs = np.array([day.costs for day in days]) / capital
        previous = np.concatenate([nav[:1], nav[:-1]])
        cash = np.array([day.cash for day in days]) / capital
        self._extend(
            "nav_daily",
            len(days),
            trade_date=self._market.sessions[[day.session for day in days]],
            nav=nav,
            benchmark_nav=benchmark,
            cash_weight=cash / nav,
            cost=costs.sum(axis=1),
            **dict(zip(COST_PARTS, costs.T, strict=True)),
            dividend=[day.dividends / capital for day in days],
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


def _table(name: str, rows: Mapping[str, list[Any]], bulk: Mapping[str, Any]) -> Any:
    schema = TABLES[name]
    if not rows and not bulk:
        return schema.empty_table()
    found = bulk or {column: np.concatenate(parts) for column, parts in rows.items()}
    columns = [_column(found[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(values: Any, kind: Any) -> Any:
    if isinstance(values, Words):
        return values.column()
    if kind == _TEXT:
        return pa.array(values.tolist(), type=_TEXT)
    if kind == _DATE:
        return pa.array(values.astype("datetime64[D]"), type=_DATE)
    if kind == _NUMBER:
        return pa.array(values.astype(np.float64), type=_NUMBER, from_pandas=True)
    return pa.array(values, type=kind)
