"""Every canary passes on an honest panel, and each planted fault makes one of them fail."""

from dataclasses import replace

import numpy as np
import pytest
from fixtures.panels import Market, make_panel

from models_ml import linear_probe
from models_ml.linear_probe import FeatureView, LinearProbe
from models_ml.metrics import MINIMUM_STOCK_COUNT
from models_ml.panel import Panel
from models_ml.pipeline_canaries import CanaryResult, following_week, pipeline_canaries
from models_ml.rules import TrainingRules
from models_ml.splits import TrainingSplit, WindowMode, split_weeks
from models_ml.windows import TestWindow, half_year_windows

RULES = TrainingRules.practitioner()
WINDOWS = half_year_windows("2016H1", "2016H1")


@pytest.fixture(scope="module")
def remembering() -> Panel:
    """A panel whose features hold the return of the week that ends with them."""
    panel = make_panel(Market(stock_count=150, feature_count=40))
    before = np.full(panel.row_count, np.nan)
    rows = following_week(panel)
    before[rows[rows >= 0]] = panel.raw_label[rows >= 0]
    noise = np.random.default_rng(3).normal(0, 0.02, panel.row_count)
    remembered = (np.nan_to_num(before) + noise)[:, None].astype(np.float32) / 0.05
    return replace(
        panel,
        features=np.ascontiguousarray(np.column_stack([panel.features, remembered])),
        feature_names=(*panel.feature_names, "last_return"),
    )


def by_name(panel: Panel) -> dict[str, CanaryResult]:
    return {each.canary: each for each in pipeline_canaries(panel, WINDOWS, RULES)}


def test_an_honest_panel_passes(remembering: Panel) -> None:
    found = by_name(remembering)
    assert {name: each.is_passed for name, each in found.items()} == dict.fromkeys(found, True)
    assert set(found) == {"shuffled_labels", "permuted_stocks", "oracle_factor", "shifted_dates"}


def test_the_same_seed_gives_the_same_figures(remembering: Panel) -> None:
    assert by_name(remembering) == by_name(remembering)


def test_training_on_test_rows_is_heard(
    remembering: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(
        panel: Panel, window: TestWindow, rules: TrainingRules, mode: WindowMode
    ) -> TrainingSplit:
        split = split_weeks(panel, window, rules, mode)
        return replace(split, fit_rows=np.concatenate([split.fit_rows, split.test_rows]))

    monkeypatch.setattr(linear_probe, "split_weeks", leaking)
    assert not by_name(remembering)["permuted_stocks"].is_passed


def test_a_target_of_other_rows_leaves_the_oracle_unheard(remembering: Panel) -> None:
    rolled = np.roll(remembering.target, 17)
    found = by_name(remembering.with_labels(rolled, remembering.raw_label))
    assert not found["oracle_factor"].is_passed


def test_features_of_the_week_after_leave_nothing_to_shift(remembering: Panel) -> None:
    rows = following_week(remembering)
    early = remembering.features[np.where(rows >= 0, rows, np.arange(len(rows)))]
    assert not by_name(replace(remembering, features=early))["shifted_dates"].is_passed


def test_a_market_of_too_few_names_says_nothing() -> None:
    panel = make_panel(Market(stock_count=MINIMUM_STOCK_COUNT - 1))
    assert pipeline_canaries(panel, WINDOWS, RULES) == ()


def test_a_last_week_alone_cannot_be_shifted(remembering: Panel) -> None:
    weeks = remembering.weeks[WINDOWS[0].contains(remembering.weeks)]
    found = by_name(remembering.until(weeks[1].astype(object)))
    assert set(found) == {"shuffled_labels", "permuted_stocks", "oracle_factor"}


def test_the_following_week_is_that_of_the_same_stock() -> None:
    panel = make_panel(Market(week_count=3, stock_count=4))
    keep = np.delete(np.arange(panel.row_count), 5)
    thinned = Panel(
        **{
            name: getattr(panel, name)[keep]
            for name in (
                *("features", "symbol_codes", "week_dates", "target", "raw_label"),
                *("label_known_at", "tradable", "uses_future"),
            )
        },
        feature_names=panel.feature_names,
        symbols=panel.symbols,
    )
    assert following_week(thinned).tolist() == [4, -1, 5, 6, 7, 9, 10, -1, -1, -1, -1]


def test_one_decomposition_gives_the_ridge_of_every_target(remembering: Panel) -> None:
    probe = LinearProbe(FeatureView.plain(remembering), WINDOWS, RULES)
    rng = np.random.default_rng(5)
    targets = np.column_stack([remembering.target, rng.normal(size=remembering.row_count)])
    split = split_weeks(remembering, WINDOWS[0], RULES, "expanding")
    x = np.nan_to_num(remembering.features[split.train_rows].astype(np.float64))
    y = targets[split.train_rows] - targets[split.train_rows].mean(axis=0)
    centred = x - x.mean(axis=0)
    covariance = centred.T @ centred / len(x) + linear_probe.PENALTY * np.eye(x.shape[1])
    coefficients = np.linalg.solve(covariance, centred.T @ y / len(x))
    tested = np.nan_to_num(remembering.features[split.test_rows].astype(np.float64))
    expected = (tested - x.mean(axis=0)) @ coefficients
    np.testing.assert_allclose(probe.forecast(targets), expected, atol=2e-6)
    np.testing.assert_array_equal(probe.test_rows, split.test_rows)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_windows_together_forecast_what_each_does_alone(order: tuple[int, ...]) -> None:
    panel = make_panel(Market(week_count=160, stock_count=40))
    windows = [half_year_windows("2016H1", "2017H1")[place] for place in order]
    view = FeatureView.plain(panel)
    rng = np.random.default_rng(6)
    targets = np.column_stack([panel.target, rng.normal(size=panel.row_count)])
    alone = [LinearProbe(view, [window], RULES) for window in windows]
    together = LinearProbe(view, windows, RULES)
    expected = np.concatenate([probe.forecast(targets) for probe in alone])
    np.testing.assert_allclose(together.forecast(targets), expected, atol=2e-6)
    rows = np.concatenate([probe.test_rows for probe in alone])
    np.testing.assert_array_equal(together.test_rows, rows)
