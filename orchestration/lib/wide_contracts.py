"""Contracts of the wide factor tables, as data and as the YAML dbt reads."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

HORIZONS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Column:
    """A column of a contract."""

    name: str
    data_type: str
    description: str
    is_nullable: bool = True
    accepted_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """A public table: what a row is, its key, its columns and the columns that may look ahead."""

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    forward_columns: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


RULE_SET = Column(
    "rule_set",
    "varchar",
    "Rules of universe, label and preprocessing: paper or practitioner.",
    is_nullable=False,
    accepted_values=("paper", "practitioner"),
)
SYMBOL = Column("symbol", "varchar", "Share.", is_nullable=False)
WEEK_DATE = Column("week_date", "date", "Last session of the natural week.", is_nullable=False)
USES_FUTURE = Column(
    "uses_future",
    "boolean",
    "Whether membership of the universe was decided with the next session's suspensions.",
    is_nullable=False,
)


def factor_raw_contract(factors: Sequence[tuple[str, str]]) -> Contract:
    """Contract of factors.fct_factor_raw; `factors` holds names and formulas."""
    return Contract(
        name="fct_factor_raw",
        description=(
            "One row per symbol and week_date: every factor before preprocessing, for "
            "every listed share. Sessions without trade are left out; NULL where fewer than half "
            "of the sessions of a window were traded or a value does not exist. Computed in "
            "double, stored as float."
        ),
        grain=("symbol", "week_date"),
        columns=(
            SYMBOL,
            WEEK_DATE,
            *(Column(name, "float", f"{formula}.") for name, formula in factors),
            Column(
                "known_at",
                "date",
                "Session at whose close the row is known: week_date.",
                is_nullable=False,
            ),
        ),
        checks=("known_at = week_date",),
    )


def factor_exposure_contract(factors: Sequence[tuple[str, str]]) -> Contract:
    """Contract of factors.fct_factor_exposure; `factors` holds names and formulas."""
    return Contract(
        name="fct_factor_exposure",
        description=(
            "One row per rule_set, symbol and week_date of the universe: every factor "
            "clipped at five median deviations, filled with the mean of its industry, neutralised "
            "on industry and ln(cap), and standardised over the week. A factor without variation, "
            "or missing for the whole universe, is 0. Computed in double, stored as float."
        ),
        grain=("rule_set", "symbol", "week_date"),
        columns=(
            RULE_SET,
            SYMBOL,
            WEEK_DATE,
            *_exposure_columns(factors),
            USES_FUTURE,
            Column(
                "known_at",
                "date",
                "Session at whose close the cross-section is known.",
                is_nullable=False,
            ),
        ),
        checks=("known_at >= week_date",),
    )


def training_panel_contract(factors: Sequence[tuple[str, str]]) -> Contract:
    """Contract of ml.fct_training_panel; `factors` holds names and formulas."""
    labels = tuple(
        column
        for horizon in HORIZONS
        for column in (
            Column(
                f"fwd_return_{horizon}w_cum",
                "double",
                f"Return over the next {horizon} weeks in the convention of the rule set (paper: "
                "close to close, practitioner: VWAP to VWAP); NULL where it ends after the data.",
            ),
            Column(
                f"fwd_return_{horizon}w_single",
                "double",
                f"Return of week {horizon} after week_date alone, same convention.",
            ),
        )
    )
    known = tuple(
        column
        for horizon in HORIZONS
        for column in (
            Column(
                f"label_known_at_{horizon}w",
                "date",
                f"Session at whose close the {horizon}-week label is known; NULL without label.",
            ),
            Column(
                f"label_tradable_{horizon}w",
                "boolean",
                f"Whether the share traded at both ends of the {horizon}-week label.",
                is_nullable=False,
            ),
        )
    )
    return Contract(
        name="fct_training_panel",
        description=(
            "One row per rule_set, symbol and week_date of the universe from the end of the "
            "burn-in on: what a forecaster may learn from and is judged by. Features are "
            "fct_factor_exposure; every column that looks ahead starts with fwd_."
        ),
        grain=("rule_set", "symbol", "week_date"),
        columns=(
            RULE_SET,
            SYMBOL,
            WEEK_DATE,
            Column(
                "half_year_window",
                "varchar",
                "Half-year of week_date, such as 2016H1.",
                is_nullable=False,
            ),
            Column(
                "window_start",
                "date",
                "First calendar day of the half-year of week_date.",
                is_nullable=False,
            ),
            *_exposure_columns(factors),
            *labels,
            Column(
                "fwd_target_1w",
                "double",
                "Training target: the 1-week label raw (paper) or standardised over the rows of "
                "the week with a label (practitioner).",
            ),
            *known,
            USES_FUTURE,
            Column(
                "known_at",
                "date",
                "Session at whose close the features are known; labels have their own.",
                is_nullable=False,
            ),
        ),
        forward_columns=(*(column.name for column in labels), "fwd_target_1w"),
        checks=("known_at >= week_date",),
    )


def _exposure_columns(factors: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    return tuple(
        Column(name, "float", f"Standardised: {formula}.", is_nullable=False)
        for name, formula in factors
    )


def render_contract(contract: Contract) -> str:
    """YAML of a contract: description, key test, no undeclared look-ahead, column by column."""
    lines = [
        "# Written by `python -m orchestration.lib.factor_catalogue` from the factor catalogue.",
        "version: 2",
        "",
        "models:",
        f"  - name: {contract.name}",
        "    description: >",
        *textwrap.wrap(contract.description, 96, initial_indent=" " * 6, subsequent_indent=" " * 6),
        "    config:",
        "      materialized: incremental",
        "      meta:",
        f"        replaces: {'label_weeks' if contract.forward_columns else 'weeks'}",
        "    data_tests:",
        "      - unique_grain:",
        "          arguments:",
        f"            columns: [{', '.join(contract.grain)}]",
        "      - no_forward_columns" + (":" if contract.forward_columns else ""),
    ]
    if contract.forward_columns:
        lines += ["          arguments:", "            allowed:"]
        lines += [f"              - {name}" for name in contract.forward_columns]
    if contract.checks:
        lines.append("    constraints:")
        for check in contract.checks:
            lines += ["      - type: check", f"        expression: {json.dumps(check)}"]
    lines.append("    columns:")
    for column in contract.columns:
        lines += _render_column(column)
    return "\n".join(lines) + "\n"


def _render_column(column: Column) -> list[str]:
    lines = [
        f"      - name: {column.name}",
        f"        description: {json.dumps(column.description)}",
        f"        data_type: {column.data_type}",
    ]
    if not column.is_nullable:
        lines += ["        constraints:", "          - type: not_null"]
    if column.accepted_values:
        lines += [
            "        data_tests:",
            "          - accepted_values:",
            "              arguments:",
            f"                values: [{', '.join(column.accepted_values)}]",
        ]
    return lines
