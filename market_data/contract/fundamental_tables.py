"""Contracts of the tables about companies and of exposures that a user brings along."""

from __future__ import annotations

from market_data.contract.market_tables import SYMBOL
from market_data.contract.model import ColumnContract, ColumnType, TableContract

_REPORT_PERIOD = ColumnContract(
    "report_period", ColumnType.DATE, "Last day of the quarter reported on.", key=True
)
_WEEK_DATE = ColumnContract(
    "week_date", ColumnType.DATE, "Last session of the natural week.", key=True
)


def _item(name: str, description: str, *, optional: bool = True) -> ColumnContract:
    return ColumnContract(
        name,
        ColumnType.DOUBLE,
        description,
        unit="yuan",
        nullable=True,
        optional=optional,
        feeds=(f"factors and styles that need {name}",) if optional else (),
    )


def _indicator(name: str, description: str, unit: str) -> ColumnContract:
    return ColumnContract(
        name,
        ColumnType.DOUBLE,
        description,
        unit=unit,
        nullable=True,
        optional=True,
        feeds=(f"factors read from {name}",),
    )


FINANCIAL_STATEMENTS = TableContract(
    name="financial_statements",
    description="Consolidated statements as announced. Income and cash-flow items are cumulative "
    "since 1 January, balance-sheet items hold at the period end. A restatement is a further row "
    "with its own announce_date.",
    grain="one row per security, period and announcement",
    required=False,
    known_by=("announce_date",),
    columns=(
        SYMBOL,
        _REPORT_PERIOD,
        ColumnContract(
            "announce_date",
            ColumnType.DATE,
            "Day on which the figures became public; they are used from the next decision on.",
            key=True,
        ),
        _item("revenue", "Operating revenue, cumulative.", optional=False),
        _item("operating_cost", "Cost of goods and services sold, cumulative."),
        _item("operating_profit", "Operating profit, cumulative."),
        _item("net_profit", "Net profit with minority interests, cumulative.", optional=False),
        _item(
            "parent_net_profit",
            "Net profit attributable to the owners of the parent, cumulative.",
            optional=False,
        ),
        _item("deducted_net_profit", "The same less non-recurring gains and losses, cumulative."),
        _item("operating_cash_flow", "Net cash flow from operating activities, cumulative."),
        _item("capital_expenditure", "Cash paid for fixed and intangible assets, cumulative."),
        _item("financial_expense", "Financial expense, cumulative."),
        _item("total_assets", "Total assets at the period end.", optional=False),
        _item("total_liabilities", "Total liabilities at the period end.", optional=False),
        _item("current_assets", "Current assets at the period end."),
        _item("current_liabilities", "Current liabilities at the period end."),
        _item("non_current_liabilities", "Non-current liabilities at the period end."),
        _item("cash_and_equivalents", "Cash and cash equivalents at the period end."),
        _item("inventory", "Inventories at the period end."),
        _item("accounts_receivable", "Accounts receivable at the period end."),
        _item("interest_bearing_debt", "Interest-bearing debt at the period end."),
        _item("long_term_debt", "Long-term debt at the period end."),
        _item(
            "shareholders_equity",
            "Equity attributable to the owners of the parent at the period end.",
            optional=False,
        ),
    ),
    feeds=(
        "value, growth, profitability, leverage and cash-flow factors",
        "styles book_to_price, earnings_yield, growth and leverage",
    ),
)

FINANCIAL_INDICATORS = TableContract(
    name="financial_indicators",
    description="Ready-made quarterly ratios, for sources without statements. Rows without an "
    "announce_date are kept but never used point in time.",
    grain="one row per security and period",
    required=False,
    known_by=("announce_date",),
    columns=(
        SYMBOL,
        _REPORT_PERIOD,
        ColumnContract(
            "announce_date",
            ColumnType.DATE,
            "Day on which the figures became public; NULL: unknown, the row is not used.",
            nullable=True,
        ),
        _indicator("eps_report", "Earnings per share, from the performance report.", "yuan/share"),
        _indicator("eps_yoy", "Growth of earnings per share over a year.", "%"),
        _indicator("bvps", "Book value per share.", "yuan/share"),
        _indicator("roe_report", "Return on equity, from the performance report.", "%"),
        _indicator("epcf", "Operating cash flow per share.", "yuan/share"),
        _indicator("net_profits_report", "Net profit, performance report.", "10,000 yuan"),
        _indicator("profits_yoy", "Growth of net profit over a year.", "%"),
        _indicator("roe", "Return on equity.", "%"),
        _indicator("net_profit_ratio", "Net profit to revenue.", "%"),
        _indicator("gross_profit_rate", "Gross margin.", "%"),
        _indicator("net_profits", "Net profit.", "million yuan"),
        _indicator("eps", "Earnings per share.", "yuan/share"),
        _indicator("business_income", "Operating revenue.", "million yuan"),
        _indicator("bips", "Operating revenue per share.", "yuan/share"),
        _indicator("mbrg", "Growth of main business revenue over a year.", "%"),
        _indicator("nprg", "Growth of net profit over a year.", "%"),
        _indicator("nav", "Growth of net assets over a year.", "%"),
        _indicator("targ", "Growth of total assets over a year.", "%"),
        _indicator("epsg", "Growth of earnings per share over a year.", "%"),
        _indicator("seg", "Growth of shareholders' equity over a year.", "%"),
        _indicator("currentratio", "Current assets to current liabilities.", "ratio"),
        _indicator("quickratio", "Quick assets to current liabilities.", "ratio"),
        _indicator("cashratio", "Cash to current liabilities.", "%"),
        _indicator("icratio", "Interest cover.", "%"),
        _indicator("sheqratio", "Shareholders' equity to total assets.", "%"),
        _indicator("adratio", "Liabilities to total assets.", "%"),
        _indicator("arturnover", "Turnover of accounts receivable.", "times"),
        _indicator("arturndays", "Days of accounts receivable outstanding.", "days"),
        _indicator("inventory_turnover", "Turnover of inventories.", "times"),
        _indicator("inventory_days", "Days of inventory.", "days"),
        _indicator("currentasset_turnover", "Turnover of current assets.", "times"),
        _indicator("currentasset_days", "Days of current assets.", "days"),
        _indicator("cf_sales", "Operating cash flow to revenue.", "fraction"),
        _indicator("rateofreturn", "Operating cash flow to assets.", "fraction"),
        _indicator("cf_nm", "Operating cash flow to net profit.", "fraction"),
        _indicator("cf_liabilities", "Operating cash flow to liabilities.", "fraction"),
        _indicator("cashflowratio", "Operating cash flow to current liabilities.", "%"),
    ),
    feeds=("fundamental factors where there are no financial_statements",),
)

DIVIDENDS = TableContract(
    name="dividends",
    description="Cash and share distributions.",
    grain="one row per security and ex-date",
    required=False,
    known_by=("announce_date", "ex_date"),
    columns=(
        SYMBOL,
        ColumnContract("ex_date", ColumnType.DATE, "First session without the right.", key=True),
        ColumnContract(
            "announce_date",
            ColumnType.DATE,
            "Day on which the distribution became public; NULL: unknown, ex_date stands in.",
            nullable=True,
        ),
        ColumnContract(
            "cash_per_share",
            ColumnType.DOUBLE,
            "Cash per share held, before tax; 0 for none.",
            unit="yuan/share",
            minimum=0.0,
        ),
        ColumnContract(
            "bonus_shares_per_share",
            ColumnType.DOUBLE,
            "New shares per share held; 0 for none.",
            unit="shares/share",
            minimum=0.0,
        ),
    ),
    feeds=("dividend factors", "benchmark total returns rebuilt from constituents"),
)

FACTOR_EXPOSURES = TableContract(
    name="factor_exposures",
    description="Factors that a user brings along; every further numeric column is one factor, "
    "before preprocessing. An experiment takes them with `market.factor_set`: `supplied` in the "
    "place of the computed factors, `both` beside them. A value counts in its own week alone: in "
    "a week without one the factor is missing, nothing is carried over. Column names are "
    "snake_case and none of a computed factor.",
    grain="one row per security and week",
    required=False,
    known_by=("week_date",),
    columns=(SYMBOL, _WEEK_DATE),
    keeps_numeric_columns=True,
    feeds=("user-supplied factors (market.factor_set)",),
)

STYLE_EXPOSURES = TableContract(
    name="style_exposures",
    description="Style exposures of a user's own risk model; every further numeric column is one "
    "style.",
    grain="one row per security and week",
    required=False,
    known_by=("week_date",),
    columns=(SYMBOL, _WEEK_DATE),
    keeps_numeric_columns=True,
    feeds=("user-supplied style exposures (the project's own styles are used)",),
)
