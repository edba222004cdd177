"""The market of the benchmark, its models, and what counts as found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.memory import Result, market, of_family
from market_data.simulated import simulation_config
from market_data.source_spec import SimulatedSource, parse_source
from models_ml.panel import Panel

WEEKS = 104


def test_the_market_pays_for_memory_alone() -> None:
    source = parse_source(market(7).source)
    assert isinstance(source, SimulatedSource)
    config = simulation_config(source)
    assert (config.memory, config.interactions, config.seed) == (True, False, 7)
    assert config.additive_signal == 0.0


def panel() -> Panel:
    names = ("return_1w", "vwap_to_close_1w", "turnover_1w", "money_flow_1m")
    day = np.datetime64("2020-01-03")
    return Panel(
        features=np.arange(8, dtype=np.float32).reshape(2, 4),
        feature_names=names,
        symbol_codes=np.arange(2, dtype=np.int32),
        symbols=np.array(["600000.SH", "600001.SH"]),
        week_dates=np.full(2, day),
        target=np.zeros(2),
        raw_label=np.zeros(2),
        label_known_at=np.full(2, day),
        tradable=np.ones(2, dtype=np.bool_),
        uses_future=np.zeros(2, dtype=np.bool_),
    )


def test_a_family_keeps_its_columns() -> None:
    kept = of_family(panel(), "price_volume")
    assert kept.feature_names == ("vwap_to_close_1w", "money_flow_1m")
    assert kept.features.tolist() == [[1.0, 3.0], [5.0, 7.0]]
    assert of_family(panel(), "all").feature_names == panel().feature_names
    with pytest.raises(ValueError, match="no factor of the family 'growth'"):
        of_family(panel(), "growth")


def result(trees: float, net: float) -> Result:
    rng = np.random.default_rng(1)
    shared = rng.normal(0.0, 0.03, WEEKS)
    weekly = {
        name: mean + shared + rng.normal(0.0, 0.03, WEEKS)
        for name, mean in (("xgboost", trees), ("ridge", 0.0), ("gru", net))
    }
    weekly["gru"][3] = np.nan
    return Result(weekly, 0.18 + shared)


@pytest.mark.parametrize(
    ("trees", "net", "trees_as_expected", "net_as_expected"),
    [(0.01, 0.09, True, True), (0.08, 0.09, False, False), (0.01, 0.01, True, False)],
)
def test_nets_have_to_find_it_and_trees_must_not(
    trees: float, net: float, trees_as_expected: bool, net_as_expected: bool
) -> None:
    found = result(trees, net)
    assert found.as_expected("xgboost") == trees_as_expected
    assert found.as_expected("gru") == net_as_expected


def test_markets_are_pooled_week_after_week() -> None:
    one = result(0.01, 0.09)
    other = replace(one, attainable=one.attainable + 0.1)
    pooled = Result.pooled([one, other])
    assert pooled.rank_ic["gru"].shape == (2 * WEEKS,)
    assert np.nanmean(pooled.attainable) == pytest.approx(np.nanmean(one.attainable) + 0.05)
