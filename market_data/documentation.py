"""The page `docs/landing_contract.md`: the contract and the rules that are checked beside it."""

from __future__ import annotations

from market_data.contract import LANDING_TABLES, contract_markdown
from market_data.validation import declared_rules

_RULES_HEADER = """## Rules

Besides presence, type, NULL, range and allowed values of each column, and uniqueness of each key,
these rules are checked. An error refuses the directory; a warning is counted and shown.

| table | columns | rule | severity | what is reported |
|---|---|---|---|---|
"""


def landing_contract_page() -> str:
    """Render the data dictionary and the rules between columns, rows and tables as Markdown."""
    position = {name: number for number, name in enumerate(LANDING_TABLES)}
    rules = sorted(
        (rule for rule in declared_rules() if rule.name != "duplicate_key"),
        key=lambda rule: (position[rule.table], rule.severity.value, rule.name, rule.columns),
    )
    lines = [
        f"| {rule.table} | {', '.join(rule.columns)} | {rule.name} | {rule.severity.value} "
        f"| {rule.problem} |"
        for rule in rules
    ]
    return contract_markdown() + "\n" + _RULES_HEADER + "\n".join(lines) + "\n"
