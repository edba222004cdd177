"""The risk model end to end on returns whose covariance is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.risk.adjustments import eigenfactor_adjusted, regime_multiplier
from optimizer.risk.forecast import WeekRisk, forecast_risk
from optimizer.risk.history import FactorHistory, explain_returns
from optimizer.risk.panel import RiskPanel
from optimizer.risk.settings import RiskSettings
from optimizer.risk.specific import structural_volatility

NAMES, STYLES, INDUSTRIES, WEEKS = 150, 3, 4, 120
SETTINGS = RiskSettings(
    window=400,
    least_sessions=60,
    volatility_half_life=120,
    correlation_half_life=120,
    volatility_lags=0,
    correlation_lags=0,
    specific_half_life=120,
    specific_lags=0,
    specific_least_sessions=20,
)
FACTOR_VOLATILITY = np.array([0.012, 0.004, 0.003, 0.002])
SPECIFIC_VOLATILITY = 0.02


def simulated_panel(seed: int = 1, scale: float = 1.0) -> RiskPanel:
    """Five sessions a week; the last sixty weeks are `scale` times as volatile."""
    random = np.random.default_rng(seed)
    sessions = np.arange("2015-01-05", "2019-01-01", dtype="datetime64[D]")
    sessions = sessions[np.is_busday(sessions)][: 5 * WEEKS]
    styles = random.standard_normal((WEEKS, STYLES, NAMES)).astype(np.float32)
    industry = np.tile(np.arange(NAMES) % INDUSTRIES, (WEEKS, 1)).astype(np.int16)
    cap = np.tile(np.exp(random.standard_normal(NAMES)), (WEEKS, 1)) * 1e9
    returns = np.full((5 * WEEKS, NAMES), np.nan)
    shares = np.bincount(industry[0], cap[0]) / cap[0].sum()
    for session in range(5, 5 * WEEKS):
        level = scale if session >= 5 * (WEEKS - 60) else 1.0
        factors = random.standard_normal(1 + STYLES) * FACTOR_VOLATILITY
        sectors = 0.003 * random.standard_normal(INDUSTRIES)
        sectors -= shares @ sectors
        week = (session - 1) // 5 if session % 5 == 0 else session // 5 - 1
        explained = factors[0] + factors[1:] @ styles[week] + sectors[industry[week]]
        own = SPECIFIC_VOLATILITY * random.standard_normal(NAMES)
        returns[session] = level * (explained + own)
    return RiskPanel(
        sessions=sessions,
        weeks=sessions[4::5],
        symbols=tuple(f"{name:03d}" for name in range(NAMES)),
        returns=returns,
        style_names=("beta", "size", "growth"),
        styles=styles,
        industry_codes=("a", "b", "c", "d"),
        industry=industry,
        capitalisation=cap,
        in_universe=np.ones((WEEKS, NAMES), dtype=np.bool_),
    )


def estimate(
    panel: RiskPanel, settings: RiskSettings = SETTINGS
) -> tuple[FactorHistory, list[WeekRisk]]:
    history = explain_returns(panel)
    return history, forecast_risk(panel, history, settings)


@pytest.fixture(scope="module")
def panel() -> RiskPanel:
    return simulated_panel()


@pytest.fixture(scope="module")
def estimated(panel: RiskPanel) -> tuple[FactorHistory, list[WeekRisk]]:
    return estimate(panel)


def test_bias_statistic_of_known_risk_is_near_one(
    panel: RiskPanel, estimated: tuple[FactorHistory, list[WeekRisk]]
) -> None:
    history, weeks = estimated
    random = np.random.default_rng(2)
    scores: dict[int, list[float]] = {}
    for forecast in weeks[:-1]:
        week = forecast.week
        exposures = np.vstack(
            [np.ones(NAMES), panel.styles[week], panel.industry[week] == np.arange(4)[:, None]]
        )
        ahead = panel.returns[history.week == week]
        for number in range(8):
            weights = np.random.default_rng(number).dirichlet(np.ones(NAMES))
            weights -= random.dirichlet(np.ones(NAMES)) if number % 2 else 0.0
            active = exposures @ weights
            variance = active @ forecast.covariance @ active
            variance += forecast.volatility**2 @ weights**2
            scores.setdefault(number, []).extend((ahead @ weights / variance**0.5).tolist())
    bias = [float(np.std(values)) for values in scores.values()]
    assert np.mean(bias) == pytest.approx(1.0, abs=0.06)
    assert all(0.85 < each < 1.15 for each in bias)


def test_planted_volatilities_are_found(
    estimated: tuple[FactorHistory, list[WeekRisk]],
) -> None:
    history, weeks = estimated
    last = weeks[-1]
    found = np.sqrt(np.diag(last.covariance))[:4]
    # The standard error of a factor return adds to its volatility.
    noise = np.nanmedian(np.abs(history.returns / history.t_stats), axis=0)[:4]
    assert found == pytest.approx(np.hypot(FACTOR_VOLATILITY, noise), rel=0.12)
    assert np.median(last.volatility) == pytest.approx(SPECIFIC_VOLATILITY, rel=0.05)
    assert np.nanmax(history.identity_error) < 1e-14
    assert np.nanmean(history.inflation) == pytest.approx(1.0, abs=0.1)
    industries = history.returns[:, 4:] * history.shares[:, 4:]
    assert np.nanmax(np.abs(np.nansum(industries, axis=1))) < 1e-14


def test_t_statistics_of_factors_without_return_are_standard() -> None:
    quiet = simulated_panel(seed=4)
    random = np.random.default_rng(9)
    noise = random.standard_normal(quiet.returns.shape)
    # The noise that weights by the root of capitalisation assume.
    scale = quiet.capitalisation[0] ** -0.25
    history = explain_returns(replace(quiet, returns=np.asarray(noise * scale)))
    t_stats = history.t_stats[np.isfinite(history.t_stats)]
    assert t_stats.mean() == pytest.approx(0.0, abs=0.06)
    assert t_stats.std() == pytest.approx(1.0, abs=0.06)


def test_forecasts_do_not_change_with_what_comes_after(
    panel: RiskPanel, estimated: tuple[FactorHistory, list[WeekRisk]]
) -> None:
    corrected = SETTINGS.model_copy(
        update={"regime_half_life": 20.0, "eigenfactor_strength": 1.0, "window": 100}
    )
    last = 80
    cut = replace(
        panel,
        sessions=panel.sessions[: 5 * last],
        weeks=panel.weeks[:last],
        returns=panel.returns[: 5 * last],
        styles=panel.styles[:last],
        industry=panel.industry[:last],
        capitalisation=panel.capitalisation[:last],
        in_universe=panel.in_universe[:last],
    )
    for settings in (SETTINGS, corrected):
        whole = {each.week: each for each in estimate(panel, settings)[1]}
        early = estimate(cut, settings)[1]
        assert len(early) == last - 12
        for forecast in early:
            np.testing.assert_array_equal(forecast.covariance, whole[forecast.week].covariance)
            np.testing.assert_array_equal(forecast.volatility, whole[forecast.week].volatility)


def test_regime_adjustment_follows_a_change_of_volatility() -> None:
    loud = simulated_panel(scale=2.0)
    plain = estimate(loud)[1]
    adjusted = estimate(loud, SETTINGS.model_copy(update={"regime_half_life": 20.0}))[1]
    turn = WEEKS - 60
    soon = next(i for i, each in enumerate(plain) if each.week == turn + 10)
    true = 2.0 * FACTOR_VOLATILITY[0]
    slow, fast = (np.sqrt(each[soon].covariance[0, 0]) for each in (plain, adjusted))
    assert abs(fast - true) < abs(slow - true)
    assert adjusted[soon].factor_multiplier > 1.1
    assert adjusted[soon].specific_multiplier > 1.1
    assert plain[soon].factor_multiplier == 1.0


def test_regime_multiplier_by_hand() -> None:
    squares = np.full(30, 4.0)
    assert regime_multiplier(squares, 10.0) == pytest.approx(2.0)
    squares[:10] = np.nan
    assert regime_multiplier(squares, 10.0) == 1.0


def test_eigenfactor_adjustment_widens_the_safest_combinations_most() -> None:
    random = np.random.default_rng(3)
    root = random.standard_normal((12, 12))
    true = root @ root.T / 12
    sample = random.multivariate_normal(np.zeros(12), true, size=40)
    measured = np.cov(sample.T)
    settings = {"sessions": 40, "simulations": 200, "seed": 1}
    adjusted = eigenfactor_adjusted(measured, strength=1.0, **settings)  # type: ignore[arg-type]
    same = eigenfactor_adjusted(measured, strength=0.0, **settings)  # type: ignore[arg-type]
    np.testing.assert_allclose(same, measured, atol=1e-12)
    values, vectors = np.linalg.eigh(measured)
    honest = np.einsum("fk,fg,gk->k", vectors, true, vectors)
    widened = np.einsum("fk,fg,gk->k", vectors, adjusted, vectors)
    assert widened[0] / values[0] > widened[-1] / values[-1]
    assert abs(np.log(widened[:3] / honest[:3])).sum() < abs(np.log(values[:3] / honest[:3])).sum()
    np.testing.assert_array_equal(
        adjusted,
        eigenfactor_adjusted(measured, strength=1.0, **settings),  # type: ignore[arg-type]
    )


def test_names_without_history_get_the_risk_of_names_alike() -> None:
    random = np.random.default_rng(6)
    exposure = random.standard_normal((200, 1))
    industry = np.arange(200) % 2
    volatility = 0.02 * np.exp(0.4 * exposure[:, 0] + 0.3 * industry)
    hidden = volatility.copy()
    hidden[::7] = np.nan
    found = structural_volatility(hidden, exposure, industry)
    assert found[::7] == pytest.approx(volatility[::7], rel=0.05)
    np.testing.assert_array_equal(found[1:7], volatility[1:7])
