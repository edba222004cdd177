"""Every constraint says on its own, without a solver, what it allows."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from scipy import sparse

from optimizer.errors import InputError
from optimizer.problem.bands import GroupCap, IndustryBand, StyleBand
from optimizer.problem.base import Constraint, is_satisfied
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.names import FixedNames, LongOnly, NameBand, NameCap
from optimizer.problem.terms import ActiveRisk, ExpectedReturn, TradingCost
from optimizer.problem.totals import (
    FullInvestment,
    InvestedShare,
    TrackingError,
    TurnoverLimit,
)

ABC = ("A", "B", "C")
STYLE = StyleBand(("size",), sparse.csr_matrix([[1.0, 0.0, -1.0]]), np.array([0.2]), 0.3)
INDUSTRY = IndustryBand(
    ("bank", "steel"),
    sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    np.array([0.5, 0.5]),
    0.25,
)
CAP = NameCap(ABC, np.array([0.5, 0.5, 0.25]))
FROZEN = FixedNames(ABC, np.array([False, True, False]), np.array([np.nan, 0.25, np.nan]), "frozen")
TURNOVER = TurnoverLimit(np.array([0.5, 0.5, 0.0]), np.array([True, True, False]), 0.25)

NAME_BAND = NameBand(ABC, np.array([0.5, 0.25, 0.25]), np.full(3, 0.125))
GROUPS = GroupCap(("star", "main"), sparse.csr_matrix([[1, 0, 0], [0, 1, 1]]), np.array([0.25, 1]))
# Variance of A alone 4 x 0.25 + 0.5, covariance with C 2 x 0.25, nothing else.
MODEL = FactorModel(
    np.array([[2.0], [0.0], [1.0]]), np.array([[0.25]]), np.array([0.5, 0.25, 0.125])
)
INDEX = np.array([0.25, 0.5, 0.25])
TRACKING = TrackingError(MODEL, INDEX, 0.5)


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        (NAME_BAND, [0.5, 0.375, 0.125], [0.5, 0.5, 0.0]),
        (NAME_BAND, [0.375, 0.375, 0.25], [0.25, 0.375, 0.375]),
        (GROUPS, [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]),
        (InvestedShare(3, 0.75), [0.25, 0.5, 0.0], [0.25, 0.25, 0.0]),
        (InvestedShare(3, 0.5, 0.75), [0.25, 0.5, 0.0], [0.5, 0.5, 0.0]),
        (TRACKING, [0.5, 0.25, 0.25], [1.0, 0.0, 0.0]),
        (STYLE, [0.5, 0.5, 0.0], [0.75, 0.25, 0.0]),
        (STYLE, [0.25, 0.25, 0.25], [0.0, 0.5, 0.5]),
        (INDUSTRY, [0.5, 0.25, 0.25], [0.5, 0.5, 0.0]),
        (CAP, [0.5, 0.25, 0.25], [0.25, 0.25, 0.5]),
        (LongOnly(ABC), [0.5, 0.5, 0.0], [0.75, 0.5, -0.25]),
        (FROZEN, [0.75, 0.25, 0.0], [0.5, 0.5, 0.0]),
        (TURNOVER, [0.375, 0.375, 0.25], [0.25, 0.25, 0.5]),
        (FullInvestment(3), [0.5, 0.25, 0.25], [0.5, 0.25, 0.0]),
    ],
)
def test_constraint_and_its_compiled_form_judge_weights_alike(
    constraint: Constraint, inside: list[float], outside: list[float]
) -> None:
    for weights, expected in ((np.array(inside), True), (np.array(outside), False)):
        assert is_satisfied(constraint, weights) is expected
        variable = cp.Variable(3)
        compiled = constraint.to_cvxpy(variable)
        variable.value = weights
        assert all(condition.is_dcp() for condition in compiled)
        assert all(bool(condition.value(1e-9)) for condition in compiled) is expected


def test_band_slacks_name_each_side() -> None:
    slacks = dict(zip(INDUSTRY.names(), INDUSTRY.slacks(np.array([0.5, 0.25, 0.25])), strict=True))
    assert slacks == pytest.approx(
        {
            "industry:bank:upper": 0.0,
            "industry:steel:upper": 0.5,
            "industry:bank:lower": 0.5,
            "industry:steel:lower": 0.0,
        }
    )


def test_slack_is_minus_the_violation() -> None:
    assert FullInvestment(3).slacks(np.array([0.5, 0.25, 0.0])) == pytest.approx([-0.25])
    assert TURNOVER.slacks(np.array([0.25, 0.25, 0.5])) == pytest.approx([-0.25])
    assert FROZEN.slacks(np.array([0.5, 0.5, 0.0])) == pytest.approx([-0.25])


def test_turnover_counts_purchases_and_sales_where_the_printed_sum_would_vanish() -> None:
    limit = TurnoverLimit(np.array([0.5, 0.5, 0.0]), np.ones(3, dtype=bool), 0.15)
    moved = np.array([0.0, 0.5, 0.5])
    assert (moved - limit.before).sum() == 0.0
    assert limit.slacks(moved) == pytest.approx([0.15 - 1.0])


def test_names_that_are_not_fixed_compile_to_nothing() -> None:
    nobody = FixedNames(ABC, np.zeros(3, dtype=bool), np.zeros(3), "exit")
    assert nobody.to_cvxpy(cp.Variable(3)) == []
    assert nobody.names() == ()
    nothing = TurnoverLimit(np.zeros(3), np.zeros(3, dtype=bool), 0.1)
    assert nothing.to_cvxpy(cp.Variable(3)) == []


def test_expected_return_values_weights() -> None:
    term = ExpectedReturn(np.array([0.01, 0.02, -0.01]))
    weights = np.array([0.5, 0.25, 0.25])
    variable = cp.Variable(3, value=weights)
    assert term.value(weights) == pytest.approx(0.0075)
    assert float(term.to_cvxpy(variable).value) == pytest.approx(0.0075)
    np.testing.assert_array_equal(term.linear_form().coefficients, term.forecast)


def test_trading_cost_prices_each_direction() -> None:
    before = np.array([0.5, 0.5, 0.0])
    term = TradingCost(before, np.full(3, 0.001), np.full(3, 0.002))
    weights = np.array([0.25, 0.5, 0.25])
    variable = cp.Variable(3, value=weights)
    assert term.value(weights) == pytest.approx(-0.25 * 0.002 - 0.25 * 0.001)
    assert float(term.to_cvxpy(variable).value) == pytest.approx(term.value(weights))
    assert term.to_cvxpy(variable).is_concave()


def test_risk_by_hand_and_compiled() -> None:
    term = ActiveRisk(MODEL, INDEX, aversion=3.0)
    weights = np.array([0.75, 0.25, 0.0])
    # Active (0.5, -0.25, -0.25): factor 0.75, variance 0.25 x 0.5625 + 0.125 + 2 specific parts.
    variance = 0.140625 + 0.5 * 0.25 + 0.25 * 0.0625 + 0.125 * 0.0625
    assert MODEL.variance(weights - INDEX) == pytest.approx(variance)
    assert term.value(weights) == pytest.approx(-3.0 * variance)
    compiled = term.to_cvxpy(cp.Variable(3, value=weights))
    assert float(compiled.value) == pytest.approx(-3.0 * variance)
    assert compiled.is_concave()
    assert TRACKING.slacks(weights) == pytest.approx([0.5 - variance**0.5])
    assert term.linear_form() is None
    assert TRACKING.linear_form() is None


def test_factor_form_equals_the_full_covariance() -> None:
    random = np.random.default_rng(0)
    root = random.standard_normal((4, 3))
    model = FactorModel(random.standard_normal((9, 4)), root @ root.T, random.random(9))
    full = model.exposures @ model.covariance @ model.exposures.T + np.diag(model.specific)
    weights = random.standard_normal(9)
    assert model.variance(weights) == pytest.approx(float(weights @ full @ weights))
    constant = cp.Constant(weights)
    parts = sum(float(cp.sum_squares(part).value) for part in model.deviations(constant))
    assert parts == pytest.approx(model.variance(weights))
    assert float(model.compiled_variance(constant).value) == pytest.approx(parts)


@pytest.mark.parametrize(
    ("exposures", "covariance", "specific", "message"),
    [
        (np.ones((2, 1)), np.eye(2), np.ones(2), "do not belong together"),
        (np.ones((2, 1)), np.array([[np.nan]]), np.ones(2), "must be finite"),
        (np.ones((2, 1)), np.eye(1), np.array([1.0, -1.0]), "at least 0"),
        (np.ones((2, 2)), np.array([[1.0, 0.5], [0.0, 1.0]]), np.ones(2), "must be symmetric"),
        (np.ones((2, 2)), np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2), "eigenvalue -1"),
    ],
)
def test_impossible_risk_is_refused(
    exposures: np.ndarray, covariance: np.ndarray, specific: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        FactorModel(exposures, covariance, specific)


def test_unusable_parts_are_refused_with_what_was_found() -> None:
    with pytest.raises(InputError, match="1 forecasts are not finite"):
        ExpectedReturn(np.array([0.1, np.nan]))
    with pytest.raises(InputError, match="style band: 2 labels"):
        StyleBand(("size", "beta"), sparse.csr_matrix([[1.0]]), np.array([0.0]), 0.1)
    with pytest.raises(InputError, match="must be finite"):
        StyleBand(("size",), sparse.csr_matrix([[np.nan]]), np.array([0.0]), 0.1)
    with pytest.raises(InputError, match="at least 0, is -0.1"):
        IndustryBand(("bank",), sparse.csr_matrix([[1.0]]), np.array([0.0]), -0.1)
    with pytest.raises(InputError, match="1 labels, membership"):
        GroupCap(("star",), sparse.csr_matrix([[1.0]]), np.zeros(2))
    with pytest.raises(InputError, match="rates must be at least 0"):
        TradingCost(np.zeros(1), np.array([-0.1]), np.zeros(1))
    with pytest.raises(InputError, match="aversion must be at least 0"):
        ActiveRisk(MODEL, INDEX, -1.0)
