"""Rules between the columns of one row."""

from __future__ import annotations

from market_data.validation.report import Severity
from market_data.validation.rules import RowRule

# Vendors round amounts, so a VWAP may stray from the day's range by a few basis points; more is
# a fault of units or of adjustment.
VWAP_TOLERANCE_BP = 10
# What minority interests may be of total assets, at least and at most.
MINORITY_DEFICIT, MINORITY_SHARE = 0.05, 0.5

_TRADED = "not is_suspended and volume > 0"
_VWAP_NEEDS = ("low", "high", "is_suspended")
_VWAP = "amount / volume"
_VWAP_SHOWN = ("low", "high", "amount", "volume", f"{_VWAP} as vwap")
# The last digits of a product of floats must not decide.
_ROUNDING_BP = 1e-5


def _vwap_within(tolerance_bp: float) -> str:
    slack = (tolerance_bp + _ROUNDING_BP) / 10_000
    return f"{_VWAP} between low * {1 - slack:.12f}e0 and high * {1 + slack:.12f}e0"


_INSIDE = _vwap_within(0)
_NEARLY_INSIDE = _vwap_within(VWAP_TOLERANCE_BP)
# Index levels are often stored as 32-bit floats.
_LEVEL_SLACK = 1e-6


_TURNOVER = "turnover_rate / 100 * float_shares"
_TURNOVER_SHOWN = (
    "turnover_rate",
    "volume",
    "float_shares",
    "volume / float_shares * 100 as percent_of_float",
)
# Turnover is often rounded to a hundredth of a per cent.
_TURNOVER_MISSES = "abs(turnover_rate - volume / float_shares * 100) > 0.02"


def _turnover_within(factor: float) -> str:
    return f"volume between {_TURNOVER} / {factor}e0 and {_TURNOVER} * {factor}e0"


def _outside_range(column: str) -> RowRule:
    return RowRule(
        "daily_bars",
        (column,),
        f"{column}_outside_range",
        f"low <= high and {column} not between low and high",
        f"{column} lies outside [low, high]",
        "take all four prices of a row from one source, raw and unadjusted",
        needs=("low", "high"),
        shown=(column, "low", "high"),
    )


def _index_outside_range(column: str) -> RowRule:
    return RowRule(
        "index_bars",
        (column,),
        f"{column}_outside_range",
        f"low <= high and {column} not between low * {1 - _LEVEL_SLACK:.6f}e0 "
        f"and high * {1 + _LEVEL_SLACK:.6f}e0",
        f"{column} lies outside [low, high]",
        "take all levels of a row from one source",
        severity=Severity.WARNING,
        needs=("low", "high"),
        shown=(column, "low", "high"),
    )


def _high_below_low(table: str) -> RowRule:
    return RowRule(
        table,
        ("high", "low"),
        "high_below_low",
        "high < low",
        "the highest price is below the lowest",
        "correct high and low; they may be swapped",
    )


def _period_rules(table: str) -> tuple[RowRule, RowRule]:
    return (
        RowRule(
            table,
            ("announce_date", "report_period"),
            "announced_before_period_end",
            "announce_date < report_period",
            "announced before the period had ended",
            "correct announce_date; a wrong one leaks the future into the factors",
        ),
        RowRule(
            table,
            ("report_period",),
            "not_a_quarter_end",
            "report_period <> last_day(report_period) or month(report_period) % 3 <> 0",
            "report_period is not the last day of a quarter",
            "use 03-31, 06-30, 09-30 or 12-31",
        ),
    )


_DAILY_BARS = (
    _high_below_low("daily_bars"),
    _outside_range("open"),
    _outside_range("close"),
    RowRule(
        "daily_bars",
        ("amount", "volume"),
        "vwap_outside_range",
        f"{_TRADED} and low <= high and not ({_NEARLY_INSIDE})",
        f"amount / volume lies outside [low, high] by more than {VWAP_TOLERANCE_BP} bp",
        "give amount in yuan and volume in shares (not lots), both unadjusted",
        needs=_VWAP_NEEDS,
        shown=_VWAP_SHOWN,
    ),
    RowRule(
        "daily_bars",
        ("amount", "volume"),
        "vwap_slightly_outside_range",
        f"{_TRADED} and low <= high and ({_NEARLY_INSIDE}) and not ({_INSIDE})",
        f"amount / volume lies outside [low, high] by up to {VWAP_TOLERANCE_BP} bp",
        "nothing has to be done; vendors round amounts",
        severity=Severity.WARNING,
        needs=_VWAP_NEEDS,
        shown=_VWAP_SHOWN,
    ),
    RowRule(
        "daily_bars",
        ("amount", "volume"),
        "amount_without_volume",
        "volume = 0 and amount > 0",
        "value was traded but no shares",
        "give volume in shares; small volumes in lots or in 10,000 shares round to 0",
    ),
    RowRule(
        "daily_bars",
        ("volume", "is_suspended"),
        "suspended_with_volume",
        "is_suspended and volume > 0",
        "a suspended session with volume; it counts as suspended",
        "clear is_suspended where there was trading",
        severity=Severity.WARNING,
    ),
    RowRule(
        "daily_bars",
        ("volume", "is_suspended"),
        "traded_without_volume",
        "not is_suspended and volume = 0",
        "a session without volume that is not marked as suspended; it has no VWAP",
        "set is_suspended where there was no trading",
        severity=Severity.WARNING,
    ),
    RowRule(
        "daily_bars",
        ("amount",),
        "traded_without_amount",
        f"{_TRADED} and coalesce(amount, 0) = 0",
        "a traded session without amount; its VWAP is unknown",
        "fill amount in where the source has it",
        severity=Severity.WARNING,
        needs=("volume", "is_suspended"),
        shown=("amount", "volume"),
    ),
    RowRule(
        "daily_bars",
        ("float_shares", "total_shares"),
        "float_above_total",
        "float_shares > total_shares",
        "more shares circulate than were issued",
        "give both as counts of shares; they may be swapped",
    ),
    RowRule(
        "daily_bars",
        ("turnover_rate", "volume", "float_shares"),
        "turnover_unit_wrong",
        f"{_TRADED} and {_TURNOVER_MISSES} and not ({_turnover_within(10)})",
        "turnover_rate and volume / float_shares differ by more than a factor of 10",
        "give turnover_rate in percent, volume and float_shares in shares",
        needs=("is_suspended",),
        shown=_TURNOVER_SHOWN,
    ),
    RowRule(
        "daily_bars",
        ("turnover_rate", "volume", "float_shares"),
        "turnover_against_volume",
        f"{_TRADED} and {_TURNOVER_MISSES} and {_turnover_within(10)} "
        f"and not ({_turnover_within(1.1)})",
        "turnover_rate and volume / float_shares differ by more than 10 %",
        "take all three from one source; the factors read turnover_rate",
        severity=Severity.WARNING,
        needs=("is_suspended",),
        shown=_TURNOVER_SHOWN,
    ),
)

# What the exchanges number how; other codes are left alone.
_BOARD_OF_CODE = """case
    when symbol similar to '(.*[^0-9])?60[0-9]{4}([^0-9].*)?' then 'Main'
    when symbol similar to '(.*[^0-9])?00[0-3][0-9]{3}([^0-9].*)?' then 'Main'
    when symbol similar to '(.*[^0-9])?30[0-9]{4}([^0-9].*)?' then 'ChiNext'
    when symbol similar to '(.*[^0-9])?68[89][0-9]{3}([^0-9].*)?' then 'STAR'
    when symbol similar to '(.*[^0-9])?(43|8[37]|92)[0-9]{4}([^0-9].*)?' then 'BSE'
end"""

ROW_RULES: tuple[RowRule, ...] = (
    *_DAILY_BARS,
    RowRule(
        "instruments",
        ("list_date", "delist_date"),
        "delisted_before_listed",
        "delist_date < list_date",
        "delist_date lies before list_date",
        "correct the two dates",
    ),
    RowRule(
        "instruments",
        ("symbol", "board"),
        "board_against_code",
        f"board in ('Main', 'ChiNext', 'STAR', 'BSE') and board <> {_BOARD_OF_CODE}",
        "the code belongs to another board, whose limits and lots would be wrong",
        "correct board, or the symbol",
    ),
    RowRule(
        "trade_calendar",
        ("trade_date",),
        "session_on_a_weekend",
        "isodow(trade_date) > 5",
        "a session on a Saturday or Sunday; the exchanges have none",
        "remove the day; make-up working days are no sessions",
    ),
    _high_below_low("index_bars"),
    _index_outside_range("open"),
    _index_outside_range("close"),
    RowRule(
        "index_members",
        ("in_date", "out_date"),
        "span_reversed",
        "out_date < in_date",
        "the span ends before it begins",
        "correct in_date and out_date; both are inclusive",
    ),
    RowRule(
        "industry_history",
        ("in_date", "out_date"),
        "span_reversed",
        "out_date <= in_date",
        "the span ends before it begins",
        "correct in_date and out_date; out_date is the day after the span",
    ),
    *_period_rules("financial_statements"),
    RowRule(
        "financial_statements",
        ("total_assets", "total_liabilities", "shareholders_equity"),
        "balance_sheet_broken",
        "total_assets <= 0 or total_assets - total_liabilities - shareholders_equity "
        f"not between {-MINORITY_DEFICIT} * total_assets and {MINORITY_SHARE} * total_assets",
        "assets are not liabilities and equity, minority interests left out of account",
        "take the three items from one statement, in yuan and with their signs",
        severity=Severity.WARNING,
    ),
    *_period_rules("financial_indicators"),
    RowRule(
        "dividends",
        ("announce_date", "ex_date"),
        "announced_after_ex_date",
        "announce_date > ex_date",
        "announced after the price had gone ex",
        "correct announce_date; the dividend counts from it on",
        severity=Severity.WARNING,
    ),
)
