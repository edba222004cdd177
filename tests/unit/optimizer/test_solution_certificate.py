"""The certificate accepts optimal weights only, and shadow prices are what they claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.errors import CertificateError, SolverError
from optimizer.problem.linear import LinearPortfolio, PortfolioProblem, assemble
from optimizer.problem.weekly import Limits, WeeklyData, build_weekly_problem
from optimizer.relaxation import solve_with_ladder
from optimizer.solve import master
from optimizer.solve.certificate import Duals, certify, dual_bound
from optimizer.solve.highs import solve_highs
from optimizer.solve.shadow import ShadowPrice, shadow_prices

Make = Callable[..., WeeklyData]
LIMITS = Limits(barra_limit=None, industry_limit=1.0, num_stock=2, turnover_limit=0.2)


@pytest.fixture
def program(weekly_data: Make) -> LinearPortfolio:
    """Held A and B, C is best: optimum (0.5, 0.4, 0.1) with objective 0.024."""
    data = weekly_data(forecast=np.array([0.03, 0.01, 0.05]), before=np.array([0.5, 0.5, 0.0]))
    return assemble(build_weekly_problem(data, LIMITS))


def banded(seed: int, names: int = 40) -> tuple[WeeklyData, Limits]:
    """Random decision with two styles, three industries and a binding turnover limit."""
    random = np.random.default_rng(seed)
    styles = random.standard_normal((2, names))
    industry = np.arange(names) % 3
    index = random.random(names)
    index /= index.sum()
    before = np.zeros(names)
    before[:15] = 1 / 15
    data = WeeklyData(
        symbols=tuple(f"{name:03d}" for name in range(names)),
        forecast=random.standard_normal(names) * 0.01,
        before=before,
        frozen=np.arange(names) == 3,
        exits=np.arange(names) == 5,
        style_labels=("size", "beta"),
        styles=styles,
        style_centre=styles @ index,
        industry_labels=("a", "b", "c"),
        industry=industry,
        industry_centre=np.bincount(industry, weights=index),
        is_first=False,
    )
    limits = Limits(barra_limit=0.25, industry_limit=0.05, num_stock=12, turnover_limit=0.8)
    return data, limits


def test_optimum_is_certified(program: LinearPortfolio) -> None:
    solution = solve_highs(program)
    certificate = certify(program, solution.weights, solution.duals)
    assert certificate.worst < 1e-12
    assert dual_bound(program, solution.duals) == pytest.approx(0.024, abs=1e-12)
    certificate.require()


@pytest.mark.parametrize(
    ("weights", "residual"),
    [
        ([0.5, 0.45, 0.05], "gap"),
        ([0.45, 0.45, 0.1], "dual_residual"),
        ([0.5, 0.3, 0.2], "primal_residual"),
        ([0.5, 0.4, 0.1 + 1e-6], "primal_residual"),
    ],
)
def test_other_weights_are_refused(
    program: LinearPortfolio, weights: list[float], residual: str
) -> None:
    certificate = certify(program, np.array(weights), solve_highs(program).duals)
    assert getattr(certificate, residual) > 1e-8
    with pytest.raises(CertificateError, match="not certified to 1e-08"):
        certificate.require()


def test_wrong_duals_are_refused(program: LinearPortfolio) -> None:
    solution = solve_highs(program)
    for duals in (
        replace(solution.duals, turnover=solution.duals.turnover + 1e-3),
        replace(solution.duals, turnover=-1e-3),
        replace(solution.duals, rows=solution.duals.rows + 1e-3),
    ):
        assert certify(program, solution.weights, duals).worst > 1e-8


def test_any_duals_bound_every_feasible_portfolio(program: LinearPortfolio) -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        duals = Duals(random.standard_normal(program.matrix.shape[0]), random.random())
        assert dual_bound(program, duals) >= 0.024 - 1e-12


def test_nan_is_never_certified(program: LinearPortfolio) -> None:
    duals = solve_highs(program).duals
    for bad in (
        certify(program, np.array([np.nan, 0.5, 0.5]), duals),
        certify(replace(program, reward=np.full(3, np.nan)), np.array([0.5, 0.4, 0.1]), duals),
    ):
        with pytest.raises(CertificateError):
            bad.require()


def test_solver_trouble_is_not_taken_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = master._solver

    def impatient() -> Any:
        solver = usual()
        solver.setOptionValue("simplex_iteration_limit", 0)
        return solver

    monkeypatch.setattr(master, "_solver", impatient)
    with pytest.raises(SolverError, match="HiGHS ended with 'Iteration limit reached' on"):
        solve_highs(assemble(build_weekly_problem(*banded(0))))


def test_turnover_dual_by_hand(program: LinearPortfolio) -> None:
    # One more unit of turnover moves half a unit from B (0.01) to C (0.05).
    assert solve_highs(program).duals.turnover == pytest.approx(0.02)


@pytest.mark.parametrize("seed", range(5))
def test_duals_equal_finite_differences_of_the_objective(seed: int) -> None:
    data, limits = banded(seed)
    problem = build_weekly_problem(data, limits)
    lp = assemble(problem)
    prices = prices_of(data, problem)
    step = 1e-6
    base = objective(lp)
    active = 0
    for row, label in enumerate(lp.row_labels):
        for side, shift in (("upper", step), ("lower", -step)):
            name = f"{label}:{side}"
            if name not in prices or prices[name].dual < 1e-9:
                continue
            moved = moved_row(lp, row, side, shift)
            assert (objective(moved) - base) / step == pytest.approx(prices[name].dual, rel=0.01)
            active += 1
    wider = replace(lp, turnover_limit=lp.turnover_limit + step)
    gain = (objective(wider) - base) / step
    assert gain == pytest.approx(prices["turnover"].dual, rel=0.01)
    for index, symbol in enumerate(lp.symbols):
        name = f"name_cap:{symbol}"
        if name in prices:
            upper = lp.upper.copy()
            upper[index] += step
            gain = (objective(replace(lp, upper=upper)) - base) / step
            assert gain == pytest.approx(prices[name].dual, rel=0.01)
            active += 1
    assert active >= 3


def test_every_condition_has_its_row(weekly_data: Make) -> None:
    data, limits = banded(0)
    prices = prices_of(data, build_weekly_problem(data, limits))
    for band in ("style:size", "style:beta", "industry:a", "industry:b", "industry:c"):
        for side in ("upper", "lower"):
            entry = prices[f"{band}:{side}"]
            assert entry.slack >= -1e-9
            assert entry.dual >= 0.0
            assert entry.is_active == (entry.slack <= 1e-9)
            if entry.dual > 1e-9:
                assert entry.is_active
    assert prices["full_investment"].group == "full_investment"
    assert prices["full_investment"].is_active
    assert prices["frozen:003"].group == "frozen"
    assert prices["exit:005"].group == "exit"
    assert all(entry.relaxation_step == 0 for entry in prices.values())
    assert all(entry.violation == 0.0 for entry in prices.values())


def prices_of(data: WeeklyData, problem: PortfolioProblem) -> dict[str, ShadowPrice]:
    lp = assemble(problem)
    solved = solve_with_ladder(lp, "cash", data.candidates)
    found = shadow_prices(problem, lp, solved)
    assert len({entry.name for entry in found}) == len(found)
    return {entry.name: entry for entry in found}


def objective(lp: LinearPortfolio) -> float:
    return float(lp.reward @ solve_highs(lp).weights)


def moved_row(lp: LinearPortfolio, row: int, side: str, shift: float) -> LinearPortfolio:
    bound = (lp.row_upper if side == "upper" else lp.row_lower).copy()
    bound[row] += shift
    return replace(lp, row_upper=bound) if side == "upper" else replace(lp, row_lower=bound)
