"""Factor returns, covariance and specific risk against plain twins and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.errors import InputError
from optimizer.problem.factor_model import FactorModel
from optimizer.risk.covariance import exponential_weights, factor_covariance, newey_west
from optimizer.risk.history import explain_returns
from optimizer.risk.panel import RiskPanel
from optimizer.risk.regression import exposure_matrix, factor_returns
from optimizer.risk.specific import shrunk_volatility, specific_volatility
from tests.twins.risk import constrained_regression, halving_weights, long_run_covariance


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_factor_returns_equal_the_constrained_normal_equations(random: np.random.Generator) -> None:
    styles, industry = random.standard_normal((60, 3)), random.integers(0, 4, 60)
    cap, returns = np.exp(random.standard_normal(60)), 0.02 * random.standard_normal(60)
    found = factor_returns(returns, styles, industry, cap, 4)
    shares = np.bincount(industry, cap, 4)
    exposures = exposure_matrix(styles, industry, 4)
    constraint = np.concatenate([np.zeros(4), shares])
    expected = constrained_regression(returns, exposures, np.sqrt(cap), constraint)
    factors = np.concatenate([[found.market], found.styles, found.industries])
    np.testing.assert_allclose(factors, expected, atol=1e-12)
    assert shares @ found.industries == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(exposures @ factors + found.specific, returns, atol=1e-14)
    assert 0.0 < found.r_squared < 1.0


def test_planted_factor_returns_are_found(random: np.random.Generator) -> None:
    styles, industry = random.standard_normal((30, 2)), np.arange(30) % 3
    cap = np.ones(30)
    planted = np.array([0.01, 0.002, -0.003, 0.004, -0.001, -0.003])
    returns = exposure_matrix(styles, industry, 3) @ planted
    found = factor_returns(returns, styles, industry, cap, 3)
    factors = np.concatenate([[found.market], found.styles, found.industries])
    np.testing.assert_allclose(factors, planted, atol=1e-14)
    assert found.r_squared == pytest.approx(1.0)


def test_names_with_gaps_take_no_part(random: np.random.Generator) -> None:
    styles, industry = random.standard_normal((40, 2)), np.arange(40) % 3
    cap, returns = np.exp(random.standard_normal(40)), random.standard_normal(40)
    whole = factor_returns(returns[4:], styles[4:], industry[4:], cap[4:], 4)
    returns[0], styles[1, 0], cap[2], industry[3] = np.nan, np.nan, np.nan, -1
    found = factor_returns(returns, styles, industry, cap, 4)
    assert found.market == pytest.approx(whole.market)
    assert np.isnan(found.specific[:4]).all()
    np.testing.assert_allclose(found.specific[4:], whole.specific)
    assert np.isnan(found.industries[3])


def test_undetermined_factors_are_refused(random: np.random.Generator) -> None:
    one = random.standard_normal(20)
    styles = np.column_stack([one, 2.0 * one])
    with pytest.raises(InputError, match="determine 3 of 4 factors"):
        factor_returns(one, styles, np.arange(20) % 2, np.ones(20), 2)
    with pytest.raises(InputError, match="no name has a return"):
        factor_returns(np.full(20, np.nan), styles, np.arange(20) % 2, np.ones(20), 2)


@pytest.mark.parametrize(("carriers", "takes_part"), [(4, False), (5, True)])
def test_a_style_of_a_few_names_takes_no_part(
    random: np.random.Generator, carriers: int, takes_part: bool
) -> None:
    names, days = 40, np.array(["2021-03-05", "2021-03-08"], dtype="datetime64[D]")
    styles = np.zeros((1, 2, names), dtype=np.float32)
    styles[0, 0] = random.standard_normal(names)
    styles[0, 1, :carriers] = 1.0
    panel = RiskPanel(
        sessions=days,
        weeks=days[:1],
        symbols=tuple(f"{place:06d}.SZ" for place in range(names)),
        returns=0.02 * random.standard_normal((2, names)),
        style_names=("size", "growth"),
        styles=styles,
        industry_codes=("I01", "I02"),
        industry=(np.arange(names, dtype=np.int16) % 2)[None, :],
        capitalisation=np.exp(random.standard_normal((1, names))),
        in_universe=np.ones((1, names), dtype=np.bool_),
    )
    history = explain_returns(panel)
    growth = panel.factor_names.index("growth")
    assert bool(np.isfinite(history.returns[1, growth])) is takes_part
    assert history.factors[1] == 1 + 1 + int(takes_part) + 2


@pytest.mark.parametrize("lags", [0, 1, 3])
def test_newey_west_equals_the_double_sum(random: np.random.Generator, lags: int) -> None:
    values, weights = random.standard_normal((25, 3)), halving_weights(25, 7.0)
    np.testing.assert_allclose(exponential_weights(25, 7.0), weights)
    found = newey_west(values, weights, lags)
    centred = values - weights @ values
    for i in range(3):
        for j in range(3):
            expected = long_run_covariance(centred[:, i], centred[:, j], weights, lags)
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_covariance_is_positive_semidefinite_even_with_few_sessions(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.cumsum(random.standard_normal((12, 8)), axis=0) * 0.01
    found = factor_covariance(
        values,
        volatility_half_life=3.0,
        correlation_half_life=6.0,
        volatility_lags=2,
        correlation_lags=5,
    )
    FactorModel(np.eye(8), found, np.zeros(8))
    variance = np.diag(newey_west(values, exponential_weights(12, 3.0), 2))
    np.testing.assert_allclose(np.diag(found), variance)
    slow = newey_west(values, exponential_weights(12, 6.0), 5)
    correlation = slow[0, 1] / np.sqrt(slow[0, 0] * slow[1, 1])
    assert found[0, 1] / np.sqrt(found[0, 0] * found[1, 1]) == pytest.approx(correlation)


def test_covariance_needs_complete_and_enough_sessions() -> None:
    settings = {
        "volatility_half_life": 3.0,
        "correlation_half_life": 3.0,
        "volatility_lags": 2,
        "correlation_lags": 2,
    }
    with pytest.raises(InputError, match="no return on any session"):
        factor_covariance(np.full((9, 1), np.nan), **settings)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="3 sessions, at least 4"):
        factor_covariance(np.zeros((3, 1)), **settings)  # type: ignore[arg-type]


def test_specific_volatility_counts_known_sessions(random: np.random.Generator) -> None:
    residuals = random.standard_normal((20, 3))
    residuals[:15, 1] = np.nan
    residuals[3, 2] = np.nan
    found = specific_volatility(residuals, half_life=5.0, lags=2, least_sessions=10)
    weights = halving_weights(20, 5.0)
    full = long_run_covariance(residuals[:, 0], residuals[:, 0], weights, 2)
    assert found[0] == pytest.approx(np.sqrt(full))
    assert np.isnan(found[1])
    gap = np.where(np.isnan(residuals[:, 2]), 0.0, residuals[:, 2])
    known = np.where(np.isnan(residuals[:, 2]), 0.0, weights)
    holed = long_run_covariance(gap, gap, known / known.sum(), 2)
    assert found[2] == pytest.approx(np.sqrt(holed))


def test_shrinkage_by_hand() -> None:
    # Two groups. Small: 0.1 and 0.3, equal caps: mean 0.2, distances and spread 0.1, v = 1/2.
    volatility = np.array([0.4, 0.1, np.nan, 0.3])
    cap = np.array([9.0, 1.0, 8.0, 1.0])
    found = shrunk_volatility(volatility, cap, groups=2, strength=1.0)
    assert found == pytest.approx([0.4, 0.15, 0.4, 0.25])
    kept = shrunk_volatility(volatility, cap, groups=2, strength=0.0)
    assert kept == pytest.approx([0.4, 0.1, 0.4, 0.3])
    with pytest.raises(InputError, match="use fewer groups"):
        shrunk_volatility(np.array([0.1, np.nan]), np.ones(2), groups=2, strength=1.0)
    with pytest.raises(InputError, match="positive capitalisation"):
        shrunk_volatility(np.array([0.1]), np.zeros(1), groups=1, strength=1.0)
