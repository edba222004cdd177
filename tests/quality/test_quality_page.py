"""The page of the gates is up to date, and the catalogue of faults covers what it lists."""

from __future__ import annotations

import re

from fixtures.faults.catalogue import FAULTS, VALIDATE_FAULTS, WAREHOUSE_FAULTS
from fixtures.faults.model import names

from market_data.validation import declared_rules
from orchestration.lib.quality_page import PAGE, quality_page

# Broken one by one in the tests of the rules, on tables made by hand.
BY_HAND = {
    "amount_without_volume",
    "index_without_bars",
    "member_without_bars",
    "vwap_slightly_outside_range",
}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == quality_page(), (
        "write it anew: python -m orchestration.lib.quality_page"
    )


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len(set(names(FAULTS))) == len(FAULTS)


def test_every_rule_between_columns_rows_and_tables_is_in_the_catalogue() -> None:
    declared = {rule.name for rule in declared_rules()}
    assert declared - BY_HAND <= {fault.check for fault in VALIDATE_FAULTS}


def test_every_fault_of_the_warehouse_names_a_check_of_the_page() -> None:
    page = quality_page()
    named_in_models = {"closes_lie_inside_their_limits_but_for_relistings"}
    for fault in WAREHOUSE_FAULTS:
        generic = re.match(r"unique_grain|finite_values|foreign_key_in", fault.check)
        listed = generic[0] if generic else fault.check
        assert f"| {listed} |" in page or fault.check in named_in_models
