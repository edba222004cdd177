"""Contracts of the tables about the market itself: sessions, securities, prices, indices."""

from __future__ import annotations

from market_data.contract.model import ColumnContract, ColumnType, TableContract

SYMBOL = ColumnContract(
    "symbol",
    ColumnType.TEXT,
    "Code and exchange of the security, such as 600000.SH; the same text in every table.",
    key=True,
)
TRADE_DATE = ColumnContract(
    "trade_date", ColumnType.DATE, "Exchange session; must occur in trade_calendar.", key=True
)
INDEX_SYMBOL = ColumnContract(
    "index_symbol", ColumnType.TEXT, "Code of the index, as in index_bars.symbol.", key=True
)


def _price(name: str, description: str, suspended_value: str = "") -> ColumnContract:
    return ColumnContract(
        name,
        ColumnType.PRICE,
        description,
        unit="yuan",
        minimum=0.0,
        exclusive_minimum=True,
        suspended_value=suspended_value,
    )


def _level(name: str, description: str, *, nullable: bool = True) -> ColumnContract:
    return ColumnContract(
        name,
        ColumnType.DOUBLE,
        description,
        unit="index points",
        nullable=nullable,
        minimum=0.0,
        exclusive_minimum=True,
    )


TRADE_CALENDAR = TableContract(
    name="trade_calendar",
    description="Sessions of the exchange. Starts at or before the first bar, and ends at or after "
    "the last one.",
    grain="one row per session",
    required=True,
    known_by=(),
    columns=(
        ColumnContract("trade_date", ColumnType.DATE, "Exchange session.", key=True),
        ColumnContract(
            "is_last_session_of_week",
            ColumnType.BOOLEAN,
            "Whether no later session lies in the same ISO week. On the last row of the table "
            "either value is accepted before a Friday, because the week may go on.",
        ),
    ),
    feeds=("every table of the warehouse",),
)

INSTRUMENTS = TableContract(
    name="instruments",
    description="A-shares that are or were listed. Delisted ones belong in it.",
    grain="one row per security",
    required=True,
    known_by=("list_date",),
    columns=(
        SYMBOL,
        ColumnContract("name", ColumnType.TEXT, "Short name, the latest known."),
        ColumnContract(
            "board",
            ColumnType.TEXT,
            "Board, which decides price limits and lots.",
            allowed=("Main", "ChiNext", "STAR", "BSE"),
        ),
        ColumnContract("list_date", ColumnType.DATE, "First session."),
        ColumnContract(
            "delist_date",
            ColumnType.DATE,
            "Day on which the listing ended; NULL while it lasts.",
            nullable=True,
            known_on="delist_date",
        ),
        ColumnContract(
            "terminal_value_cny",
            ColumnType.DOUBLE,
            "What a share was worth once the listing had ended, as paid or as traded elsewhere; "
            "NULL: the last close stands in.",
            unit="yuan/share",
            nullable=True,
            optional=True,
            minimum=0.0,
            feeds=("terminal values of delisted shares (the last close stands in)",),
            known_on="delist_date",
        ),
        ColumnContract(
            "delisting_period_start_date",
            ColumnType.DATE,
            "First session of the delisting period, the last sessions of trading once the exchange "
            "has decided to delist; NULL: none, or not known.",
            nullable=True,
            optional=True,
            feeds=("price limits of the delisting period (the ordinary ones stand in)",),
            known_on="delisting_period_start_date",
        ),
    ),
    feeds=("every table of the warehouse",),
)

DAILY_BARS = TableContract(
    name="daily_bars",
    description="Raw, unadjusted daily bars. Suspended sessions are kept, with prices carried "
    "and volume 0; a session that is missing inside the listing counts as suspended.",
    grain="one row per security and session",
    required=True,
    known_by=("trade_date",),
    columns=(
        SYMBOL,
        TRADE_DATE,
        _price("open", "First price of the session."),
        _price("high", "Highest price of the session."),
        _price("low", "Lowest price of the session."),
        _price("close", "Last price of the session; carried over a suspension."),
        _price(
            "pre_close",
            "Previous close as the exchange publishes it, that is, after ex-rights adjustment.",
            suspended_value="close",
        ),
        ColumnContract(
            "volume",
            ColumnType.WHOLE,
            "Traded shares, not lots; 0 on a suspended session.",
            unit="shares",
            minimum=0.0,
            suspended_value="0",
        ),
        ColumnContract(
            "amount",
            ColumnType.DOUBLE,
            "Traded value; amount / volume is the VWAP and lies within [low, high]. NULL on "
            "suspended sessions; on traded ones the VWAP is then unknown.",
            unit="yuan",
            nullable=True,
            minimum=0.0,
        ),
        ColumnContract(
            "adj_factor",
            ColumnType.DOUBLE,
            "close * adj_factor is continuous through dividends, splits and rights issues. Only "
            "ratios within a security are used, so its base is free.",
            unit="ratio",
            minimum=0.0,
            exclusive_minimum=True,
        ),
        ColumnContract(
            "turnover_rate",
            ColumnType.FLOAT,
            "Volume in percent of the circulating shares; NULL on suspended sessions.",
            unit="%",
            nullable=True,
            minimum=0.0,
        ),
        ColumnContract("is_suspended", ColumnType.BOOLEAN, "Whether there was no trading."),
        ColumnContract(
            "is_st",
            ColumnType.BOOLEAN,
            "Whether under special treatment (ST, *ST); NULL means unknown and counts as not.",
            nullable=True,
        ),
        ColumnContract(
            "total_shares",
            ColumnType.WHOLE,
            "Shares issued, as known on the session.",
            unit="shares",
            nullable=True,
            optional=True,
            minimum=0.0,
            exclusive_minimum=True,
            feeds=("total market cap (circulating cap stands in for neutralising and for size)",),
        ),
        ColumnContract(
            "float_shares",
            ColumnType.WHOLE,
            "Circulating shares, as known on the session.",
            unit="shares",
            nullable=True,
            optional=True,
            minimum=0.0,
            exclusive_minimum=True,
            feeds=(
                "circulating market cap as stated (it is then inferred from volume and "
                "turnover_rate)",
            ),
        ),
    ),
    feeds=("every table of the warehouse",),
)

INDEX_BARS = TableContract(
    name="index_bars",
    description="Daily bars of price indices.",
    grain="one row per index and session",
    required=True,
    known_by=("trade_date",),
    columns=(
        ColumnContract("symbol", ColumnType.TEXT, "Code of the index.", key=True),
        TRADE_DATE,
        _level("open", "First level of the session."),
        _level("high", "Highest level of the session."),
        _level("low", "Lowest level of the session."),
        _level("close", "Last level of the session.", nullable=False),
        _level("pre_close", "Last level of the session before."),
        ColumnContract(
            "volume",
            ColumnType.DOUBLE,
            "Traded shares of the constituents.",
            unit="shares",
            nullable=True,
            minimum=0.0,
        ),
        ColumnContract(
            "total_return_close",
            ColumnType.DOUBLE,
            "Last level of the total-return version of the index.",
            unit="index points",
            nullable=True,
            optional=True,
            minimum=0.0,
            exclusive_minimum=True,
            feeds=("total-return benchmarks as published (the price index stands in)",),
        ),
    ),
    feeds=("benchmarks",),
)

INDEX_MEMBERS = TableContract(
    name="index_members",
    description="Membership of the indices through time.",
    grain="one row per index, security and span of membership",
    required=True,
    known_by=("in_date",),
    columns=(
        INDEX_SYMBOL,
        SYMBOL,
        ColumnContract("in_date", ColumnType.DATE, "First day of membership.", key=True),
        ColumnContract(
            "out_date",
            ColumnType.DATE,
            "Last day of membership, inclusive; a day after the last session for one that lasts.",
            known_on="out_date",
            until_known="date '2999-12-31'",
        ),
    ),
    feeds=("index constituents, and with them the benchmark exposures of portfolios",),
)

INDEX_WEIGHTS = TableContract(
    name="index_weights",
    description="Closing weights of index constituents on the days on which they are known.",
    grain="one row per index, day and security",
    required=False,
    known_by=("as_of",),
    columns=(
        INDEX_SYMBOL,
        ColumnContract("as_of", ColumnType.DATE, "Day whose closing weights these are.", key=True),
        SYMBOL,
        ColumnContract(
            "weight",
            ColumnType.DOUBLE,
            "Share in the index; the weights of an index on a day add up to 1.",
            unit="fraction",
            minimum=0.0,
            maximum=1.0,
        ),
    ),
    feeds=("published constituent weights (they are then rebuilt from membership and market cap)",),
)

INDUSTRY_HISTORY = TableContract(
    name="industry_history",
    description="Level-1 industry of each security through time, for one or more schemes.",
    grain="one row per scheme, security and span",
    required=True,
    known_by=("in_date",),
    columns=(
        SYMBOL,
        ColumnContract("in_date", ColumnType.DATE, "First day of the span.", key=True),
        ColumnContract(
            "out_date",
            ColumnType.DATE,
            "Day after the span (exclusive); NULL while it lasts.",
            nullable=True,
            known_on="out_date",
        ),
        ColumnContract("industry_code", ColumnType.TEXT, "Code of the industry."),
        ColumnContract("industry_name", ColumnType.TEXT, "Name of the industry."),
        ColumnContract(
            "industry_scheme", ColumnType.TEXT, "Classification, such as SW1 or CITIC1.", key=True
        ),
        ColumnContract(
            "source_code",
            ColumnType.TEXT,
            "Finer code of the source from which the level-1 industry was read.",
            nullable=True,
            optional=True,
        ),
    ),
    feeds=("universe, industry neutralisation, industry bands",),
)
