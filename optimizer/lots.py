"""Shares that trade in whole lots; compiled, because every order of every session asks."""

import math

import numba
import numpy as np

# Shares come out of divisions: a hundredth of a millionth of a step short of a lot is the lot.
_NEARLY = 1e-8

_compiled = numba.njit(cache=True, error_model="numpy")


@_compiled
def whole_lot(smallest, step, wanted):  # type: ignore[no-untyped-def]
    """Most shares up to those wanted, of one order: none or `smallest` and so many steps."""
    steps = np.floor((wanted - smallest) / step + _NEARLY)
    return 0.0 if steps < 0.0 else smallest + steps * step


@_compiled
def whole_lots(smallest, step, wanted):  # type: ignore[no-untyped-def]
    """Most shares up to those wanted in whole lots, [orders] each; NaN where any is NaN."""
    shares = np.empty_like(wanted)
    for order in range(wanted.size):
        shares[order] = whole_lot(smallest[order], step[order], wanted[order])
    return shares


@_compiled
def tradable_lots(smallest, step, requested, names, held):  # type: ignore[no-untyped-def]
    """Most shares of orders up to those requested: whole lots, or the sale of a whole holding.

    Parameters
    ----------
    smallest, step, requested, names
        [orders]; sales are negative, names are positions.
    held
        [N], shares.
    """
    shares = np.empty_like(requested)
    for order in range(requested.size):
        wanted = requested[order]
        if wanted < 0.0 and held[names[order]] + wanted <= 0.0:
            shares[order] = wanted
        else:
            most = whole_lot(smallest[order], step[order], abs(wanted))
            shares[order] = math.copysign(most, wanted)
    return shares
