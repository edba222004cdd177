"""Numerical constants of the simulated market.

Returns are decimal fractions, rates per session unless a name says otherwise. The values were set
so that the facts measured by `benchmarks/simulator.py` lie inside their accepted bands.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StyleCalibration:
    """One priced style.

    Attributes
    ----------
    weekly_sd
        Standard deviation of the weekly return of one unit of exposure.
    market_correlation
        Correlation of that return with the market return.
    weekly_premium
        Long-run mean of the weekly premium of one unit of exposure.
    weekly_premium_sd
        Standard deviation of the slow part of the premium.
    """

    weekly_sd: float
    market_correlation: float
    weekly_premium: float
    weekly_premium_sd: float


STYLES = ("size", "momentum", "volatility", "turnover", "short_return")


@dataclass(frozen=True)
class Calibration:
    """Every constant of the return, volatility, volume and suspension processes."""

    # Market and industries
    common_drift: float = 0.0005
    market_echo: float = 0.02
    market_sd: float = 0.0148
    market_volatility_spread: float = 0.45
    market_volatility_decay: float = 0.990
    crisis_volatility: float = 2.3
    market_tail_degrees: float = 5.0
    industry_weekly_sd: float = 0.018
    beta_spread: float = 0.12

    # Styles, in the order of STYLES
    size: StyleCalibration = StyleCalibration(0.0072, -0.30, -0.0008, 0.0006)
    momentum: StyleCalibration = StyleCalibration(0.0052, 0.00, 0.0000, 0.0006)
    volatility: StyleCalibration = StyleCalibration(0.0050, 0.25, 0.0000, 0.0004)
    turnover: StyleCalibration = StyleCalibration(0.0045, 0.25, 0.0000, 0.0004)
    short_return: StyleCalibration = StyleCalibration(0.0072, -0.30, -0.0015, 0.0004)
    premium_weekly_decay: float = 0.97
    beta_weekly_premium_sd: float = 0.0006

    # Specific returns
    specific_sd: float = 0.0205
    specific_tail_degrees: float = 2.7
    specific_skew: float = 1.5
    specific_regime: float = 0.50
    specific_spread: float = 0.20
    volatility_slow: tuple[float, float] = (0.985, 0.20)
    volatility_fast: tuple[float, float] = (0.90, 0.33)
    volatility_attention: float = 0.14
    volatility_size: float = -0.06
    largest_shock: float = 8.0
    largest_return: float = 0.40

    # Planted signal: decay per session, weekly standard deviation of the expected return it adds
    reversal_decay: float = 0.961
    reversal_visible: float = 0.98
    reversal_weekly_sd: float = 0.0030
    attention_decay: float = 0.997
    attention_weekly_sd: float = 0.0016
    flow_decay: float = 0.955
    flow_weekly_sd: float = 0.0008
    value_weekly_pull: float = 0.0014
    # In place of all of them where products of characteristics are priced: weekly standard
    # deviation of the expected return that each product adds
    interaction_weekly_sd: float = 0.0025
    # Where five weeks together are priced: the same of what they say, and the shift of ln(VWAP)
    # in log ranges that shows one standard deviation of a week
    memory_weekly_sd: float = 0.0090
    memory_lean: float = 0.20

    # Turnover, in natural logarithms
    turnover_median: float = 0.0105
    turnover_base_spread: float = 0.42
    turnover_size_slope: float = -0.33
    turnover_market_sd: float = 0.46
    turnover_market_decay: float = 0.997
    turnover_market_volatility: float = 0.50
    turnover_attention: float = 0.54
    turnover_medium: tuple[float, float] = (0.985, 0.36)
    turnover_fast: tuple[float, float] = (0.85, 0.20)
    turnover_volatility: float = 0.80
    turnover_move: float = 0.45
    turnover_after_move: float = 0.12
    turnover_flow: float = 0.25
    turnover_noise: float = 0.10

    # Inside the session
    overnight_share: float = 0.12
    overnight_noise: float = 0.36
    overnight_drift: float = -0.0012
    range_scale: float = 0.98
    range_surprise: float = 1.0
    range_tilt: float = 0.06
    vwap_high: float = 0.48
    vwap_low: float = 0.42
    vwap_close: float = 0.13
    vwap_noise: float = 0.08

    # Suspensions: sd of the news that a resumption brings, by length of the spell
    resumption_news: tuple[float, float, float] = (0.02, 0.06, 0.20)
    crash_suspension_rate: float = 0.06
    panic_suspension_rate: float = 0.17

    # Delistings: share of further annual losses under special treatment that end the listing, fall
    # per session of the delisting period, loss of value with its end; absorbed names per year
    terminated_share: float = 0.55
    delisting_fall: float = 0.025
    terminal_loss: float = 0.45
    merger_rate: float = 0.0006

    def style(self, name: str) -> StyleCalibration:
        """Calibration of one of `STYLES`."""
        if name not in STYLES:
            raise KeyError(f"unknown style {name!r}; expected one of {', '.join(STYLES)}")
        value: StyleCalibration = getattr(self, name)
        return value
