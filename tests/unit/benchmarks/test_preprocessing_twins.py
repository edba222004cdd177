"""The references of the preprocessing benchmark do what the warehouse does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from twins.preprocessing import preprocess

from benchmarks.warehouse_parts.preprocessing_worker import with_pandas, with_polars

FACTORS = ("plain", "gaps", "flat", "never", "log_float_cap")


@pytest.fixture(scope="module")
def raw_factors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of sixty stocks in four industries, with every corner case of the steps."""
    rng = np.random.default_rng(4)
    weeks = []
    for week in (pd.Timestamp("2020-01-03"), pd.Timestamp("2020-01-10")):
        frame = pd.DataFrame(
            {
                "rule_set": "practitioner",
                "symbol": [f"{n:06d}.SZ" for n in range(60)],
                "week_date": week,
                "industry_code": [f"I{n % 4}" for n in range(60)],
                "cap": np.exp(rng.normal(22, 1, 60)),
                "plain": rng.standard_t(3, 60),
                "gaps": np.where(rng.random(60) < 0.3, np.nan, rng.normal(size=60)),
                "flat": np.where(np.arange(60) < 55, 1.0, rng.normal(size=60) * 9),
                "never": np.nan,
            }
        )
        frame["gaps"] = frame["gaps"].mask(frame.industry_code == "I2")
        frame["log_float_cap"] = np.log(frame.cap)
        weeks.append(frame)
    panel = pd.concat(weeks, ignore_index=True)
    log_cap = np.log(panel.cap)
    groups = [panel.week_date, panel.industry_code]
    panel["log_cap_centred"] = log_cap - log_cap.groupby(groups).transform("mean")
    file = tmp_path_factory.mktemp("twins") / "raw.parquet"
    panel.to_parquet(file)
    return file


@pytest.mark.parametrize("reference", [with_pandas, with_polars])
def test_references_agree_with_the_textbook(
    reference: object, raw_factors: Path, tmp_path: Path
) -> None:
    panel = pd.read_parquet(raw_factors)
    source = tmp_path / "source.parquet"
    panel.drop(columns="cap").to_parquet(source)
    assert callable(reference)
    reference(source, tmp_path / "out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet").sort_values(["week_date", "symbol"])
    for week, expected in panel.groupby("week_date"):
        for name in FACTORS:
            standard = preprocess(
                expected[name].to_numpy(),
                expected.industry_code.to_numpy(dtype=str),
                expected.cap.to_numpy(),
                clips_at_percentiles=True,
                neutralises_cap=name != "log_float_cap",
            ).exposures
            np.testing.assert_allclose(
                found.loc[found.week_date == week, name], standard, atol=1e-5
            )
