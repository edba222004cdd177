"""The listed names: listing dates, boards, codes, company names and fixed traits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.rulebook import (
    BSE_OPENING,
    CHINEXT_OPENING,
    STAR_OPENING,
    Board,
    free_sessions,
)
from market_data.simulator.sessions import SessionCalendar
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
DateArray = NDArray[np.datetime64]

# Shares of Shanghai Main, Shenzhen Main, ChiNext, STAR and BSE among the listings of each era.
_ERAS = (
    (CHINEXT_OPENING, (0.50, 0.50, 0.00, 0.00, 0.00)),
    (STAR_OPENING, (0.38, 0.32, 0.30, 0.00, 0.00)),
    (BSE_OPENING, (0.27, 0.13, 0.32, 0.28, 0.00)),
    (date.max, (0.20, 0.08, 0.30, 0.22, 0.20)),
)
# The regulator stopped new listings in these months.
_LISTING_HALTS = (
    (date(2008, 9, 16), date(2009, 7, 9)),
    (date(2012, 11, 3), date(2014, 1, 16)),
    (date(2015, 7, 6), date(2015, 11, 23)),
)
_CODE_RANGES = (
    ("SH", ((600000, 601000), (601000, 602000), (603000, 604000), (605000, 605600))),
    ("SZ", ((1, 1000), (2001, 4000))),
    ("SZ", ((300001, 302000),)),
    ("SH", ((688001, 689000),)),
    ("BJ", ((830001, 840000), (870001, 874000))),
)
_VENUE_BOARD = np.array([Board.MAIN, Board.MAIN, Board.CHINEXT, Board.STAR, Board.BSE])

INDUSTRY_NAMES = (
    "Chemicals",
    "Electronics",
    "Machinery",
    "Pharmaceuticals",
    "Software",
    "Power Equipment",
    "Automobiles",
    "Utilities",
    "Media",
    "Construction",
    "Real Estate",
    "Metals",
    "Transport",
    "Food and Beverages",
    "Telecommunications",
    "Retail",
    "Agriculture",
    "Textiles",
    "Brokerage and Insurance",
    "Building Materials",
    "Aerospace",
    "Coal",
    "Household Appliances",
    "Banks",
    "Steel",
    "Leisure Services",
    "Paper and Packaging",
    "Environmental Services",
    "Oil and Gas",
    "Conglomerates",
)
_INDUSTRY_TILT = -0.055
_LARGEST_SIZE = 5.9
_SYLLABLES = (
    "an bao chang da dong fang feng fu guang hai hang heng hong hua hui jia jian jin jing ke "
    "lan li lian long mei ming nan ning peng qi rong rui sheng shun tai tian tong wan wei xin "
    "xing ya yang yi yong yu yuan zhen zheng zhong"
)


@dataclass(frozen=True)
class Population:
    """All names of a market in the order of their listing; every array has shape (N,).

    Attributes
    ----------
    symbols, company_names
        Exchange code with suffix; short name without any special-treatment prefix.
    board
        Members of `Board`.
    list_date
        First session; before the first session of the simulation for names listed at its start.
    list_position
        Position of the first session; negative for names listed before the simulation.
    free_sessions
        Sessions after listing without price limits.
    industry
        Level-1 industry at listing, 0 to 29.
    log_cap
        Logarithm of the total market value at the start or after listing, yuan.
    start_price
        Price at the start or fair price at listing, cents.
    float_ratio
        Circulating share of all shares at the start or at listing.
    beta_base, turnover_base, volatility_base
        Fixed parts of market beta, log turnover and log volatility.
    """

    symbols: list[str]
    company_names: list[str]
    board: IntArray
    list_date: DateArray
    list_position: IntArray
    free_sessions: IntArray
    industry: IntArray
    log_cap: FloatArray
    start_price: IntArray
    float_ratio: FloatArray
    beta_base: FloatArray
    turnover_base: FloatArray
    volatility_base: FloatArray

    def __len__(self) -> int:
        return int(self.board.size)


def build_population(config: SimulationConfig, calendar: SessionCalendar) -> Population:
    """Draw the names of a market.

    Parameters
    ----------
    config
        Sizes, seed and calibration.
    calendar
        Sessions of the simulation.
    """
    generator = stream(config.seed, Purpose.POPULATION)
    list_date, position = _listing_dates(config, calendar, generator)
    venue = _venues(list_date, calendar, generator)
    board = _VENUE_BOARD[venue].astype(np.int64)
    count = list_date.size
    seasoned = position < 0
    constants = config.calibration
    shape = _size_shape(generator.random(count))
    log_cap = np.where(seasoned, 22.5 + 0.95 * shape, 22.4 + 0.60 * shape)
    industry = _industries(count, generator)
    volatility, activity = generator.standard_normal((2, count))
    return Population(
        symbols=_symbols(venue, generator),
        company_names=_company_names(industry, generator),
        board=board,
        list_date=list_date,
        list_position=position,
        free_sessions=free_sessions(board, list_date),
        industry=industry,
        log_cap=log_cap,
        start_price=_start_prices(log_cap, volatility, activity, generator),
        float_ratio=np.where(seasoned, generator.uniform(0.45, 1.0, count), 0.25),
        beta_base=1.0 + constants.beta_spread * generator.standard_normal(count),
        turnover_base=constants.turnover_base_spread * activity,
        volatility_base=constants.specific_spread * volatility,
    )


def _size_shape(uniform: FloatArray) -> FloatArray:
    """Standardised log market values: exponential, cut off so that no giant outweighs an index.

    Their skew of 1.6 is about twice that of circulating values: price moves, locked shares and
    newcomers wash half of it out.
    """
    end = _LARGEST_SIZE
    share = np.exp(-end) / (1.0 - np.exp(-end))
    mean = 1.0 - end * share
    variance = 2.0 - (end * end + 2.0 * end) * share - mean * mean
    drawn = -np.log1p(-uniform * (1.0 - np.exp(-end)))
    result: FloatArray = (drawn - mean) / np.sqrt(variance)
    return result


def _start_prices(
    log_cap: FloatArray,
    volatility: FloatArray,
    activity: FloatArray,
    generator: np.random.Generator,
) -> IntArray:
    """Prices in cents: large, volatile and active names tend to trade at higher prices."""
    size = (log_cap - log_cap.mean()) / log_cap.std()
    own = generator.standard_normal(log_cap.size)
    mixed = 0.45 * size + 0.62 * volatility + 0.45 * activity + 0.46 * own
    cents: IntArray = np.round(100.0 * np.exp(2.45 + 0.50 * mixed)).astype(np.int64)
    return cents


def _listing_dates(
    config: SimulationConfig, calendar: SessionCalendar, generator: np.random.Generator
) -> tuple[DateArray, IntArray]:
    """Listing dates in order and their positions; names of the start have position -1."""
    first = calendar.dates[0]
    oldest = int((first - np.datetime64("1991-01-02", "D")).astype(np.int64))
    ages = generator.integers(200, max(oldest, 400), config.stocks_at_start)
    old = np.sort(first - ages.astype("timedelta64[D]"))
    old = np.busday_offset(old, 0, roll="preceding")
    newcomers = config.stocks_at_end - config.stocks_at_start
    open_for_listing = np.ones(len(calendar), dtype=bool)
    open_for_listing[:20] = False
    open_for_listing[-5:] = False
    for start, end in _LISTING_HALTS:
        open_for_listing[calendar.position(start) : calendar.position(end)] = False
    choices = np.flatnonzero(open_for_listing)
    new = np.sort(generator.choice(choices, newcomers, replace=True))
    return (
        np.concatenate([old, calendar.dates[new]]),
        np.concatenate([np.full(old.size, -1), new]).astype(np.int64),
    )


def _venues(
    list_date: DateArray, calendar: SessionCalendar, generator: np.random.Generator
) -> IntArray:
    """Venue of each name: 0 Shanghai Main, 1 Shenzhen Main, 2 ChiNext, 3 STAR, 4 BSE."""
    draws = generator.random(list_date.size)
    venue = np.zeros(list_date.size, dtype=np.int64)
    since = np.datetime64(date.min, "D")
    for until, shares in _ERAS:
        chosen = (list_date >= since) & (list_date < np.datetime64(until, "D"))
        venue[chosen] = np.searchsorted(np.cumsum(shares[:-1]), draws[chosen], side="right")
        since = np.datetime64(until, "D")
    # Small markets get at least the first names of a young board, so that its rules are exercised.
    for number, opening in ((3, STAR_OPENING), (4, BSE_OPENING)):
        eligible = np.flatnonzero(
            (list_date >= np.datetime64(opening, "D")) & (list_date >= calendar.dates[0])
        )
        if not (venue[eligible] == number).any():
            venue[eligible[:2]] = number
    return venue


def _industries(count: int, generator: np.random.Generator) -> IntArray:
    """Industries with sizes that fall off geometrically; each has a member if there are enough."""
    weights = np.exp(_INDUSTRY_TILT * np.arange(len(INDUSTRY_NAMES)))
    drawn = generator.choice(len(INDUSTRY_NAMES), count, p=weights / weights.sum())
    drawn[: len(INDUSTRY_NAMES) * 2] = np.resize(
        generator.permutation(len(INDUSTRY_NAMES)), drawn[: len(INDUSTRY_NAMES) * 2].size
    )
    return drawn.astype(np.int64)


def _symbols(venue: IntArray, generator: np.random.Generator) -> list[str]:
    """Unique codes from the ranges of each venue, ascending with the listing date."""
    symbols = np.empty(venue.size, dtype=object)
    for number, (suffix, ranges) in enumerate(_CODE_RANGES):
        members = np.flatnonzero(venue == number)
        pool = np.concatenate([np.arange(low, high) for low, high in ranges])
        if members.size > pool.size:
            raise ValueError(f"{members.size} names on venue {number}, codes for {pool.size}")
        codes = np.sort(generator.choice(pool, members.size, replace=False))
        symbols[members] = [f"{code:06d}.{suffix}" for code in codes]
    return [str(symbol) for symbol in symbols]


def _company_names(industry: IntArray, generator: np.random.Generator) -> list[str]:
    """Generic names such as `Hengtai Machinery`; a number tells the few equal ones apart."""
    syllables = _SYLLABLES.split()
    parts = generator.integers(0, len(syllables), (industry.size, 2))
    names: list[str] = []
    seen: dict[str, int] = {}
    for (first, second), sector in zip(parts.tolist(), industry.tolist(), strict=True):
        name = f"{syllables[first].title()}{syllables[second]} {INDUSTRY_NAMES[sector]}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names
