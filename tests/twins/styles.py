"""Barra styles for a week, step by step in NumPy and pandas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from twins.price_factors import StockHistory, history_of

Floats = NDArray[np.float64]
NAN = float("nan")
COMBINATIONS = {
    "beta": {"market_slope": 1.0},
    "momentum": {"lagged_return": 1.0},
    "size": {"log_cap": 1.0},
    "residual_volatility": {
        "daily_deviation": 0.74,
        "monthly_range": 0.16,
        "residual_deviation": 0.10,
    },
    "earnings_yield": {"cash_earnings_to_price": 0.21 / 0.32, "earnings_to_price": 0.11 / 0.32},
    "growth": {"earnings_growth": 0.24 / 0.71, "sales_growth": 0.47 / 0.71},
    "book_to_price": {"book_to_market": 1.0},
    "leverage": {"debt_to_market": 0.38, "liabilities_to_assets": 0.35, "debt_to_book": 0.27},
    "liquidity": {"log_turnover_1m": 0.35, "log_turnover_3m": 0.35, "log_turnover_12m": 0.30},
}


def _weights(count: int, half_life: float) -> Floats:
    return 0.5 ** (np.arange(count)[::-1] / half_life)


def _market_fit(stock: StockHistory) -> tuple[float, float]:
    y, x = stock.last(stock.returns, 252), stock.last(stock.market, 252)
    weights = _weights(len(y), 63)
    known = ~np.isnan(y) & ~np.isnan(x)
    if not stock.enough(252):
        return NAN, NAN
    design = np.column_stack([np.ones(known.sum()), x[known]])
    root = np.sqrt(weights[known])
    solution, *_ = np.linalg.lstsq(design * root[:, None], y[known] * root, rcond=None)
    residuals = y[known] - design @ solution
    return solution[1], np.sqrt(np.average(residuals**2, weights=weights[known]))


def _monthly_turnover(stock: StockHistory, sessions: int) -> float:
    window = stock.last(stock.turnovers, sessions)
    if not stock.enough(sessions):
        return NAN
    return float(np.log(21 * np.nansum(window) / 100 / len(window)))


def descriptors(bars: pd.DataFrame, market: pd.Series) -> dict[str, float]:
    """Descriptors of one stock at the last of its bars."""
    stock = history_of(bars, market)
    slope, residual_deviation = _market_fit(stock)
    lagged = np.log1p(stock.last(stock.returns, 504, 21))
    returns = stock.last(stock.returns, 252)
    known = ~np.isnan(returns)
    weights = _weights(len(returns), 42)
    deviation = NAN
    if stock.enough(252):
        mean = np.average(returns[known], weights=weights[known])
        deviation = np.sqrt(np.average((returns[known] - mean) ** 2, weights=weights[known]))
    logs = np.log(stock.carried_closes)
    months = [logs[-1] - logs[-1 - 21 * m] for m in range(1, 13) if len(logs) > 21 * m]
    return {
        "log_cap": float(np.log(stock.total_cap)),
        "market_slope": slope,
        "residual_deviation": residual_deviation,
        "lagged_return": float(np.nansum(_weights(len(lagged), 126) * lagged))
        if stock.enough(504, 21)
        else NAN,
        "daily_deviation": deviation,
        "monthly_range": max(months) - min(months)
        if len(months) >= 6 and stock.enough(252)
        else NAN,
        "log_turnover_1m": _monthly_turnover(stock, 21),
        "log_turnover_3m": _monthly_turnover(stock, 63),
        "log_turnover_12m": _monthly_turnover(stock, 252),
    }


def _winsorised(values: pd.Series, members: pd.Series) -> pd.Series:
    median = values[members].median()
    reach = 3 * 1.4826 * (values[members] - median).abs().median()
    return values.clip(median - reach, median + reach) if reach > 0 else values


def _standardised(values: pd.Series, members: pd.Series, caps: pd.Series) -> pd.Series:
    inside = values[members].dropna()
    mean = np.average(inside, weights=caps[inside.index]) if len(inside) else NAN
    return (values - mean) / inside.std()


def _orthogonal(values: pd.Series, bases: pd.DataFrame, members: pd.Series) -> pd.Series:
    inside = members & values.notna()
    design = np.column_stack([np.ones(len(bases)), bases.to_numpy()])
    solution, *_ = np.linalg.lstsq(design[inside], values[inside], rcond=None)
    return values - design @ solution


def styles(measured: pd.DataFrame, members: pd.Series, caps: pd.Series) -> pd.DataFrame:
    """Styles of a week before storing, NaN where missing; rows are the listed stocks."""
    scaled = measured.apply(lambda x: _standardised(_winsorised(x, members), members, caps))
    frame = pd.DataFrame(index=measured.index)
    for style, weights in COMBINATIONS.items():
        series = pd.Series(weights)
        present = scaled[series.index].notna()
        total = (present * series).sum(axis=1)
        frame[style] = (scaled[series.index] * series).sum(axis=1) / total.where(total > 0)
    frame["nonlinear_size"] = scaled.log_cap**3
    _orthogonalise(frame, "residual_volatility", ["beta", "size"], members)
    _orthogonalise(frame, "liquidity", ["size"], members)
    _orthogonalise(frame, "nonlinear_size", ["size"], members)
    return frame.apply(lambda x: _standardised(x, members, caps))


def _orthogonalise(
    frame: pd.DataFrame, style: str, bases: Sequence[str], members: pd.Series
) -> None:
    regressors = frame[list(bases)].fillna(0)
    residual = _winsorised(_orthogonal(frame[style], regressors, members), members)
    frame[style] = _orthogonal(residual, regressors, members)
