"""Every constraint says on its own, without a solver, what it allows."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from scipy import sparse

from optimizer.errors import InputError
from optimizer.problem.bands import IndustryBand, StyleBand
from optimizer.problem.base import Constraint, is_satisfied
from optimizer.problem.names import FixedNames, LongOnly, NameCap
from optimizer.problem.terms import ExpectedReturn
from optimizer.problem.totals import FullInvestment, TurnoverLimit

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


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
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


def test_unusable_parts_are_refused_with_what_was_found() -> None:
    with pytest.raises(InputError, match="1 forecasts are not finite"):
        ExpectedReturn(np.array([0.1, np.nan]))
    with pytest.raises(InputError, match="style band: 2 labels"):
        StyleBand(("size", "beta"), sparse.csr_matrix([[1.0]]), np.array([0.0]), 0.1)
    with pytest.raises(InputError, match="must be finite"):
        StyleBand(("size",), sparse.csr_matrix([[np.nan]]), np.array([0.0]), 0.1)
    with pytest.raises(InputError, match="at least 0, is -0.1"):
        IndustryBand(("bank",), sparse.csr_matrix([[1.0]]), np.array([0.0]), -0.1)
