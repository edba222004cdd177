"""Layers against torch's own, in value and gradient; dropout; precision."""

import ctypes
import os
import subprocess
import sys
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from models_ml.estimators import Resources
from models_ml.estimators.recurrent_cells import (
    GRULayer,
    LSTMLayer,
    Projection,
    TanhLayer,
)
from models_ml.estimators.recurrent_network import RecurrentNetwork, dropout_masks
from models_ml.estimators.recurrent_training import computing, precision

KINDS = ("rnn", "lstm", "gru")
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
LAYERS = {"rnn": TanhLayer, "lstm": LSTMLayer, "gru": GRULayer}
WEEKS, COUNT, ROWS, WIDTH, SIZE = 5, 9, 20, 7, 6


def places() -> torch.Tensor:
    random = np.random.default_rng(5)
    return torch.from_numpy(random.integers(0, ROWS, (WEEKS, COUNT)))


def network(kind: str, seed: int = 1) -> RecurrentNetwork:
    return RecurrentNetwork(kind, WIDTH, SIZE, np.random.default_rng(seed))


def rows(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(2).standard_normal((ROWS, WIDTH))).to(dtype)


def gradients(kind: str, dtype: torch.dtype, *, ours: bool) -> list[torch.Tensor]:
    torch.manual_seed(3)
    module = MODULES[kind](WIDTH, SIZE).to(dtype)
    inputs = rows(dtype).requires_grad_()
    if ours:
        projected = Projection.apply(inputs, module.weight_ih_l0, module.bias_ih_l0)
        out = LAYERS[kind].apply(projected, places(), module.weight_hh_l0, module.bias_hh_l0, False)
    else:
        out = module(inputs[places()])[0]
    weight = torch.cos(torch.arange(out.numel(), dtype=dtype)).reshape(out.shape)
    (out * weight).sum().backward()
    return [out.detach(), inputs.grad, *(each.grad for each in module.parameters())]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
def test_states_and_gradients_are_those_of_torch(kind, dtype, tolerance):
    found, expected = (gradients(kind, dtype, ours=ours) for ours in (True, False))
    for ours, torchs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, torchs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_slopes_of_the_states(kind):
    weights = [each.detach().double() for each in network(kind).layers[0].parameters()]
    projected = rows(torch.float64) @ weights[0].T + weights[2]
    inputs = (projected, places(), weights[1], weights[3], False)
    for number in (0, 2, 3):
        inputs[number].requires_grad_()
    assert torch.autograd.gradcheck(LAYERS[kind].apply, inputs)


@pytest.mark.parametrize("kind", KINDS)
def test_torch_reads_the_weights(kind):
    net = network(kind)
    whole = MODULES[kind](WIDTH, SIZE, num_layers=2)
    theirs = {
        f"{name.removesuffix('_l0')}_l{number}": each
        for number, layer in enumerate(net.layers)
        for name, each in layer.state_dict().items()
    }
    whole.load_state_dict(theirs)
    expected = net.head(whole(rows()[places()])[0][-1])[:, 0]
    torch.testing.assert_close(net(rows(), places()), expected, rtol=1e-5, atol=1e-6)


def test_weights_come_from_the_generator_alone():
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first, again, other = (network("gru", seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, each in first.state_dict().items():
        assert torch.equal(each, again.state_dict()[name])
        assert not torch.equal(each, other.state_dict()[name])
        assert each.abs().max() <= SIZE**-0.5


def test_masks_keep_the_mean_and_drop_the_share():
    (mask,) = dropout_masks((5, 400, 50), 0.3, np.random.default_rng(1))
    assert mask.unique().tolist() == pytest.approx([0.0, 1.0 / 0.7], rel=1e-4)
    assert float(mask.mean()) == pytest.approx(1.0, abs=0.02)
    assert float((mask == 0.0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert dropout_masks((5, 4, 3), 0.0, np.random.default_rng(1)) is None


def test_a_mask_silences_states():
    net = network("gru")
    nothing = (torch.zeros((WEEKS, COUNT, SIZE)),)
    silenced = net(rows(), places(), nothing)
    assert torch.allclose(silenced, silenced[:1].expand(COUNT))
    assert not torch.allclose(net(rows(), places()), silenced)


def test_products_are_lowered_on_a_gpu_alone():
    with precision(Resources(), is_mixed=True):
        assert not torch.is_autocast_enabled("cpu")
    with precision(Resources(device="cuda"), is_mixed=False):
        assert not torch.is_autocast_enabled("cuda")


@pytest.mark.parametrize(
    ("device", "is_mixed", "is_lowered"),
    [
        ("cuda", True, True),
        ("cuda", False, False),
        ("mps", True, True),
        ("cpu", True, False),
        ("cpu", False, False),
    ],
)
def test_autocast_is_asked_for_bfloat16_on_the_device(monkeypatch, device, is_mixed, is_lowered):
    asked = []

    def autocast(device_type, *, dtype, enabled):
        asked.append((device_type, dtype, enabled))
        return nullcontext()

    monkeypatch.setattr(torch, "autocast", autocast)
    with precision(Resources(device=device), is_mixed=is_mixed):
        pass
    assert asked == [(device, torch.bfloat16, is_lowered)]


@pytest.mark.parametrize("mode", ["off", "warn", "on"])
def test_sums_are_repeatable_on_cuda_for_the_length_of_the_block(monkeypatch, mode):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    before = torch.get_deterministic_debug_mode()
    torch.use_deterministic_algorithms(mode != "off", warn_only=mode == "warn")
    given = torch.get_deterministic_debug_mode()
    try:
        with computing(Resources(device="cuda")):
            assert torch.get_deterministic_debug_mode() == 2
            assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        assert torch.get_deterministic_debug_mode() == given
        assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ
    finally:
        torch.set_deterministic_debug_mode(before)


def test_a_workspace_that_was_given_is_kept(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    with computing(Resources(device="cuda")):
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_other_devices_are_left_alone(device):
    before = torch.get_deterministic_debug_mode()
    with computing(Resources(device=device)):
        assert torch.get_deterministic_debug_mode() == before


PAGES_OF_STEPS = """
import resource
import torch
from models_ml.estimators.recurrent_training import keeping_memory

def pages_fetched():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(2**22)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

with keeping_memory():
    # As often as it takes until the heap has room: what is asked for is aligned, up to seven.
    print(min(pages_fetched() for _ in range(50)))
print(pages_fetched())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc")
def test_memory_of_a_step_is_kept_for_the_next():
    # In a process of its own: what other tests left in the heap decides where arrays go.
    done = subprocess.run(
        [sys.executable, "-c", PAGES_OF_STEPS], capture_output=True, text=True, check=True
    )
    kept, given_back = (int(line) for line in done.stdout.split())
    # 16 MiB are 4,096 pages.
    assert kept < 400
    assert given_back > 2000


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lowered_on_the_processor(kind):
    net = network(kind)
    with precision(Resources(), is_mixed=True):
        forecast = net(rows(), places())
    assert forecast.dtype == torch.float32
    assert torch.equal(forecast, net(rows(), places()))


class ElsewhereRows(torch.Tensor):
    """Values on the processor that say they are not, so that the network takes the other path."""

    @property
    def device(self):
        return torch.device("cuda")


@pytest.mark.parametrize("kind", KINDS)
def test_the_path_of_other_devices_has_the_same_values_and_gradients(monkeypatch, kind):
    zeros = torch.zeros
    # torch's layers make their first state where the inputs say they are.
    monkeypatch.setattr(torch, "zeros", lambda *shape, device, **kind: zeros(*shape, **kind))
    found = {}
    for where, inputs in (("here", rows()), ("elsewhere", rows().as_subclass(ElsewhereRows))):
        net = network(kind)
        masks = dropout_masks((WEEKS, COUNT, SIZE), 0.3, np.random.default_rng(1))
        forecast = net(inputs, places(), masks).as_subclass(torch.Tensor)
        forecast.square().sum().backward()
        gradients = [weight.grad.as_subclass(torch.Tensor) for weight in net.parameters()]
        found[where] = [forecast.detach(), *gradients]
    for ours, theirs in zip(found["here"], found["elsewhere"], strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_path_of_other_devices_has_the_same_shapes(kind):
    net = network(kind).to("meta")
    found = net(rows().to("meta"), places().to("meta"))
    assert (found.device.type, found.shape) == ("meta", (COUNT,))
