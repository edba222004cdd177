"""What does a weekly portfolio cost, and what does cvxpy need for the same problem?

Run as `ashare bench optimizer [--names N] [--weeks K] [--parts linear growth quadratic]`. A seeded
market of names with ten styles and thirty industries is rebalanced week after week; holdings drift,
forecasts change slowly. Every week is solved here, from its data to weights with certificate and
the duals and slacks of every constraint, and by cvxpy with the solver it chooses. Processor time
is counted, one thread each, the least of three runs; medians over the weeks after the first.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.warehouse_parts.scaling import cost_exponent
from optimizer.arrays import FloatArray
from optimizer.problem.factor_model import FactorModel
from optimizer.problem.linear import PortfolioProblem
from optimizer.problem.terms import ActiveRisk
from optimizer.problem.totals import TrackingError
from optimizer.problem.weekly import Limits, WeeklyData, build_weekly_problem
from optimizer.solve.convex import compile_problem, solve_convex
from optimizer.solve.portfolio import PortfolioSolution, solve_portfolio

STYLES, INDUSTRIES, FACTORS = 10, 30, 40
LIMITS = Limits(barra_limit=0.3, industry_limit=0.02, num_stock=100, turnover_limit=0.15)
PARTS = ("linear", "growth", "quadratic")
SIZES = (1000, 2000, 4000, 8000)
LINEAR_GOAL, RATIO_GOAL, GROWTH_GOAL, QUADRATIC_GOAL = 6.0, 50.0, 1.1, 150.0
Result = TypeVar("Result")


@dataclass
class Market:
    """Names whose forecasts, exposures and holdings change from week to week."""

    names: int
    tilt: float
    random: np.random.Generator

    def __post_init__(self) -> None:
        shares = self.random.dirichlet(np.full(INDUSTRIES, 3.0))
        self.industry = self.random.choice(INDUSTRIES, self.names, p=shares)
        self.styles = self.random.standard_normal((STYLES, self.names))
        self.score = self.random.standard_normal(self.names)
        cap = np.exp(1.2 * self.random.standard_normal(self.names))
        largest = cap >= np.sort(cap)[-self.names // 5]
        self.index = np.where(largest, cap, 0.0) / cap[largest].sum()

    def decision(self, before: FloatArray) -> WeeklyData:
        """What is known this week; `before` [names] is zero for the first portfolio."""
        forecast = 0.01 * (self.score + self.tilt * (self.styles[2] - self.styles[0]))
        return WeeklyData(
            symbols=tuple(f"{name:06d}" for name in range(self.names)),
            forecast=forecast,
            before=before,
            frozen=np.zeros(self.names, dtype=np.bool_),
            exits=np.zeros(self.names, dtype=np.bool_),
            style_labels=tuple(f"style_{number}" for number in range(STYLES)),
            styles=self.styles,
            style_centre=self.styles @ self.index,
            industry_labels=tuple(f"industry_{number}" for number in range(INDUSTRIES)),
            industry=self.industry,
            industry_centre=np.bincount(self.industry, self.index, INDUSTRIES),
            is_first=not before.any(),
        )

    def pass_week(self, weights: FloatArray) -> FloatArray:
        """Move a week on; the weights after drift."""
        self.score = 0.9 * self.score + 0.19**0.5 * self.random.standard_normal(self.names)
        moved = self.random.standard_normal(self.styles.shape)
        self.styles = 0.98 * self.styles + 0.0396**0.5 * moved
        drifted = weights * np.exp(0.04 * self.random.standard_normal(self.names))
        return np.asarray(drifted / drifted.sum(), dtype=np.float64)


def weekly_decisions(names: int, weeks: int, tilt: float) -> Iterator[WeeklyData]:
    """Decisions of consecutive weeks, each from the holdings that the last one left."""
    market = Market(names, tilt, np.random.default_rng(1))
    before = np.zeros(names)
    for _ in range(weeks):
        data = market.decision(before)
        yield data
        before = market.pass_week(solve_here(data).weights)


def timed(work: Callable[[], Result], repetitions: int = 1) -> tuple[float, Result]:
    """Least processor time of some runs in milliseconds, and the last result."""
    taken = []
    for _ in range(repetitions):
        started = time.process_time()
        result = work()
        taken.append(1e3 * (time.process_time() - started))
    return min(taken), result


def solve_here(data: WeeklyData) -> PortfolioSolution:
    """From a week's data to weights, certificate, duals and slacks."""
    return solve_portfolio(build_weekly_problem(data, LIMITS))


def solve_with_cvxpy(data: WeeklyData) -> float:
    """The same week compiled and solved as one would write it; the objective."""
    return _default_objective(build_weekly_problem(data, LIMITS))


def compare_linear(names: int, weeks: int, tilt: float) -> bool:
    """Print medians here and through cvxpy; true if the goals are met."""
    ours, theirs, apart, residuals = [], [], [], []
    for week, data in enumerate(weekly_decisions(names, weeks + 1, tilt)):
        spent, found = timed(
            lambda data=data: solve_portfolio(build_weekly_problem(data, LIMITS)), 3
        )
        reference, objective = timed(lambda data=data: solve_with_cvxpy(data))
        assert found.certificate is not None
        residuals.append(found.certificate.worst)
        apart.append(abs(found.objective - objective) / abs(objective))
        if week:
            ours.append(spent)
            theirs.append(reference)
    median, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"linear, {names} names, {weeks} weeks, forecasts {'along styles' if tilt else 'plain'}:"
        f" {median:.2f} ms with certificate and prices, cvxpy {other:.1f} ms,"
        f" {other / median:.0f} x (goals {LINEAR_GOAL:g} ms, {RATIO_GOAL:g} x); worst residual"
        f" {max(residuals):.0e}, objectives differ by at most {max(apart):.0e} of themselves",
        flush=True,
    )
    return median <= LINEAR_GOAL and other / median >= RATIO_GOAL


def compare_growth(weeks: int) -> bool:
    """Print the cost by size; true if it grows about as the number of names."""
    medians = []
    for names in SIZES:
        spent = [
            timed(partial(solve_here, data), 3)[0]
            for data in weekly_decisions(names, weeks + 1, 0.0)
        ]
        medians.append(statistics.median(spent[1:]))
    exponent = cost_exponent(SIZES, medians)
    costs = ", ".join(f"{n}: {ms:.2f} ms" for n, ms in zip(SIZES, medians, strict=True))
    print(f"growth: {costs}; exponent {exponent:.2f} (goal {GROWTH_GOAL:g})", flush=True)
    return exponent <= GROWTH_GOAL


def quadratic_problem(names: int) -> PortfolioProblem:
    """A week with aversion to active risk, weekly covariance of forty factors."""
    *_, data = weekly_decisions(names, 2, 0.0)
    random = np.random.default_rng(2)
    root = random.standard_normal((FACTORS, FACTORS)) / FACTORS**0.5
    exposures = np.vstack([data.styles, data.industry == np.arange(INDUSTRIES)[:, None]])
    model = FactorModel(
        exposures.T.astype(np.float64),
        1e-4 * (root @ root.T + 0.5 * np.eye(FACTORS)),
        1e-3 * random.uniform(0.5, 2.0, names),
    )
    linear = build_weekly_problem(data, LIMITS)
    index = np.zeros(names)
    index[: names // 5] = 5.0 / names
    risk = ActiveRisk(model, index, aversion=5.0)
    return PortfolioProblem(linear.symbols, (*linear.terms, risk), linear.constraints)


def compare_quadratic(names: int, repetitions: int) -> bool:
    """Print times of the factor form with aversion and with a tracking error; true if both met."""
    averse = quadratic_problem(names)
    *linear, risk = averse.terms
    assert isinstance(risk, ActiveRisk)
    limit = 0.8 * risk.model.variance(solve_portfolio(averse).weights - risk.benchmark) ** 0.5
    bound = TrackingError(risk.model, risk.benchmark, limit)
    bounded = PortfolioProblem(averse.symbols, tuple(linear), (*averse.constraints, bound))
    met = []
    for label, problem in (("risk aversion", averse), ("tracking error", bounded)):
        runs = [timed(partial(solve_portfolio, problem)) for _ in range(repetitions)]
        others = [timed(partial(_default_objective, problem)) for _ in range(repetitions)]
        median, other = (statistics.median(ms for ms, _ in each) for each in (runs, others))
        found, default = runs[0][1], others[0][1]
        exact, reference = timed(partial(_convex_objective, problem))
        assert found.certificate is not None
        apart, off = (abs(each / reference - 1.0) for each in (found.objective, default))
        print(
            f"{label}, {names} names, {FACTORS} factors: {median:.1f} ms with certificate and"
            f" prices, cvxpy {other:.0f} ms and off by {off:.0e}, {other / median:.0f} x (goal"
            f" {QUADRATIC_GOAL:g} ms); worst residual {found.certificate.worst:.0e}, objective off"
            f" by {apart:.0e} of Clarabel's through cvxpy at 1e-10, which takes {exact:.0f} ms",
            flush=True,
        )
        met.append(median <= QUADRATIC_GOAL)
    return all(met)


def _convex_objective(problem: PortfolioProblem) -> float:
    return solve_convex(problem).objective


def _default_objective(problem: PortfolioProblem) -> float:
    compiled, _, _ = compile_problem(problem)
    return float(compiled.solve())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen parts; exit status 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=int, default=4000, help="at least 600")
    parser.add_argument("--weeks", type=int, default=15)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    options = parser.parse_args(arguments)
    met = []
    with threadpool_limits(1):
        if "linear" in options.parts:
            met += [compare_linear(options.names, options.weeks, tilt) for tilt in (0.0, 1.0)]
        if "growth" in options.parts:
            met.append(compare_growth(options.weeks))
        if "quadratic" in options.parts:
            met.append(compare_quadratic(options.names, min(options.weeks, 5)))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
