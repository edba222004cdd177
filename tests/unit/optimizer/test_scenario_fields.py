"""A scenario is complete, checked and the same after a trip through JSON."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from optimizer.errors import InputError
from optimizer.execution.policy import execution_policy
from optimizer.scenario import Scenario

BASE: dict[str, Any] = {
    "rule_set": "practitioner",
    "model": "ridge-mse-expanding-s777",
    "benchmark": "000905.SH",
    "num_stock": 100,
    "first_trade_date": "2018-01-01",
    "last_trade_date": "2019-12-31",
}


@pytest.mark.parametrize(
    ("rule_set", "industry", "policy", "adjustment", "resort", "series"),
    [
        ("paper", 0.5, "paper", "every_5_sessions", "raise_cap", "price"),
        ("practitioner", 0.02, "practitioner", "weekly", "cash", "total_return"),
    ],
)
def test_rule_set_decides_what_is_left_out(
    rule_set: str, industry: float, policy: str, adjustment: str, resort: str, series: str
) -> None:
    scenario = Scenario.from_mapping({**BASE, "rule_set": rule_set, "industry_limit": None})
    assert scenario.industry_limit == industry
    assert scenario.execution_policy == policy
    assert scenario.adjustment == adjustment
    assert scenario.turnover_limit == 0.15
    assert scenario.barra_limit is None
    assert scenario.uses_future is (rule_set == "paper")
    rules = execution_policy(scenario)
    assert (rules.name, rules.last_resort) == (policy, resort)
    assert rules.switches.benchmark_series == series
    assert rules.foresees_suspension is rules.sells_suspended is (policy == "paper")
    assert rules.switches.retries is rules.switches.lots is (policy == "practitioner")


def test_given_values_win_over_the_rule_set() -> None:
    scenario = Scenario.from_mapping({**BASE, "cost_rate": 0.003, "execution_policy": "paper"})
    assert scenario.cost_rate == 0.003
    assert scenario.uses_future


def test_json_round_trip() -> None:
    scenario = Scenario.from_mapping({**BASE, "barra_limit": 0.3})
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    unbanded = Scenario.from_mapping(BASE)
    assert Scenario.model_validate_json(unbanded.model_dump_json()) == unbanded


def test_label_is_readable() -> None:
    banded = Scenario.from_mapping({**BASE, "barra_limit": 0.3})
    assert banded.label == (
        "practitioner ridge-mse-expanding-s777 vs 000905.SH, barra 0.3, 100 names, turnover 0.15"
    )
    assert "unbanded" in Scenario.from_mapping(BASE).label


def test_record_has_a_column_per_field() -> None:
    record = Scenario.from_mapping(BASE).as_record()
    renamed = {"tracking_error_limit", "uses_future", "is_variant"}
    assert set(record) == (set(Scenario.model_fields) - {"tracking_error"}) | renamed
    assert record["first_trade_date"].isoformat() == "2018-01-01"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_stock": 0}, r"num_stock: .* greater than or equal to 1 \(found 0\)"),
        ({"turnover_limit": -0.1}, "turnover_limit"),
        ({"barra_limit": float("inf")}, "barra_limit"),
        ({"rule_set": "mine"}, "rule_set"),
        ({"execution_policy": "magic"}, "execution_policy"),
        ({"benchmarks": "x"}, "benchmarks: Extra inputs"),
        ({"last_trade_date": "2017-01-01"}, "first_trade_date 2018-01-01 comes after"),
    ],
)
def test_unusable_fields_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Scenario.from_mapping({**BASE, **change})


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InputError, match="num_stock.*cost_rate"):
        Scenario.from_mapping({**BASE, "num_stock": 0, "cost_rate": 5})


def test_scenario_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Scenario.from_mapping(BASE).num_stock = 5  # type: ignore[misc]


def test_risk_is_priced_under_practitioner_alone_and_named() -> None:
    scenario = Scenario.from_mapping({**BASE, "risk_aversion": 10, "tracking_error": 0.06})
    assert scenario.label.endswith("turnover 0.15, aversion 10, tracking error 0.06")
    # A week of five sessions of the 244 of a year.
    assert scenario.limits.tracking_error == pytest.approx(0.06 * (5 / 244) ** 0.5)
    assert scenario.needs_risk
    assert not Scenario.from_mapping(BASE).needs_risk
    with pytest.raises(InputError, match=r"write rule_sets: \[practitioner\]"):
        Scenario.from_mapping({**BASE, "rule_set": "paper", "risk_aversion": 10})
