"""What the proof against look-ahead compares, and what it leaves out and why: all in one place.

A public table with a column `known_at` is compared without being listed here. Every other one has
to be listed; a new table that is neither fails the proof.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from models_ml.combination import FORESIGHT

HORIZONS = (1, 2, 3, 4)

# Say which run made a row, when, and how long it took: not what was known about the market.
AUDIT_COLUMNS = frozenset(
    {"run_id", "scenario_id", "partition_key", "seconds", "fit_seconds", "completed_at"}
)

# A scenario is known by its settings: its identifier hashes the run.
SCENARIO_SETTINGS = (
    "rule_set",
    "model",
    "benchmark",
    "barra_limit",
    "num_stock",
    "turnover_limit",
    "industry_limit",
    "cost_rate",
    "fee_schedule",
    "execution_policy",
    "adjustment",
    "switches",
    "capital_cny",
    "trading_delay_sessions",
    "risk_aversion",
    "tracking_error_limit",
    "first_trade_date",
)

# Rows of the paper that are marked as made with foresight, as the paper has it.
EXEMPT = "rule_set = 'paper' and uses_future"


def foresight_choices(database: str) -> str:
    """Condition for the same where a table has no such mark: choices that read their own window."""
    made_by = ", ".join(f"'{json.dumps({'by': by})}'" for by in sorted(FORESIGHT))
    return (
        f"rule_set = 'paper' and model in (select model from {database}.results.dim_model"
        f" where library = 'choice' and parameters in ({made_by}))"
    )


@dataclass(frozen=True)
class Compared:
    """Which rows and values of a table count on a day.

    Attributes
    ----------
    known
        SQL condition with `{at}` for the day: the row was known.
    value_known
        Column to SQL condition: its value was known; before, it counts as NULL on both sides.
    leave_out
        Columns that describe the whole build, beside the audit columns.
    """

    known: str = "known_at <= {at}"
    value_known: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outside:
    """A table that is not compared, and the reason."""

    reason: str


def _panel_labels() -> dict[str, str]:
    known = {"fwd_target_1w": "label_known_at_1w <= {at}"}
    for horizon in HORIZONS:
        by_then = f"label_known_at_{horizon}w <= {{at}}"
        for column in ("fwd_return_{}w_cum", "fwd_return_{}w_single"):
            known[column.format(horizon)] = by_then
        for column in ("label_known_at_{}w", "label_tradable_{}w"):
            known[column.format(horizon)] = by_then
    return known


def _crossed_labels() -> dict[str, str]:
    columns = ("fwd_return_1w_cum", "fwd_target_1w", "label_known_at_1w", "label_tradable_1w")
    return dict.fromkeys(columns, "label_known_at_1w <= {at}")


_LABEL_COLUMNS = ("fwd_return_cum", "fwd_return_single", "label_known_at", "label_tradable")
_YEAR_IS_OVER = "{} < extract(year from {{at}})"
_JOURNAL = Outside("journal of runs: what was computed when, on which files")
_WHOLE_PERIOD = Outside("one figure over the whole period of a build; made of compared tables")

SCOPE: Mapping[str, Compared | Outside] = MappingProxyType(
    {
        # Tables whose rows or values are dated otherwise than by known_at.
        "core.dim_security": Compared(
            "list_date <= {at}",
            {"delist_date": "delist_date <= {at}", "terminal_value_cny": "delist_date <= {at}"},
        ),
        "core.dim_trade_date": Compared("trade_date <= {at}"),
        "core.dim_week": Compared("week_date <= {at}"),
        "core.fct_universe_week": Compared(
            value_known={"fwd_is_suspended": "week_date < {at}"},
        ),
        "core.dim_column": Outside("says what tables and columns mean, nothing of the market"),
        # The last version of each quarter; the versions are in core.fct_fundamental_quarter.
        "core.fct_fundamental_restated": Outside("as restated: the figures as the build ends"),
        "factors.dim_factor": Compared("true"),
        "ml.fct_label": Compared(
            "week_date <= {at}",
            dict.fromkeys(_LABEL_COLUMNS, "label_known_at <= {at}"),
        ),
        "ml.fct_crossed_label": Compared(value_known=_crossed_labels()),
        "ml.fct_training_panel": Compared(value_known=_panel_labels()),
        "results.dim_model": Compared("true"),
        "results.dim_scenario": Compared("true", leave_out=("last_trade_date",)),
        # As of the end of a year: the year of the day itself is not over.
        "results.mart_factor_correlation": Compared(_YEAR_IS_OVER.format("trade_year")),
        "results.mart_factor_rank_ic": Compared(_YEAR_IS_OVER.format("as_of_year")),
        "results.mart_backtest_year": Compared(_YEAR_IS_OVER.format("trade_year")),
        # The month is over, and so are the labels of its last week.
        "results.mart_rank_ic_month": Compared("month_start + interval 2 months <= {at}"),
        # Whole-period marts.
        "results.mart_backtest_summary": _WHOLE_PERIOD,
        "results.mart_bias_waterfall": _WHOLE_PERIOD,
        "results.mart_capacity": _WHOLE_PERIOD,
        "results.mart_latest_backtest": _WHOLE_PERIOD,
        "results.mart_latest_forecast": _WHOLE_PERIOD,
        "results.mart_backtest_overfitting": _WHOLE_PERIOD,
        "results.mart_claim": _WHOLE_PERIOD,
        "results.mart_deflated_sharpe": _WHOLE_PERIOD,
        "results.mart_paper_comparison": _WHOLE_PERIOD,
        "results.mart_pnl_attribution": _WHOLE_PERIOD,
        "results.mart_paper_scenario": Outside("which back-tests the study asks for, of this run"),
        "risk.mart_risk_forecast_quality": _WHOLE_PERIOD,
        "results.mart_rank_ic_decomposition": _WHOLE_PERIOD,
        "results.mart_rank_ic_seasonality": _WHOLE_PERIOD,
        "results.mart_rank_ic_statistics": _WHOLE_PERIOD,
        "results.mart_seed_pair": _WHOLE_PERIOD,
        "results.mart_seed_spread": _WHOLE_PERIOD,
        # The runs themselves.
        "results.fct_trial_ledger": _JOURNAL,
        "ops.fct_canary": _WHOLE_PERIOD,
        "ops.fct_dbt_result": _JOURNAL,
        "ops.fct_partition": _JOURNAL,
        "ops.fct_run": _JOURNAL,
        "ops.fct_source_snapshot": _JOURNAL,
        "ops.fct_step": _JOURNAL,
    }
)

# Private tables serve to find the model at fault. Their rows are dated by the first of these
# columns that they have; those without any, and the ones below, are passed over.
PRIVATE_DATES = (
    "known_at",
    "label_known_at",
    "week_date",
    "trade_date",
    "state_date",
    "announce_date",
    "in_date",
    "ex_date",
)
PRIVATE_OUTSIDE: Mapping[str, str] = MappingProxyType(
    {
        "intermediate.int_nav__by_period": "carries the end of the period",
        "intermediate.int_research_rank_ic__dated": "as of the end of a year that is under way",
        "intermediate.int_factor_week__fingerprinted": "other tables side by side",
    }
)
