"""Rules between rows and between tables."""

from __future__ import annotations

from market_data.contract import LANDING_TABLES
from market_data.validation.market_plausibility import MARKET_PLAUSIBILITY
from market_data.validation.reference_plausibility import REFERENCE_PLAUSIBILITY
from market_data.validation.report import Severity
from market_data.validation.rules import QueryRule, rows_with_previous

_BARS_PERIOD = "(select min(trade_date) as first, max(trade_date) as last from daily_bars)"

# Tables whose rows of unknown securities do no harm, and the date by which a row is shown.
_DATED_TABLES = {
    "index_weights": "as_of",
    "industry_history": "in_date",
    "financial_statements": "report_period",
    "financial_indicators": "report_period",
    "dividends": "ex_date",
    "factor_exposures": "week_date",
    "style_exposures": "week_date",
}


def _duplicate_key(table: str) -> QueryRule:
    key = LANDING_TABLES[table].key
    listed = ", ".join(key)
    return QueryRule(
        table,
        key,
        "duplicate_key",
        tuple(f"{table}.{column}" for column in key),
        f"select {listed}, count(*) + 1 as times from ({rows_with_previous(table, key, ())})"
        f" group by {listed}",
        f"rows share the key ({listed})",
        "keep one row per key",
        weight="sum(times)",
    )


def _unlisted(table: str, date: str, severity: Severity, remedy: str) -> QueryRule:
    """One line per unknown symbol: its first row, and how many there are."""
    return QueryRule(
        table,
        ("symbol",),
        "symbol_not_in_instruments",
        (f"{table}.symbol", f"{table}.{date}", "instruments.symbol"),
        f"select symbol, min({date}) as {date}, count(*) as affected_rows from {table} "
        "where symbol not in (select symbol from instruments where symbol is not null) "
        "group by symbol",
        "the symbol has no row in instruments",
        remedy,
        severity,
        weight="sum(affected_rows)",
    )


def _not_a_session(table: str, column: str, severity: Severity, restriction: str) -> QueryRule:
    return QueryRule(
        table,
        (column,),
        "date_not_in_calendar",
        (f"{table}.symbol", f"{table}.{column}", "trade_calendar.trade_date"),
        f"select symbol, {column} from {table} where {column} not in (select trade_date from "
        f"trade_calendar where trade_date is not null){restriction}",
        f"{column} is no session of trade_calendar",
        "add the session to trade_calendar, or remove the row",
        severity,
    )


def _span_overlap(table: str, group: str, overlap: str) -> QueryRule:
    return QueryRule(
        table,
        ("in_date", "out_date"),
        "span_overlap",
        tuple(f"{table}.{column}" for column in (group, "symbol", "in_date", "out_date")),
        f"select {group}, symbol, in_date, out_date, next_in_date from (select {group}, symbol, "
        f"in_date, out_date, lead(in_date) over (partition by {group}, symbol order by in_date) "
        f"as next_in_date from {table}) where {overlap}",
        "the span reaches into the next one of the same security",
        "end the earlier span before the later one begins",
    )


_CALENDAR_WEEK = QueryRule(
    "trade_calendar",
    ("is_last_session_of_week",),
    "week_end_inconsistent",
    ("trade_calendar.trade_date", "trade_calendar.is_last_session_of_week"),
    # The week of the last row may go on after the data, so only a Friday decides there.
    """
    select trade_date, is_last_session_of_week, next_trade_date
    from (
        select
            trade_date,
            is_last_session_of_week,
            lead(trade_date) over (order by trade_date) as next_trade_date
        from trade_calendar
        where trade_date is not null
    )
    where case
        when next_trade_date is null
            then isodow(trade_date) >= 5 and not is_last_session_of_week
        else is_last_session_of_week
            <> (date_trunc('week', next_trade_date) > date_trunc('week', trade_date))
    end
    """,
    "the flag disagrees with the sessions of the same ISO week",
    "set it where the next session lies in a later week, and nowhere else",
)

_OUTSIDE_LISTING = QueryRule(
    "daily_bars",
    ("trade_date",),
    "bar_outside_listing",
    (
        "daily_bars.symbol",
        "daily_bars.trade_date",
        "instruments.symbol",
        "instruments.list_date",
        "instruments.delist_date",
    ),
    """
    select bars.symbol, bars.trade_date, instruments.list_date, instruments.delist_date
    from daily_bars as bars
    inner join instruments on bars.symbol = instruments.symbol
    where bars.trade_date < instruments.list_date or bars.trade_date > instruments.delist_date
    """,
    "a bar before the listing or after its end; it is not used",
    "correct list_date and delist_date, or remove the bars",
    Severity.WARNING,
)

_CHAINED_BARS = rows_with_previous(
    "daily_bars", ("symbol",), ("trade_date", "close", "pre_close", "adj_factor")
)
_ADJUSTMENT_CHAIN = QueryRule(
    "daily_bars",
    ("pre_close", "adj_factor"),
    "adjustment_chain_broken",
    tuple(f"daily_bars.{c}" for c in ("symbol", "trade_date", "close", "pre_close", "adj_factor")),
    # Half a cent of rounding in pre_close, and half a per cent beside it.
    f"""
    select symbol, trade_date, pre_close, adj_factor, adjusted_close_before
    from (
        select *, close_before * adj_factor_before as adjusted_close_before
        from ({_CHAINED_BARS})
    )
    where abs(pre_close * adj_factor - adjusted_close_before)
        > 0.006 * adj_factor + 0.005 * adjusted_close_before
    """,
    "pre_close * adj_factor is not the adjusted close of the row before",
    "check ex-rights days; adjusted returns jump where the chain breaks",
    Severity.WARNING,
)

_NO_BARS = QueryRule(
    "instruments",
    ("symbol",),
    "instrument_without_bars",
    ("instruments.symbol", "instruments.list_date", "daily_bars.symbol", "daily_bars.trade_date"),
    f"select symbol, list_date from instruments where symbol not in (select symbol from "
    f"daily_bars where symbol is not null) and list_date <= (select last from {_BARS_PERIOD})",
    "listed, but without a single bar; survivorship bias if the security was delisted",
    "add its bars where the source has them",
    Severity.WARNING,
)

_NO_INDUSTRY = QueryRule(
    "instruments",
    ("symbol",),
    "instrument_without_industry",
    ("instruments.symbol", "industry_history.symbol"),
    "select symbol from instruments where symbol not in (select symbol from industry_history "
    "where symbol is not null)",
    "no industry at any time; the security never enters the universe",
    "add its spans to industry_history",
    Severity.WARNING,
)

_MEMBER_UNLISTED = QueryRule(
    "index_members",
    ("symbol",),
    "member_without_instrument",
    (
        *(f"index_members.{c}" for c in ("index_symbol", "symbol", "in_date", "out_date")),
        "instruments.symbol",
        "daily_bars.trade_date",
    ),
    f"""
    select members.index_symbol, members.symbol, members.in_date, members.out_date
    from index_members as members
    cross join {_BARS_PERIOD} as period
    where members.symbol not in (select symbol from instruments where symbol is not null)
        and members.in_date <= period.last
        and members.out_date >= period.first
    """,
    "a member of an index during the bars' period that instruments does not know",
    "add the security, or accept that index weights are rebuilt without it",
    Severity.WARNING,
)

_MEMBER_WITHOUT_BARS = QueryRule(
    "index_members",
    ("symbol",),
    "member_without_bars",
    (
        *(f"index_members.{c}" for c in ("index_symbol", "symbol", "in_date", "out_date")),
        "instruments.symbol",
        "daily_bars.symbol",
        "daily_bars.trade_date",
    ),
    f"""
    select members.index_symbol, members.symbol, members.in_date, members.out_date
    from index_members as members
    inner join instruments on members.symbol = instruments.symbol
    cross join {_BARS_PERIOD} as period
    left join (
        select symbol, min(trade_date) as first, max(trade_date) as last
        from daily_bars
        group by symbol
    ) as bars
        on members.symbol = bars.symbol
    where members.in_date <= period.last
        and members.out_date >= period.first
        and (bars.symbol is null or bars.first > members.out_date or bars.last < members.in_date)
    """,
    "a member of an index without a bar during its membership",
    "add the bars, or accept that index weights are rebuilt without it",
    Severity.WARNING,
)

_INDEX_WITHOUT_BARS = QueryRule(
    "index_members",
    ("index_symbol",),
    "index_without_bars",
    ("index_members.index_symbol", "index_bars.symbol"),
    "select index_symbol, count(*) as affected_rows from index_members where index_symbol not in "
    "(select symbol from index_bars where symbol is not null) group by index_symbol",
    "the index has members but no bars; it cannot be a benchmark",
    "add its bars to index_bars where it is wanted as a benchmark",
    Severity.WARNING,
    weight="sum(affected_rows)",
)


def _weight_sum(name: str, condition: str, problem: str, severity: Severity) -> QueryRule:
    return QueryRule(
        "index_weights",
        ("weight",),
        name,
        ("index_weights.index_symbol", "index_weights.as_of", "index_weights.weight"),
        "select index_symbol, as_of, sum(weight) as weight_sum, count(*) as constituents "
        f"from index_weights group by index_symbol, as_of having {condition}",
        problem,
        "give weights as fractions of the whole index",
        severity,
        weight="sum(constituents)",
    )


QUERY_RULES: tuple[QueryRule, ...] = (
    *(_duplicate_key(table) for table in LANDING_TABLES),
    _unlisted("daily_bars", "trade_date", Severity.ERROR, "add the security to instruments"),
    _not_a_session("daily_bars", "trade_date", Severity.ERROR, ""),
    _not_a_session("index_bars", "trade_date", Severity.ERROR, ""),
    _CALENDAR_WEEK,
    _span_overlap(
        "industry_history", "industry_scheme", "coalesce(out_date, next_in_date + 1) > next_in_date"
    ),
    _span_overlap("index_members", "index_symbol", "out_date >= next_in_date"),
    _weight_sum(
        "weights_not_fractions",
        "sum(weight) > 1.5",
        "the weights of a day add up to more than 1.5; they look like percent",
        Severity.ERROR,
    ),
    _weight_sum(
        "weights_do_not_add_up",
        "abs(sum(weight) - 1) > 0.02 and sum(weight) <= 1.5",
        "the weights of a day do not add up to 1; they are used as they are",
        Severity.WARNING,
    ),
    _OUTSIDE_LISTING,
    _ADJUSTMENT_CHAIN,
    _NO_BARS,
    _NO_INDUSTRY,
    _MEMBER_UNLISTED,
    _MEMBER_WITHOUT_BARS,
    _INDEX_WITHOUT_BARS,
    *(
        _unlisted(table, date, Severity.WARNING, "nothing has to be done; the rows are not used")
        for table, date in _DATED_TABLES.items()
    ),
    _not_a_session(
        "dividends",
        "ex_date",
        Severity.WARNING,
        " and ex_date between (select min(trade_date) from trade_calendar) "
        "and (select max(trade_date) from trade_calendar)",
    ),
    *MARKET_PLAUSIBILITY,
    *REFERENCE_PLAUSIBILITY,
)
