"""The benchmark's market: portfolios that move on, and the same optimum as cvxpy's."""

from __future__ import annotations

import pytest

from benchmarks.optimizer import (
    quadratic_problem,
    solve_here,
    solve_with_cvxpy,
    weekly_decisions,
)


@pytest.mark.parametrize("tilt", [0.0, 1.0])
def test_every_week_is_solved_alike(tilt: float) -> None:
    weeks = list(weekly_decisions(600, 3, tilt))
    assert [data.is_first for data in weeks] == [True, False, False]
    for data in weeks[1:]:
        assert data.before.sum() == pytest.approx(1.0)
        found = solve_here(data)
        assert found.certificate is not None
        assert found.certificate.worst <= 1e-8
        assert found.objective == pytest.approx(solve_with_cvxpy(data), rel=1e-5)
        assert found.weights @ (data.before == 0.0) > 0.05


def test_quadratic_problem_has_risk_and_the_same_constraints() -> None:
    problem = quadratic_problem(600)
    assert not problem.is_linear
    assert len(problem.terms) == 2
    assert {part.group for part in problem.constraints} >= {"style", "industry", "turnover"}
