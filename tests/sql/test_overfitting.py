"""Deflated Sharpe ratios and the probability of over-fitting, against independent routines."""

from __future__ import annotations

import itertools
import math

import duckdb
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from twins.compiled_models import build_models, scratch_database

from optimizer.trading_kernels import COST_PARTS
from tests.sql.results_case import ResultsCase

EULER = 0.5772156649015329
SESSIONS = 500
MODELS = (
    "int_nav__with_returns",
    "int_scenario_return__summarised",
    "int_scenario_block__summed",
    "int_block_combination__chosen",
    "int_scenario_combination__ranked",
    "int_scenario_hurdle__expected",
    "mart_deflated_sharpe",
    "mart_backtest_overfitting",
)


def nav_table(excess: NDArray[np.float64]) -> pd.DataFrame:
    """Back-tests with given daily excess returns over a flat benchmark, one column each."""
    days = pd.bdate_range("2020-01-01", periods=len(excess) + 1)
    nav = np.vstack([np.ones(excess.shape[1]), np.cumprod(1 + excess, axis=0)])
    frames = [
        pd.DataFrame({"scenario_id": f"s{number:03d}", "trade_date": days, "nav": column})
        for number, column in enumerate(nav.T)
    ]
    frame = pd.concat(frames, ignore_index=True)
    amounts = dict.fromkeys(("cost", *COST_PARTS, "dividend", "cash_weight", "turnover"), 0.0)
    return frame.assign(benchmark_nav=1.0, holding_count=1, **amounts)


def judged(excess: NDArray[np.float64], trial_count: int) -> dict[str, pd.DataFrame]:
    """The marts of both measures for given excess returns and number of trials."""
    nav = nav_table(excess)
    scenarios = pd.DataFrame({"scenario_id": nav.scenario_id.unique()}).assign(
        run_id="r", rule_set="paper", model="m", benchmark="000300.SH", is_variant=False
    )
    ledger = pd.DataFrame({"partition_key": ["k"], "trial_count": [trial_count]})
    given = {
        "staging.stg_optimizer_output__nav_daily": nav,
        "results.dim_scenario": scenarios,
        "results.fct_trial_ledger": ledger,
    }
    with scratch_database(given) as connection:
        build_models(connection, MODELS)
        return {name: connection.table(f"results.{name}").df() for name in MODELS[-2:]}


def deflated_twin(excess: NDArray[np.float64], trials: int) -> NDArray[np.float64]:
    sharpe = excess.mean(axis=0) / excess.std(axis=0)
    count = len(excess)
    variance = max(float(np.var(sharpe, ddof=1)), 1 / (count - 1))
    hurdle = math.sqrt(variance) * (
        (1 - EULER) * stats.norm.ppf(1 - 1 / trials)
        + EULER * stats.norm.ppf(1 - 1 / (trials * math.e))
    )
    skewness = stats.skew(excess, axis=0)
    kurtosis = stats.kurtosis(excess, axis=0, fisher=False)
    scale = np.sqrt(1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2)
    score: NDArray[np.float64] = stats.norm.cdf((sharpe - hurdle) * math.sqrt(count - 1) / scale)
    return score


def overfitting_twin(excess: NDArray[np.float64]) -> float:
    blocks = np.floor(np.arange(len(excess)) * 10 / len(excess)).astype(int)
    below = []
    for chosen in itertools.combinations(range(10), 5):
        inside = np.isin(blocks, chosen)
        best = np.argmax(excess[inside].mean(axis=0) / excess[inside].std(axis=0))
        outside = excess[~inside].mean(axis=0) / excess[~inside].std(axis=0)
        rank = stats.rankdata(outside)[best]
        below.append(rank / (excess.shape[1] + 1) <= 0.5)
    return float(np.mean(below))


@pytest.fixture(scope="module")
def noise() -> NDArray[np.float64]:
    """Two hundred strategies without any skill."""
    return np.random.default_rng(11).standard_t(5, (SESSIONS, 200)) * 0.004


def test_noise_does_not_pass(noise: NDArray[np.float64]) -> None:
    deflated = judged(noise, 200)["mart_deflated_sharpe"]
    most = stats.binom.ppf(0.995, noise.shape[1], 0.05)
    assert len(deflated) == noise.shape[1]
    assert deflated.survives_deflation.sum() <= most
    # Undeflated, noise passes as often as chance says.
    assert (deflated.probabilistic_sharpe_ratio >= 0.95).sum() >= 3


def test_deflated_sharpe_is_that_of_an_independent_routine(noise: NDArray[np.float64]) -> None:
    skilled = noise[:, :20].copy()
    skilled[:, 0] += 0.0012
    ours = judged(skilled, 57)["mart_deflated_sharpe"].sort_values("scenario_id")
    np.testing.assert_allclose(
        ours.deflated_sharpe_ratio, deflated_twin(skilled, 57), rtol=0, atol=1e-8
    )
    assert ours.survives_deflation.tolist() == [True] + [False] * 19


def test_probability_of_overfitting_is_that_of_an_independent_routine(
    noise: NDArray[np.float64],
) -> None:
    (ours,) = judged(noise[:, :20], 1)["mart_backtest_overfitting"].to_dict("records")
    assert ours["combination_count"] == 252
    assert ours["strategy_count"] == 20
    assert ours["probability_of_overfitting"] == pytest.approx(overfitting_twin(noise[:, :20]))


def test_a_strategy_that_is_always_best_is_not_overfitted(noise: NDArray[np.float64]) -> None:
    skilled = noise[:, :20].copy()
    skilled[:, 3] += 0.003
    (ours,) = judged(skilled, 1)["mart_backtest_overfitting"].to_dict("records")
    assert ours["probability_of_overfitting"] == 0.0


def test_every_trial_of_every_run_counts(case: ResultsCase) -> None:
    ledger = case.frame("select * from results.fct_trial_ledger")
    deflated = case.frame("select distinct trial_count from results.mart_deflated_sharpe")
    assert "run_forgotten" in set(ledger.first_run_id)
    # Folds are fits and no trials.
    assert ledger.fit_count.sum() == 90
    assert deflated.trial_count.tolist() == [41]


@pytest.mark.parametrize(
    ("macro", "function", "points"),
    [
        ("normal_cdf", stats.norm.cdf, np.concatenate([np.linspace(-9, 9, 361), [-40, 40]])),
        ("normal_quantile", stats.norm.ppf, np.linspace(1e-6, 1 - 1e-6, 501)),
        ("student_t_975", lambda degrees: stats.t.ppf(0.975, degrees), range(1, 41)),
    ],
)
def test_distributions_in_sql(macro: str, function: object, points: list[float]) -> None:
    sql = rendered_macro(macro, "x")
    frame = pd.DataFrame({"x": points})
    with duckdb.connect() as connection:
        connection.register("points", frame)
        ours = connection.sql(f"select {sql} as y from points").df().y
    tolerance = {"normal_cdf": 1e-13, "normal_quantile": 1e-7, "student_t_975": 2e-4}[macro]
    np.testing.assert_allclose(ours, function(np.asarray(points)), rtol=0, atol=tolerance)  # type: ignore[operator]


def rendered_macro(name: str, argument: str) -> str:
    """Text of a macro of the project, without dbt: these call nothing but each other."""
    from jinja2 import Environment

    from orchestration.lib.paths import DBT_PROJECT_DIR

    folder = DBT_PROJECT_DIR / "macros" / "statistics"
    files = [folder / f"{name}.sql" for name in ("normal_cdf", "normal_quantile", "student_t_975")]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return Environment().from_string(source + f"{{{{ {name}('{argument}') }}}}").render()
