from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from market_data.simulator import SimulationConfig
from market_data.simulator.corporate_actions import plan_reclassification
from market_data.simulator.factors import autoregression, build_factors
from market_data.simulator.population import _size_shape, build_population
from market_data.simulator.sessions import session_calendar
from market_data.simulator.specific import clipped_moments, skewed
from market_data.simulator.streams import Purpose, session_variance, stream, unit_student
from market_data.simulator.suspension import spell_lengths, start_rate


def test_streams_are_reproducible_and_apart() -> None:
    draws = {purpose: stream(7, purpose).random(3).tolist() for purpose in Purpose}
    assert draws[Purpose.FACTORS] == stream(7, Purpose.FACTORS).random(3).tolist()
    assert len({tuple(values) for values in draws.values()}) == len(Purpose)
    assert stream(8, Purpose.FACTORS).random(3).tolist() != draws[Purpose.FACTORS]


def test_first_draws_of_a_stream_are_pinned() -> None:
    # PCG64 behind a SeedSequence: NumPy keeps its bits on every platform and release.
    assert stream(1, Purpose.FACTORS).random(2).tolist() == [
        0.01406863877696618,
        0.13660820057173162,
    ]


@pytest.mark.parametrize("skew", [1.0, 1.2, 1.5])
def test_skewed_shocks_keep_mean_and_variance(skew: float) -> None:
    shocks = np.clip(unit_student(stream(3, Purpose.SPECIFIC), 2.8, 400_000), -8.0, 8.0)
    result = skewed(shocks, skew, clipped_moments(2.8, 8.0))
    assert abs(result.mean()) < 0.006
    assert result.std() == pytest.approx(1.0, abs=0.01)
    third = float((result**3).mean())
    assert third > 0.4 if skew > 1.0 else abs(third) < 0.1


def test_shocks_of_the_null_market_are_symmetric() -> None:
    shocks = np.array([-3.0, -1.0, 0.5, 2.0])
    moments = clipped_moments(4.0, 8.0)
    np.testing.assert_array_equal(skewed(shocks, 1.0, moments), -skewed(-shocks, 1.0, moments))


def test_moments_of_clipped_shocks() -> None:
    # Unit-variance t with six degrees, hardly clipped: mean absolute value 0.75.
    assert clipped_moments(6.0, 60.0) == pytest.approx((0.75, 1.0), abs=1e-5)
    # Almost everything lies beyond a clip this tight.
    assert clipped_moments(3.0, 1e-4) == pytest.approx((1e-4, 1e-8), rel=1e-3)


def test_a_large_shock_tells_of_a_volatile_session() -> None:
    assert session_variance(np.array([0.0, 1.0, 3.0]), 3.0).tolist() == [0.5, 1.0, 5.0]


def test_sizes_are_standardised_and_skewed_without_giants() -> None:
    sizes = _size_shape((np.arange(100_000) + 0.5) / 100_000)
    assert sizes.mean() == pytest.approx(0.0, abs=1e-3)
    assert sizes.std() == pytest.approx(1.0, abs=1e-3)
    assert 1.4 < (sizes**3).mean() < 1.8
    assert sizes.max() < 5.5


def test_autoregression_is_stationary() -> None:
    path = autoregression(stream(1, Purpose.FACTORS).standard_normal((400, 500)), 0.95)
    spread = path.std(axis=1)
    assert spread[:50].mean() == pytest.approx(1.0, abs=0.03)
    assert spread[-50:].mean() == pytest.approx(1.0, abs=0.03)
    assert np.corrcoef(path[100], path[101])[0, 1] == pytest.approx(0.95, abs=0.02)


def test_crisis_raises_volatility_in_its_window() -> None:
    config = SimulationConfig.for_size("demo")
    calendar = session_calendar(config.start_date, config.end_date)
    calm = build_factors(replace(config, crises=()), calendar)
    stressed = build_factors(config, calendar)
    first, last = (calendar.position(day) for day in config.crises[1])
    ratio = stressed.market_volatility / calm.market_volatility
    assert ratio[first] == pytest.approx(config.calibration.crisis_volatility)
    assert (ratio[first:last] >= 1.0).all()
    np.testing.assert_allclose(np.delete(ratio, np.s_[first:last]), 1.0)


def test_spell_lengths_follow_their_shares() -> None:
    draws = (np.arange(10_000) + 0.5) / 10_000
    lengths = spell_lengths(draws, np.array([0.2, 0.3, 0.2, 0.1, 0.1, 0.1]))
    assert (lengths == 1).mean() == pytest.approx(0.2, abs=1e-3)
    assert (lengths <= 5).mean() == pytest.approx(0.5, abs=1e-3)
    assert (lengths > 60).mean() == pytest.approx(0.2, abs=1e-3)
    assert lengths.max() <= 220


def test_light_regime_follows_the_reform_of_2018() -> None:
    assert start_rate(2018, "06") > 3 * start_rate(2018, "12")
    assert start_rate(2023, "01") == start_rate(2018, "12")


def test_industry_changes_follow_each_other_in_time() -> None:
    # The demo market has moves on either side of a revision of the scheme.
    config = SimulationConfig.for_size("demo")
    calendar = session_calendar(config.start_date, config.end_date)
    changes = plan_reclassification(config, calendar, build_population(config, calendar))
    assert np.unique(changes.name).size < changes.name.size
    assert (np.diff(changes.position) >= 0).all()
