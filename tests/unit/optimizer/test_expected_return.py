"""Predictions as returns: skill, volatility and score."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.expected_return import Skill, expected_returns

DAYS = np.array(["2020-01-03", "2020-01-10", "2020-01-17"], dtype="datetime64[D]")


def test_skill_counts_only_weeks_known_by_the_day() -> None:
    skill = Skill(DAYS, np.array([0.10, 0.20, -3.0]))
    assert skill.at(np.datetime64("2020-01-02")) == pytest.approx(0.03)
    assert skill.at(DAYS[0]) == pytest.approx((26 * 0.03 + 0.10) / 27)
    assert skill.at(np.datetime64("2020-01-16")) == pytest.approx((26 * 0.03 + 0.30) / 28)


def test_skill_is_never_below_its_floor() -> None:
    assert Skill(DAYS, np.full(3, -1.0)).at(DAYS[-1]) == 0.005
    assert Skill.none().at(DAYS[0]) == pytest.approx(0.03)


def test_expected_returns_by_hand() -> None:
    prediction = np.array([1.0, 3.0, np.nan, 5.0])
    members = np.array([True, True, True, False])
    found = expected_returns(prediction, members, np.array([0.1, 0.2, 0.3, 0.4]), 0.05)
    # Mean 2 and deviation 1 over the two members.
    assert found[[0, 1, 3]] == pytest.approx([-0.005, 0.01, 0.06])
    assert np.isnan(found[2])


def test_equal_predictions_expect_nothing() -> None:
    found = expected_returns(np.array([2.0, 2.0, np.nan]), np.ones(3, bool), np.ones(3), 0.05)
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found[2])
