"""July 2015 in the real sample: nearly two names in five suspended, and no decision silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from optimizer.scenario import Scenario
from tests.fixtures.crisis import (
    INDEX,
    MODEL,
    assert_never_silent,
    crisis_frames,
    frozen_names,
    sold_names,
    trade,
)

SAMPLE = Path(__file__).parents[3] / "shared" / "market_data"

pytestmark = pytest.mark.skipif(
    not SAMPLE.is_dir(), reason="the real sample is private and is not beside the checkout"
)


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return crisis_frames(SAMPLE, date(2015, 1, 5), date(2015, 7, 31))


def scenario(rule_set: str, **changes: object) -> Scenario:
    values = {
        "rule_set": rule_set,
        "model": MODEL,
        "benchmark": INDEX,
        "barra_limit": 0.1,
        "num_stock": 50,
        # Adjustments of the paper then fall on 2015-07-02, -09 and -16.
        "first_trade_date": "2015-06-17",
        "last_trade_date": "2015-07-24",
    }
    return Scenario.from_mapping({**values, **changes})


def test_the_weeks_are_those_of_the_crisis(frames: dict[str, pd.DataFrame]) -> None:
    bars = frames["core.fct_bar_daily"]
    share = bars.groupby("trade_date").is_suspended.mean()
    assert share.idxmax() == pd.Timestamp("2015-07-09")
    assert share.max() == pytest.approx(0.39, abs=0.005)


@pytest.mark.parametrize(
    ("rule_set", "in_the_crisis"),
    [("paper", {"2015-07-09"}), ("practitioner", {"2015-07-06", "2015-07-13"})],
)
def test_every_decision_is_certified_and_says_what_gave_way(
    frames: dict[str, pd.DataFrame], rule_set: str, in_the_crisis: set[str]
) -> None:
    asked = scenario(rule_set)
    result = trade(frames, asked)
    solutions = assert_never_silent(frames, result, asked)
    relaxed = solutions.index[solutions.relaxation_step > 0]
    assert {str(pd.Timestamp(day).date()) for day in relaxed} == in_the_crisis
    assert solutions.candidate_count.min() < 0.75 * solutions.candidate_count.max()
    if rule_set == "practitioner":
        assert frozen_names(frames, result, "2015-07-13") > 0
    else:
        assert sold_names(frames, result, "2015-07-09") > 0
