"""Facts 1 and 12 to 14: the exchange's rules kept, and what happens at the limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import Market, cents

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class LimitDays:
    """Stock-days at the limits, each of shape (T, N); False where not traded or not seasoned."""

    counted: BoolArray
    up: BoolArray
    down: BoolArray
    touched_up: BoolArray
    touched_down: BoolArray


def limit_days(market: Market) -> LimitDays:
    """Closes at and touches of the limits by names listed for more than 60 sessions."""
    lower, upper = market.limit_cents
    counted = market.traded & (market.age > 60)
    close = cents(market.bars["close"])
    return LimitDays(
        counted=counted,
        up=counted & (close == upper),
        down=counted & (close == lower),
        touched_up=counted & (cents(market.bars["high"]) == upper),
        touched_down=counted & (cents(market.bars["low"]) == lower),
    )


def rule_figures(market: Market) -> list[Figure]:
    """Fact 1: closes inside the rounded limits, adjustment factors chained."""
    lower, upper = market.limit_cents
    close = cents(market.bars["close"])
    outside = market.traded & ((close < lower) | (close > upper))
    step = market.bars["adj_factor"][1:] / market.bars["adj_factor"][:-1]
    implied = market.bars["close"][:-1] / market.bars["pre_close"][1:]
    both = market.listed[1:] & market.listed[:-1]
    broken = both & (np.abs(step / np.where(both, implied, 1.0) - 1.0) > 1e-12)
    return [
        Figure("1", "closes outside the rounded limit, count", 0, 0, float(outside.sum())),
        Figure(
            "1", "adj_factor not chained by close / pre_close, count", 0, 0, float(broken.sum())
        ),
    ]


def limit_figures(market: Market) -> list[Figure]:
    """Facts 12 to 14: how often closes are at a limit, what follows, and the worst day."""
    days = limit_days(market)
    calm = _shares(days, market.calm)
    every = _shares(days, market.in_period)
    counted = days.counted.sum(axis=1)
    crash = days.down.sum(axis=1) / np.maximum(counted, 1)
    worst = float(crash[market.in_period & (counted > 0)].max())
    up, down = calm["up"], calm["down"]
    return [
        Figure("12", "close at limit-up, calm, % of traded stock-days", 0.7, 1.6, up),
        Figure("12", "close at limit-down, calm, %", 0.15, 0.8, down),
        Figure("12", "limit-up less limit-down, %", 0.0, 1.6, up - down),
        *(
            figure
            for regime, share in (("calm", calm), ("crisis in", every))
            for figure in (
                Figure("13", f"P(up next | up), {regime}", 0.18, 0.28, share["up again"]),
                Figure("13", f"P(down next | down), {regime}", 0.08, 0.28, share["down again"]),
                Figure("13", f"sealed | touched up, {regime}", 0.55, 0.72, share["sealed up"]),
                Figure("13", f"sealed | touched down, {regime}", 0.42, 0.62, share["sealed down"]),
            )
        ),
        Figure("14", "largest daily share of names closing at limit-down", 0.25, 1.0, worst),
    ]


def _shares(days: LimitDays, session: BoolArray) -> dict[str, float]:
    """Frequencies over the stock-days of the chosen sessions, shape (T,)."""
    chosen = session[:, None]
    followed = days.counted[1:] & chosen[:-1]

    def ratio(part: BoolArray, whole: BoolArray) -> float:
        return float((part & whole).sum() / whole.sum())

    return {
        "up": 100.0 * ratio(days.up, days.counted & chosen),
        "down": 100.0 * ratio(days.down, days.counted & chosen),
        "up again": ratio(days.up[1:], days.up[:-1] & followed),
        "down again": ratio(days.down[1:], days.down[:-1] & followed),
        "sealed up": ratio(days.up, days.touched_up & chosen),
        "sealed down": ratio(days.down, days.touched_down & chosen),
    }
