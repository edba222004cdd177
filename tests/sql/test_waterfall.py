"""Effects of corrections are their mean over all orders, and sum to the whole difference."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from twins.compiled_models import build_models, scratch_database

from optimizer.waterfall import subsets

STEPS = ("foresees_suspension", "fees", "lots", "limit_rule")
REMAINDER = "practitioner_rules"
RETRAINED = {"universe": None, "label": 0.03, "purge": None, "test_set_choice": 0.02}


@pytest.fixture(scope="module")
def alphas() -> dict[frozenset[str], float]:
    """Alpha of every set of corrections, with interactions of all orders."""
    random = np.random.default_rng(5)
    return {frozenset(made): float(random.normal(0.1, 0.05)) for made in subsets(STEPS)}


@pytest.fixture(scope="module")
def waterfall(alphas: dict[frozenset[str], float]) -> pd.DataFrame:
    return built(alphas, RETRAINED | {REMAINDER: 0.005})


def built(alphas: dict[frozenset[str], float], retrained: dict[str, float | None]) -> pd.DataFrame:
    """Rows by step; retrained steps and the remainder by their alpha, None where not run."""
    cells, summaries = [], []
    for number, (made, alpha) in enumerate(alphas.items()):
        identity = f"s{number:02d}"
        summaries.append({"scenario_id": identity, "annualised_alpha_return": alpha})
        cells += [
            ("execution", step, order, step in made, identity, None)
            for order, step in enumerate(STEPS, start=1)
        ]
    for order, (step, value) in enumerate(retrained.items(), start=5):
        identity, kind = None if value is None else step, "retraining"
        if step == REMAINDER:
            kind = "remainder"
        cells.append((kind, step, order, True, identity, None if value else "not run"))
        if value is not None:
            summaries.append({"scenario_id": step, "annualised_alpha_return": value})
    columns = ["kind", "step", "step_order", "is_corrected", "scenario_id", "reason"]
    given = {
        "staging.stg_optimizer_output__waterfall_cell": pd.DataFrame(cells, columns=columns).assign(
            run_id="r"
        ),
        "results.mart_backtest_summary": pd.DataFrame(summaries),
    }
    with scratch_database(given) as connection:
        build_models(connection, ("int_waterfall__averaged", "mart_bias_waterfall"))
        table = connection.table("results.mart_bias_waterfall").df()
    return table.set_index("step").sort_values("step_order")


def test_effects_are_means_over_all_orders(
    waterfall: pd.DataFrame, alphas: dict[frozenset[str], float]
) -> None:
    effects = dict.fromkeys(STEPS, 0.0)
    orders = list(permutations(STEPS))
    for order in orders:
        for place, step in enumerate(order):
            before = frozenset(order[:place])
            effects[step] += (alphas[before | {step}] - alphas[before]) / len(orders)
    for step, effect in effects.items():
        row = waterfall.loc[step]
        assert row["alpha_effect"] == pytest.approx(effect, abs=1e-15)
        others = frozenset(STEPS) - {step}
        assert row["effect_alone"] == pytest.approx(alphas[frozenset({step})] - alphas[frozenset()])
        assert row["effect_last"] == pytest.approx(alphas[frozenset(STEPS)] - alphas[others])
        assert row["backtest_count"] == 16


def test_effects_sum_to_the_whole_difference(
    waterfall: pd.DataFrame, alphas: dict[frozenset[str], float]
) -> None:
    executed = waterfall[waterfall["kind"] == "execution"]
    difference = alphas[frozenset(STEPS)] - alphas[frozenset()]
    assert executed["alpha_effect"].sum() == pytest.approx(difference, abs=1e-14)
    assert executed["alpha_after"].iloc[-1] == pytest.approx(alphas[frozenset(STEPS)], abs=1e-14)


def test_retraining_follows_in_order_and_what_was_not_run_says_why(
    waterfall: pd.DataFrame, alphas: dict[frozenset[str], float]
) -> None:
    retrained = waterfall[waterfall["kind"] == "retraining"]
    assert retrained.index.tolist() == list(RETRAINED)
    label, choice = retrained.loc["label"], retrained.loc["test_set_choice"]
    assert label["alpha_effect"] == pytest.approx(0.03 - alphas[frozenset(STEPS)])
    assert choice["alpha_effect"] == pytest.approx(-0.01)
    missing = retrained.loc[["universe", "purge"]]
    assert missing["alpha_effect"].isna().all()
    assert missing["reason"].eq("not run").all()


def test_the_remainder_leads_from_the_last_step_that_was_run_to_the_practitioner(
    waterfall: pd.DataFrame, alphas: dict[frozenset[str], float]
) -> None:
    last = waterfall.iloc[-1]
    assert (last.name, last["kind"], last["backtest_count"]) == (REMAINDER, "remainder", 2)
    assert last["alpha_after"] == 0.005
    assert last["alpha_effect"] == pytest.approx(0.005 - 0.02)
    # From the printed rules to the practitioner's nothing is lost on the way.
    whole = 0.005 - alphas[frozenset()]
    assert waterfall["alpha_effect"].sum() == pytest.approx(whole, abs=1e-14)


def test_without_retraining_the_remainder_follows_execution(
    alphas: dict[frozenset[str], float],
) -> None:
    alone = built(alphas, {**dict.fromkeys(RETRAINED), REMAINDER: 0.005}).loc[REMAINDER]
    assert alone["alpha_effect"] == pytest.approx(0.005 - alphas[frozenset(STEPS)])
    missing = built(alphas, {**RETRAINED, REMAINDER: None}).loc[REMAINDER]
    assert pd.isna(missing["alpha_effect"])
    assert (missing["backtest_count"], missing["reason"]) == (0, "not run")
