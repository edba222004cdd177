"""Recurrent layers over all weeks of a batch, with gradients written out.

The same arithmetic as torch.nn.RNN, GRU and LSTM (Appendix A.2 of the study), to rounding. Four
things make it cheaper on a processor: the input products of a row serve every sequence that the
row is part of, products with the zero state of the first week are left out, the products run in
oneDNN, whose kernels use wide registers on processors of every maker, and gates pass over memory
once (`recurrent_kernels`).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from models_ml.estimators import recurrent_kernels as kernels

_POINTWISE = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
_HAS_ONEDNN: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]


def product(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return left @ right.T + bias: [n, k], [m, k] and [m] give [n, m]."""
    is_single = left.dtype == torch.float32 and left.device.type == "cpu"
    if _HAS_ONEDNN and is_single and _POINTWISE is not None:
        result: Tensor = _POINTWISE(left, right, bias, "none", [], "")
        return result
    return torch.nn.functional.linear(left, right, bias)


def weight_gradient(gradient: Tensor, inputs: Tensor) -> Tensor:
    """Return gradient.T @ inputs: [n, m] and [n, k] give [m, k]."""
    return product(inputs.t(), gradient.t()).t()


class Projection(Function):
    """inputs @ weight.T + bias, as torch.nn.functional.linear."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Return [n, m] from [n, k], [m, k] and [m]."""
        ctx.save_for_backward(inputs, weight)
        return product(inputs, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        """Return the gradients of inputs, weight and bias."""
        inputs, weight = ctx.saved_tensors
        to_inputs = product(gradient, weight.t()) if ctx.needs_input_grad[0] else None
        return to_inputs, weight_gradient(gradient, inputs), gradient.sum(0)


class TanhLayer(Function):
    """h = tanh(input + W h + b)."""

    @staticmethod
    def forward(
        ctx: Any,
        projected: Tensor,
        places: Tensor | None,
        weight: Tensor,
        bias: Tensor,
        is_last: bool,
    ) -> Tensor:
        """Return the states.

        Parameters
        ----------
        projected
            Products of the inputs, their bias included: [rows, h] where `places` says which row
            each week of each sequence is, else [t, n, h].
        places
            int64 [t, n].
        weight, bias
            [h, h] and [h] of the state.
        is_last
            Return the last week's states [n, h] and not those of all weeks [t, n, h].
        """
        rows, at = _rows(projected, places)
        states = _room(at, weight)
        for week, state in enumerate(states):
            inner = _state_products(states, week, weight, bias)
            _run(kernels.tanh_states, rows, at[week], inner, state)
        ctx.save_for_backward(places, weight, states)
        ctx.row_count = len(projected)
        return states[-1].clone() if is_last else states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor, None]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states = ctx.saved_tensors

        def fill(week: int, arriving: Tensor, outer: Tensor, inner: Tensor) -> None:
            _run(kernels.tanh_gradients, arriving, states[week], inner)

        return _gradients(fill, gradient, states, weight, places, ctx.row_count)


class GRULayer(Function):
    """Gates r, z, n in torch's order; h = n + z (h - n), n = tanh(input + r (W h + b))."""

    @staticmethod
    def forward(
        ctx: Any,
        projected: Tensor,
        places: Tensor | None,
        weight: Tensor,
        bias: Tensor,
        is_last: bool,
    ) -> Tensor:
        """Return the states; as `TanhLayer`, with 3 h rows of weights."""
        rows, at = _rows(projected, places)
        states, news = _room(at, weight), _room(at, weight)
        before = torch.zeros_like(states[0])
        gates: list[Tensor] = []
        for week, state in enumerate(states):
            gates.append(_state_products(states, week, weight, bias))
            _run(kernels.gru_states, rows, at[week], gates[week], before, news[week], state)
            before = state
        ctx.save_for_backward(places, weight, states, news, *gates)
        ctx.row_count = len(projected)
        return states[-1].clone() if is_last else states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor, None]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states, news, *gates = ctx.saved_tensors
        passed, zeros = torch.zeros_like(states[0]), torch.zeros_like(states[0])

        def fill(week: int, arriving: Tensor, outer: Tensor, inner: Tensor) -> None:
            before = states[week - 1] if week else zeros
            kept = (gates[week], before, news[week])
            _run(kernels.gru_gradients, arriving, passed, *kept, outer, inner)

        return _gradients(fill, gradient, states, weight, places, ctx.row_count, is_one_sum=False)


class LSTMLayer(Function):
    """Gates i, f, g, o in torch's order; c = f c + i g, h = o tanh(c)."""

    @staticmethod
    def forward(
        ctx: Any,
        projected: Tensor,
        places: Tensor | None,
        weight: Tensor,
        bias: Tensor,
        is_last: bool,
    ) -> Tensor:
        """Return the states; as `TanhLayer`, with 4 h rows of weights."""
        rows, at = _rows(projected, places)
        states, cells, squashed = (_room(at, weight) for _ in range(3))
        before = torch.zeros_like(states[0])
        gates: list[Tensor] = []
        for week, state in enumerate(states):
            gates.append(_state_products(states, week, weight, bias))
            kept = (gates[week], before, cells[week], squashed[week])
            _run(kernels.lstm_states, rows, at[week], *kept, state)
            before = cells[week]
        ctx.save_for_backward(places, weight, states, cells, squashed, *gates)
        ctx.row_count = len(projected)
        return states[-1].clone() if is_last else states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor, None]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states, cells, squashed, *gates = ctx.saved_tensors
        to_cells, zeros = torch.zeros_like(states[0]), torch.zeros_like(states[0])

        def fill(week: int, arriving: Tensor, outer: Tensor, inner: Tensor) -> None:
            kept = (gates[week], cells[week - 1] if week else zeros, squashed[week])
            _run(kernels.lstm_gradients, arriving, to_cells, *kept, inner)

        return _gradients(fill, gradient, states, weight, places, ctx.row_count)


def _rows(projected: Tensor, places: Tensor | None) -> tuple[Tensor, Tensor]:
    """Projected inputs as rows, and the row of each week of each sequence, [t, n]."""
    if places is not None:
        return projected.contiguous(), places
    weeks, count, width = projected.shape
    return projected.reshape(-1, width), torch.arange(weeks * count).reshape(weeks, count)


def _room(places: Tensor, weight: Tensor) -> Tensor:
    """Room for what all weeks keep of their states, [t, n, h]: no copy joins them afterwards."""
    return weight.new_empty((*places.shape, weight.shape[1]))


def _state_products(states: Tensor, week: int, weight: Tensor, bias: Tensor) -> Tensor:
    """Products of the states before a week, [n, g]; their bias alone in the first week."""
    if week:
        return product(states[week - 1], weight, bias)
    return bias.repeat(states.shape[1], 1)


def _run(kernel: Callable[..., None], *tensors: Tensor) -> None:
    """Run a compiled function on the memory of tensors."""
    kernel(*(tensor.detach().numpy() for tensor in tensors))


def _gradients(
    fill: Callable[[int, Tensor, Tensor, Tensor], None],
    gradient: Tensor,
    states: Tensor,
    weight: Tensor,
    places: Tensor | None,
    row_count: int,
    *,
    is_one_sum: bool = True,
) -> tuple[Tensor, None, Tensor, Tensor, None]:
    """Gradients of projected, weight and bias, from the last week to the first.

    Parameters
    ----------
    fill
        Given a week and what arrives at its states, fills the gradients of its sums of inputs
        and of states, [n, g].
    gradient
        From outside, at the last week's states [n, h] or at all weeks' [t, n, h].
    states, weight, places, row_count
        Of the layer.
    is_one_sum
        Inputs and states meet in one sum, whose gradient is filled as that of the states.
    """
    weeks, count, size = states.shape
    width = len(weight)
    gradient = gradient.contiguous()
    inner = states.new_empty((weeks, count, width))
    if places is None:
        rows = inner if is_one_sum else torch.empty_like(inner)
        outer = list(rows)
    else:
        rows = states.new_zeros((row_count, width))
        outer = list(inner) if is_one_sum else [torch.empty_like(inner[0])] * weeks
    carried: Tensor | None = None
    for week in range(weeks - 1, -1, -1):
        fill(week, _arriving(gradient, carried, week), outer[week], inner[week])
        if places is not None:
            _run(kernels.add_to_rows, outer[week], places[week], rows)
        carried = product(inner[week], weight.t()) if week else None
    bias = inner.reshape(-1, width).sum(0)
    if weeks == 1:
        return rows, None, torch.zeros_like(weight), bias, None
    gradients = weight_gradient(inner[1:].reshape(-1, width), states[:-1].reshape(-1, size))
    return rows, None, gradients, bias, None


def _arriving(gradient: Tensor, carried: Tensor | None, week: int) -> Tensor:
    """What arrives at the states of a week: from outside, and from the week after."""
    if carried is None:
        return gradient if gradient.dim() == 2 else gradient[week]
    return carried if gradient.dim() == 2 else carried.add_(gradient[week])
