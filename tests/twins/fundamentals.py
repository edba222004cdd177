"""Fundamental factors of one company on one day, straight from the announcements known by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

NAN = float("nan")
Quarter = pd.Period
Item = Callable[[int], float]


def quotient(numerator: float, denominator: float) -> float:
    """Numerator over denominator, NaN where that is zero."""
    return numerator / denominator if denominator != 0 else NAN


def over_positive(numerator: float, denominator: float) -> float:
    """Numerator over denominator, NaN where that is not positive."""
    return numerator / denominator if denominator > 0 else NAN


def change(now: float, before: float) -> float:
    """(now - before) / |before|."""
    return quotient(now - before, abs(before))


class Ledger:
    """What is known of a company on a day: the last announced row of every period.

    Every figure is asked for by quarters back from the latest announced period; NaN if unknown.
    """

    def __init__(self, statements: pd.DataFrame, day: dt.date) -> None:
        known = statements[statements.announce_date <= day].sort_values("announce_date")
        rows = known.drop_duplicates("report_period", keep="last")
        self._rows: dict[Quarter, Mapping[str, float]] = {
            pd.Period(row["report_period"], "Q"): row for row in rows.to_dict("records")
        }
        self.latest = max(self._rows, default=None)
        newest = max(known.report_period, default=None)
        limit = None if newest is None else (pd.Timestamp(newest) + pd.DateOffset(months=12)).date()
        self.is_silent = limit is None or day > limit

    def _figure(self, item: str, quarter: Quarter) -> float:
        row = self._rows.get(quarter)
        return NAN if row is None or row[item] is None else float(row[item])

    def balance(self, item: str, back: int = 0) -> float:
        """Balance at the end of a period."""
        return self._figure(item, self.latest - back)

    def average(self, item: str, span: int, back: int = 0) -> float:
        """Mean of a balance and itself `span` quarters before."""
        return (self.balance(item, back) + self.balance(item, back + span)) / 2

    def single(self, item: str, back: int = 0) -> float:
        """Flow of one quarter."""
        quarter = self.latest - back
        before = 0.0 if quarter.quarter == 1 else self._figure(item, quarter - 1)
        return self._figure(item, quarter) - before

    def trailing(self, item: str, back: int = 0) -> float:
        """Flow of the four quarters that end with a period."""
        quarter = self.latest - back
        if quarter.quarter == 4:
            return self._figure(item, quarter)
        annual = pd.Period(year=quarter.year - 1, quarter=4, freq="Q")
        return (
            self._figure(item, quarter) + self._figure(item, annual)
            - self._figure(item, quarter - 4)
        )  # fmt: skip

    def annual(self, item: str) -> list[float]:
        """The last five annual figures, oldest first."""
        last = self.latest.year if self.latest.quarter == 4 else self.latest.year - 1
        years = range(last - 4, last + 1)
        return [self._figure(item, pd.Period(year=y, quarter=4, freq="Q")) for y in years]


def trend(values: Sequence[float]) -> float:
    """Least-squares slope per step over the mean absolute value; values oldest first."""
    if np.isnan(values).any():
        return NAN
    slope = np.polyfit(np.arange(len(values)), values, 1)[0]
    return quotient(float(slope), float(np.mean(np.abs(values))))


def surprise(ledger: Ledger, item: str) -> float:
    """Yearly change of a quarter against the eight before it."""
    changes = [ledger.single(item, k) - ledger.single(item, k + 4) for k in range(9)]
    earlier = np.array(changes[1:])
    return quotient(changes[0] - float(earlier.mean()), float(earlier.std(ddof=1)))


def growth(ledger: Ledger) -> dict[str, float]:
    """Factors of the growth family."""

    def roe(back: int) -> float:
        profit = ledger.trailing("parent_net_profit", back)
        return over_positive(profit, ledger.average("shareholders_equity", 4, back))

    def margin(back: int) -> float:
        revenue = ledger.trailing("revenue", back)
        return over_positive(revenue - ledger.trailing("operating_cost", back), revenue)

    def yearly(item: str) -> float:
        return change(ledger.single(item), ledger.single(item, 4))

    def three_years(item: str) -> float:
        return trend([ledger.trailing(item, back) for back in reversed(range(12))])

    return {
        "revenue_yoy_quarter": yearly("revenue"),
        "net_profit_yoy_quarter": yearly("parent_net_profit"),
        "deducted_profit_yoy_quarter": yearly("deducted_net_profit"),
        "operating_cash_flow_yoy_quarter": yearly("operating_cash_flow"),
        "total_assets_yoy": change(
            ledger.balance("total_assets"), ledger.balance("total_assets", 4)
        ),
        "equity_yoy": change(
            ledger.balance("shareholders_equity"), ledger.balance("shareholders_equity", 4)
        ),
        "roe_change_yoy": roe(0) - roe(4),
        "gross_margin_change_yoy": margin(0) - margin(4),
        "revenue_growth_3y": three_years("revenue"),
        "net_profit_growth_3y": three_years("parent_net_profit"),
        "standardized_unexpected_earnings": surprise(ledger, "parent_net_profit"),
        "standardized_unexpected_revenue": surprise(ledger, "revenue"),
    }


def profitability(ledger: Ledger) -> dict[str, float]:
    """Factors of the profitability family."""
    factors = {}
    for name, flow, span in (("quarter", ledger.single, 1), ("ttm", ledger.trailing, 4)):
        revenue = flow("revenue")
        equity = ledger.average("shareholders_equity", span)
        assets = ledger.average("total_assets", span)
        factors |= {
            f"roe_{name}": over_positive(flow("parent_net_profit"), equity),
            f"roa_{name}": over_positive(flow("net_profit"), assets),
            f"gross_margin_{name}": over_positive(revenue - flow("operating_cost"), revenue),
            f"net_margin_{name}": over_positive(flow("parent_net_profit"), revenue),
            f"asset_turnover_{name}": over_positive(revenue, assets),
        }
    gross_profit = ledger.trailing("revenue") - ledger.trailing("operating_cost")
    return factors | {
        "operating_cash_to_profit_ttm": over_positive(
            ledger.trailing("operating_cash_flow"), ledger.trailing("operating_profit")
        ),
        "gross_profit_to_assets_ttm": over_positive(gross_profit, ledger.balance("total_assets")),
    }


def earnings_quality(ledger: Ledger) -> dict[str, float]:
    """Factors of the earnings_quality family."""
    sales_growth = change(ledger.trailing("revenue"), ledger.trailing("revenue", 4))
    operating = (
        ledger.balance("shareholders_equity")
        + ledger.balance("interest_bearing_debt")
        - ledger.balance("cash_and_equivalents")
    )

    def faster_than_sales(item: str) -> float:
        return change(ledger.balance(item), ledger.balance(item, 4)) - sales_growth

    cash_flow = ledger.trailing("operating_cash_flow")
    return {
        "accruals_to_assets_ttm": over_positive(
            ledger.trailing("net_profit") - cash_flow, ledger.average("total_assets", 4)
        ),
        "cash_flow_margin_ttm": over_positive(cash_flow, ledger.trailing("revenue")),
        "inventory_growth_minus_sales": faster_than_sales("inventory"),
        "receivables_growth_minus_sales": faster_than_sales("accounts_receivable"),
        "net_operating_assets_to_assets": over_positive(operating, ledger.balance("total_assets")),
    }


def leverage(ledger: Ledger, cap: float) -> dict[str, float]:
    """Factors of the leverage family."""
    expense = ledger.trailing("financial_expense")
    short_term = ledger.balance("current_liabilities")
    long_term = ledger.balance("non_current_liabilities")
    return {
        "debt_to_assets": over_positive(
            ledger.balance("total_liabilities"), ledger.balance("total_assets")
        ),
        "financial_expense_to_profit_ttm": over_positive(
            expense, ledger.trailing("operating_profit") + expense
        ),
        "market_leverage": (cap + long_term) / cap,
        "current_ratio": over_positive(ledger.balance("current_assets"), short_term),
        "cash_ratio": over_positive(ledger.balance("cash_and_equivalents"), short_term),
        "non_current_liabilities_to_equity": over_positive(
            long_term, ledger.balance("shareholders_equity")
        ),
    }


def valuation(ledger: Ledger, cap: float) -> dict[str, float]:
    """Factors of the valuation family but for the dividend yield."""
    profit = ledger.trailing("parent_net_profit")
    cash_flow = ledger.trailing("operating_cash_flow")
    enterprise = cap + ledger.balance("total_liabilities") - ledger.balance("cash_and_equivalents")
    profit_growth = change(profit, ledger.trailing("parent_net_profit", 4))
    return {
        "book_to_price": ledger.balance("shareholders_equity") / cap,
        "earnings_to_price_ttm": profit / cap,
        "deducted_earnings_to_price_ttm": ledger.trailing("deducted_net_profit") / cap,
        "sales_to_price_ttm": ledger.trailing("revenue") / cap,
        "operating_cash_flow_to_price_ttm": cash_flow / cap,
        "free_cash_flow_to_price_ttm": (cash_flow - ledger.trailing("capital_expenditure")) / cap,
        "operating_profit_to_enterprise_value": over_positive(
            ledger.trailing("operating_profit"), enterprise
        ),
        "growth_adjusted_earnings_yield": profit / cap * profit_growth if profit > 0 else NAN,
    }


def fundamental_factors(statements: pd.DataFrame, day: dt.date, cap: float) -> dict[str, float]:
    """All factors of statements for one company; empty where its statements are too old."""
    ledger = Ledger(statements, day)
    if ledger.is_silent:
        return {}
    return (
        growth(ledger)
        | profitability(ledger)
        | earnings_quality(ledger)
        | leverage(ledger, cap)
        | valuation(ledger, cap)
    )


def style_descriptors(statements: pd.DataFrame, day: dt.date, cap: float) -> dict[str, float]:
    """Descriptors of the four fundamental Barra styles; empty where statements are too old."""
    ledger = Ledger(statements, day)
    if ledger.is_silent:
        return {}
    equity, debt = ledger.balance("shareholders_equity"), ledger.balance("long_term_debt")
    return {
        "book_to_market": equity / cap,
        "cash_earnings_to_price": ledger.trailing("operating_cash_flow") / cap,
        "earnings_to_price": ledger.trailing("parent_net_profit") / cap,
        "earnings_growth": trend(ledger.annual("parent_net_profit")),
        "sales_growth": trend(ledger.annual("revenue")),
        "debt_to_market": (cap + debt) / cap,
        "liabilities_to_assets": over_positive(
            ledger.balance("total_liabilities"), ledger.balance("total_assets")
        ),
        "debt_to_book": over_positive(equity + debt, equity),
    }


def dividend_yield(dividends: pd.DataFrame, day: dt.date, close: float) -> float:
    """Cash that a holder of one share of today received in twelve months, over the price."""
    start = (pd.Timestamp(day) - pd.DateOffset(months=12)).date()
    own = dividends[(dividends.ex_date <= day)].sort_values("ex_date", ascending=False)
    cash, shares_per_share = 0.0, 1.0
    for row in own.to_dict("records"):
        shares_per_share /= 1 + row["bonus_shares_per_share"]
        if row["ex_date"] > start:
            cash += row["cash_per_share"] * shares_per_share
    return cash / close
