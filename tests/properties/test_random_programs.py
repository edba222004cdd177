"""Random linear problems of every part there is: the fast path against two solvers through cvxpy.

Ties, repeated rows, bands of no width, turnover of zero, fixed names and contradictions included.
ASHARE_RANDOM_PROBLEMS sets how many are tried.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from optimizer.errors import InfeasibleError, OptimizerError
from optimizer.problem.bands import GroupCap, IndustryBand, StyleBand
from optimizer.problem.base import Constraint, ObjectiveTerm
from optimizer.problem.linear import LinearPortfolio, PortfolioProblem, assemble
from optimizer.problem.names import FixedNames, LongOnly, NameBand, NameCap
from optimizer.problem.terms import ExpectedReturn, TradingCost
from optimizer.problem.totals import FullInvestment, InvestedShare, TurnoverLimit
from optimizer.relaxation import LadderSolution
from optimizer.solve import highs, split
from optimizer.solve.certificate import certify
from optimizer.solve.convex import solve_convex
from optimizer.solve.highs import solve_highs
from optimizer.solve.portfolio import solve_portfolio
from optimizer.solve.shadow import condition_prices

PROBLEMS = int(os.environ.get("ASHARE_RANDOM_PROBLEMS", "1000"))
BLOCKS = 8
STEP = 1e-6
# Names of one condition that are moved in one problem.
MOST_MOVED = 3
Move = tuple[str, LinearPortfolio | None, LinearPortfolio | None]


def random_problem(seed: int) -> PortfolioProblem:
    """Problem of 8 to 60 names; nearly half have no solution."""
    random = np.random.default_rng(seed)
    size = int(random.integers(8, 61))
    symbols = tuple(f"{name:02d}" for name in range(size))
    index = random.random(size) * (random.random(size) < 0.7)
    index /= max(index.sum(), 1e-9)
    before = random.random(size) * (random.random(size) < 0.6)
    before *= random.choice([1.0, 0.8, 0.0]) / max(before.sum(), 1e-9)
    forecast = random_forecast(random, size)
    terms: list[ObjectiveTerm] = [ExpectedReturn(forecast)]
    if random.random() < 0.5:
        rates = 0.02 * random.random((2, size)) * (random.random() < 0.8)
        terms.append(TradingCost(before, *(rates * forecast.std())))
    constraints = [LongOnly(symbols), *random_names(random, symbols, index, before)]
    constraints += random_rows(random, size, index)
    if random.random() < 0.7:
        counted = random.random(size) < 0.9
        limit = float(random.choice([0.0, 0.2, 0.6, 2.0]))
        constraints.append(TurnoverLimit(before, counted, limit))
    return PortfolioProblem(symbols, tuple(terms), tuple(constraints))


def random_forecast(random: np.random.Generator, size: int) -> np.ndarray:
    """Scores on any scale, in a third of the cases full of ties, now and then all zero."""
    forecast = random.standard_normal(size) * 10.0 ** random.integers(-4, 2)
    if random.random() < 0.3:
        forecast = np.round(forecast / np.abs(forecast).max() * 2)
    return forecast * (random.random() < 0.97)


def random_names(
    random: np.random.Generator, symbols: tuple[str, ...], index: np.ndarray, before: np.ndarray
) -> list[Constraint]:
    size = len(symbols)
    cap = np.full(size, random.choice([0.5, 4.0 / size, 1.5 / size]))
    frozen = (before > 0) & (random.random(size) < 0.1)
    parts: list[Constraint] = [NameCap(symbols, np.where(frozen, np.maximum(cap, before), cap))]
    if random.random() < 0.5:
        parts.append(FixedNames(symbols, frozen, before, "frozen"))
    elif random.random() < 0.5:
        limit = np.full(size, random.choice([0.02, 0.1, 1.0]))
        parts.append(NameBand(symbols, index, limit))
    return parts


def random_rows(random: np.random.Generator, size: int, index: np.ndarray) -> list[Constraint]:
    styles = random.standard_normal((2, size))
    if random.random() < 0.3:
        styles[1] = styles[0]
    style_limit = float(random.choice([0.0, 0.05, 0.5]))
    industry = random.integers(0, 4, size)
    dummies = sparse.csr_matrix((industry == np.arange(4)[:, None]).astype(float))
    industry_limit = float(random.choice([0.0, 0.02, 0.3]))
    groups = sparse.csr_matrix((random.random((2, size)) < 0.5).astype(float))
    style = StyleBand(("a", "b"), sparse.csr_matrix(styles), styles @ index, style_limit)
    band = IndustryBand(tuple("wxyz"), dummies, dummies @ index, industry_limit)
    caps = GroupCap(("g", "h"), groups, random.random(2) + 0.2)
    whole = FullInvestment(size) if random.random() < 0.7 else InvestedShare(size, 0.9, 1.0)
    chosen = [part for part in (style, band, caps) if random.random() < 0.6]
    return [whole, *chosen]


def problems(block: int) -> Iterator[PortfolioProblem]:
    for seed in range(block, PROBLEMS, BLOCKS):
        yield random_problem(seed)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_objective_equals_that_of_both_solvers(block: int) -> None:
    feasible = infeasible = 0
    for problem in problems(block):
        lp = assemble_or_none(problem)
        try:
            solution = solve_portfolio(problem)
        except InfeasibleError:
            infeasible += 1
            with pytest.raises(InfeasibleError):
                solve_convex(problem, "HIGHS")
            # An interior point may give up on a contradiction instead of proving it.
            with pytest.raises(OptimizerError):
                solve_convex(problem, "CLARABEL")
            continue
        assert lp is not None
        assert solution.certificate is not None
        assert solution.certificate.worst <= 1e-8
        for solver, tolerance in (("HIGHS", 1e-9), ("CLARABEL", 1e-6)):
            expected = solve_convex(problem, solver).objective
            assert abs(solution.objective - expected) <= tolerance * (lp.scale + abs(expected))
        feasible += 1
    assert min(feasible, infeasible) >= 4


@pytest.mark.parametrize("block", range(2))
def test_first_working_set_does_not_matter(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in problems(block):
        lp = assemble_or_none(problem)
        if lp is None:
            continue
        with monkeypatch.context() as starved:
            starved.setattr(split, "_ROOM", 0.0)
            starved.setattr(highs, "_BATCH", 2)
            slow = objective_or_none(lp)
        fast = objective_or_none(lp)
        assert (slow is None) == (fast is None)
        if slow is not None and fast is not None:
            assert slow == pytest.approx(fast, abs=1e-9 * lp.scale)


def test_the_answer_does_not_depend_on_what_was_solved_before() -> None:
    programs = [assemble_or_none(random_problem(seed)) for seed in range(60)]
    feasible = [lp for lp in programs if lp is not None and objective_or_none(lp) is not None]
    forwards = [solve_highs(lp) for lp in feasible]
    backwards = [solve_highs(lp) for lp in reversed(feasible)][::-1]
    for first, second in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(first.weights, second.weights)
        np.testing.assert_array_equal(first.duals.rows, second.duals.rows)


@pytest.mark.parametrize("block", range(2))
def test_duals_are_finite_differences_where_both_sides_agree(block: int) -> None:
    checked: Counter[str] = Counter()
    for problem in problems(block):
        lp = assemble_or_none(problem)
        if lp is None or objective_or_none(lp) is None:
            continue
        solution = solve_highs(lp)
        certificate = certify(lp, solution.weights, solution.duals)
        solved = LadderSolution(solution, 0, lp, certificate)
        prices = {
            name: pair
            for each in condition_prices(problem, lp, solved)
            for name, pair in each.by_name().items()
        }
        base = lp.objective(solution.weights)
        for name, wider, tighter in (*moves(lp), *moves_of_names(problem, prices)):
            up, down = objective_or_none(wider), objective_or_none(tighter)
            dual, slack = prices[name]
            group = name.split(":")[0]
            # That of a given weight is per unit of the weight, which may be too high.
            assert dual >= 0.0 or group == "frozen"
            assert slack >= -1e-9
            if up is None or down is None or abs(up - 2 * base + down) > 0.001 * abs(up - base):
                continue
            assert (up - base) / STEP == pytest.approx(dual, rel=0.01, abs=1e-7 * lp.scale)
            checked[group] += dual != 0.0
    assert min(checked["name_cap"], checked["frozen"]) > 8
    assert checked.total() - checked["name_cap"] - checked["frozen"] > 8


def moves(lp: LinearPortfolio) -> Iterator[Move]:
    """Programs with one limit wider and narrower, by the name of the condition."""
    for row, (label, group) in enumerate(zip(lp.row_labels, lp.row_groups, strict=True)):
        unit = np.zeros(len(lp.row_labels))
        unit[row] = STEP
        if group == "full_investment":
            continue
        name = label if group == "group_cap" else f"{label}:upper"
        yield name, *(replace(lp, row_upper=lp.row_upper + s * unit) for s in (1, -1))
        if group != "group_cap":
            name = f"{label}:lower"
            yield name, *(replace(lp, row_lower=lp.row_lower - s * unit) for s in (1, -1))
    if np.isfinite(lp.turnover_limit):
        limit = lp.turnover_limit
        yield "turnover", *(replace(lp, turnover_limit=limit + s * STEP) for s in (1, -1))


def moves_of_names(
    problem: PortfolioProblem, prices: Mapping[str, tuple[float, float]]
) -> Iterator[Move]:
    """Programs with the cap of one name, or its given weight, higher and lower, where priced."""
    for place, part in enumerate(problem.constraints):
        if not isinstance(part, NameCap | FixedNames):
            continue
        priced = [name for name in part.names() if prices[name][0] != 0.0]
        for name in priced[:MOST_MOVED]:
            unit = STEP * (np.array(problem.symbols) == name.split(":")[1])
            moved = []
            for change in (unit, -unit):
                values = (
                    {"cap": part.cap + change}
                    if isinstance(part, NameCap)
                    else {"weights": part.weights + change}
                )
                parts = list(problem.constraints)
                parts[place] = replace(part, **values)
                moved.append(assemble_or_none(replace(problem, constraints=tuple(parts))))
            yield name, moved[0], moved[1]


def assemble_or_none(problem: PortfolioProblem) -> LinearPortfolio | None:
    """The program; None where two bounds of a name exclude each other."""
    try:
        return assemble(problem)
    except InfeasibleError:
        return None


def objective_or_none(lp: LinearPortfolio | None) -> float | None:
    """Best value of a program; None without a program or a solution."""
    if lp is None:
        return None
    try:
        return lp.objective(solve_highs(lp).weights)
    except InfeasibleError:
        return None
