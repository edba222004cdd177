"""Hand-made decisions and markets, small enough to work out on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.backtest import BacktestResult, run_backtest
from optimizer.inputs import MarketData
from optimizer.problem.weekly import WeeklyData
from optimizer.scenario import Scenario
from optimizer.signals import Signals
from tests.fixtures.rulebook import rule_frames

INDEX = "000300.SH"
MODEL = "hand"


def make_weekly_data(symbols: str = "ABC", **changes: Any) -> WeeklyData:
    """Decision over one-letter names: one style of zeros, one industry, nothing held."""
    size = len(symbols)
    values: dict[str, Any] = {
        "symbols": tuple(symbols),
        "forecast": np.zeros(size),
        "before": np.zeros(size),
        "frozen": np.zeros(size, dtype=bool),
        "exits": np.zeros(size, dtype=bool),
        "style_labels": ("size",),
        "styles": np.zeros((1, size)),
        "style_centre": np.zeros(1),
        "industry_labels": ("bank",),
        "industry": np.zeros(size, dtype=np.intp),
        "industry_centre": np.ones(1),
        "is_first": False,
    }
    return WeeklyData(**{**values, **changes})


@dataclass
class HandMarket:
    """A market given by closes per name; VWAP equals the close unless said otherwise.

    Sessions are the weekdays from Monday 2024-01-01, so sessions 4, 9, 14 ... are week_dates.
    Cells are (name, session); dividends are name, session, yuan and new shares per old share.
    """

    close: Mapping[str, Sequence[float]]
    prediction: Mapping[int, Mapping[str, float]]
    rule_set: str = "practitioner"
    vwap: Mapping[tuple[str, int], float] = field(default_factory=dict)
    suspended: Iterable[tuple[str, int]] = ()
    locked_up: Iterable[tuple[str, int]] = ()
    locked_down: Iterable[tuple[str, int]] = ()
    outside: Iterable[tuple[str, int]] = ()
    factor: Mapping[tuple[str, int], float] = field(default_factory=dict)
    delisted_after: Mapping[str, int] = field(default_factory=dict)
    index_close: Sequence[float] | None = None
    limit_up: Mapping[tuple[str, int], float] = field(default_factory=dict)
    limit_down: Mapping[tuple[str, int], float] = field(default_factory=dict)
    volume: float = 1e9
    dividends: Sequence[tuple[str, int, float, float]] = ()
    terminal_value: Mapping[str, float] = field(default_factory=dict)

    @property
    def days(self) -> pd.DatetimeIndex:
        length = max(len(path) for path in self.close.values())
        return pd.bdate_range("2024-01-01", periods=length)

    def frames(self) -> dict[str, pd.DataFrame]:
        days = self.days
        index = {"index_symbol": INDEX, "trade_date": days}
        levels = self.index_close or [1000.0] * len(days)
        return {
            **rule_frames(),
            "core.dim_security": self._securities(),
            "core.dim_trade_date": pd.DataFrame({"trade_date": days}),
            "core.dim_week": pd.DataFrame({"week_date": days[4::5]}),
            "core.fct_bar_daily": self._bars(),
            "core.fct_dividend": self._dividends(),
            "core.fct_index_daily": pd.DataFrame({**index, "close": levels}),
            **self._weekly(),
            "results.fct_prediction": self._predictions(),
        }

    def _securities(self) -> pd.DataFrame:
        values = [self.terminal_value.get(name, np.nan) for name in self.close]
        listings = {"symbol": list(self.close), "board": "Main", "exchange": "SSE"}
        return pd.DataFrame({**listings, "terminal_value_cny": values})

    def _dividends(self) -> pd.DataFrame:
        rows = [(name, self.days[session], *paid) for name, session, *paid in self.dividends]
        columns = ["symbol", "ex_date", "cash_per_share_cny", "bonus_shares_per_share"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"ex_date": "datetime64[ns]"})

    def _weekly(self) -> dict[str, pd.DataFrame]:
        """Every name alive at a week_date is in the universe unless it is said to be outside."""
        days = self.days
        alive = [
            (name, session)
            for session in range(4, len(days), 5)
            for name in self.close
            if session <= self.delisted_after.get(name, len(days))
        ]
        outside = set(self.outside)
        keys = pd.DataFrame(
            {
                "symbol": [name for name, _ in alive],
                "week_date": [days[session] for _, session in alive],
            }
        )
        return {
            "core.fct_index_weight_week": keys.assign(index_symbol=INDEX, weight=1.0),
            # Present, but too small to bind: a style of zeros counts as absent.
            "risk.fct_style_exposure": keys.assign(size=1e-9),
            "core.fct_universe_week": keys.assign(
                rule_set=self.rule_set,
                in_universe=[cell not in outside for cell in alive],
                industry_code="bank",
            ),
        }

    def _predictions(self) -> pd.DataFrame:
        cells = [(name, s) for s, values in self.prediction.items() for name in values]
        return pd.DataFrame(
            {
                "rule_set": self.rule_set,
                "model": MODEL,
                "symbol": [name for name, _ in cells],
                "week_date": [self.days[session] for _, session in cells],
                "prediction": [self.prediction[session][name] for name, session in cells],
            }
        )

    def _bars(self) -> pd.DataFrame:
        suspended = set(self.suspended)
        rows = []
        for name, path in self.close.items():
            for session, close in enumerate(path):
                if session > self.delisted_after.get(name, len(path)):
                    continue
                cell = (name, session)
                factor = self.factor.get(cell, 1.0)
                rows.append(
                    {
                        "symbol": name,
                        "trade_date": self.days[session],
                        "adj_factor": factor,
                        "adj_close": close,
                        "adj_vwap": None if cell in suspended else self.vwap.get(cell, close),
                        "is_suspended": cell in suspended,
                        "is_one_price_limit_up": cell in set(self.locked_up),
                        "is_one_price_limit_down": cell in set(self.locked_down),
                        "limit_up_price": self.limit_up.get(cell, np.nan),
                        "limit_down_price": self.limit_down.get(cell, np.nan),
                        "volume_shares": 0.0 if cell in suspended else self.volume,
                    }
                )
        return pd.DataFrame(rows).astype({"adj_vwap": float})

    def scenario(self, **changes: Any) -> Scenario:
        values = {
            "rule_set": self.rule_set,
            "model": MODEL,
            "benchmark": INDEX,
            "num_stock": 2,
            "turnover_limit": 0.2,
            "industry_limit": 1.0,
            "cost_rate": 0.0,
            "fee_schedule": "none",
            # Shares are worked out by hand in fractions; lots and volumes have tests of their own.
            "switches": {"lots": False, "volume_cap": False, "impact": False},
            "first_trade_date": "2024-01-01",
            "last_trade_date": "2030-12-31",
        }
        return Scenario.from_mapping({**values, **changes})

    def load(self, frames: dict[str, pd.DataFrame] | None = None) -> tuple[MarketData, Signals]:
        frames = frames or self.frames()
        market = MarketData.from_frames(frames)
        signals = Signals.from_frames(frames, market=market, rule_set=self.rule_set, model=MODEL)
        return market, signals

    def run(self, frames: dict[str, pd.DataFrame] | None = None, **changes: Any) -> Tables:
        """Back-test the hand-made frames, or others in their place."""
        market, signals = self.load(frames)
        result = run_backtest(market, signals, self.scenario(**changes))
        return Tables(result, self.days)


@dataclass
class Tables:
    """Result tables as pandas frames, addressed by session number."""

    result: BacktestResult
    days: pd.DatetimeIndex

    def frame(self, name: str) -> pd.DataFrame:
        frame = self.result.tables()[name].to_pandas()
        for column in ("rebalance_date", "trade_date"):
            if column in frame:
                frame[column] = self.days.get_indexer(pd.to_datetime(frame[column]))
        return frame

    def targets(self, session: int) -> dict[str, float]:
        frame = self.frame("target_weight")
        return _by_symbol(frame[frame["rebalance_date"] == session], "target_weight")

    def fill(self, symbol: str, session: int, rebalance: int | None = None) -> pd.Series[Any]:
        frame = self.frame("fill")
        frame = frame[(frame["symbol"] == symbol) & (frame["trade_date"] == session)]
        if rebalance is not None:
            frame = frame[frame["rebalance_date"] == rebalance]
        assert len(frame) == 1, frame
        return frame.iloc[0]

    def day(self, session: int) -> pd.Series[Any]:
        frame = self.frame("nav_daily")
        return frame[frame["trade_date"] == session].iloc[0]


def _by_symbol(frame: pd.DataFrame, column: str) -> dict[str, float]:
    return dict(zip(frame["symbol"], frame[column], strict=True))


@pytest.fixture
def weekly_data() -> Callable[..., WeeklyData]:
    """Factory of hand-made decisions."""
    return make_weekly_data


@pytest.fixture
def hand_market() -> type[HandMarket]:
    """Factory of hand-made markets."""
    return HandMarket
