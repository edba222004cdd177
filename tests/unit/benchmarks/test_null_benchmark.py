"""Which models the null benchmark knows, and when it counts one as silent."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from benchmarks.null import DEFAULT_MODELS, MODELS, NETS, binomial_band, rejections
from models_ml.canaries import RandomisationTest
from models_ml.specs import Library, Loss


def test_every_library_and_loss_has_a_model_of_its_name() -> None:
    lines_and_trees = {"ridge", "xgboost", "lightgbm"}
    assert set(DEFAULT_MODELS) == lines_and_trees | {f"{each}_rank_ic" for each in lines_and_trees}
    assert set(DEFAULT_MODELS) < set(MODELS)
    assert len(MODELS) == len(get_args(Library)) * len(get_args(Loss))
    for name, spec in MODELS.items():
        assert name == (spec.library if spec.loss == "mse" else f"{spec.library}_{spec.loss}")
        bound = {"max_epochs"} if spec.library in NETS else {"max_rounds"}
        assert bound <= set(spec.parameters) or spec.library == "ridge"


def test_rejections_are_counted_per_model() -> None:
    null_values = np.linspace(-0.01, 0.01, 19)
    silent, loud = (RandomisationTest.judge(value, null_values) for value in (0.001, 0.2))
    markets = [{"ridge": silent, "lightgbm": loud}, {"ridge": loud, "lightgbm": loud}]
    assert rejections(markets) == {"ridge": 1, "lightgbm": 2}


@pytest.mark.parametrize(("markets", "band"), [(1, (0, 1)), (20, (0, 4))])
def test_the_band_is_the_central_99_percent(markets: int, band: tuple[int, int]) -> None:
    assert binomial_band(markets) == band
