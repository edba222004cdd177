"""Panels with a known truth, small enough for every test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from models_ml.panel import Panel


@dataclass(frozen=True)
class Market:
    """What a synthetic panel is drawn from.

    `signal` is the correlation of label and truth across stocks; `label_days` the calendar days
    from a week_date until its label is known (7: next week's close, 10: the VWAP after it).
    """

    seed: int = 1
    week_count: int = 130
    stock_count: int = 60
    feature_count: int = 6
    signal: float = 0.3
    label_days: int = 10
    first_week: str = "2014-01-03"


def make_panel(market: Market) -> Panel:
    rng = np.random.default_rng(market.seed)
    shape = (market.week_count, market.stock_count)
    features = rng.standard_normal((*shape, market.feature_count)).astype(np.float32)
    weights = np.arange(1, market.feature_count + 1) / np.sqrt(
        np.sum(np.arange(1, market.feature_count + 1) ** 2)
    )
    noise = rng.standard_normal(shape) * np.sqrt(1.0 - market.signal**2)
    labels = 0.05 * (market.signal * features @ weights + noise)
    labels += 0.02 * rng.standard_normal((market.week_count, 1))
    standardised = (labels - labels.mean(axis=1, keepdims=True)) / labels.std(
        axis=1, ddof=1, keepdims=True
    )
    weeks = np.datetime64(market.first_week, "D") + 7 * np.arange(market.week_count)
    week_dates = np.repeat(weeks, market.stock_count)
    row_count = len(week_dates)
    return Panel(
        features=features.reshape(row_count, market.feature_count),
        feature_names=tuple(f"factor_{number}" for number in range(market.feature_count)),
        symbol_codes=np.tile(np.arange(market.stock_count, dtype=np.int32), market.week_count),
        symbols=np.array([f"{600000 + number}.SH" for number in range(market.stock_count)]),
        week_dates=week_dates,
        target=standardised.ravel(),
        raw_label=labels.ravel(),
        label_known_at=week_dates + np.timedelta64(market.label_days, "D"),
        tradable=np.ones(row_count, dtype=np.bool_),
        uses_future=np.zeros(row_count, dtype=np.bool_),
    )


@pytest.fixture(scope="session")
def panel() -> Panel:
    """130 weeks of 60 stocks from 2014-01-03, labels known ten days after their week_date."""
    return make_panel(Market())


@pytest.fixture(scope="session")
def panel_of() -> Callable[..., Panel]:
    """Make a panel of another market."""
    return lambda **settings: make_panel(Market(**settings))
