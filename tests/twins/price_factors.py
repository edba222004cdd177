"""Every factor of prices and volumes for one stock on one session, in plain NumPy.

Written apart from the SQL: slices of arrays, explicit weights by age, textbook formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class StockHistory:
    """Bars of one stock up to and including the session that is judged; NaN without trade."""

    closes: Floats
    carried_closes: Floats
    raw_close: float
    highs: Floats
    lows: Floats
    opens: Floats
    raw_ratios: pd.DataFrame
    volumes: Floats
    amounts: Floats
    turnovers: Floats
    returns: Floats
    market: Floats
    limit_ups: Floats
    total_cap: float
    circulating_cap: float
    previous_closes: Floats
    previous_turnovers: Floats

    def last(self, values: Floats, sessions: int, lag: int = 0) -> Floats:
        """Values of the window of `sessions` that ends `lag` sessions ago."""
        end = len(values) - lag
        return values[max(0, end - sessions) : max(0, end)]

    def enough(self, sessions: int, lag: int = 0) -> bool:
        """Whether half of the window's sessions were traded."""
        return 2 * np.count_nonzero(~np.isnan(self.last(self.closes, sessions, lag))) >= sessions


def _total_cap(bar: pd.Series) -> float:
    """Total cap in yuan; the circulating one where the source knows no other."""
    known = bar.circulating_cap_cny if np.isnan(bar.total_cap_cny) else bar.total_cap_cny
    return float(known)


def history_of(bars: pd.DataFrame, market: pd.Series) -> StockHistory:
    """The bars of one stock in order, with `market` holding the market return by session."""
    traded = ~bars.is_suspended.to_numpy()

    def observed(values: pd.Series | Floats) -> Floats:
        return np.where(traded, np.asarray(values, dtype=float), np.nan)

    factor = bars.adj_factor.to_numpy(float)
    returns = bars.return_1d.to_numpy(float)
    closes = observed(bars.close * factor)
    turnovers = observed(bars.turnover_rate_pct)
    return StockHistory(
        closes=closes,
        carried_closes=bars.adj_close.to_numpy(float),
        raw_close=float(bars.close.iloc[-1]),
        highs=observed(bars.high * factor),
        lows=observed(bars.low * factor),
        opens=observed(bars.open * factor),
        raw_ratios=bars.assign(traded=traded),
        volumes=observed(bars.volume_shares / factor),
        amounts=observed(bars.amount_cny),
        turnovers=turnovers,
        returns=returns,
        market=np.where(np.isnan(returns), np.nan, market.loc[bars.session_number].to_numpy()),
        limit_ups=observed(bars.is_limit_up),
        total_cap=_total_cap(bars.iloc[-1]),
        circulating_cap=float(bars.circulating_cap_cny.iloc[-1]),
        previous_closes=pd.Series(closes).ffill().shift().to_numpy(),
        previous_turnovers=pd.Series(turnovers).ffill().shift().to_numpy(),
    )


def _window(
    stock: StockHistory,
    values: Floats,
    sessions: int,
    statistic: Callable[[Floats], float],
    minimum: int = 1,
) -> float:
    window = stock.last(values, sessions)
    known = window[~np.isnan(window)]
    if not stock.enough(sessions) or known.size < minimum:
        return NAN
    return float(statistic(known))


def _mean(stock: StockHistory, values: Floats, sessions: int) -> float:
    return _window(stock, values, sessions, np.mean)


def _deviation(stock: StockHistory, values: Floats, sessions: int) -> float:
    return _window(stock, values, sessions, lambda x: np.std(x, ddof=1), minimum=2)


def _skewness(stock: StockHistory, values: Floats, sessions: int) -> float:
    return _window(stock, values, sessions, lambda x: stats.skew(x, bias=False), minimum=3)


def _return(stock: StockHistory, first: int, last: int = 0) -> float:
    closes = stock.carried_closes
    if len(closes) <= first or not stock.enough(first - last, last):
        return NAN
    return float(closes[-1 - last] / closes[-1 - first] - 1)


def _weighted_return(stock: StockHistory, sessions: int, rate: float) -> float:
    if not stock.enough(sessions):
        return NAN
    returns = stock.last(stock.returns, sessions)
    weights = stock.last(stock.turnovers, sessions).copy()
    weights *= np.exp(-rate * np.arange(len(weights))[::-1])
    known = ~np.isnan(returns) & ~np.isnan(weights)
    return float(np.average(returns[known], weights=weights[known]))


def _fit(stock: StockHistory, sessions: int, lag: int = 0) -> tuple[float, float, float, float]:
    """Slope, intercept, sample deviation of the residuals and R-squared."""
    y, x = stock.last(stock.returns, sessions, lag), stock.last(stock.market, sessions, lag)
    known = ~np.isnan(y) & ~np.isnan(x)
    if not stock.enough(sessions, lag) or known.sum() < 2:
        return NAN, NAN, NAN, NAN
    design = np.column_stack([np.ones(known.sum()), x[known]])
    (intercept, slope), *_ = np.linalg.lstsq(design, y[known], rcond=None)
    residuals = y[known] - design @ [intercept, slope]
    return slope, intercept, np.std(residuals, ddof=1), 1 - residuals.var() / y[known].var()


def _correlation(stock: StockHistory, y: Floats, x: Floats, sessions: int) -> float:
    y, x = stock.last(y, sessions), stock.last(x, sessions)
    known = ~np.isnan(y) & ~np.isnan(x)
    if not stock.enough(sessions) or known.sum() < 2:
        return NAN
    return float(np.corrcoef(y[known], x[known])[0, 1])


def _exponential_average(values: Floats, span: int) -> float:
    window = values[-60:]
    weights = (1 - 2 / (span + 1)) ** np.arange(len(window))[::-1]
    known = ~np.isnan(window)
    return float(np.average(window[known], weights=weights[known])) if known.any() else NAN


def _macd(stock: StockHistory) -> tuple[float, float]:
    difs = np.full(len(stock.closes), np.nan)
    for end in range(max(1, len(difs) - 60), len(difs) + 1):
        window = stock.closes[:end]
        if 2 * np.count_nonzero(~np.isnan(window[-60:])) >= 60:
            difs[end - 1] = _exponential_average(window, 12) - _exponential_average(window, 26)
    signal = _exponential_average(np.where(np.isnan(stock.closes), np.nan, difs), 9)
    close = stock.carried_closes[-1]
    histogram = 2 * (difs[-1] - signal) / close if stock.enough(119) else NAN
    return difs[-1] / close, histogram


def _size_price_and_momentum(stock: StockHistory) -> dict[str, float]:
    _, intercept, deviation, _ = _fit(stock, 220, lag=20)
    overnight = np.log(stock.opens / stock.previous_closes)
    intraday = np.log(stock.closes / stock.opens)
    factors = {
        "log_total_cap": np.log(stock.total_cap),
        "log_float_cap": np.log(stock.circulating_cap),
        "log_price": np.log(stock.raw_close),
        "momentum_6m_skip_1m": _return(stock, 120, 20),
        "momentum_12m_skip_1m": _return(stock, 240, 20),
        "same_month_return_last_year": _return(stock, 260, 240),
        "overnight_return_1m": _window(stock, overnight, 20, np.sum),
        "intraday_return_1m": _window(stock, intraday, 20, np.sum),
        "residual_momentum_12m": intercept / deviation,
    }
    for name, sessions in (("1w", 5), ("1m", 20), ("2m", 40), ("3m", 60), ("6m", 120)):
        factors[f"return_{name}"] = _return(stock, sessions)
    factors["return_12m"] = _return(stock, 240)
    for months in (1, 3, 6):
        factors[f"turnover_weighted_return_{months}m"] = _weighted_return(stock, 20 * months, 0)
        factors[f"exp_weighted_return_{months}m"] = _weighted_return(
            stock, 20 * months, 1 / (4 * months)
        )
    return factors


def _volatility(stock: StockHistory) -> dict[str, float]:
    returns = stock.returns
    ranges = np.log(stock.highs / stock.lows)
    factors = {
        f"volatility_{months}m": _deviation(stock, returns, 20 * months) for months in (1, 3, 6, 12)
    }
    traded = np.count_nonzero(~np.isnan(stock.last(stock.closes, 60)))
    return factors | {
        "downside_volatility_3m": _window(
            stock, returns, 60, lambda x: np.sqrt(np.sum(x[x < 0] ** 2) / traded)
        ),
        "idiosyncratic_volatility_1m": _fit(stock, 20)[2],
        "idiosyncratic_volatility_3m": _fit(stock, 60)[2],
        "idiosyncratic_volatility_12m": _fit(stock, 240)[2],
        "high_low_range_1m": _mean(stock, ranges, 20),
        "high_low_range_3m": _mean(stock, ranges, 60),
        "max_daily_return_1m": _window(stock, returns, 20, np.max),
        "min_daily_return_1m": _window(stock, returns, 20, np.min),
        "return_skewness_3m": _skewness(stock, returns, 60),
        "return_kurtosis_3m": _window(
            stock, returns, 60, lambda x: stats.kurtosis(x, bias=False), minimum=4
        ),
        "volatility_change_1m_12m": factors["volatility_1m"] / factors["volatility_12m"] - 1,
    }


def _liquidity(stock: StockHistory) -> dict[str, float]:
    turnovers, amounts = stock.turnovers, stock.amounts
    illiquidity = np.abs(stock.returns) / amounts
    two_years = _mean(stock, turnovers, 480)
    factors = {
        "turnover_1w": _mean(stock, turnovers, 5),
        "turnover_6m": _mean(stock, turnovers, 120),
        "turnover_bias_1m_24m": _mean(stock, turnovers, 20) / two_years - 1,
        "turnover_bias_3m_24m": _mean(stock, turnovers, 60) / two_years - 1,
        "log_amount_1m": np.log(_mean(stock, amounts, 20)),
        "amount_variation_1m": _deviation(stock, amounts, 20) / _mean(stock, amounts, 20),
        "volume_change_1w_3m": _mean(stock, stock.volumes, 5) / _mean(stock, stock.volumes, 60) - 1,
        "turnover_skewness_1m": _skewness(stock, turnovers, 20),
    }
    for months in (1, 3, 12):
        factors[f"turnover_{months}m"] = _mean(stock, turnovers, 20 * months)
        factors[f"turnover_volatility_{months}m"] = _deviation(stock, turnovers, 20 * months)
        factors[f"amihud_illiquidity_{months}m"] = _mean(stock, illiquidity, 20 * months)
    return factors


def _beta(stock: StockHistory, market: Floats) -> dict[str, float]:
    """`market` holds the market return of every session up to this one."""
    mean = market[-240:].mean()
    window = market[-240:]
    falls = np.full(len(stock.returns), False)
    reach = min(len(falls), 240)
    falls[-reach:] = window[-reach:] < mean
    y, x = stock.returns[falls], market[-len(falls) :][falls]
    known = ~np.isnan(y)
    downside = NAN
    if stock.enough(240) and known.sum() > 1:
        downside = float(np.polyfit(x[known], y[known], 1)[0])
    return {
        "beta_3m": _fit(stock, 60)[0],
        "beta_12m": _fit(stock, 240)[0],
        "downside_beta_12m": downside,
        "market_r_squared_12m": _fit(stock, 240)[3],
    }


def _price_volume(stock: StockHistory) -> dict[str, float]:
    bars = stock.raw_ratios
    returns, volumes = stock.returns, stock.volumes
    vwap_to_close = np.where(bars.traded, bars.vwap / bars.close - 1, np.nan)
    spread = (bars.high - bars.low).to_numpy()
    place = (2 * bars.close - bars.high - bars.low).to_numpy()
    flow = np.where(spread > 0, place / np.where(spread > 0, spread, 1), 0) * stock.amounts
    ups = np.where(returns > 0, volumes, 0)
    signed = np.sign(returns) * volumes
    total = _window(stock, volumes, 20, np.sum)
    average_price = _window(stock, stock.amounts, 20, np.sum) / total
    gaps = np.log(stock.opens / stock.previous_closes)
    changes = stock.turnovers - stock.previous_turnovers
    return {
        "return_volume_correlation_1m": _correlation(stock, returns, np.log(volumes), 20),
        "return_volume_correlation_3m": _correlation(stock, returns, np.log(volumes), 60),
        "price_volume_correlation_1m": _correlation(stock, stock.closes, volumes, 20),
        "return_turnover_change_correlation_1m": _correlation(stock, returns, changes, 20),
        "vwap_to_close_1w": _mean(stock, vwap_to_close, 5),
        "vwap_deviation_1m": stock.carried_closes[-1] / average_price - 1,
        "money_flow_1m": _window(stock, flow, 20, np.sum)
        / _window(stock, stock.amounts, 20, np.sum),
        "up_volume_share_1m": _window(stock, ups, 20, np.sum) / total,
        "signed_volume_imbalance_1w": _window(stock, signed, 5, np.sum)
        / _window(stock, volumes, 5, np.sum),
        "open_gap_volatility_1m": _deviation(stock, gaps, 20),
    }


def _technical(stock: StockHistory) -> dict[str, float]:
    close = stock.carried_closes[-1]
    changes = stock.closes - stock.previous_closes
    dif, histogram = _macd(stock)
    low_9 = _window(stock, stock.lows, 9, np.min)
    high_9 = _window(stock, stock.highs, 9, np.max)
    highs, lows = stock.last(stock.highs, 25)[::-1], stock.last(stock.lows, 25)[::-1]
    aroon = NAN
    if stock.enough(25):
        aroon = (int(np.nanargmin(lows)) - int(np.nanargmax(highs))) / 25
    return {
        "bias_1m": close / _mean(stock, stock.closes, 20) - 1,
        "bias_3m": close / _mean(stock, stock.closes, 60) - 1,
        "macd_dif": dif,
        "macd_histogram": histogram,
        "rsi_14": _window(stock, changes, 14, lambda x: x[x > 0].sum() / np.abs(x).sum()),
        "psy_12": _window(stock, stock.returns, 12, lambda x: np.mean(x > 0)),
        "stochastic_k_9": (close - low_9) / (high_9 - low_9),
        "aroon_25": aroon,
        "distance_to_high_12m": close / _window(stock, stock.highs, 240, np.max) - 1,
        "distance_to_low_12m": close / _window(stock, stock.lows, 240, np.min) - 1,
        "limit_up_count_1m": _window(stock, stock.limit_ups, 20, np.sum),
    }


def price_factors(bars: pd.DataFrame, market: pd.Series) -> dict[str, float]:
    """Factors of one stock at the last of its bars; `market` by session number, from the first.

    nonlinear_size is missing: it needs the whole cross-section.
    """
    stock = history_of(bars, market)
    until_now = market.loc[: bars.session_number.iloc[-1]].to_numpy()
    return {
        **_size_price_and_momentum(stock),
        **_volatility(stock),
        **_liquidity(stock),
        **_beta(stock, until_now),
        **_price_volume(stock),
        **_technical(stock),
    }
