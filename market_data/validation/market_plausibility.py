"""Rules on what a real market cannot, or hardly ever, look like: sessions, securities, prices."""

from __future__ import annotations

from market_data.validation.report import Severity
from market_data.validation.rules import QueryRule, rows_with_previous

# The longest closure since 2000 was of eleven days, over the new year of 2020.
CALENDAR_GAP_DAYS = 14
# A session on which many securities have no row is a hole in the download, not a wave of halts.
FEWEST_BARS_SHARE = 0.8
LARGEST_GAP_SHARE = 0.1
STALE_SESSIONS = 5
# No split, rights issue or unlocking multiplies shares like a change from shares to 10,000 does.
SHARE_JUMP = 20
IMPLIED_FLOAT_JUMP = 30
# Below 0.1 % the rounding of turnover_rate decides.
SMALLEST_TURNOVER = 0.1
# At the lowest delisting rates of the exchanges (0.3 % a year) three are expected in as many.
SURVIVOR_YEARS = 1_000
ST_ROWS, ST_SHARE = 100_000, 0.3

_BARS_PERIOD = "(select min(trade_date) as first, max(trade_date) as last from daily_bars)"


def _columns(table: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for name in names)


_CALENDAR_GAP = QueryRule(
    "trade_calendar",
    ("trade_date",),
    "calendar_gap",
    ("trade_calendar.trade_date",),
    "select trade_date, next_trade_date from (select trade_date, lead(trade_date) over (order by "
    f"trade_date) as next_trade_date from trade_calendar) where next_trade_date - trade_date > "
    f"{CALENDAR_GAP_DAYS}",
    f"no session for more than {CALENDAR_GAP_DAYS} days",
    "add the missing sessions with their bars; look-backs count sessions",
    Severity.WARNING,
)

_SESSION_WITHOUT_BARS = QueryRule(
    "trade_calendar",
    ("trade_date",),
    "session_without_bars",
    ("trade_calendar.trade_date", "daily_bars.trade_date"),
    f"select trade_date from trade_calendar cross join {_BARS_PERIOD} as period where trade_date "
    "between period.first and period.last and trade_date not in (select trade_date from "
    "daily_bars where trade_date is not null)",
    "a session inside the period of the bars on which no security has a row",
    "load the bars of the session, or take a day without trading out of trade_calendar",
)

_SESSION_WITH_FEW_BARS = QueryRule(
    "daily_bars",
    ("trade_date",),
    "session_with_few_bars",
    ("daily_bars.trade_date",),
    "select trade_date, bars, bars_before from (select trade_date, count(*) as bars, "
    "lag(count(*)) over (order by trade_date) as bars_before from daily_bars group by trade_date) "
    f"where bars < {FEWEST_BARS_SHARE} * bars_before",
    f"less than {FEWEST_BARS_SHARE:.0%} of the rows of the session before; missing ones count "
    "as suspended",
    "load the session again",
    Severity.WARNING,
)

_BARS_WITH_GAPS = QueryRule(
    "daily_bars",
    ("symbol", "trade_date"),
    "bars_with_gaps",
    ("daily_bars.symbol", "daily_bars.trade_date", "trade_calendar.trade_date"),
    f"""
    select symbol, first, last, sessions - bars as missing_sessions
    from (
        select spans.symbol, spans.first, spans.last, spans.bars,
            ends.number - starts.number + 1 as sessions
        from (
            select symbol, min(trade_date) as first, max(trade_date) as last, count(*) as bars
            from daily_bars
            group by symbol
        ) as spans
        inner join (
            select trade_date, row_number() over (order by trade_date) as number
            from trade_calendar
        ) as starts on spans.first = starts.trade_date
        inner join (
            select trade_date, row_number() over (order by trade_date) as number
            from trade_calendar
        ) as ends on spans.last = ends.trade_date
    )
    where sessions - bars > {LARGEST_GAP_SHARE} * sessions
    """,
    f"more than {LARGEST_GAP_SHARE:.0%} of the sessions between the first and the last bar have "
    "no row; they count as suspended",
    "load the missing bars",
    Severity.WARNING,
    weight="sum(missing_sessions)",
)

_STALE = ("trade_date", "high", "low", "close", "volume")
_REPEATABLE_BARS = rows_with_previous("daily_bars", ("symbol",), _STALE, "not is_suspended")
_STALE_PRICES = QueryRule(
    "daily_bars",
    ("high", "low", "close", "volume"),
    "stale_prices",
    _columns(
        "daily_bars", "symbol", "trade_date", "high", "low", "close", "volume", "is_suspended"
    ),
    f"""
    select symbol, min(trade_date_before) as first, max(trade_date) as last,
        any_value(close) as close, count(*) + 1 as sessions
    from (
        select *, row_position - row_number() over (order by row_position) as run
        from ({_REPEATABLE_BARS})
        where {" and ".join(f"{name} = {name}_before" for name in _STALE[1:])}
    )
    group by symbol, run
    having count(*) + 1 >= {STALE_SESSIONS}
    """,
    f"the same prices and the same volume on {STALE_SESSIONS} or more traded sessions in a row",
    "load the sessions again, or mark them as suspended with volume 0",
    Severity.WARNING,
    weight="sum(sessions)",
)

_SHARE_COUNTS = rows_with_previous(
    "daily_bars", ("symbol",), ("trade_date", "total_shares"), "total_shares is not null"
)
_SHARE_COUNT_JUMP = QueryRule(
    "daily_bars",
    ("total_shares",),
    "share_count_jump",
    _columns("daily_bars", "symbol", "trade_date", "total_shares"),
    f"select symbol, trade_date, total_shares, total_shares_before from ({_SHARE_COUNTS})"
    f" where total_shares > {SHARE_JUMP} * total_shares_before"
    f" or total_shares_before > {SHARE_JUMP} * total_shares",
    f"total_shares changes by more than a factor of {SHARE_JUMP} from one row to the next",
    "give shares in every row, not 10,000 shares",
    Severity.WARNING,
)

_IMPLIED_FLOATS = rows_with_previous(
    "daily_bars",
    ("symbol",),
    ("trade_date", "volume", "turnover_rate"),
    f"not is_suspended and volume > 0 and turnover_rate >= {SMALLEST_TURNOVER}",
)
_IMPLIED_FLOAT_JUMP = QueryRule(
    "daily_bars",
    ("volume", "turnover_rate"),
    "implied_float_jump",
    _columns("daily_bars", "symbol", "trade_date", "volume", "turnover_rate", "is_suspended"),
    f"""
    select symbol, trade_date, volume, turnover_rate, implied_float, implied_before
    from (
        select *, volume / turnover_rate * 100 as implied_float,
            volume_before / turnover_rate_before * 100 as implied_before
        from ({_IMPLIED_FLOATS})
    )
    where implied_float > {IMPLIED_FLOAT_JUMP} * implied_before
        or implied_before > {IMPLIED_FLOAT_JUMP} * implied_float
    """,
    "the circulating shares that volume and turnover_rate imply change by more than a factor of "
    f"{IMPLIED_FLOAT_JUMP}",
    "give volume in shares and turnover_rate in percent in every row",
    Severity.WARNING,
)

_ST_SHARE = QueryRule(
    "daily_bars",
    ("is_st",),
    "st_share_implausible",
    _columns("daily_bars", "trade_date", "is_st"),
    "select min(trade_date) as first, max(trade_date) as last, count(*) as rows, "
    "avg(cast(is_st as integer)) as st_share from daily_bars having "
    f"count(is_st) >= {ST_ROWS} and avg(cast(is_st as integer)) not between 1e-9 and {ST_SHARE}",
    f"special treatment is never set, or on more than {ST_SHARE:.0%} of the rows; it decides "
    "limits and the universe",
    "fill is_st in from the history of names, or leave it NULL where it is unknown",
    Severity.WARNING,
    weight="sum(rows)",
)

_CODE_LISTED_TWICE = QueryRule(
    "instruments",
    ("symbol",),
    "code_listed_twice",
    ("instruments.symbol",),
    """
    select symbol, code, spellings
    from (
        select symbol, code, count(*) over (partition by code) as spellings
        from (
            select distinct symbol,
                coalesce(nullif(regexp_extract(symbol, '[0-9]{6}'), ''), upper(trim(symbol)))
                    as code
            from instruments
        )
    )
    where spellings > 1
    """,
    "the same code under several symbols; the security would be counted more than once",
    "keep one symbol per security, and write it alike in every table",
)

_SURVIVORS_ONLY = QueryRule(
    "instruments",
    ("delist_date",),
    "survivors_only",
    (
        "instruments.symbol",
        "instruments.list_date",
        "instruments.delist_date",
        "daily_bars.trade_date",
    ),
    f"""
    select first, last, count(*) as instruments, sum(years) as security_years
    from (
        select period.first, period.last,
            greatest(period.last - greatest(instruments.list_date, period.first), 0) / 365.25
                as years,
            instruments.delist_date is not null and instruments.delist_date <= period.last
                as has_ended
        from instruments
        cross join {_BARS_PERIOD} as period
    )
    group by first, last
    having sum(years) >= {SURVIVOR_YEARS} and count(*) filter (where has_ended) = 0
    """,
    "no security was ever delisted in the period of the bars; survivorship bias",
    "add the delisted securities with their bars, or read returns as those of survivors",
    Severity.WARNING,
    weight="sum(instruments)",
)

MARKET_PLAUSIBILITY: tuple[QueryRule, ...] = (
    _CALENDAR_GAP,
    _SESSION_WITHOUT_BARS,
    _SESSION_WITH_FEW_BARS,
    _BARS_WITH_GAPS,
    _STALE_PRICES,
    _SHARE_COUNT_JUMP,
    _IMPLIED_FLOAT_JUMP,
    _ST_SHARE,
    _CODE_LISTED_TWICE,
    _SURVIVORS_ONLY,
)
