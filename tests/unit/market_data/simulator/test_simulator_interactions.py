"""A market that pays for products of characteristics, and the default one beside it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from fixtures.simulated_market import exposures_by_week

from market_data.simulator import SimulationConfig
from market_data.simulator.calibration import STYLES
from market_data.simulator.interactions import INTERACTIONS, interaction_parts
from market_data.simulator.run import prepare_engine

# Closes in cents and one-week truth in millionths of `small_config`, from before there were
# interactions. Whoever changes the default market on purpose writes the new one here.
DEFAULT_MARKET = "1f7397eb54f2fdf14022dcd609960ec35dfac97af5d6a8aea49f5c8937b6f70c"


def test_the_default_market_knows_nothing_of_them(small_config: SimulationConfig) -> None:
    digest = hashlib.sha256()
    for bars, truth in prepare_engine(small_config).run():
        digest.update(bars.close.astype("<i8").tobytes())
        if truth is not None:
            millionths = np.round(1e6 * truth.expected["expected_return_1w"])
            digest.update(millionths.astype("<i8").tobytes())
    assert digest.hexdigest() == DEFAULT_MARKET


def test_products_are_paid_by_hand(small_config: SimulationConfig) -> None:
    exposures = np.zeros((len(STYLES), 3))
    exposures[STYLES.index("short_return")] = [2.0, 2.0, -1.0]
    exposures[STYLES.index("turnover")] = [1.0, -1.0, 0.0]
    exposures[STYLES.index("momentum")] = [0.0, 0.0, 1.5]
    exposures[STYLES.index("volatility")] = [3.0, 0.0, 2.0]
    parts, paths = interaction_parts(replace(small_config, interactions=True), exposures)
    per_session = small_config.calibration.interaction_weekly_sd / 5.0
    np.testing.assert_allclose(parts[0] / per_session, [2.0, -2.0, 0.0])
    np.testing.assert_allclose(parts[1] / per_session, [0.0, 0.0, -3.0])
    np.testing.assert_array_equal(parts[2], 0.0)
    assert len(parts) == len(paths) == len(INTERACTIONS)
    assert interaction_parts(small_config, exposures) == ((), ())


@pytest.mark.parametrize("signal", [0.0, 1.0])
def test_nothing_else_is_paid(small_config: SimulationConfig, signal: float) -> None:
    engine = prepare_engine(replace(small_config, interactions=True, signal=signal))
    flat = [
        float(np.ptp(truth.expected["expected_return_1w"])) == 0.0
        for _, truth in engine.run()
        if truth is not None
    ]
    assert all(flat) == (signal == 0.0)
    weekly, hidden = engine._weekly, engine._hidden
    assert weekly is not None
    assert hidden is not None
    single = (*hidden.parts, *weekly.parts[: -len(INTERACTIONS)])
    assert all((part == 0.0).all() for part in single)


def test_products_fade_as_the_truth_of_coming_weeks_says() -> None:
    config = SimulationConfig.for_size(
        "tiny",
        interactions=True,
        start_date=date(2017, 6, 12),
        end_date=date(2020, 6, 30),
        stocks_at_start=300,
        stocks_at_end=310,
    )
    exposures = exposures_by_week(config, 300)[60:]
    for each in INTERACTIONS:
        first, second = STYLES.index(each.first), STYLES.index(each.second)
        product = exposures[:, first] * exposures[:, second]
        for ahead in (1, 2, 3):
            then, now = product[ahead:], product[:-ahead]
            found = (then * now).sum() / (now * now).sum()
            assert each.path[ahead] == pytest.approx(found, abs=0.06), (each, ahead)
