"""Recurrent layers over all weeks of a batch, with gradients written out.

The same arithmetic as torch.nn.RNN, GRU and LSTM (Appendix A.2 of the study), to rounding. Three
things make it cheaper on a processor: the input products of a row serve every sequence that the
row is part of, products with the zero state of the first week are left out, and the products run
in oneDNN, whose kernels use wide registers on processors of every maker.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

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
        states = _unfilled_states(projected, places, weight)
        for week, gate in enumerate(_gates(projected, places)):
            inner = product(states[week - 1], weight, bias) if week else bias
            tanh_(torch.add(gate, inner, out=states[week]))
        ctx.save_for_backward(places, weight, states)
        ctx.row_count = len(projected)
        return states[-1].clone() if is_last else states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor, None]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states = ctx.saved_tensors
        sums = _empty(states, weight)
        carried: Tensor | None = None
        for week in range(len(states) - 1, -1, -1):
            to_state = _arriving(gradient, carried, week)
            _tanh_gradient(to_state, states[week], sums[week])
            carried = product(sums[week], weight.t()) if week else None
        return _gradients(sums, sums, states, places, ctx.row_count)


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
        size = weight.shape[1]
        states = _unfilled_states(projected, places, weight)
        kept: list[Tensor] = []
        for week, gate in enumerate(_gates(projected, places)):
            inner = product(states[week - 1], weight, bias) if week else bias.expand_as(gate)
            both = torch.add(gate[:, : 2 * size], inner[:, : 2 * size]).sigmoid_()
            recurrent = inner[:, 2 * size :]
            new = tanh_(torch.addcmul(gate[:, 2 * size :], both[:, :size], recurrent))
            update = both[:, size:]
            if week:
                torch.lerp(new, states[week - 1], update, out=states[week])
            else:
                torch.addcmul(new, update, new, value=-1.0, out=states[week])
            kept += [both, new, recurrent]
        ctx.save_for_backward(places, weight, states, *kept)
        ctx.row_count = len(projected)
        return states[-1].clone() if is_last else states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor, None]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states, *kept = ctx.saved_tensors
        outer, inner = _empty(states, weight), _empty(states, weight)
        carried: Tensor | None = None
        for week in range(len(states) - 1, -1, -1):
            to_state = _arriving(gradient, carried, week)
            before = states[week - 1] if week else None
            passed = _gru_week(
                to_state, before, kept[3 * week : 3 * week + 3], outer[week], inner[week]
            )
            if week:
                carried = product(inner[week], weight.t()).add_(passed)
        return _gradients(outer, inner, states, places, ctx.row_count)


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
        size = weight.shape[1]
        states = _unfilled_states(projected, places, weight)
        kept: list[Tensor] = []
        cell: Tensor | None = None
        for week, gate in enumerate(_gates(projected, places)):
            sums = gate + (product(states[week - 1], weight, bias) if week else bias)
            both = sums[:, : 2 * size].sigmoid()
            new = tanh_(sums[:, 2 * size : 3 * size].clone())
            leave = sums[:, 3 * size :].sigmoid()
            before, cell = cell, both[:, :size] * new
            if before is not None:
                cell.addcmul_(both[:, size:], before)
            squashed = tanh_(cell.clone())
            torch.mul(leave, squashed, out=states[week])
            kept += [both, new, leave, cell, squashed]
        ctx.save_for_backward(places, weight, states, *kept)
        ctx.row_count = len(projected)
        return states[-1].clone() if is_last else states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor, None]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states, *kept = ctx.saved_tensors
        size = weight.shape[1]
        sums = _empty(states, weight)
        carried: Tensor | None = None
        to_cell: Tensor | None = None
        for week in range(len(states) - 1, -1, -1):
            both, new, leave, _, squashed = kept[5 * week : 5 * week + 5]
            to_state = _arriving(gradient, carried, week)
            through = torch.empty_like(to_state)
            _tanh_gradient(to_state * leave, squashed, through)
            to_cell = through if to_cell is None else to_cell.add_(through)
            enter, forget, middle, out = sums[week].chunk(4, dim=1)
            _sigmoid_gradient(to_cell * new, both[:, :size], enter)
            if week:
                _sigmoid_gradient(to_cell * kept[5 * week - 2], both[:, size:], forget)
            else:
                forget.zero_()
            _tanh_gradient(to_cell * both[:, :size], new, middle)
            _sigmoid_gradient(to_state * squashed, leave, out)
            to_cell.mul_(both[:, size:])
            carried = product(sums[week], weight.t()) if week else None
        return _gradients(sums, sums, states, places, ctx.row_count)


def tanh_(values: Tensor) -> Tensor:
    """Replace values by their hyperbolic tangent, 2 sigmoid(2 x) - 1, and return them.

    Within one rounding of torch.tanh at values of order one, and about four times as fast where
    that calls a library made for processors of one maker.
    """
    return values.mul_(2.0).sigmoid_().mul_(2.0).sub_(1.0)


def _gates(projected: Tensor, places: Tensor | None) -> Iterator[Tensor]:
    """Projected inputs week by week, not to be changed."""
    if places is None:
        yield from projected
    else:
        yield from (projected.index_select(0, week) for week in places)


def _arriving(gradient: Tensor, carried: Tensor | None, week: int) -> Tensor:
    """What arrives at the states of a week: from outside, and from the week after."""
    if carried is None:
        return gradient if gradient.dim() == 2 else gradient[week]
    return carried if gradient.dim() == 2 else carried.add_(gradient[week])


def _unfilled_states(projected: Tensor, places: Tensor | None, weight: Tensor) -> Tensor:
    """Room for the states of all weeks side by side: no copy joins them afterwards."""
    weeks, count = (projected if places is None else places).shape[:2]
    return projected.new_empty((weeks, count, weight.shape[1]))


def _empty(states: Tensor, weight: Tensor) -> Tensor:
    return weight.new_empty((*states.shape[:2], len(weight)))


def _gru_week(
    to_state: Tensor, before: Tensor | None, kept: list[Tensor], outer: Tensor, inner: Tensor
) -> Tensor:
    """Fill the gradients of input and state sums of a week; return what goes to the state before.

    The latter is only the part that skips the products: z times the gradient.
    """
    both, new, recurrent = kept
    size = new.shape[1]
    reset, update = both[:, :size], both[:, size:]
    passed = to_state * update
    to_new = outer[:, 2 * size :]
    _tanh_gradient(to_state - passed, new, to_new)
    difference = before - new if before is not None else -new
    _sigmoid_gradient(difference.mul_(to_state), update, outer[:, size : 2 * size])
    _sigmoid_gradient(to_new * recurrent, reset, outer[:, :size])
    inner[:, : 2 * size] = outer[:, : 2 * size]
    torch.mul(to_new, reset, out=inner[:, 2 * size :])
    return passed


def _sigmoid_gradient(gradient: Tensor, output: Tensor, target: Tensor) -> None:
    torch.ops.aten.sigmoid_backward.grad_input(gradient, output, grad_input=target)


def _tanh_gradient(gradient: Tensor, output: Tensor, target: Tensor) -> None:
    """Gradient (1 - output^2): torch's own routine is slow where the target is part of a row."""
    torch.addcmul(gradient, gradient * output, output, value=-1.0, out=target)


def _gradients(
    outer: Tensor, inner: Tensor, states: Tensor, places: Tensor | None, row_count: int
) -> tuple[Tensor, None, Tensor, Tensor, None]:
    """Gradients of projected, weight and bias from those of all weeks' sums [t, n, g]."""
    width, size = outer.shape[2], states.shape[2]
    rows = outer
    if places is not None:
        rows = outer.new_zeros((row_count, width))
        rows.index_add_(0, places.reshape(-1), outer.reshape(-1, width))
    bias = inner.reshape(-1, width).sum(0)
    if len(states) == 1:
        return rows, None, outer.new_zeros((width, size)), bias, None
    weight = weight_gradient(inner[1:].reshape(-1, width), states[:-1].reshape(-1, size))
    return rows, None, weight, bias, None
