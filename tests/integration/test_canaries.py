"""A market without premia is silent, a planted signal is found, a planted leak is caught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.null import (
    MODELS,
    SEEDS,
    binomial_band,
    judge_market,
    rejections,
    tiny_market,
)
from models_ml.canaries import exceeds_attainable, out_of_sample_rank_ic, randomisation_test
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.windows import half_year_windows
from orchestration.lib.panel_build import attainable_rank_ic, read_whole_panel
from orchestration.lib.warehouse import query
from tests.integration.conftest import FinishedRun

RULES = TrainingRules.practitioner()
WINDOWS = half_year_windows("2021H1", "2021H2")
# One model of each kind; the benchmark judges all of them.
KINDS = ("ridge", "xgboost")


@pytest.fixture(scope="module")
def panel(tiny_run: FinishedRun) -> Panel:
    """Practitioner panel of the tiny market, signal planted."""
    return read_whole_panel(tiny_run.paths, "practitioner")


@pytest.fixture(scope="module")
def attainable(tiny_run: FinishedRun, panel: Panel) -> np.ndarray:
    """Weekly Rank IC of the true expected VWAP return over the test weeks."""
    return attainable_rank_ic(tiny_run.paths, panel, WINDOWS, "expected_return_vwap_1w")


@pytest.mark.slow
def test_a_market_without_premia_is_silent(tmp_path: Path) -> None:
    markets = [
        judge_market(tiny_market(seed, 0.0), tmp_path / str(seed), KINDS) for seed in SEEDS[:3]
    ]
    low, high = binomial_band(len(markets))
    assert all(low <= count <= high for count in rejections(markets).values())


@pytest.mark.parametrize("model", KINDS)
def test_a_planted_signal_is_found_and_stays_below_the_attainable(
    panel: Panel, attainable: np.ndarray, model: str
) -> None:
    found = randomisation_test(panel, MODELS[model], WINDOWS, RULES, seeds=range(19), threads=2)
    assert found.observed > 0
    assert found.t_p_value < 0.05
    assert found.observed < float(np.nanmean(attainable))


@pytest.mark.parametrize("model", KINDS)
def test_a_renamed_leak_exceeds_what_can_be_known(
    panel: Panel, attainable: np.ndarray, model: str
) -> None:
    honest = out_of_sample_rank_ic(panel, MODELS[model], WINDOWS, RULES, threads=2)
    assert not exceeds_attainable(honest, attainable).exceeds
    rng = np.random.default_rng(7)
    noisy = np.nan_to_num(panel.raw_label) + rng.normal(0, 0.05, panel.row_count)
    leaking = replace(
        panel,
        features=np.column_stack([panel.features, noisy.astype(np.float32)]),
        feature_names=(*panel.feature_names, "quality_composite"),
    )
    leaked = out_of_sample_rank_ic(leaking, MODELS[model], WINDOWS, RULES, threads=2)
    assert exceeds_attainable(leaked, attainable).exceeds


def test_a_leak_named_as_forward_is_refused_as_a_feature(tiny_run: FinishedRun) -> None:
    table: pa.Table = query(
        tiny_run.paths.warehouse,
        "select * from ml.fct_training_panel where rule_set = 'practitioner' limit 100",
    )
    with pytest.raises(ValueError, match="fwd_return_1w_cum"):
        Panel.from_arrow(table, ["return_1m", "fwd_return_1w_cum"])
