"""Units of columns: from the raw column they repeat, the ends of their names, or their type."""

from __future__ import annotations

from collections.abc import Collection

from market_data.contract import LANDING_TABLES

SUFFIXES = {
    "_cny": "yuan",
    "_pct": "percent",
    "_bps": "basis points",
    "_shares": "shares",
    "_z": "standard deviations",
    "_seconds": "seconds",
    "_mb": "MiB",
    "_count": "count",
    "_weeks": "weeks",
    "_sessions": "sessions",
    "_days": "days",
    "_share": "fraction",
}
FRACTIONS = frozenset(
    {"return", "weight", "share", "rate", "turnover", "drawdown", "volatility", "cost", "slippage"}
)
# Of factors: returns and their deviations, unless made into a shape, a ratio or a correlation.
FRACTION_FACTORS = frozenset({"return", "volatility", "range"})
PURE_NUMBERS = frozenset({"correlation", "skewness", "kurtosis", "change", "bias", "ratio"})
RAW_UNITS = {
    f"landing.{name}.{column.name}": column.unit
    for name, contract in LANDING_TABLES.items()
    for column in contract.columns
    if column.unit
}
TYPES = {"DATE": "date", "TIMESTAMP": "time in UTC", "BOOLEAN": "none", "VARCHAR": "none"}
NONE = "none"


def unit_of(column: str, data_type: str, sources: Collection[str]) -> str:
    """Unit of a column.

    Parameters
    ----------
    column
        Its name: `_cny`, `_pct`, `_bps`, `_shares`, `_z` ... decide first.
    data_type
        Its type in the warehouse: dates, texts and flags have no other unit.
    sources
        Columns it is made from: a raw column of the same name, adjusted or not, lends its unit.

    Returns
    -------
    str
        `fraction` for returns, weights, costs and the like without an end: 0.01 is one percent.
        `none` for what has no unit.
    """
    for suffix, unit in SUFFIXES.items():
        if column.endswith(suffix) or column == suffix[1:]:
            return unit
    if data_type.upper() in TYPES:
        return TYPES[data_type.upper()]
    raw = {RAW_UNITS[source] for source in sources if _lends(source, column)}
    if len(raw) == 1:
        return raw.pop()
    is_whole = data_type.upper() in ("INTEGER", "BIGINT", "SMALLINT")
    return "fraction" if not is_whole and FRACTIONS & set(column.split("_")) else NONE


def raw_factor_unit(factor: str, formula: str) -> str:
    """Unit of a factor before preprocessing, from the words of its formula and its name."""
    if "as supplied" in formula:
        return "as supplied"
    if "percent" in formula:
        return "percent"
    if "per yuan" in formula:
        return "1 / yuan"
    words = set(factor.split("_"))
    return "fraction" if words & FRACTION_FACTORS and not words & PURE_NUMBERS else NONE


def _lends(source: str, column: str) -> bool:
    raw_name = source.rsplit(".", 1)[-1]
    return source in RAW_UNITS and raw_name == column.removeprefix("adj_")
