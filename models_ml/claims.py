"""What SQL lacks of the test of the study's claims: resampled intervals and permutation tests."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from models_ml.metrics.bootstrap import STATISTICS_OF_PAIRS, BootstrapRule, paired_interval
from models_ml.metrics.seasonality import month_effect

# Fewer do not tell a season from the noise of two or three months.
MINIMUM_MONTHS = 24
PERMUTATIONS = 1999
SEED = 777

PAIR_KEYS = ("run_id", "rule_set", "claim", "first_series", "second_series", "statistic")
MODEL_KEYS = ("run_id", "rule_set", "model")


def claim_intervals(observed: pa.Table, rule: BootstrapRule | None = None) -> pa.Table:
    """Effect and interval of every pair that a claim compares.

    Parameters
    ----------
    observed
        `PAIR_KEYS`, observation_date, first_value, second_value; one row per pair and observation
        that both have, in any order.
    rule
        Resamples, level, seed.

    Returns
    -------
    pyarrow.Table
        One row per pair, sorted by its keys; NULL interval where there are too few observations.

    Raises
    ------
    ValueError
        If a statistic is none of `STATISTICS_OF_PAIRS`.
    """
    rule = rule or BootstrapRule()
    frame = observed.to_pandas().sort_values([*PAIR_KEYS, "observation_date"])
    unknown = sorted(set(frame["statistic"]) - set(STATISTICS_OF_PAIRS))
    if unknown:
        raise ValueError(f"expected statistics {list(STATISTICS_OF_PAIRS)}, found {unknown}")
    return pa.Table.from_pylist(list(_interval_rows(frame, rule)), schema=_INTERVALS)


def rank_ic_seasonality(monthly: pa.Table) -> pa.Table:
    """Test the calendar months of every model's monthly Rank IC.

    Parameters
    ----------
    monthly
        `MODEL_KEYS`, month_start, mean_rank_ic (NULL: no value); one row per model and month.

    Returns
    -------
    pyarrow.Table
        One row per model, sorted by its keys; NULL where fewer than `MINIMUM_MONTHS` months have
        a value.
    """
    frame = monthly.to_pandas().sort_values([*MODEL_KEYS, "month_start"])
    rows = [
        {**dict(zip(MODEL_KEYS, keys, strict=True)), **_season(series)}
        for keys, series in frame.groupby(list(MODEL_KEYS))
    ]
    return pa.Table.from_pylist(rows, schema=_SEASONALITY)


_INTERVALS = pa.schema(
    [
        *((name, pa.string()) for name in PAIR_KEYS[:-1]),
        ("effect", pa.float64()),
        ("interval_lower", pa.float64()),
        ("interval_upper", pa.float64()),
        ("confidence_level", pa.float64()),
        ("mean_block_length", pa.float64()),
        ("replication_count", pa.int64()),
        ("seed", pa.int64()),
    ]
)
_SEASONALITY = pa.schema(
    [
        *((name, pa.string()) for name in MODEL_KEYS),
        ("month_count", pa.int64()),
        ("first_month_start", pa.date32()),
        ("last_month_start", pa.date32()),
        ("explained_share", pa.float64()),
        ("p_value", pa.float64()),
        ("permutation_count", pa.int64()),
        ("seed", pa.int64()),
    ]
)


def _interval_rows(frame: pd.DataFrame, rule: BootstrapRule) -> Iterator[dict[str, object]]:
    for keys, pair in frame.groupby(list(PAIR_KEYS)):
        *names, statistic = keys
        interval = paired_interval(
            pair["first_value"].to_numpy(dtype=np.float64),
            pair["second_value"].to_numpy(dtype=np.float64),
            STATISTICS_OF_PAIRS[str(statistic)],
            rule,
        )
        yield {
            **dict(zip(PAIR_KEYS, names, strict=False)),
            "effect": _or_none(interval.effect),
            "interval_lower": _or_none(interval.lower),
            "interval_upper": _or_none(interval.upper),
            "confidence_level": rule.level,
            "mean_block_length": _or_none(interval.mean_block_length),
            "replication_count": rule.replications,
            "seed": rule.seed,
        }


def _season(series: pd.DataFrame) -> dict[str, object]:
    known = series[series["mean_rank_ic"].notna()]
    dates = pd.to_datetime(known["month_start"]).dt
    share, p_value = np.nan, np.nan
    if len(known) >= MINIMUM_MONTHS:
        effect = month_effect(
            np.asarray(dates.year, dtype=np.int64),
            np.asarray(dates.month, dtype=np.int64),
            known["mean_rank_ic"].to_numpy(dtype=np.float64),
            permutations=PERMUTATIONS,
            seed=SEED,
        )
        share, p_value = effect.explained_share, effect.p_value
    return {
        "month_count": len(known),
        "first_month_start": series["month_start"].iloc[0],
        "last_month_start": series["month_start"].iloc[-1],
        "explained_share": _or_none(share),
        "p_value": _or_none(p_value),
        "permutation_count": PERMUTATIONS,
        "seed": SEED,
    }


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
