"""Risk as forecast at the end of each week, from what was known then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.risk.adjustments import eigenfactor_adjusted, regime_multiplier
from optimizer.risk.covariance import exponential_weights, factor_covariance
from optimizer.risk.history import FactorHistory
from optimizer.risk.panel import RiskPanel
from optimizer.risk.settings import RiskSettings
from optimizer.risk.specific import shrunk_volatility, specific_volatility, structural_volatility


@dataclass(frozen=True)
class WeekRisk:
    """Forecast of one week; variances and volatilities are per session.

    Attributes
    ----------
    week
        Position of the week.
    factors
        [k], positions of the factors that have a covariance.
    covariance
        [k, k].
    sessions
        Sessions of factor returns in the window.
    names
        [n], positions of the names with a specific volatility.
    own_volatility, volatility
        [n], from the name's residuals alone (NaN with too few), and as forecast.
    counts
        [n], residuals of the window.
    factor_multiplier, specific_multiplier
        Corrections by the level of volatility, 1 where switched off.
    """

    week: int
    factors: IntArray
    covariance: FloatArray
    sessions: int
    names: IntArray
    own_volatility: FloatArray
    volatility: FloatArray
    counts: IntArray
    factor_multiplier: float
    specific_multiplier: float


def forecast_risk(
    panel: RiskPanel,
    history: FactorHistory,
    settings: RiskSettings,
    progress: Callable[[int, int], None] | None = None,
) -> list[WeekRisk]:
    """Forecasts of all weeks with enough sessions before them, each from returns up to it alone."""
    regime = _Regime(panel, history, settings)
    ends = np.searchsorted(panel.sessions, panel.weeks)
    found: list[WeekRisk] = []
    for week, end in enumerate(ends.tolist()):
        forecast = _forecast(panel, history, settings, regime, week, end)
        if forecast is not None:
            found.append(forecast)
        if progress is not None:
            progress(week + 1, panel.weeks.size)
    return found


def _forecast(
    panel: RiskPanel,
    history: FactorHistory,
    settings: RiskSettings,
    regime: _Regime,
    week: int,
    end: int,
) -> WeekRisk | None:
    regressed = np.flatnonzero(history.week[: end + 1] >= 0)[-settings.window :]
    returns = history.returns[regressed]
    known = np.isfinite(returns).sum(axis=0)
    factors = np.flatnonzero(known >= min(settings.least_sessions, settings.window) // 2)
    names = _listed(panel, week)
    if regressed.size < settings.least_sessions or not (factors.size and names.any()):
        return None
    covariance = factor_covariance(
        returns[:, factors],
        volatility_half_life=settings.volatility_half_life,
        correlation_half_life=settings.correlation_half_life,
        volatility_lags=settings.volatility_lags,
        correlation_lags=settings.correlation_lags,
    )
    if settings.eigenfactor_strength > 0.0:
        covariance = _corrected(
            covariance, regressed.size, settings, int(panel.weeks.astype(np.int64)[week])
        )
    window = history.specific[regressed[-settings.specific_window :]][:, names]
    own, volatility = _specific(panel, week, names, window, settings)
    upward, outward = regime.multipliers(end)
    regime.take_forecast(week, factors, np.sqrt(np.diag(covariance)), names, volatility)
    return WeekRisk(
        week=week,
        factors=factors,
        covariance=covariance * upward**2,
        sessions=int(regressed.size),
        names=np.flatnonzero(names),
        own_volatility=own,
        volatility=volatility * outward,
        counts=np.isfinite(window).sum(axis=0).astype(np.intp),
        factor_multiplier=upward,
        specific_multiplier=outward,
    )


def _listed(panel: RiskPanel, week: int) -> BoolArray:
    """Names with exposures, industry and capitalisation, in the universe or not."""
    known: BoolArray = np.isfinite(panel.styles[week]).all(axis=0) & (panel.industry[week] >= 0)
    known &= panel.capitalisation[week] > 0
    return known


def _corrected(
    covariance: FloatArray, sessions: int, settings: RiskSettings, day: int
) -> FloatArray:
    weights = exponential_weights(sessions, settings.correlation_half_life)
    return eigenfactor_adjusted(
        covariance,
        # Weighted sessions are worth as many equal ones.
        sessions=round(1.0 / float((weights**2).sum())),
        simulations=settings.eigenfactor_simulations,
        strength=settings.eigenfactor_strength,
        seed=settings.seed + day,
    )


def _specific(
    panel: RiskPanel, week: int, names: BoolArray, window: FloatArray, settings: RiskSettings
) -> tuple[FloatArray, FloatArray]:
    """Volatility from the names' own residuals, and drawn towards names alike."""
    own = specific_volatility(
        window,
        half_life=settings.specific_half_life,
        lags=settings.specific_lags,
        least_sessions=min(settings.specific_least_sessions, settings.least_sessions),
    )
    exposures = panel.styles[week][:, names].T.astype(np.float64)
    filled = structural_volatility(own, exposures, panel.industry[week][names].astype(np.intp))
    capitalisation = panel.capitalisation[week][names]
    shrunk = shrunk_volatility(
        filled,
        capitalisation,
        groups=settings.shrinkage_groups,
        strength=settings.shrinkage_strength,
    )
    return own, shrunk


class _Regime:
    """Past standardised returns: how far off the latest forecasts were, session by session."""

    def __init__(self, panel: RiskPanel, history: FactorHistory, settings: RiskSettings) -> None:
        self._history, self._half_life = history, settings.regime_half_life
        self._window = settings.specific_window
        self._capitalisation = panel.capitalisation
        sessions = panel.sessions.size
        self._squares = np.full((2, sessions), np.nan)

    def multipliers(self, end: int) -> tuple[float, float]:
        """Of factors' and of specific volatilities, from sessions up to this one."""
        if self._half_life is None:
            return 1.0, 1.0
        seen = self._squares[:, max(end + 1 - self._window, 0) : end + 1]
        factors, specific = (regime_multiplier(row, self._half_life) for row in seen)
        return factors, specific

    def take_forecast(
        self,
        week: int,
        factors: IntArray,
        deviations: FloatArray,
        names: BoolArray,
        volatility: FloatArray,
    ) -> None:
        """Hold the returns of the sessions that use this week's exposures against its forecast."""
        if self._half_life is None:
            return
        for session in np.flatnonzero(self._history.week == week):
            returns = self._history.returns[session, factors]
            scored = np.isfinite(returns) & (deviations > 0)
            self._squares[0, session] = np.mean((returns[scored] / deviations[scored]) ** 2)
            own = self._history.specific[session, names]
            known = np.isfinite(own)
            weight = self._capitalisation[week, names][known]
            standard = (own[known] / volatility[known]) ** 2
            self._squares[1, session] = weight @ standard / weight.sum()
