"""Facts 7 to 9: Rank ICs of single factors, how steady they are and how fast they decay."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.simulator_parts.figure import Figure
from benchmarks.simulator_parts.market import YEARS, Market
from benchmarks.simulator_parts.series import window_mean

FloatArray = NDArray[np.float64]

_NEGATIVE = ("1-week return", "4-week return", "20-day turnover", "20-day volatility", "MAX")
_CHANGING = ("ln float cap", "12-1 momentum")
_DECAY_WEEKS = tuple(range(1, 9))
_HALF_LIVES = np.exp(np.linspace(np.log(0.5), np.log(60.0), 400))


def single_factors(market: Market) -> dict[str, FloatArray]:
    """The ten raw variables of the facts, on week ends, shape (W, N)."""
    daily, adjusted = market.simple_return, market.adjusted
    mean = window_mean(daily, 20)
    variance = window_mean(daily**2, 20) - mean**2
    highest = np.full_like(daily, np.nan)
    filled = np.where(np.isfinite(daily), daily, -np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(filled, 20, axis=0)
    highest[19:] = windows.max(axis=-1)
    factors = {
        "1-week return": _past_return(adjusted, 5),
        "4-week return": _past_return(adjusted, 20),
        "20-day turnover": window_mean(market.bars["turnover_rate"], 20),
        "20-day volatility": np.sqrt(np.maximum(variance, 0.0)),
        "MAX": np.where(np.isfinite(highest), highest, np.nan),
        "Amihud": window_mean(np.abs(daily) / market.bars["amount"], 20),
        "ln float cap": np.log(market.float_cap),
        "12-1 momentum": _past_return(adjusted, 240, 20),
        "beta": _slope(daily),
        "price": market.bars["close"],
    }
    return {name: values[market.week_ends] for name, values in factors.items()}


def _past_return(adjusted: FloatArray, far: int, near: int = 0) -> FloatArray:
    result = np.full_like(adjusted, np.nan)
    end = adjusted.shape[0] - near
    result[far:] = adjusted[far - near : end] / adjusted[: end - (far - near)] - 1.0
    return result


def _slope(daily: FloatArray) -> FloatArray:
    """Slope on the equal-weight return over 120 sessions."""
    index = np.nanmean(daily, axis=1)[:, None]
    x = np.where(np.isfinite(daily), index, np.nan)
    mean_x, mean_y = window_mean(x, 120), window_mean(daily, 120)
    covariance = window_mean(x * daily, 120) - mean_x * mean_y
    result: FloatArray = covariance / (window_mean(x * x, 120) - mean_x**2)
    return result


def weekly_rank_ic(market: Market, signal: FloatArray, ahead: int = 1) -> FloatArray:
    """Spearman correlation of a signal (W, N) with the return of a single coming week.

    Parameters
    ----------
    market
        The market.
    signal
        On week ends, shape (W, N).
    ahead
        1 for the next week, 2 for the one after it and so on.

    Returns
    -------
    numpy.ndarray
        One value per week end with that many weeks to come, shape (W - ahead,); NaN outside the
        period.
    """
    ends = market.week_ends[: market.week_ends.size - ahead]
    future = market.weekly_return[ahead - 1 :]
    universe = market.traded[ends] & (market.age[ends] >= 120) & ~market.is_st[ends]
    result = np.full(ends.size, np.nan)
    for week in range(ends.size):
        chosen = universe[week] & np.isfinite(signal[week]) & np.isfinite(future[week])
        if chosen.sum() >= 30:
            x, y = rankdata(signal[week][chosen]), rankdata(future[week][chosen])
            result[week] = np.corrcoef(x, y)[0, 1]
    return np.where(market.in_period[market.week_ends[ahead:]], result, np.nan)


def rarer_sign_years(market: Market, ic: FloatArray) -> float:
    """Years in which the mean IC has the sign that fewer years have."""
    year = market.year[market.week_ends[1:]]
    means = [np.nanmean(ic[year == y]) for y in YEARS]
    negative = sum(mean < 0 for mean in means)
    return float(min(negative, len(means) - negative))


def composite(factors: Mapping[str, FloatArray]) -> FloatArray:
    """Mean of the centred ranks of MAX, turnover and 4-week return (negative) and Amihud."""
    signs = {"MAX": -1.0, "20-day turnover": -1.0, "4-week return": -1.0, "Amihud": 1.0}
    total = np.zeros_like(factors["MAX"])
    for name, sign in signs.items():
        ranks = np.apply_along_axis(lambda row: rankdata(row, nan_policy="omit"), 1, factors[name])
        total += sign * ranks / np.maximum(np.isfinite(ranks).sum(axis=1, keepdims=True), 1)
    return total


def signal_figures(market: Market) -> list[Figure]:
    """Facts 7 to 9, and how strong the planted signal is."""
    factors = single_factors(market)
    ics = {name: weekly_rank_ic(market, values) for name, values in factors.items()}
    mean = {name: float(np.nanmean(ic)) for name, ic in ics.items()}
    steadiness = [
        Figure("7", f"Rank IC sd per week, {name}", 0.10, 0.22, float(np.nanstd(ic, ddof=1)))
        for name, ic in ics.items()
    ]
    rarer = sum(rarer_sign_years(market, ics[name]) for name in _CHANGING)
    best = max(abs(value) for value in mean.values())
    combined = float(np.nanmean(weekly_rank_ic(market, composite(factors))))
    attainable = float(np.nanmean(weekly_rank_ic(market, market.expected[market.week_ends])))
    return [
        *steadiness,
        *(Figure("8", f"Rank IC mean, {name}", -0.07, -0.01, mean[name]) for name in _NEGATIVE),
        Figure("8", "Rank IC mean, Amihud", 0.005, 0.06, mean["Amihud"]),
        *(Figure("8", f"Rank IC mean, {name}", -0.035, 0.035, mean[name]) for name in _CHANGING),
        Figure("8", "years of the rarer IC sign, cap plus momentum", 1, 6, rarer),
        Figure("8", "Rank IC mean, best single factor", 0.03, 0.07, best),
        Figure("8", "Rank IC mean, four-factor composite", 0.05, 0.09, combined),
        *decay_figures(market, factors),
        Figure("signal", "attainable Rank IC (truth), weekly mean", 0.06, 0.12, attainable),
        Figure("signal", "best single factor / attainable", 0.0, 0.60, best / attainable),
    ]


def decay_figures(market: Market, factors: Mapping[str, FloatArray]) -> list[Figure]:
    """Fact 9: half-life of the IC of 4-week reversal; turnover and volatility fade more slowly.

    The half-life is that of the exponential that fits the mean ICs of weeks 1 to 8 best. The week-8
    values are weak on a market of few names: what is left of turnover and volatility is judged by
    their mean share of week 1, real value 0.60, between a third and all of it.
    """
    decay = {
        name: np.array(
            [
                float(np.nanmean(weekly_rank_ic(market, factors[name], week)))
                for week in _DECAY_WEEKS
            ]
        )
        for name in ("4-week return", "20-day turnover", "20-day volatility")
    }
    reversal = half_life(decay["4-week return"])
    slow = decay["20-day turnover"] + decay["20-day volatility"]
    return [
        Figure("9", "half-life of the IC of 4-week return, weeks", 2.0, 4.0, reversal),
        Figure("9", "turnover and volatility: half-life, weeks", 4.0, 60.0, half_life(slow)),
        Figure("9", "the same: IC of week 8 / week 1", 0.33, 1.0, float(slow[-1] / slow[0])),
    ]


def half_life(decay: FloatArray) -> float:
    """Half-life in weeks of the exponential nearest to the values of weeks 1, 2 and so on."""
    ahead = np.arange(decay.size)
    shapes = 0.5 ** (ahead[None, :] / _HALF_LIVES[:, None])
    level = (shapes @ decay) / (shapes**2).sum(axis=1)
    misfit = ((decay - level[:, None] * shapes) ** 2).sum(axis=1)
    return float(_HALF_LIVES[misfit.argmin()])
