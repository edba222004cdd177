"""Gates of the recurrent layers and their gradients, compiled: each reads and writes memory once.

torch has no such kernels for a processor: written with its operators, a week of a GRU passes
over the same memory a dozen times. Arrays are C-contiguous, all float32 or all float64; `n` are
the sequences of a batch, `h` the states, `r` the rows of the batch. A value that is no number
makes what depends on it no number. Formulas: Appendix A.2 of the study, gates in torch's order.
"""

import math

import numba
import numpy as np
from numba.extending import overload

# Products and sums may be fused; no other liberty is taken with the order of operations.
_compiled = numba.njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")

_ONE, _TWO, _HALF = np.float32(1.0), np.float32(2.0), np.float32(0.5)
_STEPS_PER_UNIT = np.float32(1.0 / math.log(2.0))
_LARGEST_POWER = np.float32(126.0)
_EXPONENT_BIAS, _MANTISSA_BITS = np.int32(127), np.int32(23)
# Of 2 ** x in [-.5, .5]: the first term left out is 5e-9, a twelfth of the last bit.
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7 = (
    np.float32(math.log(2.0) ** power / math.factorial(power)) for power in range(8)
)


def sigmoid(value: float) -> float:
    """Return 1 / (1 + exp(-value)); in float32 within 1e-7, by arithmetic that vectorises."""
    return 0.5 * math.tanh(0.5 * value) + 0.5


def tanh(value: float) -> float:
    """Return the hyperbolic tangent; in float32 within 2e-7."""
    return math.tanh(value)


@overload(sigmoid)
def _sigmoid_of(value):  # type: ignore[no-untyped-def]
    if value != numba.float32:
        return lambda value: 1.0 / (1.0 + math.exp(-value))

    def single(value):  # type: ignore[no-untyped-def]
        power = -value * _STEPS_PER_UNIT
        # Comparisons are such that what is no number stays so.
        power = _LARGEST_POWER if power > _LARGEST_POWER else power
        power = -_LARGEST_POWER if power < -_LARGEST_POWER else power
        whole = np.floor(power + _HALF)
        rest = power - whole
        series = _S7 * rest + _S6
        series = series * rest + _S5
        series = series * rest + _S4
        series = series * rest + _S3
        series = series * rest + _S2
        series = series * rest + _S1
        series = series * rest + _S0
        scale = np.int32((np.int32(whole) + _EXPONENT_BIAS) << _MANTISSA_BITS).view(np.float32)
        return _ONE / (_ONE + series * scale)

    return single


@overload(tanh)
def _tanh_of(value):  # type: ignore[no-untyped-def]
    if value != numba.float32:
        return lambda value: math.tanh(value)
    return lambda value: _TWO * sigmoid(_TWO * value) - _ONE


@_compiled
def tanh_states(projected, places, inner, states):  # type: ignore[no-untyped-def]
    """Fill states [n, h] with tanh(projected[places] + inner): [r, h], [n], [n, h]."""
    count, size = states.shape
    for i in range(count):
        outside, inside, state = projected[places[i]], inner[i], states[i]
        for j in range(size):
            state[j] = tanh(outside[j] + inside[j])


@_compiled
def tanh_gradients(arriving, states, sums):  # type: ignore[no-untyped-def]
    """Fill the gradients of the sums from those that arrive at the states: all [n, h]."""
    count, size = states.shape
    for i in range(count):
        to_state, state, to_sum = arriving[i], states[i], sums[i]
        for j in range(size):
            to_sum[j] = to_state[j] * (_ONE - state[j] * state[j])


@_compiled
def gru_states(projected, places, gates, before, new, states):  # type: ignore[no-untyped-def]
    """Fill the states of a week: r, z = sigmoid, n = tanh(input + r recurrent), n + z (h - n).

    Parameters
    ----------
    projected, places
        Products of the inputs [r, 3 h], and each sequence's row [n].
    gates
        Products of the states before, [n, 3 h]; r and z replace the first two thirds.
    before, new, states
        States of the week before, n and the states, [n, h]; the last two are filled.
    """
    count, size = states.shape
    for i in range(count):
        outside, gate = projected[places[i]], gates[i]
        for j in range(2 * size):
            gate[j] = sigmoid(outside[j] + gate[j])
        reset, update, inside = gate[:size], gate[size:], gate[2 * size :]
        last = outside[2 * size :]
        middle, state, old = new[i], states[i], before[i]
        for j in range(size):
            value = tanh(last[j] + reset[j] * inside[j])
            middle[j] = value
            state[j] = value + update[j] * (old[j] - value)


@_compiled
def gru_gradients(arriving, passed, gates, before, new, outer, inner):  # type: ignore[no-untyped-def]
    """Fill the gradients of a week's sums: of the inputs (outer) and of the states (inner).

    Parameters
    ----------
    arriving, passed
        What arrives at the states, [n, h], in two parts; of `passed` is left what goes to the
        states before without a product.
    gates, before, new
        As `gru_states` left them.
    outer, inner
        [n, 3 h].
    """
    count, size = new.shape
    for i in range(count):
        to_state, past, middle, old = arriving[i], passed[i], new[i], before[i]
        reset, update, recurrent = gates[i, :size], gates[i, size : 2 * size], gates[i, 2 * size :]
        to_reset, to_update = outer[i, :size], outer[i, size : 2 * size]
        to_new, to_recurrent = outer[i, 2 * size :], inner[i, 2 * size :]
        # Few arrays in each loop: with more the compiler gives up telling them apart.
        for j in range(size):
            past[j] += to_state[j]
        for j in range(size):
            to_update[j] = past[j] * (old[j] - middle[j]) * (update[j] * (_ONE - update[j]))
        for j in range(size):
            to_new[j] = past[j] * (_ONE - update[j]) * (_ONE - middle[j] * middle[j])
        for j in range(size):
            past[j] *= update[j]
        for j in range(size):
            to_reset[j] = to_new[j] * recurrent[j] * (reset[j] * (_ONE - reset[j]))
        for j in range(size):
            to_recurrent[j] = to_new[j] * reset[j]
        inner[i, : 2 * size] = outer[i, : 2 * size]


@_compiled
def lstm_states(projected, places, gates, before, cells, squashed, states):  # type: ignore[no-untyped-def]
    """Fill the states of a week: c = f c + i g, h = o tanh(c).

    Parameters
    ----------
    projected, places
        Products of the inputs [r, 4 h], and each sequence's row [n].
    gates
        Products of the states before, [n, 4 h]; i, f, g, o replace them.
    before, cells, squashed, states
        Cells of the week before, the cells, their tanh and the states, [n, h]; the last three are
        filled.
    """
    count, size = states.shape
    for i in range(count):
        outside, gate = projected[places[i]], gates[i]
        enter, forget, middle, out = gate[:size], gate[size:], gate[2 * size :], gate[3 * size :]
        to_middle, to_out = outside[2 * size :], outside[3 * size :]
        # Loops from zero over slices: an index that might be negative is not vectorised.
        for j in range(2 * size):
            gate[j] = sigmoid(outside[j] + gate[j])
        for j in range(size):
            middle[j] = tanh(to_middle[j] + middle[j])
        for j in range(size):
            out[j] = sigmoid(to_out[j] + out[j])
        old, cell, small, state = before[i], cells[i], squashed[i], states[i]
        for j in range(size):
            cell[j] = forget[j] * old[j] + enter[j] * middle[j]
        for j in range(size):
            small[j] = tanh(cell[j])
        for j in range(size):
            state[j] = out[j] * small[j]


@_compiled
def lstm_gradients(arriving, to_cells, gates, before, squashed, sums):  # type: ignore[no-untyped-def]
    """Fill the gradients of a week's sums.

    Parameters
    ----------
    arriving
        What arrives at the states, [n, h].
    to_cells
        What arrives at the cells from the week after, [n, h]; what goes to the week before
        replaces it.
    gates, before, squashed
        As `lstm_states` left them.
    sums
        [n, 4 h].
    """
    count, size = squashed.shape
    for i in range(count):
        to_state, to_cell, small, old = arriving[i], to_cells[i], squashed[i], before[i]
        gate, to_gate = gates[i], sums[i]
        enter, forget, middle, out = gate[:size], gate[size:], gate[2 * size :], gate[3 * size :]
        to_enter, to_forget = to_gate[:size], to_gate[size:]
        to_middle, to_out = to_gate[2 * size :], to_gate[3 * size :]
        # Few arrays in each loop: with more the compiler gives up telling them apart.
        for j in range(size):
            to_cell[j] += to_state[j] * out[j] * (_ONE - small[j] * small[j])
        for j in range(size):
            to_out[j] = to_state[j] * small[j] * (out[j] * (_ONE - out[j]))
        for j in range(size):
            to_enter[j] = to_cell[j] * middle[j] * (enter[j] * (_ONE - enter[j]))
        for j in range(size):
            to_forget[j] = to_cell[j] * old[j] * (forget[j] * (_ONE - forget[j]))
        for j in range(size):
            to_middle[j] = to_cell[j] * enter[j] * (_ONE - middle[j] * middle[j])
        for j in range(size):
            to_cell[j] *= forget[j]


@_compiled
def add_to_rows(values, places, rows):  # type: ignore[no-untyped-def]
    """Add values [n, m] to the rows [r, m] at their places [n], in order."""
    count, width = values.shape
    for i in range(count):
        row, value = rows[places[i]], values[i]
        for j in range(width):
            row[j] += value[j]
