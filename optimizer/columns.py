"""Warehouse tables and columns that a back-test reads, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STYLES = (
    "beta",
    "momentum",
    "size",
    "earnings_yield",
    "residual_volatility",
    "growth",
    "book_to_price",
    "leverage",
    "liquidity",
    "nonlinear_size",
)


@dataclass(frozen=True)
class TableColumns:
    """Columns read from one table.

    Attributes
    ----------
    required
        Must be present.
    optional
        Read where present.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


RULE_TABLES: Mapping[str, TableColumns] = MappingProxyType(
    {
        "rules.stamp_duty": TableColumns(("side", "rate", "valid_from", "valid_to")),
        "rules.transfer_fee": TableColumns(("exchange", "basis", "rate", "valid_from", "valid_to")),
        "rules.commission": TableColumns(("rate", "minimum_cny", "valid_from", "valid_to")),
        "rules.trading_unit": TableColumns(
            (
                "board",
                "smallest_buy_shares",
                "buy_step_shares",
                "tick_cny",
                "valid_from",
                "valid_to",
            )
        ),
        "rules.settlement_rule": TableColumns(
            ("board", "sessions_before_sale", "valid_from", "valid_to")
        ),
        "rules.market_friction": TableColumns(("parameter", "value", "valid_from", "valid_to")),
    }
)
"""Read by `Rulebook.from_frames`; limits reach the back-test as flags of the bars."""

MARKET_TABLES: Mapping[str, TableColumns] = MappingProxyType(
    {
        **RULE_TABLES,
        "core.dim_security": TableColumns(("symbol", "board", "exchange"), ("terminal_value_cny",)),
        "core.dim_trade_date": TableColumns(("trade_date",)),
        "core.dim_week": TableColumns(("week_date",)),
        "core.fct_bar_daily": TableColumns(
            (
                "symbol",
                "trade_date",
                "adj_factor",
                "adj_close",
                "adj_vwap",
                "is_suspended",
                "is_one_price_limit_up",
                "is_one_price_limit_down",
            ),
            ("volume_shares", "limit_up_price", "limit_down_price"),
        ),
        "core.fct_index_daily": TableColumns(
            ("index_symbol", "trade_date", "close"), ("total_return_close",)
        ),
        "core.fct_index_weight_week": TableColumns(
            ("index_symbol", "week_date", "symbol", "weight")
        ),
        "risk.fct_style_exposure": TableColumns(("symbol", "week_date"), STYLES),
    }
)
"""Read by `MarketData.from_frames`."""

DIVIDEND_TABLE: Mapping[str, TableColumns] = MappingProxyType(
    {
        "core.fct_dividend": TableColumns(
            ("symbol", "ex_date", "cash_per_share_cny", "bonus_shares_per_share")
        ),
    }
)
"""Read by `MarketData.from_frames` where given; without it dividends go through the factor."""

SIGNAL_TABLES: Mapping[str, TableColumns] = MappingProxyType(
    {
        "core.fct_universe_week": TableColumns(
            ("rule_set", "symbol", "week_date", "in_universe", "industry_code")
        ),
        "results.fct_prediction": TableColumns(
            ("rule_set", "model", "symbol", "week_date", "prediction")
        ),
    }
)
"""Read by `Signals.from_frames`; rows of other rule sets and models are left out there."""
