"""Preprocess every factor of a Parquet file of raw factors in one of three ways.

    python -m benchmarks.warehouse_parts.preprocessing_worker HOW INPUT OUTPUT COMPILED THREADS

HOW is `warehouse` (the compiled SQL of the dbt models, in a database of its own), `pandas` or
`polars`. The rules are those of `practitioner`. The percentile clip of factors whose median
deviation is zero is part of all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

SIZE_FAMILY = ("log_total_cap", "log_float_cap", "nonlinear_size")
KEYS = ("rule_set", "symbol", "week_date", "industry_code", "log_cap_centred")
NOT_FACTORS = (*KEYS, "uses_future", "known_at")
MODELS = (
    "int_factor_week__located",
    "int_factor_week__spread",
    "int_factor_week__bounded",
    "int_factor_industry_week__summed",
    "int_factor_week__counted",
    "int_factor_industry_week__filled",
    "int_factor_week__regressed",
    "int_factor_week__corrected",
    "int_factor_week__scaled",
)


def factor_names(columns: Sequence[str]) -> list[str]:
    """Columns of the input that are factors."""
    return [name for name in columns if name not in NOT_FACTORS]


def with_warehouse(source: Path, target: Path, compiled: Path, threads: int) -> None:
    """Run the SQL of the dbt models; the exposures end in a table of a database file."""
    target.unlink(missing_ok=True)
    connection = duckdb.connect(
        str(target),
        config={"threads": threads, "memory_limit": "7GB", "preserve_insertion_order": "false"},
    )
    for schema in ("intermediate", "factors"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        f"create view intermediate.int_factor__selected as select * from read_parquet('{source}')"
    )
    for model in MODELS:
        sql = _compiled(compiled, f"intermediate/preprocessing/{model}", target.stem)
        connection.execute(f"create table intermediate.{model} as {sql}")
    sql = _compiled(compiled, "marts/factors/fct_factor_exposure", target.stem)
    connection.execute(f"create table factors.fct_factor_exposure as {sql}")
    connection.close()


def _compiled(compiled: Path, model: str, database: str) -> str:
    text = (compiled / "models" / f"{model}.sql").read_text(encoding="utf-8")
    return text.replace('"warehouse"', f'"{database}"')


def with_pandas(source: Path, target: Path) -> None:
    """Week by week, all factors of a week at once."""
    frame = pq.read_table(source).to_pandas()
    names = factor_names(list(frame.columns))
    writer = None
    for _, week in frame.groupby("week_date", sort=True):
        table = pa.Table.from_pandas(_pandas_week(week, names), preserve_index=False)
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def _pandas_week(week: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    values = week[names].astype(float)
    median = values.median()
    deviation = (values - median).abs().median()
    lower, upper = median - 5 * deviation, median + 5 * deviation
    flat = deviation.index[deviation == 0]
    if len(flat):
        lower[flat], upper[flat] = values[flat].quantile(0.01), values[flat].quantile(0.99)
    clipped = values.clip(lower, upper, axis=1)
    industry = week["industry_code"].to_numpy()
    filled = clipped.fillna(clipped.groupby(industry).transform("mean"))
    filled = filled.fillna(clipped.mean()).fillna(0.0)
    centred = filled - filled.groupby(industry).transform("mean")
    caps = week["log_cap_centred"].to_numpy()
    slopes = pd.Series(caps @ centred.to_numpy() / (caps @ caps), index=names)
    slopes[[name for name in SIZE_FAMILY if name in names]] = 0.0
    residual = centred - np.outer(caps, slopes)
    spread, scale = residual.std(), filled.std()
    spread[(spread <= 1e-12) | (spread <= 1e-9 * scale)] = np.nan
    standard = ((residual - residual.mean()) / spread).fillna(0.0).astype("float32")
    return pd.concat([week[list(KEYS[:3])], standard], axis=1)


def with_polars(source: Path, target: Path) -> None:
    """Year by year: all of the paper's years at once take more than 19 GB."""
    rows = pl.scan_parquet(source)
    names = factor_names(rows.collect_schema().names())
    year = pl.col("week_date").dt.year()
    writer = None
    for (each,) in rows.select(year.unique().sort()).collect().iter_rows():
        table = _polars_weeks(rows.filter(year == each), names).collect().to_arrow()
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def _polars_weeks(rows: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    """Expressions over weeks, and over weeks and industries.

    The rows and their bounds are collected, since the bounds say where percentiles are wanted.
    """
    week, group = ["week_date"], ["week_date", "industry_code"]
    frame = rows.with_columns(pl.col(names).cast(pl.Float64)).collect()
    bounds = _polars_bounds(frame, names)
    clipped = (
        frame.lazy()
        .join(bounds.lazy(), on=week)
        .select(*KEYS, *(pl.col(n).clip(f"{n}_lower", f"{n}_upper") for n in names))
    )
    industries = clipped.group_by(group).agg(pl.col(names).mean().name.suffix("_industry"))
    weeks = clipped.group_by(week).agg(pl.col(names).mean().name.suffix("_week"))
    filled = (
        clipped.join(industries, on=group)
        .join(weeks, on=week)
        .with_columns(
            pl.coalesce(f"{n}_industry", f"{n}_week", pl.lit(0.0)).alias(f"{n}_fill") for n in names
        )
    )
    centred = filled.select(
        *KEYS,
        *((pl.col(n) - pl.col(f"{n}_fill")).fill_null(0.0).alias(n) for n in names),
        *(pl.coalesce(n, f"{n}_fill").alias(f"{n}_filled") for n in names),
    )
    slopes = centred.group_by(week).agg(
        *(_polars_slope(n).alias(f"{n}_slope") for n in names),
        *(pl.col(f"{n}_filled").std().alias(f"{n}_scale") for n in names),
    )
    residual = centred.join(slopes, on=week).select(
        *KEYS[:3],
        *((pl.col(n) - pl.col("log_cap_centred") * pl.col(f"{n}_slope")).alias(n) for n in names),
        *(f"{n}_scale" for n in names),
    )
    moments = residual.group_by(week).agg(
        *(pl.col(n).mean().alias(f"{n}_mean") for n in names),
        *(_polars_spread(n).alias(f"{n}_spread") for n in names),
    )
    return residual.join(moments, on=week).select(
        *KEYS[:3],
        *(
            ((pl.col(n) - pl.col(f"{n}_mean")) / pl.col(f"{n}_spread"))
            .fill_null(0.0)
            .cast(pl.Float32)
            .alias(n)
            for n in names
        ),
    )


def _polars_bounds(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Clip bounds by week; percentiles are taken of the flat factors of a week alone."""
    medians = frame.group_by("week_date").agg(pl.col(names).median().name.suffix("_median"))
    spread = (
        frame.lazy()
        .join(medians.lazy(), on="week_date")
        .group_by("week_date")
        .agg(
            *((pl.col(n) - pl.col(f"{n}_median")).abs().median().alias(f"{n}_mad") for n in names),
            *(pl.col(f"{n}_median").first() for n in names),
        )
        .collect()
    )
    flat_weeks = {n: spread.filter(pl.col(f"{n}_mad") == 0)["week_date"].to_list() for n in names}
    flat = [n for n in names if flat_weeks[n]]
    any_flat = sorted({week for weeks in flat_weeks.values() for week in weeks})
    tails = (
        frame.lazy()
        .filter(pl.col("week_date").is_in(any_flat))
        .group_by("week_date")
        .agg(
            _polars_tail(n, share, flat_weeks[n]).alias(f"{n}_{end}")
            for n in flat
            for share, end in ((0.01, "low"), (0.99, "high"))
        )
        .collect()
    )
    return spread.join(tails, on="week_date", how="left").select(
        "week_date", *(bound for n in names for bound in _polars_bound(n, is_flat=n in flat))
    )


def _polars_tail(name: str, share: float, weeks: list[date]) -> pl.Expr:
    return pl.col(name).filter(pl.col("week_date").is_in(weeks)).quantile(share, "linear")


def _polars_bound(name: str, *, is_flat: bool) -> Iterator[pl.Expr]:
    """Bounds of one factor, where `is_flat` says that some week has its percentiles."""
    median, reach = pl.col(f"{name}_median"), 5 * pl.col(f"{name}_mad")
    for bound, end, column in ((median - reach, "low", "lower"), (median + reach, "high", "upper")):
        if is_flat:
            bound = pl.when(reach == 0).then(pl.col(f"{name}_{end}")).otherwise(bound)
        yield bound.alias(f"{name}_{column}")


def _polars_slope(name: str) -> pl.Expr:
    caps = pl.col("log_cap_centred")
    if name in SIZE_FAMILY:
        return pl.lit(0.0)
    return (caps * pl.col(name)).sum() / (caps * caps).sum()


def _polars_spread(name: str) -> pl.Expr:
    spread = pl.col(name).std()
    zero = (spread <= 1e-12) | (spread <= 1e-9 * pl.col(f"{name}_scale").first())
    return pl.when(zero).then(None).otherwise(spread)


if __name__ == "__main__":
    how, source, target, compiled, threads = sys.argv[1:6]
    if how == "warehouse":
        with_warehouse(Path(source), Path(target), Path(compiled), int(threads))
    elif how == "pandas":
        with_pandas(Path(source), Path(target))
    else:
        with_polars(Path(source), Path(target))
