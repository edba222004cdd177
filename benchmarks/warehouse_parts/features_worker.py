"""Some factors of prices and volumes, by the SQL of the dbt models or by pandas.

    python -m benchmarks.warehouse_parts.features_worker HOW WAREHOUSE OUTPUT COMPILED FACTOR ...

HOW is `warehouse` or `pandas`. Both read the daily bars of a built warehouse and write the factors
of every week end: to a database of its own, or to a Parquet file. The SQL computes nothing that
only other factors need.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

GIVEN = ("core.fct_bar_daily", "core.dim_trade_date", "intermediate.int_market_return__daily")
# Read by the families for factors that are not asked for: there, without rows.
UNUSED = ("intermediate.int_market_model__fitted", "intermediate.int_macd__averaged")
STEPS = ("int_bar_daily__derived", "int_extreme__dated")
# What the plain reference computes as well.
PANDAS_FACTORS = (
    "volatility_1m",
    "volatility_12m",
    "max_daily_return_1m",
    "return_skewness_3m",
    "turnover_3m",
    "turnover_volatility_12m",
    "amihud_illiquidity_1m",
    "bias_3m",
    "distance_to_high_12m",
    "return_12m",
)
FAMILIES = ("momentum", "volatility", "liquidity", "price_volume", "technical")


def with_warehouse(warehouse: Path, target: Path, compiled: Path, factors: Sequence[str]) -> None:
    """One table per family, then `features` of all."""
    target.unlink(missing_ok=True)
    connection = duckdb.connect(
        str(target),
        config={"threads": 1, "memory_limit": "7GB", "preserve_insertion_order": "false"},
    )
    connection.execute(f"attach '{warehouse}' as built (read_only)")
    for schema in ("core", "intermediate"):
        connection.execute(f"create schema {schema}")
    for name in GIVEN:
        connection.execute(f"create view {name} as select * from built.{name}")
    for name in UNUSED:
        connection.execute(f"create table {name} as select * from built.{name} limit 0")
    for model in STEPS if "aroon_25" in factors else STEPS[:1]:
        sql = _compiled(compiled, model, target.stem)
        connection.execute(f"create table intermediate.{model} as {sql}")
    if "aroon_25" not in factors:
        name = f"intermediate.{STEPS[1]}"
        connection.execute(f"create table {name} as select * from built.{name} limit 0")
    chosen = {
        family: _compiled(compiled, f"int_factor__{family}", target.stem) for family in FAMILIES
    }
    made = [family for family in FAMILIES if _add(connection, family, chosen[family], factors)]
    joins = " ".join(f"join {family} using (symbol, week_date)" for family in made[1:])
    columns = ", ".join(f"cast({name} as float) as {name}" for name in factors)
    connection.execute(
        f"create table features as select symbol, week_date, {columns} from {made[0]} {joins}"
    )
    connection.close()


def _add(
    connection: duckdb.DuckDBPyConnection, family: str, sql: str, factors: Sequence[str]
) -> bool:
    """Create the table of a family with the chosen factors; False where none is of it."""
    names = [name for name in connection.sql(sql).columns if name in factors]
    if names:
        connection.execute(
            f"create table {family} as select symbol, week_date, {', '.join(names)} from ({sql})"
        )
    return bool(names)


def _compiled(compiled: Path, model: str, database: str) -> str:
    file = compiled / "models" / "intermediate" / "factors" / f"{model}.sql"
    return file.read_text(encoding="utf-8").replace('"warehouse"', f'"{database}"')


def with_pandas(warehouse: Path, target: Path) -> None:
    """The factors of `PANDAS_FACTORS`, for sessions of all shares one below the other."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        bars = connection.sql(
            "select symbol, trade_date, is_week_end, adj_close, return_1d, turnover_rate_pct,"
            " high * adj_factor as adj_high, amount_cny, is_suspended"
            " from core.fct_bar_daily join core.dim_trade_date using (trade_date)"
            " order by symbol, trade_date"
        ).df()
    pandas_factors(bars)[bars.is_week_end.to_numpy()].to_parquet(target)


def pandas_factors(bars: pd.DataFrame) -> pd.DataFrame:
    """Factors of every session.

    Parameters
    ----------
    bars
        Sorted by symbol and trade_date: symbol, trade_date, adj_close, return_1d,
        turnover_rate_pct, adj_high, amount_cny, is_suspended.

    Returns
    -------
    One column per name of `PANDAS_FACTORS`, index (symbol, trade_date), rows as given; NaN
    where fewer than half of the sessions were traded.
    """
    traded = ~bars.is_suspended.astype(bool)
    values = bars.assign(
        close=bars.adj_close.where(traded),
        turnover=bars.turnover_rate_pct.where(traded),
        high=bars.adj_high.where(traded),
        illiquidity=(bars.return_1d.abs() / bars.amount_cny).where(traded),
    ).set_index(["symbol", "trade_date"])
    shares = values.groupby(level="symbol", sort=False)
    count = {n: _rolled(shares["close"].rolling(n, min_periods=1).count()) for n in (20, 60, 240)}

    def of(column: str, n: int, statistic: str) -> pd.Series:
        rolled = getattr(shares[column].rolling(n, min_periods=1), statistic)()
        return _rolled(rolled).where(2 * count[n] >= n)

    close = values.adj_close
    return pd.DataFrame(
        {
            "volatility_1m": of("return_1d", 20, "std"),
            "volatility_12m": of("return_1d", 240, "std"),
            "max_daily_return_1m": of("return_1d", 20, "max"),
            "return_skewness_3m": of("return_1d", 60, "skew"),
            "turnover_3m": of("turnover", 60, "mean"),
            "turnover_volatility_12m": of("turnover", 240, "std"),
            "amihud_illiquidity_1m": of("illiquidity", 20, "mean"),
            "bias_3m": close / of("close", 60, "mean") - 1,
            "distance_to_high_12m": close / of("high", 240, "max") - 1,
            "return_12m": (close / shares["adj_close"].shift(240) - 1).where(2 * count[240] >= 240),
        }
    )[list(PANDAS_FACTORS)]


def _rolled(series: pd.Series) -> pd.Series:
    """Without the level that `groupby().rolling()` adds to the index."""
    return series.droplevel(0)


if __name__ == "__main__":
    how, warehouse, target, compiled, *factors = sys.argv[1:]
    if how == "warehouse":
        with_warehouse(Path(warehouse), Path(target), Path(compiled), factors)
    else:
        with_pandas(Path(warehouse), Path(target))
