"""Rules on what indices, industries, statements and dividends cannot look like beside the bars."""

from __future__ import annotations

from market_data.validation.report import Severity
from market_data.validation.rules import QueryRule, rows_with_previous

INDEX_CHAIN_TOLERANCE = 0.005
# Cumulative figures fall within a year only where a quarter is negative.
FALLING_SHARE, FALLING_STEPS = 1 / 3, 6
# Banks own up to fifty times their market cap, shells a few hundredths.
ASSETS_TO_CAP = (0.01, 1_000)
ASSET_JUMP = 100
# Half a cent of rounding, and rights issues or treasury shares beside it.
REFERENCE_CENTS, REFERENCE_SHARE = 0.02, 0.01


def _columns(table: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for name in names)


_INDEX_CHAIN = QueryRule(
    "index_bars",
    ("pre_close",),
    "index_chain_broken",
    _columns("index_bars", "symbol", "trade_date", "close", "pre_close"),
    "select symbol, trade_date, pre_close, close_before from (select symbol, trade_date, "
    "pre_close, lag(close) over (partition by symbol order by trade_date) as close_before from "
    f"index_bars) where abs(pre_close - close_before) > {INDEX_CHAIN_TOLERANCE} * close_before",
    "pre_close is not the close of the index's row before",
    "add the missing rows; index returns run from close to close of the rows that are there",
    Severity.WARNING,
)

_INDEX_GAPS = QueryRule(
    "index_bars",
    ("symbol", "trade_date"),
    "index_bar_missing",
    ("index_bars.symbol", "index_bars.trade_date", "trade_calendar.trade_date"),
    """
    select spans.symbol, sessions.trade_date
    from (
        select symbol, min(trade_date) as first, max(trade_date) as last
        from index_bars
        group by symbol
    ) as spans
    inner join trade_calendar as sessions
        on sessions.trade_date between spans.first and spans.last
    left join index_bars as bars
        on spans.symbol = bars.symbol and sessions.trade_date = bars.trade_date
    where bars.symbol is null
    """,
    "a session between the first and the last bar of the index without a row",
    "load the missing rows; a back-test against the index needs every session",
    Severity.WARNING,
)

_WEIGHT_OF_NON_MEMBER = QueryRule(
    "index_weights",
    ("symbol",),
    "weight_of_a_non_member",
    (
        *_columns("index_weights", "index_symbol", "as_of", "symbol"),
        *_columns("index_members", "index_symbol", "symbol", "in_date", "out_date"),
    ),
    """
    select weights.index_symbol, weights.as_of, weights.symbol
    from index_weights as weights
    left join index_members as members
        on weights.index_symbol = members.index_symbol
            and weights.symbol = members.symbol
            and weights.as_of between members.in_date and members.out_date
    where members.symbol is null
    """,
    "a weight on a day on which index_members does not list the security",
    "correct the spans of index_members; weights are drifted among members only",
    Severity.WARNING,
)

_MEMBER_AFTER_DELISTING = QueryRule(
    "index_members",
    ("out_date",),
    "member_after_delisting",
    (
        *_columns("index_members", "index_symbol", "symbol", "in_date", "out_date"),
        *_columns("instruments", "symbol", "delist_date"),
    ),
    """
    select members.index_symbol, members.symbol, members.in_date, members.out_date,
        instruments.delist_date
    from index_members as members
    inner join instruments on members.symbol = instruments.symbol
    where members.out_date > instruments.delist_date
    """,
    "a membership that lasts beyond the delisting of the security",
    "end the span on the day of delisting at the latest",
    Severity.WARNING,
)

_INDUSTRY_GAP = QueryRule(
    "industry_history",
    ("out_date",),
    "industry_gap",
    (
        *_columns("industry_history", "symbol", "in_date", "out_date", "industry_scheme"),
        *_columns("daily_bars", "symbol", "trade_date"),
    ),
    """
    select spans.industry_scheme, spans.symbol, spans.in_date, spans.out_date, spans.next_in_date,
        bars.last as last_bar
    from (
        select industry_scheme, symbol, in_date, out_date,
            lead(in_date) over (partition by industry_scheme, symbol order by in_date)
                as next_in_date
        from industry_history
    ) as spans
    inner join (
        select symbol, min(trade_date) as first, max(trade_date) as last
        from daily_bars
        group by symbol
    ) as bars on spans.symbol = bars.symbol
    where spans.out_date <= bars.last
        and coalesce(spans.next_in_date, bars.last + 1) > greatest(spans.out_date, bars.first)
    """,
    "the span ends and no other begins while the security still has bars",
    "add the missing span; without an industry the security leaves the universe",
    Severity.WARNING,
)


def _announced_after_data(table: str) -> QueryRule:
    return QueryRule(
        table,
        ("announce_date",),
        "announced_after_the_data",
        (
            *_columns(table, "symbol", "report_period", "announce_date"),
            "trade_calendar.trade_date",
        ),
        f"select symbol, report_period, announce_date from {table} where announce_date > "
        "(select max(trade_date) from trade_calendar)",
        "announced after the last session of the data; the figures are never used",
        "check announce_date, or leave the rows for a later load",
        Severity.WARNING,
    )


_NOT_CUMULATIVE = QueryRule(
    "financial_statements",
    ("revenue",),
    "statements_not_cumulative",
    _columns("financial_statements", "symbol", "report_period", "announce_date", "revenue"),
    f"""
    select symbol, count(*) as steps, count(*) filter (where revenue < revenue_before) as falling
    from (
        select symbol, revenue,
            lag(revenue) over (
                partition by symbol, year(report_period) order by report_period
            ) as revenue_before
        from (
            select symbol, report_period, arg_max(revenue, announce_date) as revenue
            from financial_statements
            group by symbol, report_period
        )
    )
    where revenue_before is not null and revenue is not null
    group by symbol
    having count(*) >= {FALLING_STEPS}
        and count(*) filter (where revenue < revenue_before) > {FALLING_SHARE:.6f}e0 * count(*)
    """,
    "revenue falls within the year again and again: figures of single quarters",
    "give income and cash-flow items cumulative since 1 January, as announced",
    weight="sum(steps)",
)

_STATEMENT_UNIT = QueryRule(
    "financial_statements",
    ("total_assets",),
    "statement_unit_suspect",
    (
        *_columns("financial_statements", "symbol", "total_assets"),
        *_columns("daily_bars", "symbol", "close", "total_shares"),
    ),
    f"""
    select assets.symbol, assets.total_assets, caps.total_cap, assets.statements
    from (
        select symbol, median(total_assets) as total_assets, count(*) as statements
        from financial_statements
        group by symbol
    ) as assets
    inner join (
        select symbol, median(cast(close as double) * total_shares) as total_cap
        from daily_bars
        group by symbol
    ) as caps on assets.symbol = caps.symbol
    where assets.total_assets not between {ASSETS_TO_CAP[0]} * caps.total_cap
        and {ASSETS_TO_CAP[1]} * caps.total_cap
    """,
    "total assets and market cap of the security differ by orders of magnitude",
    "give statements in yuan, not in 10,000 or in million yuan",
    Severity.WARNING,
    weight="sum(statements)",
)

_STATEMENT_JUMP = QueryRule(
    "financial_statements",
    ("total_assets",),
    "statement_unit_jump",
    _columns("financial_statements", "symbol", "report_period", "announce_date", "total_assets"),
    f"""
    select symbol, report_period, announce_date, total_assets, assets_before
    from (
        select symbol, report_period, announce_date, total_assets,
            lag(total_assets) over (partition by symbol order by report_period, announce_date)
                as assets_before
        from financial_statements
        where total_assets > 0
    )
    where total_assets > {ASSET_JUMP} * assets_before
        or assets_before > {ASSET_JUMP} * total_assets
    """,
    f"total assets change by more than a factor of {ASSET_JUMP} from one report to the next",
    "give every statement in yuan",
    Severity.WARNING,
)

_CLOSES_BEFORE = rows_with_previous("daily_bars", ("symbol",), ("trade_date", "close", "pre_close"))
_DIVIDEND_REFERENCE = QueryRule(
    "dividends",
    ("cash_per_share", "bonus_shares_per_share"),
    "dividend_without_ex_rights_move",
    (
        *_columns("dividends", "symbol", "ex_date", "cash_per_share", "bonus_shares_per_share"),
        *_columns("daily_bars", "symbol", "trade_date", "close", "pre_close"),
    ),
    f"""
    select symbol, ex_date, cash_per_share, bonus_shares_per_share, close_before, pre_close
    from (
        select dividends.*, bars.pre_close, bars.close_before,
            (bars.close_before - dividends.cash_per_share)
            / (1 + dividends.bonus_shares_per_share) as reference
        from dividends
        inner join (
            select symbol, trade_date, cast(pre_close as double) as pre_close,
                cast(close_before as double) as close_before
            from ({_CLOSES_BEFORE})
        ) as bars
            on dividends.symbol = bars.symbol and dividends.ex_date = bars.trade_date
    )
    where abs(pre_close - reference) > {REFERENCE_CENTS} + {REFERENCE_SHARE} * close_before
    """,
    "pre_close on the ex-date is not the close before less cash and bonus shares",
    "check ex_date, and that cash and bonus shares are per share, not per ten shares",
    Severity.WARNING,
)


def _not_a_week_end(table: str) -> QueryRule:
    return QueryRule(
        table,
        ("week_date",),
        "not_a_week_end",
        (
            *_columns(table, "symbol", "week_date"),
            *_columns("trade_calendar", "trade_date", "is_last_session_of_week"),
        ),
        f"select week_date, count(*) as affected_rows from {table} where week_date not in (select "
        "trade_date from trade_calendar where is_last_session_of_week) group by week_date",
        "week_date is not the last session of a week; the rows are never used",
        "date each row with the last session of its week",
        Severity.WARNING,
        weight="sum(affected_rows)",
    )


REFERENCE_PLAUSIBILITY: tuple[QueryRule, ...] = (
    _INDEX_CHAIN,
    _INDEX_GAPS,
    _WEIGHT_OF_NON_MEMBER,
    _MEMBER_AFTER_DELISTING,
    _INDUSTRY_GAP,
    _announced_after_data("financial_statements"),
    _announced_after_data("financial_indicators"),
    _NOT_CUMULATIVE,
    _STATEMENT_UNIT,
    _STATEMENT_JUMP,
    _DIVIDEND_REFERENCE,
    _not_a_week_end("factor_exposures"),
    _not_a_week_end("style_exposures"),
)
