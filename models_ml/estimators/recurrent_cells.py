"""Recurrent layers over all weeks of a batch, with gradients written out.

The same arithmetic as torch.nn.RNN, GRU and LSTM (Appendix A.2 of the study), to rounding. Three
things make it cheaper on a processor: the input products of a row serve every sequence that the
row is part of, products with the zero state of the first week are left out, and the products run
in oneDNN, whose kernels use wide registers on processors of every maker.
"""

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
        ctx: Any, projected: Tensor, places: Tensor, weight: Tensor, bias: Tensor
    ) -> Tensor:
        """Return the states [t, n, h].

        Parameters
        ----------
        projected
            [rows, h], products of the input rows, their bias included.
        places
            int64 [t, n], row of each week of each sequence.
        weight, bias
            [h, h] and [h] of the state.
        """
        states: list[Tensor] = []
        for week in places:
            sums = projected.index_select(0, week)
            sums += product(states[-1], weight, bias) if states else bias
            states.append(tanh_(sums))
        stacked = torch.stack(states)
        ctx.save_for_backward(places, weight, stacked)
        ctx.row_count = len(projected)
        return stacked

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states = ctx.saved_tensors
        sums = torch.empty_like(states)
        carried: Tensor | None = None
        for week in range(len(places) - 1, -1, -1):
            to_state = gradient[week] if carried is None else carried.add_(gradient[week])
            torch.ops.aten.tanh_backward.grad_input(to_state, states[week], grad_input=sums[week])
            carried = product(sums[week], weight.t()) if week else None
        return _gradients(sums, sums, states, places, ctx.row_count)


class GRULayer(Function):
    """Gates r, z, n in torch's order; h = n + z (h - n), n = tanh(input + r (W h + b))."""

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, places: Tensor, weight: Tensor, bias: Tensor
    ) -> Tensor:
        """Return the states [t, n, h]; as `TanhLayer`, with 3 h rows of weights."""
        size = weight.shape[1]
        states: list[Tensor] = []
        gates: list[Tensor] = []
        recurrent: list[Tensor] = []
        for week in places:
            gate = projected.index_select(0, week)
            inner = product(states[-1], weight, bias) if states else bias.expand_as(gate)
            both, new = gate[:, : 2 * size], gate[:, 2 * size :]
            both.add_(inner[:, : 2 * size]).sigmoid_()
            tanh_(new.addcmul_(both[:, :size], inner[:, 2 * size :]))
            update = both[:, size:]
            state = torch.lerp(new, states[-1], update) if states else new - update * new
            states.append(state)
            gates.append(gate)
            recurrent.append(inner)
        stacked = torch.stack(states)
        ctx.save_for_backward(places, weight, stacked, *gates, *recurrent)
        ctx.row_count = len(projected)
        return stacked

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states, *kept = ctx.saved_tensors
        weeks, size = len(places), weight.shape[1]
        outer = states.new_empty((*states.shape[:2], 3 * size))
        inner = torch.empty_like(outer)
        carried: Tensor | None = None
        for week in range(weeks - 1, -1, -1):
            to_state = gradient[week] if carried is None else carried.add_(gradient[week])
            before = states[week - 1] if week else None
            kept_part = _gru_week(
                to_state, before, kept[week], kept[weeks + week], outer[week], inner[week]
            )
            if week:
                carried = product(inner[week], weight.t()).add_(kept_part)
        return _gradients(outer, inner, states, places, ctx.row_count)


class LSTMLayer(Function):
    """Gates i, f, g, o in torch's order; c = f c + i g, h = o tanh(c)."""

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, places: Tensor, weight: Tensor, bias: Tensor
    ) -> Tensor:
        """Return the states [t, n, h]; as `TanhLayer`, with 4 h rows of weights."""
        size = weight.shape[1]
        states: list[Tensor] = []
        gates: list[Tensor] = []
        cells: list[Tensor] = []
        squashed: list[Tensor] = []
        for week in places:
            gate = projected.index_select(0, week)
            gate += product(states[-1], weight, bias) if states else bias
            gate[:, : 2 * size].sigmoid_()
            tanh_(gate[:, 2 * size : 3 * size])
            gate[:, 3 * size :].sigmoid_()
            enter, forget, new, leave = gate.chunk(4, dim=1)
            cell = enter * new
            if cells:
                cell.addcmul_(forget, cells[-1])
            cells.append(cell)
            squashed.append(tanh_(cell.clone()))
            states.append(leave * squashed[-1])
            gates.append(gate)
        stacked = torch.stack(states)
        ctx.save_for_backward(places, weight, stacked, *gates, *cells, *squashed)
        ctx.row_count = len(projected)
        return stacked

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        """Return the gradients of projected, weight and bias."""
        places, weight, states, *kept = ctx.saved_tensors
        weeks = len(places)
        gates, cells, squashed = (kept[first : first + weeks] for first in (0, weeks, 2 * weeks))
        sums = states.new_empty((*states.shape[:2], weight.shape[0]))
        carried: Tensor | None = None
        to_cell: Tensor | None = None
        for week in range(weeks - 1, -1, -1):
            to_state = gradient[week] if carried is None else carried.add_(gradient[week])
            enter, forget, new, leave = gates[week].chunk(4, dim=1)
            through = torch.ops.aten.tanh_backward(to_state * leave, squashed[week])
            to_cell = through if to_cell is None else to_cell.add_(through)
            parts = sums[week].chunk(4, dim=1)
            _sigmoid_gradient(to_cell * new, enter, parts[0])
            if week:
                _sigmoid_gradient(to_cell * cells[week - 1], forget, parts[1])
            else:
                parts[1].zero_()
            torch.ops.aten.tanh_backward.grad_input(to_cell * enter, new, grad_input=parts[2])
            _sigmoid_gradient(to_state * squashed[week], leave, parts[3])
            to_cell.mul_(forget)
            carried = product(sums[week], weight.t()) if week else None
        return _gradients(sums, sums, states, places, ctx.row_count)


def tanh_(values: Tensor) -> Tensor:
    """Replace values by their hyperbolic tangent, 2 sigmoid(2 x) - 1, and return them.

    Within one rounding of torch.tanh at values of order one, and about four times as fast where
    that calls a library made for processors of one maker.
    """
    return values.mul_(2.0).sigmoid_().mul_(2.0).sub_(1.0)


def _gru_week(
    to_state: Tensor,
    before: Tensor | None,
    gate: Tensor,
    recurrent: Tensor,
    outer: Tensor,
    inner: Tensor,
) -> Tensor:
    """Fill the gradients of input and state sums of a week; return what goes to the state before.

    The latter is only the part that skips the products: z times the gradient.
    """
    size = to_state.shape[1]
    reset, update, new = gate.chunk(3, dim=1)
    kept_part = to_state * update
    to_new = outer[:, 2 * size :]
    torch.ops.aten.tanh_backward.grad_input(to_state - kept_part, new, grad_input=to_new)
    difference = before - new if before is not None else -new
    _sigmoid_gradient(difference.mul_(to_state), update, outer[:, size : 2 * size])
    _sigmoid_gradient(to_new * recurrent[:, 2 * size :], reset, outer[:, :size])
    inner[:, : 2 * size] = outer[:, : 2 * size]
    torch.mul(to_new, reset, out=inner[:, 2 * size :])
    return kept_part


def _sigmoid_gradient(gradient: Tensor, output: Tensor, target: Tensor) -> None:
    torch.ops.aten.sigmoid_backward.grad_input(gradient, output, grad_input=target)


def _gradients(
    outer: Tensor, inner: Tensor, states: Tensor, places: Tensor, row_count: int
) -> tuple[Tensor, None, Tensor, Tensor]:
    """Gradients of projected, places, weight and bias from those of all weeks' sums [t, n, g]."""
    width, size = outer.shape[2], states.shape[2]
    rows = outer.new_zeros((row_count, width))
    rows.index_add_(0, places.reshape(-1), outer.reshape(-1, width))
    weight = weight_gradient(inner[1:].reshape(-1, width), states[:-1].reshape(-1, size))
    return rows, None, weight, inner.reshape(-1, width).sum(0)
