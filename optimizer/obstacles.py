"""What stands in the way of an order, by session and name, as bits of one array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optimizer.arrays import BoolArray

Bits = npt.NDArray[np.uint8]

NOT_LISTED, NO_TRADE, LOCKED_UP, LOCKED_DOWN, VWAP_AT_UP, VWAP_AT_DOWN = (
    1 << place for place in range(6)
)
# Nobody sells at an upper limit, nobody buys at a lower one.
_BARS_PURCHASE = np.uint8(NOT_LISTED | NO_TRADE | LOCKED_UP | VWAP_AT_UP)
_BARS_SALE = np.uint8(NOT_LISTED | NO_TRADE | LOCKED_DOWN | VWAP_AT_DOWN)


def obstacle_bits(
    is_listed: BoolArray,
    is_tradable: BoolArray,
    one_price: tuple[BoolArray, BoolArray],
    vwap_at_limit: tuple[BoolArray, BoolArray],
) -> Bits:
    """Flags of sessions and names as bits, [T, N]; pairs are of the upper and the lower limit."""
    flags = {
        NOT_LISTED: ~is_listed,
        NO_TRADE: ~is_tradable,
        LOCKED_UP: one_price[0],
        LOCKED_DOWN: one_price[1],
        VWAP_AT_UP: vwap_at_limit[0],
        VWAP_AT_DOWN: vwap_at_limit[1],
    }
    bits = np.zeros(is_listed.shape, dtype=np.uint8)
    for bit, flag in flags.items():
        bits |= flag * np.uint8(bit)
    return bits


def in_the_way(obstacles: Bits, is_purchase: BoolArray) -> Bits:
    """Obstacles of some names that concern purchases or else sales of them, [orders]."""
    return obstacles & np.where(is_purchase, _BARS_PURCHASE, _BARS_SALE)
