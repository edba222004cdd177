"""The two markets of the benchmark, and when trees count as better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.interactions import Result, market
from market_data.simulated import simulation_config
from market_data.source_spec import SimulatedSource, parse_source


def test_the_markets_differ_in_what_is_paid_alone() -> None:
    configs = []
    for interactions in (False, True):
        source = parse_source(market(7, interactions=interactions).source)
        assert isinstance(source, SimulatedSource)
        configs.append(simulation_config(source))
    styles, products = configs
    assert (styles.interactions, products.interactions) == (False, True)
    assert replace(styles, interactions=True) == products
    assert styles.seed == 7


@pytest.mark.parametrize(("lead", "is_better"), [(0.0, False), (-0.05, False), (0.05, True)])
def test_trees_are_better_if_most_weeks_say_so(lead: float, is_better: bool) -> None:
    rng = np.random.default_rng(1)
    ridge = rng.normal(0.05, 0.1, 104)
    trees = ridge + lead + rng.normal(0.0, 0.05, 104)
    trees[3] = np.nan
    result = Result({"ridge": ridge, "xgboost": trees}, ridge)
    assert (result.p_value("xgboost") < 0.01) == is_better
