"""Recurrent forecasters: samples by date, seeds, stopping, losses, memory, storage."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fixtures.panels import Market, make_panel

from models_ml.estimators import Resources, create_forecaster, recurrent_training
from models_ml.estimators.recurrent_batches import stock_batches, week_batches
from models_ml.estimators.recurrent_network import RecurrentNetwork
from models_ml.estimators.recurrent_training import (
    NetworkTrainer,
    SequenceData,
    TrainingSettings,
)
from models_ml.metrics import weekly_rank_ic
from models_ml.rules import TrainingRules
from models_ml.sequences import Sequences
from models_ml.serialisation import read_model
from models_ml.specs import ModelSpec
from models_ml.splits import split_weeks
from models_ml.train import train_window
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
SMALL = {"hidden_size": 8, "max_epochs": 3, "batch_size": 256, "learning_rate": 0.01}
PAPER, PRACTITIONER = TrainingRules.paper(), TrainingRules.practitioner()


def spec_of(library="gru", loss="mse", order="order", seed=777, **parameters):
    return ModelSpec(library, loss, order=order, seed=seed, parameters={**SMALL, **parameters})


def forecast_of(panel, spec, rules=PAPER, **resources):
    result = train_window(panel, spec, WINDOW, rules, resources=Resources(**resources))
    return result.predictions["prediction"].to_numpy()


def assert_equal_but_for_a_level(values, expected):
    """The level of forecasts is nothing to `rank_ic`: rounding alone moves it."""
    values, expected = (each - np.nanmean(each) for each in (values, expected))
    np.testing.assert_allclose(values, expected, rtol=0.0, atol=1e-3 * np.nanstd(expected))


@pytest.fixture(scope="module")
def sequences(panel):
    return Sequences.of(panel)


def test_validation_weeks_are_later_weeks_and_not_later_stocks(panel, sequences):
    split = split_weeks(panel, WINDOW, PAPER, "fixed_2y")
    fit, stop = (sequences.complete(rows) for rows in (split.fit_rows, split.stop_rows))
    assert panel.week_dates[fit].max() < panel.week_dates[stop].min()
    weeks = [len(np.unique(panel.week_dates[rows])) for rows in (split.fit_rows, split.stop_rows)]
    assert weeks[1] == (sum(weeks) + PAPER.purge_weeks) // 5
    # The first four fifths of the samples as they lie, stock after stock, share all weeks with the
    # last fifth.
    lying = sequences.sorted_by_stock(np.concatenate([fit, stop]))
    cut = len(lying) * 4 // 5
    first, last = (set(panel.week_dates[part].tolist()) for part in (lying[:cut], lying[cut:]))
    assert first == last


def test_stocks_come_in_order_or_shuffled_with_their_weeks_together(panel, sequences):
    rows = sequences.complete(np.arange(panel.row_count))
    ordered = list(stock_batches(panel, sequences, rows, 500, "order", np.random.default_rng(1)))
    assert [len(batch) for batch in ordered[:-1]] == [500] * (len(rows) // 500)
    assert np.array_equal(np.concatenate(ordered), sequences.sorted_by_stock(rows))
    random = np.random.default_rng(1)
    shuffled, again = (
        np.concatenate(list(stock_batches(panel, sequences, rows, 500, "random", random)))
        for _ in range(2)
    )
    assert np.array_equal(np.sort(shuffled), rows)
    codes = panel.symbol_codes[shuffled]
    assert np.count_nonzero(np.diff(codes)) == len(panel.symbols) - 1
    assert not np.array_equal(codes, np.sort(codes))
    assert not np.array_equal(shuffled, again)


@pytest.mark.parametrize("order", ["order", "random"])
def test_weeks_stay_whole_until_the_batch_is_full(panel, sequences, order):
    rows = sequences.complete(np.arange(panel.row_count))
    batches = list(week_batches(panel, rows, 100, order, np.random.default_rng(1)))
    assert np.array_equal(np.sort(np.concatenate(batches)), rows)
    weeks = [np.unique(panel.week_dates[batch]) for batch in batches]
    assert sum(map(len, weeks)) == len(np.unique(panel.week_dates[rows]))
    # 60 stocks a week: two weeks are the first to reach 100.
    assert {len(each) for each in weeks} == {2}
    starts = [each[0] for each in weeks]
    assert (sorted(starts) == starts) == (order == "order")
    assert all(np.all(np.diff(batch) > 0) for batch in batches)


@pytest.mark.parametrize("library", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("loss", ["mse", "rank_ic"])
@pytest.mark.parametrize("rules", [PAPER, PRACTITIONER], ids=["paper", "practitioner"])
def test_a_planted_signal_is_found_with_the_same_bits(panel, library, loss, rules):
    spec = spec_of(library, loss)
    result = train_window(panel, spec, WINDOW, rules)
    record = result.record
    assert record.out_of_sample_rank_ic > 0.18
    assert 1 <= record.epochs <= SMALL["max_epochs"]
    assert record.boosting_rounds is None
    assert (record.in_sample_mse is None) == (loss == "rank_ic")
    expected = result.predictions["prediction"].to_numpy()
    assert np.array_equal(forecast_of(panel, spec, rules), expected)
    stored = read_model("recurrent-safetensors", result.model_files["model.safetensors"])
    rows = split_weeks(panel, WINDOW, rules, "expanding").test_rows
    assert np.array_equal(stored.predict(panel, rows), result.model.predict(panel, rows))
    assert stored.parameters == result.model.parameters
    assert stored.epochs == record.epochs
    assert stored.history == result.model.history
    told = result.training_epochs.to_pylist()
    assert [row["epoch"] for row in told] == list(range(1, len(told) + 1))
    best = max(told, key=lambda row: row["validation_score"])
    assert best["epoch"] == record.epochs


@pytest.mark.parametrize("loss", ["mse", "rank_ic"])
def test_threads_share_a_batch_and_learn_the_same(panel, monkeypatch, loss):
    monkeypatch.setattr(recurrent_training, "_LEAST_SUMS", 64)
    spec = spec_of(loss=loss, batch_size=1024, dropout_rate=0.3)
    alone, shared, again = (forecast_of(panel, spec, threads=count) for count in (1, 2, 2))
    assert np.array_equal(shared, again, equal_nan=True)
    assert not np.array_equal(shared, alone, equal_nan=True)
    assert_equal_but_for_a_level(shared, alone)


def test_a_net_too_small_for_threads_has_the_same_bits_with_them(panel):
    """A batch of 1,024 samples and 8 states of a GRU is one part, whoever would share it."""
    spec = spec_of(batch_size=1024)
    alone, shared = (forecast_of(panel, spec, threads=count) for count in (1, 2))
    assert np.array_equal(shared, alone, equal_nan=True)


@pytest.mark.parametrize("loss", ["mse", "rank_ic"])
def test_a_batch_in_many_parts_is_learned_from_alike(panel, monkeypatch, loss):
    """What a step keeps for its gradients is that of a few parts, not of the whole batch."""
    spec = spec_of(loss=loss, dropout_rate=0.1, batch_size=1024)
    whole = forecast_of(panel, spec)
    sizes = []
    inputs = SequenceData.inputs

    def counted(data, ends):
        sizes.append(len(ends))
        return inputs(data, ends)

    monkeypatch.setattr(recurrent_training, "_LEAST_SUMS", 64)
    monkeypatch.setattr(recurrent_training, "_MOST_SUMS", 64 * 3 * SMALL["hidden_size"])
    monkeypatch.setattr(SequenceData, "inputs", counted)
    parted = forecast_of(panel, spec)
    assert max(sizes) < 128
    assert_equal_but_for_a_level(parted, whole)


def test_seed_order_and_loss_each_decide(panel):
    base = forecast_of(panel, spec_of())
    for other in (spec_of(seed=778), spec_of(order="random"), spec_of(loss="rank_ic")):
        assert not np.allclose(forecast_of(panel, other), base)


def test_the_best_epoch_is_kept_and_training_stops(panel):
    split = split_weeks(panel, WINDOW, PAPER, "expanding")
    heard = []
    # Steps far too long: the first epochs are the best ones.
    spec = spec_of(learning_rate=0.05, max_epochs=30, early_stop=4)
    model = create_forecaster(spec).fit(panel, split, PAPER, Resources(1, "cpu", heard.append))
    assert len(heard) == model.epochs + 4 < 30
    assert heard[0].startswith("epoch 1/30: ")
    short = replace(spec, parameters={**spec.parameters, "max_epochs": model.epochs})
    again = create_forecaster(short).fit(panel, split, PAPER, Resources())
    rows = split.test_rows
    assert np.array_equal(again.predict(panel, rows), model.predict(panel, rows))


def test_a_refit_runs_as_many_epochs_on_all_training_rows(panel):
    split = split_weeks(panel, WINDOW, PRACTITIONER, "expanding")
    heard = []
    model = create_forecaster(spec_of()).fit(
        panel, split, PRACTITIONER, Resources(1, "cpu", heard.append)
    )
    assert heard[-1] == f"refit {model.epochs}/{model.epochs}"
    stopped = create_forecaster(spec_of()).fit(
        panel, split, replace(PRACTITIONER, refit=False), Resources()
    )
    assert stopped.epochs == model.epochs
    rows = split.test_rows
    assert not np.allclose(stopped.predict(panel, rows), model.predict(panel, rows))


def test_gradients_are_cut_at_three_value_by_value(panel):
    largest = {}
    for scale in (1.0, 1e4):
        scaled = replace(panel, target=scale * panel.target)
        data = SequenceData(scaled, Sequences.of(scaled), Resources())
        settings = TrainingSettings(
            "mse", "order", 0.001, 0.0, 256, 0.0, seed=777, mixed_precision=False
        )
        trainer = NetworkTrainer(
            data,
            data.sequences.complete(np.arange(panel.row_count))[:256],
            lambda random: RecurrentNetwork("gru", panel.features.shape[1], 8, random),
            settings,
            PAPER,
        )
        trainer.run_epoch()
        gradients = [weight.grad.abs().max().item() for weight in trainer.network.parameters()]
        largest[scale] = max(gradients)
        # By value, not by norm: several weights of one step lie on the bound.
        on_bound = sum(int((each.grad.abs() == 3.0).sum()) for each in trainer.network.parameters())
        assert (on_bound > 1) == (scale > 1.0)
    assert largest[1e4] == 3.0
    assert largest[1.0] < 3.0


class WithoutFloat64(torch.Tensor):
    """Values on the processor that cannot be float64 before they are brought there, as on `mps`."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        result = super().__torch_function__(func, types, args, kwargs or {})
        if func is torch.Tensor.cpu:
            return result.as_subclass(torch.Tensor)
        if isinstance(result, cls) and result.dtype == torch.float64:
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
        return result


class NetworkWithoutFloat64(RecurrentNetwork):
    """A network whose forecasts lie on such a device."""

    def forward(self, *inputs):
        return super().forward(*inputs).as_subclass(WithoutFloat64)


@pytest.mark.parametrize("loss", ["mse", "rank_ic"])
@pytest.mark.parametrize("rules", [PAPER, PRACTITIONER], ids=["paper", "practitioner"])
def test_a_device_without_float64_learns_the_same(panel, sequences, loss, rules):
    data = SequenceData(panel, sequences, Resources())
    rows = sequences.complete(np.arange(panel.row_count))[:1200]
    settings = TrainingSettings(loss, "order", 0.01, 0.0, 256, 0.2, 777, mixed_precision=False)
    width = panel.features.shape[1]
    found = []
    for network in (RecurrentNetwork, NetworkWithoutFloat64):
        trainer = NetworkTrainer(
            data, rows, lambda random, of=network: of("gru", width, 8, random), settings, rules
        )
        found.append((trainer.run_epoch(), trainer.forecast(rows)))
    (first_loss, first), (second_loss, second) = found
    assert first_loss == second_loss
    assert np.array_equal(first, second)
    assert first.dtype == np.float64


def test_a_diverging_fit_says_so(panel):
    with pytest.raises(ValueError, match="choose a lower learning_rate"):
        forecast_of(panel, spec_of(learning_rate=1e30))


def test_rows_without_the_weeks_before_get_no_forecast(panel):
    weeks = panel.week_dates >= np.datetime64(WINDOW.start)
    first_week = panel.week_dates[np.flatnonzero(weeks)[0]]
    gone = np.flatnonzero((panel.symbol_codes == 7) & (panel.week_dates == first_week))
    left = np.delete(np.arange(panel.row_count), gone)
    names = ("symbol_codes", "week_dates", "target", "raw_label", "label_known_at")
    arrays = {name: getattr(panel, name)[left] for name in (*names, "tradable", "uses_future")}
    cut = replace(panel, features=panel.features[left], **arrays)
    result = train_window(cut, spec_of(), WINDOW, PAPER)
    shapes = {row["part"]: row for row in result.sequence_shapes.to_pylist()}
    assert shapes["test"]["row_count"] - shapes["test"]["sample_count"] == 4
    assert result.predictions.num_rows == shapes["test"]["sample_count"]
    assert shapes["in_sample"]["sample_count"] == (
        shapes["fit"]["sample_count"] + shapes["stop"]["sample_count"]
    )
    assert {(row["sequence_weeks"], row["feature_count"]) for row in shapes.values()} == {(5, 6)}
    silent = result.predictions.filter(
        np.isin(result.predictions["symbol"].to_numpy(zero_copy_only=False), panel.symbols[7])
    )
    assert (
        silent.num_rows
        == len(np.unique(panel.week_dates[weeks & (panel.week_dates <= np.datetime64(WINDOW.end))]))
        - 5
    )


def test_forecasts_of_a_week_do_not_depend_on_later_weeks_even_in_their_bits(panel):
    whole = forecast_of(panel, spec_of(hidden_size=24), threads=2)
    middle = panel.weeks[np.searchsorted(panel.weeks, np.datetime64("2016-03-20"))]
    early = forecast_of(panel.until(middle.item()), spec_of(hidden_size=24), threads=2)
    assert 0 < len(early) < len(whole)
    assert np.array_equal(whole[: len(early)], early)


def test_a_missing_feature_counts_as_zero(panel):
    model = train_window(panel, spec_of(), WINDOW, PAPER).model
    rows = np.flatnonzero(WINDOW.contains(panel.week_dates))
    missing, zero = panel.features.copy(), panel.features.copy()
    missing[rows, 2], zero[rows, 2] = np.nan, 0.0
    found = model.predict(replace(panel, features=missing), rows)
    assert np.array_equal(found, model.predict(replace(panel, features=zero), rows))
    assert not np.allclose(found, model.predict(panel, rows))


def test_importances_find_the_weights(panel):
    model = train_window(panel, spec_of(), WINDOW, PAPER).model
    rows = np.flatnonzero(WINDOW.contains(panel.week_dates))[:50]
    found = model.importances(panel, rows)["mean_abs_integrated_gradient"]
    # The weights of the planted signal rise from feature to feature.
    assert np.argmax(found) in (4, 5)
    assert found[0] < found[5] / 2


def test_integrated_gradients_sum_to_the_forecast():
    """Of one feature and one row: the forecast less that of a stock of nothing but zeros."""
    panel = make_panel(Market(feature_count=1))
    model = train_window(panel, spec_of(), WINDOW, PAPER).model
    nothing = replace(panel, features=np.zeros_like(panel.features))
    for row in np.flatnonzero(WINDOW.contains(panel.week_dates))[:20, None]:
        total = abs(model.predict(panel, row) - model.predict(nothing, row))
        found = model.importances(panel, row)["mean_abs_integrated_gradient"]
        assert found == pytest.approx(total, rel=0.01, abs=1e-4)


def test_memory_is_found_that_one_week_does_not_show():
    """The label is a factor of four weeks ago times the sign of another of two weeks ago."""
    panel = make_panel(Market(week_count=130, stock_count=150, feature_count=3, seed=4))
    random = np.random.default_rng(9)
    cube = panel.features.reshape(130, 150, 3)
    signal = np.zeros((130, 150))
    signal[4:] = cube[:-4, :, 0] * np.sign(cube[2:-2, :, 1])
    label = 0.03 * (0.5 * signal + random.standard_normal((130, 150)) * np.sqrt(0.75))
    target = (label - label.mean(1, keepdims=True)) / label.std(1, ddof=1, keepdims=True)
    panel = panel.with_labels(target.ravel(), label.ravel())
    found = {}
    for spec in (
        ModelSpec("ridge"),
        spec_of("gru", max_epochs=40, hidden_size=24, dropout_rate=0.0, batch_size=512),
    ):
        split = split_weeks(panel, WINDOW, PAPER, "expanding")
        model = create_forecaster(spec).fit(panel, split, PAPER, Resources())
        forecast = model.predict(panel, split.test_rows)
        weekly = weekly_rank_ic(
            panel.week_dates[split.test_rows], forecast, panel.raw_label[split.test_rows]
        )
        found[spec.library] = weekly.mean
    assert abs(found["ridge"]) < 0.05
    assert found["gru"] > 0.25
