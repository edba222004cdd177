"""What gives way, how far, and that it is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.errors import InfeasibleError
from optimizer.problem.linear import assemble
from optimizer.problem.weekly import Limits, WeeklyData, build_weekly_problem
from optimizer.relaxation import LadderSolution, LastResort, solve_with_ladder
from optimizer.solve.highs import solve_highs
from optimizer.solve.shadow import ShadowPrice, shadow_prices

LIMITS = Limits(barra_limit=None, industry_limit=1.0, num_stock=2, turnover_limit=0.2)
Make = Callable[..., WeeklyData]


def climb(
    data: WeeklyData, limits: Limits = LIMITS, last_resort: LastResort = "cash"
) -> tuple[LadderSolution, list[float], dict[str, ShadowPrice]]:
    problem = build_weekly_problem(data, limits)
    lp = assemble(problem)
    solved = solve_with_ladder(lp, last_resort, data.candidates)
    prices = shadow_prices(problem, lp, solved)
    weights = [round(float(weight), 6) for weight in solved.solution.weights]
    return solved, weights, {entry.name: entry for entry in prices}


def violated(prices: dict[str, ShadowPrice]) -> dict[str, tuple[int, float]]:
    return {
        name: (entry.relaxation_step, round(entry.violation, 6))
        for name, entry in prices.items()
        if entry.violation > 0
    }


def test_nothing_gives_way_where_a_portfolio_exists(weekly_data: Make) -> None:
    data = weekly_data(forecast=np.array([0.03, 0.01, 0.05]), before=np.array([0.5, 0.5, 0.0]))
    solved, _, prices = climb(data)
    assert solved.step == 0
    assert violated(prices) == {}


def test_step_1_widens_turnover_by_the_least(weekly_data: Make) -> None:
    # A drifted to 0.7 over the cap of 0.5: 0.2 must be sold and bought again, 0.4 in all.
    data = weekly_data(forecast=np.array([0.03, 0.01, 0.05]), before=np.array([0.7, 0.3, 0.0]))
    solved, weights, prices = climb(data)
    assert solved.step == 1
    assert weights == [0.5, 0.3, 0.2]
    assert violated(prices) == {"turnover": (1, 0.2)}
    assert prices["turnover"].slack == pytest.approx(-0.2)
    assert prices["turnover"].dual > 0


def test_step_2_widens_industries_and_leaves_turnover_alone_where_it_can(
    weekly_data: Make,
) -> None:
    # The index is all banks, of which only A exists with a cap of 0.5: both bands miss by 0.4.
    data = weekly_data(
        forecast=np.array([0.01, 0.02, 0.03]),
        before=np.array([0.5, 0.5, 0.0]),
        industry_labels=("bank", "steel"),
        industry=np.array([0, 1, 1]),
        industry_centre=np.array([1.0, 0.0]),
    )
    solved, weights, prices = climb(data, replace(LIMITS, industry_limit=0.1))
    assert solved.step == 2
    assert weights == [0.5, 0.4, 0.1]
    assert violated(prices) == {
        "industry:bank:lower": (2, 0.4),
        "industry:steel:upper": (2, 0.4),
    }
    assert prices["turnover"].slack == pytest.approx(0.0, abs=1e-8)


def test_step_3_widens_styles_by_the_least(weekly_data: Make) -> None:
    # Size of every candidate is at least 1, the index has 0 and the band is 0.3: 0.7 is missing.
    data = weekly_data(
        forecast=np.array([0.01, 0.02, 0.09]),
        styles=np.array([[1.0, 1.0, 2.0]]),
        is_first=True,
    )
    solved, weights, prices = climb(data, replace(LIMITS, barra_limit=0.3))
    assert solved.step == 3
    assert weights == [0.5, 0.5, 0.0]
    assert violated(prices) == {"style:size:upper": (3, 0.7)}


def test_styles_are_kept_at_the_expense_of_industries_and_those_of_turnover(
    weekly_data: Make,
) -> None:
    # Style and industry are at odds: B alone lowers size, but is no bank. Turnover gives too.
    data = weekly_data(
        forecast=np.array([0.01, 0.02, 0.03]),
        before=np.array([0.5, 0.0, 0.5]),
        styles=np.array([[1.0, -1.0, 1.0]]),
        industry_labels=("bank", "steel"),
        industry=np.array([0, 1, 0]),
        industry_centre=np.array([1.0, 0.0]),
    )
    limits = replace(LIMITS, barra_limit=0.1, industry_limit=0.1)
    solved, weights, prices = climb(data, limits)
    assert solved.step == 2
    assert weights[1] == pytest.approx(0.45, abs=1e-6)
    found = violated(prices)
    assert found.pop("turnover") == (1, pytest.approx(0.7, abs=1e-6))
    assert found == {"industry:bank:lower": (2, 0.35), "industry:steel:upper": (2, 0.35)}


def test_last_resort_of_the_practitioner_is_cash(weekly_data: Make) -> None:
    data = weekly_data(forecast=np.array([0.01, 0.02, 0.03]), is_first=True)
    solved, weights, prices = climb(data, replace(LIMITS, num_stock=4), "cash")
    assert solved.step == 4
    assert weights == [0.25, 0.25, 0.25]
    assert violated(prices) == {"full_investment": (4, 0.25)}


def test_last_resort_of_the_paper_raises_the_cap_to_what_sums_to_one(weekly_data: Make) -> None:
    data = weekly_data(forecast=np.array([0.01, 0.02, 0.03]), is_first=True)
    solved, weights, prices = climb(data, replace(LIMITS, num_stock=4), "raise_cap")
    assert solved.step == 4
    assert weights == pytest.approx([1 / 3] * 3, abs=1e-6)
    third = (4, round(1 / 3 - 1 / 4, 6))
    assert violated(prices) == {f"name_cap:{name}": third for name in "ABC"}


def test_raised_cap_leaves_frozen_names_alone(weekly_data: Make) -> None:
    data = weekly_data(
        "ABCD",
        forecast=np.array([0.01, 0.02, 0.03, 0.0]),
        before=np.array([0.0, 0.0, 0.0, 0.1]),
        frozen=np.array([False, False, False, True]),
    )
    solved, weights, _ = climb(data, replace(LIMITS, num_stock=5), "raise_cap")
    assert solved.step == 4
    assert weights == pytest.approx([0.3, 0.3, 0.3, 0.1], abs=1e-6)


def test_relaxed_solution_is_certified_too(weekly_data: Make) -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        styles = random.standard_normal((1, 6)) + 1.0
        before = random.random(6)
        data = weekly_data(
            "ABCDEF",
            forecast=random.standard_normal(6),
            before=before / before.sum(),
            styles=styles,
            style_centre=np.array([-2.0]),
        )
        solved, _, _ = climb(data, replace(LIMITS, num_stock=4, barra_limit=0.1))
        assert solved.step >= 1
        assert solved.certificate.worst <= 1e-8


def test_no_portfolio_at_all_is_an_error(weekly_data: Make) -> None:
    everything_fixed: dict[str, Any] = {
        "before": np.array([0.4, 0.4, 0.4]),
        "frozen": np.ones(3, dtype=bool),
    }
    with pytest.raises(InfeasibleError, match="fixed weights sum to 1.2000"):
        climb(weekly_data(**everything_fixed), LIMITS, "raise_cap")


@pytest.mark.parametrize("seed", range(3))
def test_market_with_two_names_in_five_suspended_is_relaxed_by_the_least(
    weekly_data: Make, seed: int
) -> None:
    random = np.random.default_rng(seed)
    symbols = "".join(chr(65 + name) for name in range(50))
    before = random.random(50)
    data = weekly_data(
        symbols,
        forecast=random.standard_normal(50),
        before=before / before.sum(),
        frozen=random.random(50) < 0.4,
        styles=random.standard_normal((1, 50)),
        style_centre=np.array([0.8]),
    )
    limits = replace(LIMITS, num_stock=25, barra_limit=0.1, turnover_limit=0.05)
    solved, _, prices = climb(data, limits)
    found = {name: price for name, price in prices.items() if price.violation > 0}
    assert solved.step >= 1
    assert found
    for name, price in found.items():
        assert price.relaxation_step > 0
        assert price.slack == pytest.approx(-price.violation)
        assert name in ("turnover", "style:size:lower", "style:size:upper")
    # Opening the same groups with a little less room leaves no portfolio.
    relaxed = solved.relaxed
    with pytest.raises(InfeasibleError):
        solve_highs(replace(relaxed, turnover_limit=relaxed.turnover_limit - 1e-6))
