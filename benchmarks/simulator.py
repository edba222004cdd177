"""Does the simulated market look like A-shares? Measures it against accepted bands.

Run as `python benchmarks/simulator.py` or `ashare bench simulator`: simulates the `demo` market
with three seeds, prints one table and ends with exit code 1 if any figure lies outside its band.

The bands come from published daily data of 2014 to 2019. "Calm" leaves out the crisis of 2015-06-15
to 2016-02-29. Returns are close over previous (ex-rights) close, on traded sessions of names listed
for at least 60 sessions; Rank ICs are Spearman correlations with the next week's return over names
listed for at least 120 sessions, traded at the week end and not under special treatment.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import rankdata

from market_data.simulator import SimulationConfig, simulate
from market_data.simulator.config import CRISES
from market_data.simulator.rulebook import (
    BOARD_NAMES,
    free_sessions,
    limit_percent,
    price_limits,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SEEDS = (1, 2, 3)
FIRST_YEAR, LAST_YEAR = 2014, 2019
CRISIS = CRISES[1]
LAGS = (1, 5, 20, 60)


@dataclass(frozen=True)
class Market:
    """A simulated market as dense arrays of shape (T, N); NaN or False where not listed."""

    dates: NDArray[np.datetime64]
    week_ends: IntArray
    list_date: NDArray[np.datetime64]
    board: IntArray
    close: FloatArray
    pre_close: FloatArray
    adj_factor: FloatArray
    amount: FloatArray
    turnover: FloatArray
    float_cap: FloatArray
    traded: BoolArray
    listed: BoolArray
    is_st: BoolArray
    age: IntArray
    expected: FloatArray

    @property
    def simple_return(self) -> FloatArray:
        """Daily return on traded sessions, NaN elsewhere."""
        return np.where(self.traded, self.close / self.pre_close - 1.0, np.nan)

    @property
    def adjusted(self) -> FloatArray:
        """Adjusted close, carried over suspensions."""
        return self.close * self.adj_factor

    @property
    def year(self) -> IntArray:
        """Calendar year of each session."""
        return self.dates.astype("datetime64[Y]").astype(np.int64) + 1970

    @property
    def in_period(self) -> BoolArray:
        """Sessions of the years that facts are measured on."""
        return (self.year >= FIRST_YEAR) & (self.year <= LAST_YEAR)

    @property
    def calm(self) -> BoolArray:
        """Sessions of the period outside the crisis."""
        first, last = (np.datetime64(day, "D") for day in CRISIS)
        return self.in_period & ~((self.dates >= first) & (self.dates <= last))


@dataclass(frozen=True)
class Figure:
    """One measured figure and the band it is accepted in."""

    fact: str
    definition: str
    low: float
    high: float
    value: float

    @property
    def inside(self) -> bool:
        """Whether the value lies in the band, ends included."""
        return bool(self.low <= self.value <= self.high)


def load_market(landing: Path, truth: Path) -> Market:
    """Read a landing directory and its truth into dense arrays."""
    bars = pq.read_table(landing / "daily_bars.parquet")
    instruments = pq.read_table(landing / "instruments.parquet")
    calendar = pq.read_table(landing / "trade_calendar.parquet")
    dates = np.asarray(calendar["trade_date"].to_numpy(), dtype="datetime64[D]")
    symbols = instruments["symbol"].to_pylist()
    number = {symbol: index for index, symbol in enumerate(symbols)}
    row = np.searchsorted(dates, np.asarray(bars["trade_date"].to_numpy(), dtype="datetime64[D]"))
    column = np.array([number[symbol] for symbol in bars["symbol"].to_pylist()])
    shape = (dates.size, len(symbols))

    def dense(name: str) -> FloatArray:
        filled = np.full(shape, np.nan)
        filled[row, column] = bars[name].to_numpy(zero_copy_only=False).astype(np.float64)
        return filled

    listed = np.zeros(shape, dtype=bool)
    listed[row, column] = True
    known = pq.read_table(truth / "expected_return.parquet")
    week = np.searchsorted(dates, np.asarray(known["week_date"].to_numpy(), dtype="datetime64[D]"))
    expected = np.full(shape, np.nan)
    names = np.array([number[symbol] for symbol in known["symbol"].to_pylist()])
    expected[week, names] = known["expected_return_1w"].to_numpy()
    boards = {name: index for index, name in enumerate(BOARD_NAMES)}
    list_date = np.asarray(instruments["list_date"].to_numpy(), dtype="datetime64[D]")
    close = dense("close")
    age = np.cumsum(listed, axis=0) + np.where(list_date < dates[0], 500, 0)
    return Market(
        dates=dates,
        week_ends=np.flatnonzero(
            calendar["is_last_session_of_week"].to_numpy(zero_copy_only=False)
        ),
        list_date=list_date,
        board=np.array([boards[board] for board in instruments["board"].to_pylist()]),
        close=close,
        pre_close=dense("pre_close"),
        adj_factor=dense("adj_factor"),
        amount=dense("amount"),
        turnover=dense("turnover_rate"),
        float_cap=close * dense("float_shares"),
        traded=listed & (dense("is_suspended") == 0.0),
        listed=listed,
        is_st=dense("is_st") == 1.0,
        age=age,
        expected=expected,
    )


def limit_cents(market: Market) -> tuple[IntArray, IntArray]:
    """Lower and upper limit prices in cents, shape (T, N); 0 where not listed."""
    pre_close = np.round(np.nan_to_num(market.pre_close) * 100.0).astype(np.int64)
    free = free_sessions(market.board, market.list_date)
    lower, upper = np.zeros_like(pre_close), np.zeros_like(pre_close)
    for t, session in enumerate(market.dates):
        percent = limit_percent(market.board, market.is_st[t], session)
        limits = price_limits(pre_close[t], percent, market.age[t], free)
        lower[t], upper[t] = limits.lower, limits.upper
    return lower, upper


def rule_figures(market: Market) -> list[Figure]:
    """Fact 1 and fact 12: limits kept, identities exact, how often closes are at a limit."""
    lower, upper = limit_cents(market)
    cents = np.round(np.nan_to_num(market.close) * 100.0).astype(np.int64)
    outside = market.traded & ((cents < lower) | (cents > upper))
    step = market.adj_factor[1:] / market.adj_factor[:-1]
    implied = market.close[:-1] / market.pre_close[1:]
    both = market.listed[1:] & market.listed[:-1]
    broken = both & (np.abs(step / np.where(both, implied, 1.0) - 1.0) > 1e-12)
    limited = market.traded & (market.age > 60) & market.calm[:, None]
    up = 100.0 * (limited & (cents == upper)).sum() / limited.sum()
    down = 100.0 * (limited & (cents == lower)).sum() / limited.sum()
    return [
        Figure("1", "closes outside the rounded limit, count", 0, 0, float(outside.sum())),
        Figure("1", "adj_factor not chained by close / pre_close, count", 0, 0, broken.sum()),
        Figure("12", "close at limit-up, calm, % of traded stock-days", 0.7, 1.6, up),
        Figure("12", "close at limit-down, calm, %", 0.15, 0.8, down),
        Figure("12", "limit-up less limit-down, %", 0.0, 1.6, up - down),
    ]


def weekly_returns(market: Market) -> FloatArray:
    """Return from each week end to the next, shape (W - 1, N)."""
    weekly = market.adjusted[market.week_ends]
    result: FloatArray = weekly[1:] / weekly[:-1] - 1.0
    return result


def dispersion_figures(market: Market) -> list[Figure]:
    """Fact 2: weekly cross-sectional standard deviation."""
    ends = market.week_ends
    valid = market.traded[ends[1:]] & market.traded[ends[:-1]] & (market.age[ends[:-1]] >= 60)
    spread = np.nanstd(np.where(valid, weekly_returns(market), np.nan), axis=1, ddof=1)
    chosen = market.calm[ends[1:]]
    value = 100.0 * float(spread[chosen].mean())
    return [Figure("2", "weekly cross-sectional sd, calm, %", 4.3, 6.3, value)]


def market_r_squared(market: Market) -> dict[int, float]:
    """Mean R2 of stock-years (at least 120 sessions) on the equal-weight return, by year."""
    daily = np.where(market.age > 60, market.simple_return, np.nan)
    average = np.nanmean(daily, axis=1)
    by_year = {}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        y = daily[market.year == year]
        known = np.isfinite(y)
        enough = known.sum(axis=0) >= 120
        y, known = y[:, enough], known[:, enough]
        x = np.where(known, average[market.year == year][:, None], np.nan)
        x = x - np.nanmean(x, axis=0)
        y = y - np.nanmean(y, axis=0)
        covariance = np.nansum(x * y, axis=0)
        total = np.nansum(x * x, axis=0) * np.nansum(y * y, axis=0)
        by_year[year] = float((covariance**2 / total).mean())
    return by_year


def market_figures(market: Market) -> list[Figure]:
    """Fact 4: market R2, and that it varies by year."""
    by_year = list(market_r_squared(market).values())
    mean, span = float(np.mean(by_year)), max(by_year) - min(by_year)
    return [
        Figure("4", "market R2 per stock-year, daily, equal weight", 0.25, 0.45, mean),
        Figure("4", "the same, highest less lowest year", 0.10, 0.55, span),
    ]


def suspension_figures(market: Market) -> list[Figure]:
    """Fact 15: suspended share of stock-days by year, each within a third."""
    real = {2014: 7.6, 2015: 13.5, 2016: 8.4, 2017: 6.3, 2018: 4.0, 2019: 0.3}
    figures = []
    for year, share in real.items():
        chosen = market.year == year
        listed = market.listed[chosen]
        value = 100.0 * (1.0 - market.traded[chosen].sum() / listed.sum())
        definition = f"suspended share of stock-days in {year}, %"
        figures.append(Figure("15", definition, share * 2 / 3, share * 4 / 3, value))
    return figures


def turnover_figures(market: Market) -> list[Figure]:
    """Fact 18: spread of log turnover across names and in time, and its persistence."""
    usable = market.traded & (market.age > 60) & market.in_period[:, None]
    log_rate = np.log(np.where(usable, market.turnover, np.nan))
    across = float(np.nanmean(np.nanstd(log_rate[market.in_period], axis=1)))
    enough = np.isfinite(log_rate).sum(axis=0) >= 500
    series = log_rate[:, enough]
    series = series - np.nanmean(series, axis=0)
    in_time = float(np.nanstd(series, axis=0).mean())
    figures = [
        Figure("18", "ln turnover, sd across names", 0.944 * 0.85, 0.944 * 1.15, across),
        Figure("18", "ln turnover, sd in time", 0.874 * 0.85, 0.874 * 1.15, in_time),
    ]
    real = dict(zip(LAGS, (0.85, 0.71, 0.56, 0.39), strict=True))
    for lag in LAGS:
        value = float(np.nanmean(_autocorrelation(series, lag)))
        definition = f"ln turnover, autocorrelation at {lag}"
        figures.append(Figure("18", definition, real[lag] - 0.08, real[lag] + 0.08, value))
    return figures


def _autocorrelation(series: FloatArray, lag: int) -> FloatArray:
    """Autocorrelation per column over pairs that are both known."""
    head, tail = series[:-lag], series[lag:]
    both = np.isfinite(head) & np.isfinite(tail)
    head, tail = np.where(both, head, np.nan), np.where(both, tail, np.nan)
    head = head - np.nanmean(head, axis=0)
    tail = tail - np.nanmean(tail, axis=0)
    scale = np.sqrt(np.nansum(head**2, axis=0) * np.nansum(tail**2, axis=0))
    result: FloatArray = np.nansum(head * tail, axis=0) / scale
    return result


def _window_mean(values: FloatArray, window: int) -> FloatArray:
    """Mean of the known values among the last `window` rows; NaN with fewer than half."""
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=0)
    count = np.cumsum(known, axis=0).astype(np.float64)
    total[window:] -= total[:-window].copy()
    count[window:] -= count[:-window].copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        result: FloatArray = np.where(count >= window / 2, total / count, np.nan)
    return result


def _past_return(adjusted: FloatArray, far: int, near: int = 0) -> FloatArray:
    result = np.full_like(adjusted, np.nan)
    end = adjusted.shape[0] - near
    result[far:] = adjusted[far - near : end] / adjusted[: end - (far - near)] - 1.0
    return result


def single_factors(market: Market) -> dict[str, FloatArray]:
    """The ten raw variables of the facts, on week ends, shape (W, N)."""
    daily, adjusted = market.simple_return, market.adjusted
    mean = _window_mean(daily, 20)
    variance = _window_mean(daily**2, 20) - mean**2
    highest = np.full_like(daily, np.nan)
    filled = np.where(np.isfinite(daily), daily, -np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(filled, 20, axis=0)
    highest[19:] = windows.max(axis=-1)
    index = np.nanmean(daily, axis=1)[:, None]
    x = np.where(np.isfinite(daily), index, np.nan)
    mean_x, mean_y = _window_mean(x, 120), _window_mean(daily, 120)
    slope = (_window_mean(x * daily, 120) - mean_x * mean_y) / (
        _window_mean(x * x, 120) - mean_x**2
    )
    amihud = _window_mean(np.abs(daily) / market.amount, 20)
    factors = {
        "1-week return": _past_return(adjusted, 5),
        "4-week return": _past_return(adjusted, 20),
        "20-day turnover": _window_mean(market.turnover, 20),
        "20-day volatility": np.sqrt(np.maximum(variance, 0.0)),
        "MAX": np.where(np.isfinite(highest), highest, np.nan),
        "Amihud": amihud,
        "ln float cap": np.log(market.float_cap),
        "12-1 momentum": _past_return(adjusted, 240, 20),
        "beta": slope,
        "price": market.close,
    }
    return {name: values[market.week_ends] for name, values in factors.items()}


def weekly_rank_ic(market: Market, signal: FloatArray) -> FloatArray:
    """Spearman correlation of a signal (W, N) with the next week's return, shape (W - 1,)."""
    ends = market.week_ends[:-1]
    future = weekly_returns(market)
    universe = market.traded[ends] & (market.age[ends] >= 120) & ~market.is_st[ends]
    result = np.full(ends.size, np.nan)
    for week in range(ends.size):
        chosen = universe[week] & np.isfinite(signal[week]) & np.isfinite(future[week])
        if chosen.sum() >= 30:
            x, y = rankdata(signal[week][chosen]), rankdata(future[week][chosen])
            result[week] = np.corrcoef(x, y)[0, 1]
    return np.where(market.in_period[market.week_ends[1:]], result, np.nan)


def rarer_sign_years(market: Market, ic: FloatArray) -> float:
    """Years in which the mean IC has the sign that fewer years have."""
    year = market.year[market.week_ends[1:]]
    means = [np.nanmean(ic[year == y]) for y in range(FIRST_YEAR, LAST_YEAR + 1)]
    negative = sum(mean < 0 for mean in means)
    return float(min(negative, len(means) - negative))


def composite(factors: dict[str, FloatArray]) -> FloatArray:
    """Mean of the centred ranks of MAX, turnover and 4-week return (negative) and Amihud."""
    signs = {"MAX": -1.0, "20-day turnover": -1.0, "4-week return": -1.0, "Amihud": 1.0}
    total = np.zeros_like(factors["MAX"])
    for name, sign in signs.items():
        ranks = np.apply_along_axis(lambda row: rankdata(row, nan_policy="omit"), 1, factors[name])
        total += sign * ranks / np.maximum(np.isfinite(ranks).sum(axis=1, keepdims=True), 1)
    return total


def signal_figures(market: Market) -> list[Figure]:
    """Facts 7 and 8, and how strong the planted signal is."""
    factors = single_factors(market)
    ics = {name: weekly_rank_ic(market, values) for name, values in factors.items()}
    mean = {name: float(np.nanmean(ic)) for name, ic in ics.items()}
    figures = [
        Figure("7", f"Rank IC sd per week, {name}", 0.10, 0.22, float(np.nanstd(ic, ddof=1)))
        for name, ic in ics.items()
    ]
    for name in ("1-week return", "4-week return", "20-day turnover", "20-day volatility", "MAX"):
        figures.append(Figure("8", f"Rank IC mean, {name}", -0.07, -0.01, mean[name]))
    figures.append(Figure("8", "Rank IC mean, Amihud", 0.005, 0.06, mean["Amihud"]))
    for name in ("ln float cap", "12-1 momentum"):
        figures.append(Figure("8", f"Rank IC mean, {name}", -0.035, 0.035, mean[name]))
    rarer = sum(rarer_sign_years(market, ics[name]) for name in ("ln float cap", "12-1 momentum"))
    figures.append(Figure("8", "years of the rarer IC sign, cap plus momentum", 1, 6, rarer))
    best = max(abs(value) for value in mean.values())
    combined = float(np.nanmean(weekly_rank_ic(market, composite(factors))))
    attainable = float(np.nanmean(weekly_rank_ic(market, market.expected[market.week_ends])))
    return [
        *figures,
        Figure("8", "Rank IC mean, best single factor", 0.03, 0.07, best),
        Figure("8", "Rank IC mean, four-factor composite", 0.05, 0.09, combined),
        Figure("signal", "attainable Rank IC (truth), weekly mean", 0.06, 0.12, attainable),
        Figure("signal", "best single factor / attainable", 0.0, 0.60, best / attainable),
    ]


MEASURES: tuple[Callable[[Market], list[Figure]], ...] = (
    rule_figures,
    dispersion_figures,
    market_figures,
    signal_figures,
    suspension_figures,
    turnover_figures,
)


def measure(seed: int) -> list[Figure]:
    """Simulate the `demo` market with a seed and measure every figure."""
    with tempfile.TemporaryDirectory() as directory:
        landing, truth = Path(directory) / "landing", Path(directory) / "truth"
        simulate(SimulationConfig.for_size("demo", seed=seed), landing, truth)
        market = load_market(landing, truth)
    return [figure for function in MEASURES for figure in function(market)]


def render(columns: dict[int, list[Figure]]) -> str:
    """One row per figure: fact, definition, band, value per seed, whether all lie inside."""
    seeds = list(columns)
    head = f"{'fact':<7}{'definition':<56}{'band':>18}"
    head += "".join(f"{f'seed {seed}':>10}" for seed in seeds) + "  inside"
    lines = [head, "-" * len(head)]
    for row in zip(*columns.values(), strict=True):
        first = row[0]
        band = f"{first.low:.3f} to {first.high:.3f}"
        values = "".join(f"{figure.value:>10.3f}" for figure in row)
        inside = "yes" if all(figure.inside for figure in row) else "no"
        lines.append(f"{first.fact:<7}{first.definition:<56}{band:>18}{values}  {inside}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0 if every figure of every seed lies in its band, 1 otherwise."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    chosen = parser.parse_args(arguments).seeds
    columns = {seed: measure(seed) for seed in chosen}
    print(render(columns))
    return 0 if all(figure.inside for rows in columns.values() for figure in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
