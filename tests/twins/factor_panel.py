"""Generated cross-sections of factors that hold every corner case of preprocessing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

KINDS = (
    "normal",
    "heavy_tailed",
    "mostly_zero",
    "constant",
    "holes",
    "industry_missing",
    "all_missing",
    "log_cap",
    "affine_in_log_cap",
    "not_finite",
    "single_value",
    "two_values",
)


def factor_values(kind: str, frame: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Values of one factor for the rows of a week: a corner case by name."""
    count = len(frame)
    values = rng.normal(loc=rng.normal(), scale=10.0 ** rng.uniform(-3, 1), size=count)
    if kind == "heavy_tailed":
        values = rng.standard_cauchy(count)
    elif kind == "mostly_zero":
        values = np.where(rng.random(count) < 0.8, 0.0, values)
    elif kind == "constant":
        values = np.full(count, 0.1)
    elif kind == "holes":
        values[rng.random(count) < 0.4] = np.nan
    elif kind == "industry_missing":
        values[(frame.industry_code == "I0").to_numpy()] = np.nan
    elif kind == "all_missing":
        values = np.full(count, np.nan)
    elif kind == "log_cap":
        values = np.log(frame.neutralisation_cap_cny.to_numpy())
    elif kind == "affine_in_log_cap":
        values = 3.0 - 2.0 * np.log(frame.neutralisation_cap_cny.to_numpy())
    elif kind == "not_finite":
        values[rng.random(count) < 0.2] = np.inf
        values[rng.random(count) < 0.2] = -np.inf
    elif kind == "single_value":
        values = np.where(np.arange(count) == 0, values, np.nan)
    elif kind == "two_values":
        values = rng.integers(0, 2, count).astype(float)
    return values


def universe_rows(stock_counts: Sequence[int], rng: np.random.Generator) -> pd.DataFrame:
    """Universe rows of both rule sets: one-stock industries, equal caps, stocks left out."""
    frames = []
    for week, count in enumerate(stock_counts):
        equal_caps = rng.random() < 0.2
        caps = np.full(count, 5e9) if equal_caps else np.exp(rng.normal(22.5, 1.1, count))
        industries = [f"I{number}" for number in rng.integers(0, max(1, count // 5), count)]
        if count > 1:
            industries[-1] = "ALONE"
        frame = pd.DataFrame(
            {
                "symbol": [f"{600000 + number}.SH" for number in range(count)],
                "week_date": dt.date(2020, 1, 3) + dt.timedelta(weeks=week),
                "industry_code": industries,
                "neutralisation_cap_cny": caps,
            }
        )
        for rule_set in ("paper", "practitioner"):
            ruled = frame.assign(rule_set=rule_set, uses_future=rule_set == "paper")
            ruled["in_universe"] = rng.random(count) < 0.9
            ruled["known_at"] = ruled.week_date
            frames.append(ruled)
    return pd.concat(frames, ignore_index=True)


def family_tables(
    universe: pd.DataFrame, families: Mapping[str, str], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """One frame per family model, `intermediate.int_factor__<family>`, with mixed corner cases."""
    listed = universe[universe.rule_set == "paper"].reset_index(drop=True)
    tables = {
        family: listed[["symbol", "week_date"]].copy() for family in sorted(set(families.values()))
    }
    for factor, family in families.items():
        column = pd.Series(np.nan, index=listed.index)
        for _, week in listed.groupby("week_date"):
            column[week.index] = factor_values(str(rng.choice(KINDS)), week, rng)
        tables[family][factor] = column
    return {f"intermediate.int_factor__{family}": table for family, table in tables.items()}
