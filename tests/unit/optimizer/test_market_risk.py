"""Risk in factor form against a dense matrix, what the benchmark holds elsewhere included."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cvxpy as cp
import numpy as np
import pyarrow as pa
import pytest

from optimizer.errors import InputError
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.risk_part import RiskPart
from optimizer.risk.market_risk import MarketRisk

WEEKS = np.array(["2020-01-03", "2020-01-10"], dtype="datetime64[D]")
SYMBOLS = ("A", "B", "C", "D")
FACTORS = ("market", "size", "x", "y")


def frames(random: np.random.Generator) -> tuple[dict[str, Any], np.ndarray]:
    root = random.standard_normal((4, 4))
    covariance = 1e-4 * root @ root.T
    first, second = (each.ravel() for each in np.meshgrid(FACTORS, FACTORS, indexing="ij"))
    table = {
        "week_date": [WEEKS[1].astype(object)] * 16,
        "factor_1": first.tolist(),
        "factor_2": second.tolist(),
        "covariance": covariance.ravel().tolist(),
    }
    specific = {
        "symbol": ["A", "B", "C"],
        "week_date": [WEEKS[1].astype(object)] * 3,
        "specific_volatility": [0.01, 0.02, 0.04],
    }
    tables = {
        "risk.fct_factor_covariance": pa.table(table),
        "risk.fct_specific_risk": pa.table(specific),
    }
    return tables, covariance


@pytest.fixture
def parts() -> tuple[MarketRisk, Any, Any, np.ndarray]:
    """A risk model of one week, its market and signals, and the dense covariance of a week."""
    random = np.random.default_rng(1)
    tables, covariance = frames(random)
    styles = random.standard_normal((2, 1, 4)).astype(np.float32)
    market = SimpleNamespace(weeks=WEEKS, symbols=SYMBOLS, style_names=("size",), styles=styles)
    industry = np.array([[0, 1, 1, 0]] * 2, dtype=np.int16)
    signals = SimpleNamespace(industry_codes=("x", "y"), industry=industry)
    exposures = np.column_stack([np.ones(4), styles[1, 0], industry[1] == 0, industry[1] == 1])
    # D has no forecast of its own: the median of the others.
    own = np.diag(np.square([0.01, 0.02, 0.04, 0.02]))
    dense = 5.0 * (exposures @ covariance @ exposures.T + own)
    return MarketRisk.from_frames(tables, market), market, signals, dense  # type: ignore[arg-type]


def test_active_variance_counts_the_whole_benchmark(
    parts: tuple[MarketRisk, Any, Any, np.ndarray],
) -> None:
    risk, market, signals, dense = parts
    benchmark, weights = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.7, 0.0, 0.3, 0.0])
    names = np.array([0, 2])
    model = risk.model(market, signals, 1, names, benchmark)
    expected = (weights - benchmark) @ dense @ (weights - benchmark)
    active = (weights - benchmark)[names]
    assert model.variance(active) == pytest.approx(expected)
    chosen = cp.Variable(2, value=active)
    assert model.compiled_variance(chosen).value == pytest.approx(expected)
    deviation = np.concatenate([np.ravel(getattr(p, "value", p)) for p in model.deviations(chosen)])
    assert deviation @ deviation == pytest.approx(expected)
    slope = RiskPart(model, benchmark[names], 1.0, np.inf).slope(weights[names])
    np.testing.assert_allclose(slope, (dense @ (weights - benchmark))[names])


def test_volatility_of_single_names(parts: tuple[MarketRisk, Any, Any, np.ndarray]) -> None:
    risk, market, signals, dense = parts
    np.testing.assert_allclose(risk.volatility(market, signals, 1), np.sqrt(np.diag(dense)))


def test_a_week_without_forecast_is_named(
    parts: tuple[MarketRisk, Any, Any, np.ndarray],
) -> None:
    risk, market, signals, _ = parts
    assert not risk.has(0)
    with pytest.raises(InputError, match="no rows for 2020-01-03"):
        risk.model(market, signals, 0, np.arange(4), np.zeros(4))


def test_outside_of_the_names_nothing_by_default() -> None:
    model = FactorModel(np.ones((2, 1)), np.eye(1), np.zeros(2))
    assert model.outside.tolist() == [0.0]
