"""Companies' fundamentals by quarter: hidden quality, book equity, reported statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.population import Population
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
DateArray = NDArray[np.datetime64]
BoolArray = NDArray[np.bool_]

_QUALITY_DECAY = 0.93
_QUALITY_IN_VALUE = 0.20
_RETURN_ON_EQUITY = 0.021
_QUALITY_IN_RETURN = 0.0135
_REPORTING_NOISE = 0.006
_PAYOUT = 0.30
_PROSPECTUS_YEARS = 5
# Share of reports that come after the legal deadline, of companies with a profit and with a loss.
_LATE_SHARE, _LATE_SHARE_LOSS = 0.006, 0.06
_MOST_DAYS_LATE = 40
# Share of the days that are left of the season by which a losing company reports later.
_LOSS_DELAY = 0.4
# First and last day of the announcement seasons: (month, day) of Q1, half-year, Q3, annual.
_SEASONS = (((4, 10), (4, 30)), ((7, 18), (8, 31)), ((10, 12), (10, 31)), ((1, 22), (4, 30)))

STATEMENT_FLOWS = (
    "revenue",
    "operating_cost",
    "operating_profit",
    "net_profit",
    "parent_net_profit",
    "deducted_net_profit",
    "operating_cash_flow",
    "capital_expenditure",
    "financial_expense",
)
STATEMENT_STOCKS = (
    "total_assets",
    "total_liabilities",
    "current_assets",
    "current_liabilities",
    "non_current_liabilities",
    "cash_and_equivalents",
    "inventory",
    "accounts_receivable",
    "interest_bearing_debt",
    "long_term_debt",
    "shareholders_equity",
)


@dataclass(frozen=True)
class Fundamentals:
    """Fundamentals of every name on a grid of whole years of quarters, Q quarters by N names.

    Attributes
    ----------
    quarter_end
        Last day of each quarter, shape (Q,); Q is a multiple of four.
    log_value
        Logarithm of the fundamental value in yuan that market values are drawn to, shape (Q, N).
    items
        Statement items in yuan, to the cent, each (Q, N): flows are cumulative since 1 January.
    announce_date
        Day of publication, shape (Q, N).
    profit_error
        Error in the reported profit since 1 January, yuan, which a restatement takes back;
        shape (Q, N).
    """

    quarter_end: DateArray
    log_value: FloatArray
    items: dict[str, FloatArray]
    announce_date: DateArray
    profit_error: FloatArray

    def annual_profit(self) -> FloatArray:
        """Parent net profit of each fiscal year, yuan, shape (Q / 4, N)."""
        return self.items["parent_net_profit"][3::4]

    def annual_announcement(self) -> DateArray:
        """Publication day of each annual report, shape (Q / 4, N)."""
        return self.announce_date[3::4]


def build_fundamentals(
    config: SimulationConfig, calendar: SessionCalendar, population: Population
) -> Fundamentals:
    """Draw fundamentals from `statement_years` before the first session to the end.

    Book equity is scaled so that each name starts at its own price-to-book ratio. Reported profit
    shows the hidden quality with noise, and weeks to months late.
    """
    generator = stream(config.seed, Purpose.FUNDAMENTALS)
    first_year = config.start_date.year - config.statement_years
    years = config.end_date.year - first_year + 1
    quarter_end = _quarter_ends(first_year, years)
    count = len(population)
    quality = _quality(generator, quarter_end.size, count)
    noise = generator.standard_normal((quarter_end.size, count))
    return_on_equity = _RETURN_ON_EQUITY + _QUALITY_IN_RETURN * quality + _REPORTING_NOISE * noise
    growth = return_on_equity * np.where(return_on_equity > 0, 1.0 - _PAYOUT, 1.0)
    log_equity = np.cumsum(np.log1p(growth), axis=0)
    start = np.where(population.list_position < 0, calendar.dates[0], population.list_date).astype(
        "datetime64[D]"
    )
    anchor = np.clip(np.searchsorted(quarter_end, start) - 1, 0, quarter_end.size - 1)
    names = np.arange(count)
    typical = generator.normal(np.log(2.2), 0.30, count)
    mispricing = generator.normal(0.0, 0.45, count)
    log_value = log_equity + _QUALITY_IN_VALUE * quality
    book = population.log_cap - typical - mispricing - _QUALITY_IN_VALUE * quality[anchor, names]
    log_equity += book - log_equity[anchor, names]
    log_value += population.log_cap - mispricing - log_value[anchor, names]
    items = _statement_items(generator, np.exp(log_equity), return_on_equity, quality)
    announce = _announcements(generator, quarter_end, population)
    announce = _late_announcements(config, quarter_end, announce, items["parent_net_profit"] < 0)
    book_before = np.exp(np.vstack([log_equity[:1], log_equity[:-1]]))
    error = _cumulative(_REPORTING_NOISE * noise * book_before)
    published = _with_prospectus(quarter_end, announce, population)
    return Fundamentals(quarter_end, log_value, items, published, error)


def is_published(
    population: Population, fundamentals: Fundamentals, last_day: DateArray
) -> BoolArray:
    """Which statements exist, shape (Q, N), up to a last day of each name, shape (N,).

    Newcomers publish five years of statements in their prospectus.
    """
    announced = fundamentals.announce_date <= last_day[None, :]
    ended = fundamentals.quarter_end[:, None] < fundamentals.announce_date
    prospectus = population.list_date - np.timedelta64(366 * _PROSPECTUS_YEARS, "D")
    seasoned = population.list_position < 0
    recent = seasoned[None, :] | (fundamentals.quarter_end[:, None] >= prospectus[None, :])
    result: BoolArray = announced & ended & recent
    return result


def _quarter_ends(first_year: int, years: int) -> DateArray:
    months = 12 * (first_year - 1970) + 3 * np.arange(1, 4 * years + 1)
    after: DateArray = months.astype("datetime64[M]").astype("datetime64[D]")
    return after - np.timedelta64(1, "D")


def _quality(generator: np.random.Generator, quarters: int, count: int) -> FloatArray:
    shocks = generator.standard_normal((quarters, count))
    quality = np.empty_like(shocks)
    quality[0] = shocks[0]
    scale = np.sqrt(1.0 - _QUALITY_DECAY**2)
    for quarter in range(1, quarters):
        quality[quarter] = _QUALITY_DECAY * quality[quarter - 1] + scale * shocks[quarter]
    return quality


def _cumulative(single: FloatArray) -> FloatArray:
    """Sum single quarters since 1 January."""
    quarters, count = single.shape
    return np.cumsum(single.reshape(quarters // 4, 4, count), axis=1).reshape(quarters, count)


def _statement_items(
    generator: np.random.Generator,
    equity: FloatArray,
    return_on_equity: FloatArray,
    quality: FloatArray,
) -> dict[str, FloatArray]:
    """Statement items to the cent; assets equal liabilities plus equity in every one."""
    shape = equity.shape

    def spread(sd_name: float, sd_quarter: float) -> FloatArray:
        by_name = generator.standard_normal(shape[1])
        factor: FloatArray = np.exp(
            sd_name * by_name + sd_quarter * generator.standard_normal(shape)
        )
        return factor

    leverage = np.clip(0.75 * spread(0.55, 0.05), 0.08, 6.0)
    balance = _balance_sheet(equity, equity * leverage, spread)
    assets = balance["total_assets"]
    before = np.vstack([equity[:1], equity[:-1]])
    parent = return_on_equity * before
    minority = 1.0 + 0.06 * generator.random(shape[1])
    net = parent * minority
    season = np.resize(np.array([0.90, 1.0, 1.0, 1.10]), shape[0])[:, None]
    revenue = assets * 0.15 * spread(0.55, 0.06) * season
    margin = np.clip(0.28 * spread(0.45, 0.04) + 0.02 * quality, 0.02, 0.85)
    flows = {
        "revenue": revenue,
        "operating_cost": revenue * (1.0 - margin),
        "operating_profit": 1.18 * net + 0.0010 * assets * generator.standard_normal(shape),
        "net_profit": net,
        "parent_net_profit": parent,
        "deducted_net_profit": parent - 0.0015 * before * (1.0 + generator.standard_normal(shape)),
        "operating_cash_flow": net
        + 0.006 * assets
        + 0.010 * assets * generator.standard_normal(shape),
        "capital_expenditure": 0.010 * assets * spread(0.50, 0.35),
        "financial_expense": 0.010 * balance["interest_bearing_debt"] * spread(0.10, 0.15),
    }
    items = {name: np.round(_cumulative(flow), 2) for name, flow in flows.items()}
    return items | balance


def _balance_sheet(
    equity: FloatArray, liabilities: FloatArray, spread: Callable[[float, float], FloatArray]
) -> dict[str, FloatArray]:
    equity = np.round(equity, 2)
    liabilities = np.round(liabilities, 2)
    assets = np.round(equity + liabilities, 2)
    debt = np.round(liabilities * np.clip(0.45 * spread(0.40, 0.05), 0.02, 0.80), 2)
    long_term = np.round(debt * np.clip(0.35 * spread(0.50, 0.08), 0.01, 0.90), 2)
    non_current = np.round(np.minimum(1.15 * long_term, 0.9 * liabilities), 2)
    cash = np.round(assets * np.clip(0.13 * spread(0.45, 0.12), 0.01, 0.30), 2)
    inventory = np.round(assets * np.clip(0.13 * spread(0.60, 0.10), 0.00, 0.30), 2)
    receivable = np.round(assets * np.clip(0.11 * spread(0.60, 0.10), 0.00, 0.25), 2)
    return {
        "total_assets": assets,
        "total_liabilities": liabilities,
        "current_assets": np.round(cash + inventory + receivable + 0.08 * assets, 2),
        "current_liabilities": np.round(liabilities - non_current, 2),
        "non_current_liabilities": non_current.astype(np.float64),
        "cash_and_equivalents": cash,
        "inventory": inventory,
        "accounts_receivable": receivable,
        "interest_bearing_debt": debt,
        "long_term_debt": long_term,
        "shareholders_equity": equity,
    }


def _announcements(
    generator: np.random.Generator, quarter_end: DateArray, population: Population
) -> DateArray:
    """Publication days: late in the season, first quarter not before the annual report."""
    shape = (quarter_end.size, len(population))
    lateness = generator.beta(2.2, 1.3, shape)
    announce = np.empty(shape, dtype="datetime64[D]")
    for quarter, end in enumerate(quarter_end.astype(object)):
        (first_month, first_day), (last_month, last_day) = _SEASONS[quarter % 4]
        year = end.year + (1 if quarter % 4 == 3 else 0)
        first = np.datetime64(date(year, first_month, first_day), "D")
        days = int((np.datetime64(date(year, last_month, last_day), "D") - first).astype(np.int64))
        announce[quarter] = first + np.round(lateness[quarter] * days).astype("timedelta64[D]")
    announce[4::4] = np.maximum(announce[4::4], announce[3:-1:4])
    return announce


def _late_announcements(
    config: SimulationConfig, quarter_end: DateArray, announce: DateArray, loss: BoolArray
) -> DateArray:
    """Losing companies report late in the season, and some after the legal deadline."""
    generator = stream(config.seed, Purpose.LATE_FILING)
    is_late = generator.random(announce.shape) < np.where(loss, _LATE_SHARE_LOSS, _LATE_SHARE)
    days = generator.integers(1, _MOST_DAYS_LATE + 1, announce.shape).astype("timedelta64[D]")
    years = quarter_end.astype("datetime64[Y]")
    late = announce.copy()
    for quarter in range(4):
        month, day = _SEASONS[quarter][1]
        year = years[quarter::4] + (1 if quarter == 3 else 0)
        deadline = year.astype("datetime64[M]") + np.timedelta64(month - 1, "M")
        deadline = deadline.astype("datetime64[D]") + np.timedelta64(day - 1, "D")
        usual = announce[quarter::4]
        left = deadline[:, None].astype(np.int64) - usual.astype(np.int64)
        postponed = np.floor(_LOSS_DELAY * left).astype("timedelta64[D]")
        usual = np.where(loss[quarter::4], usual + postponed, usual)
        put_off = deadline[:, None] + days[quarter::4]
        late[quarter::4] = np.where(is_late[quarter::4], put_off, usual)
    late[4::4] = np.maximum(late[4::4], late[3:-1:4])
    return late


def _with_prospectus(
    quarter_end: DateArray, announce: DateArray, population: Population
) -> DateArray:
    """Statements of periods before the listing come out with the prospectus."""
    prospectus = np.where(
        population.list_position < 0, np.datetime64(date.min, "D"), population.list_date - 12
    ).astype("datetime64[D]")
    before = quarter_end[:, None] < prospectus[None, :]
    return np.where(before, np.maximum(announce, prospectus[None, :]), announce)
