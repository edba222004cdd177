"""Facts 22 and 23: night against day, and the shape of a session."""

from __future__ import annotations

import numpy as np

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import Market


def intraday_figures(market: Market) -> list[Figure]:
    """Variance of the night, its bond with the day, VWAP, range and Parkinson's ratio."""
    chosen = np.isfinite(market.seasoned_return)
    price = {name: np.log(values[chosen]) for name, values in market.bars.items()}
    night = price["open"] - price["pre_close"]
    day = price["close"] - price["open"]
    reach = price["high"] - price["low"]
    shares = market.float_cap[chosen] / market.bars["close"][chosen]
    volume = market.bars["turnover_rate"][chosen] / 100.0 * shares
    to_close = price["amount"] - np.log(volume) - price["close"]
    parkinson = np.sqrt((reach**2).mean() / (4.0 * np.log(2.0))) / day.std()
    share = float(night.var() / (night + day).var())
    together = float(np.corrcoef(night, day)[0, 1])
    return [
        Figure("22", "overnight share of variance", 0.14, 0.27, share),
        Figure("22", "correlation of night and day", -0.12, 0.0, together),
        Figure("23", "ln(VWAP / close), sd, %", 0.9, 1.5, 100.0 * float(to_close.std())),
        Figure("23", "ln(high / low), mean, %", 2.7, 4.2, 100.0 * float(reach.mean())),
        Figure(
            "23", "Parkinson's volatility / that of open to close", 0.95, 1.06, float(parkinson)
        ),
    ]
